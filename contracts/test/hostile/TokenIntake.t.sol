// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {AnswerToken} from "../helpers/tokens/AnswerToken.sol";
import {LyingToken, RebasingToken} from "../helpers/tokens/BalanceTokens.sol";
import {BackwardsToken, FeeToken, InexactToken} from "../helpers/tokens/InexactTokens.sol";
import {Parrot} from "../helpers/tokens/Parrot.sol";
import {DenyListToken, NoZeroToken, PausableToken, RefusingToken} from "../helpers/tokens/RefusingTokens.sol";
import {TetherLikeToken} from "../helpers/tokens/TetherLikeToken.sol";
import {Token} from "../helpers/tokens/Token.sol";
import {Doors} from "./Doors.sol";

/// @notice Money comes in exactly, or not at all: what a token says counts less than what its balance says, at each of the
/// four doors.
contract TokenIntakeTest is Doors {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertWhen_TheTokenRefuses(IEscrowTypes.Bid memory raw, uint32 units, uint8 door, uint8 kind)
        public
    {
        Knock memory k = standing(address(new Token()), raw, units, door);
        assertRefused(k, new RefusingToken(RefusingToken.Refusal(kind % 6)), pullFailed(k));
    }

    /// @dev False, two, 31 bytes, 2 bytes: neither true nor nothing, even where the money moved.
    function testFuzz_RevertWhen_TheAnswerIsNotYes(IEscrowTypes.Bid memory raw, uint32 units, uint8 door, uint8 kind)
        public
    {
        Knock memory k = standing(address(new Token()), raw, units, door);
        assertRefused(k, new AnswerToken(AnswerToken.Answer(3 + kind % 6)), pullFailed(k));
    }

    function testFuzz_RevertWhen_TheTokenIsPaused(IEscrowTypes.Bid memory raw, uint32 units, uint8 door) public {
        PausableToken token = new PausableToken();
        Knock memory k = standing(address(token), raw, units, door);
        token.pause(true);
        assertRefused(k, pullFailed(k));
    }

    function testFuzz_RevertWhen_EitherSideIsDenied(IEscrowTypes.Bid memory raw, uint32 units, uint8 door, bool payer)
        public
    {
        DenyListToken token = new DenyListToken();
        Knock memory k = standing(address(token), raw, units, door);
        token.deny(payer ? k.caller : address(escrow), true);
        assertRefused(k, pullFailed(k));
    }

    function testFuzz_RevertWhen_TheTokenTakesAFee(IEscrowTypes.Bid memory raw, uint32 units, uint8 door, uint16 bps)
        public
    {
        TetherLikeToken token = new TetherLikeToken();
        Knock memory k = standing(address(token), raw, units, door);
        token.setFee(bound(bps, 1, 10_000), false);
        assertRefused(k, inexact(k, k.amount - token.feeOn(k.amount)));
    }

    function testFuzz_RevertWhen_AnotherAmountMoves(IEscrowTypes.Bid memory raw, uint32 units, uint8 door, int64 off)
        public
    {
        vm.assume(off != 0);
        Knock memory k = standing(address(new Token()), raw, units, door);
        int256 moved = int256(uint256(k.amount)) + off;
        give(k.token, k.caller, uint64(type(int64).max));
        assertRefused(k, new InexactToken(off), inexact(k, moved < 0 ? 0 : uint256(moved)));
    }

    function testFuzz_RevertWhen_MoneyMovesTheOtherWay(IEscrowTypes.Bid memory raw, uint32 units, uint8 door) public {
        address token = address(new Token());
        prepay(token, dee, MAX_AMOUNT);
        Knock memory k = standing(token, raw, units, door);
        assertRefused(k, new BackwardsToken(), inexact(k, 0));
    }

    /// @dev A balance that does not move is a payment that did not happen, whatever else the token says.
    function testFuzz_RevertWhen_TheBalanceStandsStill(IEscrowTypes.Bid memory raw, uint32 units, uint8 door, bool most)
        public
    {
        Knock memory k = standing(address(new Token()), raw, units, door);
        LyingToken.Lie lie = most ? LyingToken.Lie.MOST : LyingToken.Lie.CONSTANT;
        assertRefused(k, new LyingToken(lie), inexact(k, 0));
    }

    function testFuzz_RevertWhen_ThereIsNoBalance(IEscrowTypes.Bid memory raw, uint32 units, uint8 door, uint8 kind)
        public
    {
        Knock memory k = standing(address(new Token()), raw, units, door);
        LyingToken.Lie[4] memory lies =
            [LyingToken.Lie.NOTHING, LyingToken.Lie.SHORT, LyingToken.Lie.REVERT, LyingToken.Lie.BURN];
        assertRefused(k, new LyingToken(lies[kind % 4]), unsupported(k.token));
    }

    /// @dev Shares round: what does not arrive to the unit is refused, what does is let in.
    function testFuzz_RevertWhen_ARebasingTokenRoundsAway(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 door,
        int64 drift
    ) public {
        RebasingToken token = new RebasingToken();
        Knock memory k = standing(address(token), raw, units, door);
        give(k.token, k.caller, k.amount);
        token.rebase(bound(drift, -0.5e18, 2e18));
        uint256 before = token.balanceOf(address(escrow));
        vm.prank(k.caller);
        (bool ok, bytes memory answer) = address(escrow).call(k.data);
        if (ok) assertEq(token.balanceOf(address(escrow)), before + k.amount);
        else assertEq(bytes4(answer), IEscrowTypes.InexactTransfer.selector);
        assertBystandersUnharmed();
    }

    // ------------------------------------------------------------------ no tokens at all

    function testFuzz_RevertGiven_NoCode(address token, uint96 amount) public {
        assumeNotForgeAddress(token);
        vm.assume(token.code.length == 0 && token != NATIVE && amount != 0);
        assertNoToken(token, amount, unsupported(token));
    }

    /// @dev They answer, some with a word, but have no code.
    function testFuzz_RevertGiven_APrecompile(uint8 number, uint96 amount) public {
        vm.assume(amount != 0);
        address token = address(uint160(bound(number, 1, 17)));
        assertNoToken(token, amount, unsupported(token));
    }

    function testFuzz_RevertGiven_TheEscrowItself(uint96 amount) public {
        vm.assume(amount != 0);
        assertNoToken(address(escrow), amount, unsupported(address(escrow)));
    }

    function testFuzz_RevertGiven_AContractWithoutBalances(uint96 amount, bool chatty) public {
        vm.assume(amount != 0);
        address token = address(new Parrot("word", chatty ? 31 : 0));
        assertNoToken(token, amount, unsupported(token));
    }

    /// @dev "True" to all: also as a balance, which therefore never moves.
    function testFuzz_RevertGiven_AContractThatSaysYes(uint96 amount, uint16 size) public {
        vm.assume(amount != 0);
        address token = address(new Parrot(bytes32(uint256(1)), bound(size, 32, 10_000)));
        assertNoToken(token, amount, abi.encodeWithSelector(IEscrowTypes.InexactTransfer.selector, token, 0, amount));
    }

    function testFuzz_RevertGiven_AContractThatSaysTheSameWord(uint96 amount, bytes32 word) public {
        vm.assume(amount != 0 && uint256(word) != 1);
        address token = address(new Parrot(word, 32));
        assertNoToken(token, amount, abi.encodeWithSelector(IEscrowTypes.PullFailed.selector, token, charlie, amount));
    }

    /// @dev Bids in what is no token are dead before anybody pays for them.
    function testFuzz_RevertGiven_ABidWithoutAToken(IEscrowTypes.Bid memory raw, uint32 units, address token) public {
        assumeNotForgeAddress(token);
        vm.assume(token.code.length == 0 && token != NATIVE);
        Story memory s = told(token, raw, units, 0);
        (, bytes4 reason) = escrow.isAwardable(s.bid, signed(s.bid), bo, s.units);
        assertEq(reason, IEscrowTypes.TokenUnsupported.selector);
        bytes memory signature = signed(s.bid);
        vm.expectRevert(unsupported(token));
        vm.prank(ada);
        escrow.award(s.bid, signature, bo, s.units, 0, 0, false);
    }

    // ------------------------------------------------------------------ successes

    /// @dev No answer, a long one, a huge one, a balance with 300,000 bytes behind it: what counts came in.
    function testFuzz_LetsInWhatArrivesExactly(IEscrowTypes.Bid memory raw, uint32 units, uint8 door, uint8 kind)
        public
    {
        Knock memory k = standing(address(new Token()), raw, units, door);
        kind %= 5;
        if (kind < 3) turn(k.token, new AnswerToken(AnswerToken.Answer(kind)));
        else turn(k.token, kind == 3 ? Token(new LyingToken(LyingToken.Lie.HUGE)) : Token(new NoZeroToken()));
        assertLetIn(k);
        assertBystandersUnharmed();
    }

    /// @dev A fee on top is the payer's own affair.
    function testFuzz_LetsInWhatThePayerPaysAFeeOn(IEscrowTypes.Bid memory raw, uint32 units, uint8 door, uint16 bps)
        public
    {
        FeeToken token = new FeeToken();
        Knock memory k = standing(address(token), raw, units, door);
        token.setFee(bound(bps, 1, 10_000), true);
        give(k.token, k.caller, token.feeOn(k.amount));
        assertLetIn(k);
        assertBystandersUnharmed();
    }

    // ------------------------------------------------------------------ helpers

    function assertNoToken(address token, uint96 amount, bytes memory refusal) private {
        vm.expectRevert(refusal);
        vm.prank(charlie);
        escrow.deposit(token, bo, amount);
        assertEq(freeIn(token, bo), 0);
        assertBystandersUnharmed();
    }

    function pullFailed(Knock memory k) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEscrowTypes.PullFailed.selector, k.token, k.caller, k.amount);
    }

    function inexact(Knock memory k, uint256 received) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEscrowTypes.InexactTransfer.selector, k.token, received, k.amount);
    }

    function unsupported(address token) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEscrowTypes.TokenUnsupported.selector, token);
    }
}
