// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {Cases} from "./helpers/Cases.sol";
import {AnswerToken} from "./helpers/tokens/AnswerToken.sol";
import {LyingToken} from "./helpers/tokens/BalanceTokens.sol";
import {FeeToken, InexactToken} from "./helpers/tokens/InexactTokens.sol";
import {RefusingToken} from "./helpers/tokens/RefusingTokens.sol";
import {Token} from "./helpers/tokens/Token.sol";

/// @notice Moves money from the receiver to the sender.
contract BackwardToken is Token {
    function _transfer(address from, address to, uint256 amount) internal override {
        super._transfer(to, from, amount);
    }
}

contract DepositTest is Cases {
    uint128 private constant LIMIT = type(uint128).max / 2;

    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertGiven_ATokenWithoutCode(address token, address owner, uint128 amount) public {
        vm.assume(token != NATIVE && token.code.length == 0);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.TokenUnsupported.selector, token));
        escrow.deposit(token, owner, amount);
    }

    /// @dev Without balances nobody can tell what came in.
    function testFuzz_RevertGiven_ATokenWithoutBalances(address owner, uint128 amount, uint8 kind) public {
        LyingToken.Lie[4] memory lies =
            [LyingToken.Lie.NOTHING, LyingToken.Lie.SHORT, LyingToken.Lie.REVERT, LyingToken.Lie.BURN];
        amount = uint128(bound(amount, 1, LIMIT));
        stock(new LyingToken(lies[kind % 4]), amount);
        refuse(owner, amount, abi.encodeWithSelector(IEscrowTypes.TokenUnsupported.selector, currency));
    }

    function testFuzz_RevertWhen_TheAmountIsZero(address owner, uint8 kind) public {
        drawCurrency(kind);
        refuse(owner, 0, abi.encodeWithSelector(IEscrowTypes.AmountZero.selector));
    }

    /// @dev Credits, which nothing limits, must find room above what is deposited.
    function testFuzz_RevertWhen_FreeWouldBeTooLarge(address owner, uint128 held, uint128 amount, uint8 kind) public {
        drawCurrency(kind);
        held = uint128(bound(held, 0, LIMIT));
        fund(owner, held);
        amount = uint128(bound(amount, uint256(LIMIT) - held + 1, type(uint128).max));
        bytes4 tooLarge = IEscrowTypes.DepositTooLarge.selector;
        refuse(owner, amount, abi.encodeWithSelector(tooLarge, uint256(held) + amount, LIMIT));
        refuse(owner, LIMIT - held + 1, abi.encodeWithSelector(tooLarge, uint256(LIMIT) + 1, LIMIT));
        assertEq(free(owner), held);
    }

    function testFuzz_RevertWhen_TheValueIsNotTheAmount(address owner, uint128 amount, uint128 value) public {
        amount = uint128(bound(amount, 1, LIMIT));
        vm.assume(value != amount);
        vm.deal(charlie, value);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.ValueMismatch.selector, value, amount));
        vm.prank(charlie);
        escrow.deposit{value: value}(NATIVE, owner, amount);
    }

    /// @dev Native coin sent along with a token would be nobody's.
    function testFuzz_RevertWhen_ATokenComesWithValue(address owner, uint128 amount, uint128 value, uint8 kind) public {
        drawCurrency(1 + kind % 2);
        amount = uint128(bound(amount, 1, LIMIT));
        value = uint128(bound(value, 1, type(uint128).max));
        give(charlie, amount);
        vm.deal(charlie, value);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.ValueMismatch.selector, value, 0));
        vm.prank(charlie);
        escrow.deposit{value: value}(currency, owner, amount);
    }

    /// @dev There is no way in but those that say whose the money is.
    function testFuzz_RevertWhen_MoneyIsJustSent(uint128 value) public {
        vm.deal(charlie, value);
        vm.prank(charlie);
        (bool ok,) = address(escrow).call{value: value}("");
        assertFalse(ok);
    }

    function testFuzz_RevertGiven_TooLittleInTheWallet(address owner, uint128 held, uint128 amount, uint8 kind) public {
        drawCurrency(1 + kind % 2);
        amount = uint128(bound(amount, 1, LIMIT));
        give(charlie, bound(held, 0, amount - 1));
        refuse(owner, amount, pullFailed(amount));
    }

    /// @dev The owner's allowance is the owner's: only the caller's own is taken.
    function testFuzz_RevertGiven_TheOwnersAllowanceAlone(uint128 amount, uint8 kind) public {
        drawCurrency(1 + kind % 2);
        amount = uint128(bound(amount, 1, LIMIT));
        give(ada, amount);
        Token(currency).mint(charlie, amount);
        refuse(ada, amount, pullFailed(amount));
    }

    function testFuzz_RevertWhen_TheTokenRefuses(address owner, uint128 amount, uint8 kind) public {
        amount = uint128(bound(amount, 1, LIMIT));
        if (kind % 7 == 6) stock(new AnswerToken(AnswerToken.Answer.FALSE), amount);
        else stock(new RefusingToken(RefusingToken.Refusal(kind % 7)), amount);
        refuse(owner, amount, pullFailed(amount));
    }

    /// @dev By what arrives, and not by what the token says.
    function testFuzz_RevertWhen_TheTokenMovesAnotherAmount(address owner, uint128 amount, int256 error_) public {
        amount = uint128(bound(amount, 1, LIMIT));
        error_ = bound(error_, -int256(uint256(amount)) - 1, int256(uint256(amount)));
        vm.assume(error_ != 0);
        stock(new InexactToken(error_), 2 * uint256(amount));
        int256 received = int256(uint256(amount)) + error_;
        refuse(owner, amount, inexact(received < 0 ? 0 : uint256(received), amount));
    }

    function testFuzz_RevertWhen_TheTokenTakesAFee(address owner, uint128 amount, uint256 bps) public {
        amount = uint128(bound(amount, 1, LIMIT));
        FeeToken token = new FeeToken();
        token.setFee(bound(bps, 1, 10_000), false);
        stock(token, amount);
        refuse(owner, amount, inexact(amount - token.feeOn(amount), amount));
    }

    function testFuzz_RevertWhen_TheTokenTakesFromUs(address owner, uint128 amount, uint128 ours) public {
        amount = uint128(bound(amount, 1, LIMIT));
        stock(new BackwardToken(), amount);
        Token(currency).mint(address(escrow), bound(ours, amount, type(uint128).max));
        refuse(owner, amount, inexact(0, amount));
    }

    // ------------------------------------------------------------------ successes

    function testFuzz_AddsToTheOwnersFree(address owner, uint96 first, uint96 second, address other, uint8 kind)
        public
    {
        vm.assume(owner != other);
        drawCurrency(kind);
        first = uint96(bound(first, 1, type(uint96).max));
        second = uint96(bound(second, 1, type(uint96).max));
        fund(owner, first);
        fund(owner, second);
        assertEq(free(owner), uint256(first) + second);
        assertEq(free(other), 0);
        assertEq(money(address(escrow)), uint256(first) + second);
        assertEq(money(charlie), 0);
    }

    /// @dev What is free in one currency is nothing in another.
    function testFuzz_KeepsCurrenciesApart(address owner, uint96 amount, uint8 kind) public {
        amount = uint96(bound(amount, 1, type(uint96).max));
        drawCurrency(kind);
        fund(owner, amount);
        drawCurrency(kind % 3 + 1);
        assertEq(free(owner), 0);
        drawCurrency(kind % 3 + 2);
        assertEq(free(owner), 0);
    }

    function testFuzz_FillsUpToTheLimit(address owner, uint128 held, uint8 kind) public {
        drawCurrency(kind);
        held = uint128(bound(held, 0, LIMIT - 1));
        fund(owner, held);
        fund(owner, LIMIT - held);
        assertEq(free(owner), LIMIT);
    }

    function testFuzz_LeavesTheRestOfTheWord(IEscrowTypes.Bid memory raw, uint32 units, uint96 amount) public {
        raw.bond = uint96(bound(raw.bond, 1, MAX_AMOUNT));
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, 0);
        close(c);
        vm.prank(bo);
        escrow.bumpEpoch(currency);
        uint256 before = free(bo);
        fund(bo, amount);
        assertEq(free(bo), before + amount);
        assertCounters(1, 0);
        assertEq(account(bo).epoch, 1);
    }

    function testFuzz_EmitsWhoPaid(address owner, uint128 amount, uint8 kind) public {
        drawCurrency(kind);
        amount = uint128(bound(amount, 1, LIMIT));
        give(charlie, amount);
        _expectLog();
        emit IEscrowTypes.Deposited(currency, owner, charlie, amount);
        vm.prank(charlie);
        escrow.deposit{value: sent(amount)}(currency, owner, amount);
        assertNoOtherLogs();
    }

    // ------------------------------------------------------------------ helpers

    /// @dev Makes a token the currency, and Charlie ready to deposit it.
    function stock(Token token, uint256 amount) internal {
        currency = address(token);
        give(charlie, amount);
    }

    function refuse(address owner, uint128 amount, bytes memory refusal) internal {
        if (currency == NATIVE) vm.deal(charlie, amount);
        vm.expectRevert(refusal);
        vm.prank(charlie);
        escrow.deposit{value: sent(amount)}(currency, owner, amount);
    }

    function pullFailed(uint128 amount) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IEscrowTypes.PullFailed.selector, currency, charlie, amount);
    }

    function inexact(uint256 received, uint128 amount) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IEscrowTypes.InexactTransfer.selector, currency, received, amount);
    }
}
