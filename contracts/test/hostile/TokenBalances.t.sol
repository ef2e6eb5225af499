// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {AnswerToken} from "../helpers/tokens/AnswerToken.sol";
import {LyingToken, RebasingToken, SeizingToken, TwinnedToken} from "../helpers/tokens/BalanceTokens.sol";
import {PrintingToken} from "../helpers/tokens/InexactTokens.sol";
import {Token} from "../helpers/tokens/Token.sol";
import {WaysOut} from "./WaysOut.sol";

/// @notice Balances that change behind the escrow's back hurt, at worst, those who chose that token.
contract TokenBalancesTest is WaysOut {
    // ------------------------------------------------------------------ refusals

    /// @dev Money from nothing buys nothing but itself.
    function testFuzz_RevertWhen_PrintedMoneyIsToBecomeAnother(uint96 amount, bool native) public {
        amount = uint96(bound(amount, 1, held(NATIVE)));
        address token = address(new PrintingToken());
        vm.startPrank(charlie);
        escrow.deposit(token, charlie, amount);
        assertEq(freeIn(token, charlie), amount);
        address other = native ? NATIVE : address(coin);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.FreeTooLow.selector, 0, amount));
        escrow.withdraw(other, charlie, amount);
        vm.stopPrank();
        takeOut(token, charlie, charlie);
        assertBystandersUnharmed();
    }

    // ------------------------------------------------------------------ less than there was

    /// @dev Whoever can still be paid is, the rest wait; once the money is back, they have it all.
    function testFuzz_ClosesThoughMoneyIsSeized(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, uint96 part)
        public
    {
        SeizingToken token = new SeizingToken();
        Story memory s = begun(address(token), raw, units, way);
        arrived(s);
        uint256[5] memory fair = fairShares(s);
        uint256 seized = bound(part, 0, token.balanceOf(address(escrow)));
        token.seize(address(escrow), dee, seized);
        left(s);
        assertShares(address(token), fair);
        token.seize(dee, address(escrow), seized);
        assertAllLeaves(address(token));
        assertBystandersUnharmed();
    }

    /// @dev Up or down: closed, and nobody else's money pays for it.
    function testFuzz_ClosesThoughBalancesAreRebased(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, int64 drift)
        public
    {
        RebasingToken token = new RebasingToken();
        Story memory s = begun(address(token), raw, units, way);
        arrived(s);
        token.rebase(bound(drift, -0.99e18, 9e18));
        left(s);
        assertBystandersUnharmed();
    }

    /// @dev It moves the money and denies it: paid twice on paper, at the cost of those who hold this token here.
    function testFuzz_HarmsNobodyElseBySayingFalse(IEscrowTypes.Bid memory raw, uint32 units, uint8 way) public {
        address token = address(new Token());
        Story memory s = begun(token, raw, units, way);
        arrived(s);
        turn(token, new AnswerToken(AnswerToken.Answer.MOVED_FALSE));
        left(s);
        assertBystandersUnharmed();
    }

    /// @dev What a token says of balances is asked only on the way in.
    function testFuzz_PaysWhateverTheTokenSaysOfBalances(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way,
        uint8 lie
    ) public {
        address token = address(new Token());
        Story memory s = begun(token, raw, units, way);
        arrived(s);
        uint256[5] memory fair = fairShares(s);
        turn(token, new LyingToken(LyingToken.Lie(lie % 7)));
        left(s);
        turn(token, new Token());
        assertShares(token, fair);
        assertAllLeaves(token);
        assertBystandersUnharmed();
    }

    // ------------------------------------------------------------------ more than there was

    /// @dev A gift is nobody's: it pays for nothing, and what comes in beside it is still counted exactly.
    function testFuzz_GivesAGiftToNobody(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, uint96 gift) public {
        Token token = new Token();
        token.mint(address(escrow), gift);
        Story memory s = begun(address(token), raw, units, way);
        arrived(s);
        left(s);
        for (uint256 i; i < 5; ++i) {
            takeOut(address(token), parties()[i], dee);
        }
        assertEq(token.balanceOf(address(escrow)), gift);
        assertBystandersUnharmed();
    }

    /// @dev A token with two addresses: the same balance, but what came in at one leaves at that one alone, once.
    function testFuzz_CountsATwinOnce(uint96 here, uint96 there) public {
        (here, there) = (uint96(bound(here, 1, type(uint96).max)), uint96(bound(there, 1, type(uint96).max)));
        TwinnedToken token = new TwinnedToken();
        address twin = address(token.twin());
        prepay(address(token), bo, here);
        give(address(token), charlie, there);
        allow(twin, charlie, there);
        vm.prank(charlie);
        escrow.deposit(twin, charlie, there);
        assertEq(token.balanceOf(address(escrow)), uint256(here) + there);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.FreeTooLow.selector, there, uint256(there) + 1));
        vm.prank(charlie);
        escrow.withdraw(twin, charlie, uint128(there) + 1);
        takeOut(twin, charlie, dee);
        takeOut(address(token), bo, bo);
        assertEq(token.balanceOf(bo), here);
        assertEq(token.balanceOf(address(escrow)), 0);
        assertBystandersUnharmed();
    }
}
