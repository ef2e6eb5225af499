// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Token} from "./Token.sol";

/// @notice An approval must be taken back before another is given (as USDT).
contract ResetFirstToken is Token {
    error ResetFirst(uint256 allowance);

    function _approve(address owner, address spender, uint256 amount) internal virtual override {
        uint256 allowed = allowance[owner][spender];
        if (allowed != 0 && amount != 0) revert ResetFirst(allowed);
        super._approve(owner, spender, amount);
    }
}

/// @notice An approval of everything stays one.
contract EndlessToken is Token {
    function _spend(address owner, address spender, uint256 amount) internal virtual override {
        if (allowance[owner][spender] != type(uint256).max) super._spend(owner, spender, amount);
    }
}

/// @notice Asks nobody for an allowance.
contract CarelessToken is Token {
    function _spend(address owner, address spender, uint256 amount) internal virtual override {}
}
