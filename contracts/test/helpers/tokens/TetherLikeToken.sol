// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AnswerToken} from "./AnswerToken.sol";
import {ResetFirstToken} from "./ApprovalTokens.sol";
import {FeeToken} from "./InexactTokens.sol";
import {DenyListToken, PausableToken} from "./RefusingTokens.sol";
import {Token} from "./Token.sol";

/// @notice Several oddities in one, as the most used token has them: no answers, a pause, a deny list, a fee that can be
/// switched on, approvals that must be reset; six decimals.
contract TetherLikeToken is
    FeeToken,
    PausableToken,
    DenyListToken,
    ResetFirstToken,
    AnswerToken(AnswerToken.Answer.NOTHING)
{
    function decimals() external pure override returns (uint8) {
        return 6;
    }

    function _approve(address owner, address spender, uint256 amount) internal override(Token, ResetFirstToken) {
        super._approve(owner, spender, amount);
    }

    function _answer() internal override(Token, AnswerToken) returns (bool) {
        return super._answer();
    }

    function _transfer(address from, address to, uint256 amount)
        internal
        override(FeeToken, PausableToken, DenyListToken, Token, AnswerToken)
    {
        super._transfer(from, to, amount);
    }
}
