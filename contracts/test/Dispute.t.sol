// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {Cases} from "./helpers/Cases.sol";
import {Token} from "./helpers/tokens/Token.sol";
import {TetherLikeToken} from "./helpers/tokens/TetherLikeToken.sol";

contract DisputeTest is Cases {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertWhen_CallerIsNotTheDesigner(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        address caller,
        bool fromLedger
    ) public {
        Case memory c = caseIn(IEscrowTypes.Status.DELIVERED, raw, units, 0);
        vm.assume(caller != ada);
        address[3] memory callers = [caller, bo, eve];
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotDesigner.selector, callers[i], ada));
            vm.prank(callers[i]);
            escrow.dispute(c.bid, "head", fromLedger);
        }
    }

    function testFuzz_RevertGiven_NoAgreement(IEscrowTypes.Bid memory raw, bool fromLedger) public {
        Case memory c = drawn(raw, 1);
        expectStatusRefusal(escrow.idOf(c.bid), IEscrowTypes.Status.NONE);
        vm.prank(ada);
        escrow.dispute(c.bid, "head", fromLedger);
    }

    /// @dev Before a delivery deadline and bond protect the designer, however late it is.
    function testFuzz_RevertGiven_NoDelivery(IEscrowTypes.Bid memory raw, uint32 units, uint96 part, uint40 late)
        public
    {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, part);
        vm.warp(bound(late, START, type(uint40).max));
        refuse(c, wrongStatus(c));
    }

    /// @dev A second dispute would give the arbiter its time anew.
    function testFuzz_RevertGiven_ADispute(IEscrowTypes.Bid memory raw, uint32 units, uint96 part) public {
        Case memory c = caseIn(IEscrowTypes.Status.DISPUTED, raw, units, part);
        refuse(c, wrongStatus(c));
    }

    function testFuzz_RevertGiven_AClosedAgreement(IEscrowTypes.Bid memory raw, uint32 units, uint8 which) public {
        Case memory c = openCase(raw, units, 0, which);
        close(c);
        refuse(c, wrongStatus(c));
    }

    function testFuzz_RevertWhen_TheReviewTimeIsOver(IEscrowTypes.Bid memory raw, uint32 units, uint40 late) public {
        Case memory c = caseIn(IEscrowTypes.Status.DELIVERED, raw, units, 0);
        uint256 deadline = c.clock + c.bid.reviewTime;
        vm.warp(bound(late, deadline + 1, type(uint40).max));
        refuse(c, abi.encodeWithSelector(IEscrowTypes.TooLate.selector, deadline));
    }

    /// @dev In this second a stranger may claim: no two exits are open at once.
    function testFuzz_RevertWhen_ItIsTheFirstSecondAfterTheReview(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = caseIn(IEscrowTypes.Status.DELIVERED, raw, units, 0);
        vm.warp(c.clock + c.bid.reviewTime + 1);
        refuse(c, abi.encodeWithSelector(IEscrowTypes.TooLate.selector, block.timestamp - 1));
        escrow.claim(c.bid);
        (c.status, c.clock, c.paid) = (IEscrowTypes.Status.CLOSED, block.timestamp, c.price);
        assertKept(c);
    }

    /// @dev Neither more nor less than the fee, which is nothing where there is no arbiter, or another coin.
    function testFuzz_RevertWhen_TheValueIsWrong(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint128 value,
        bool fromLedger
    ) public {
        Case memory c = caseIn(IEscrowTypes.Status.DELIVERED, raw, units, 0);
        uint256 expected = currency == NATIVE && !fromLedger ? c.bid.disputeFee : 0;
        vm.assume(value != expected);
        fund(ada, c.bid.disputeFee);
        vm.deal(ada, value);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.ValueMismatch.selector, value, expected));
        vm.prank(ada);
        escrow.dispute{value: value}(c.bid, "head", fromLedger);
    }

    function testFuzz_RevertWhen_TheLedgerHasTooLittle(IEscrowTypes.Bid memory raw, uint32 units, uint96 held) public {
        Case memory c = deliveredWithFee(raw, units);
        held = uint96(bound(held, 0, c.bid.disputeFee - 1));
        fund(ada, held);
        fund(bo, c.bid.disputeFee); // another's money is no help
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.FreeTooLow.selector, held, c.bid.disputeFee));
        vm.prank(ada);
        escrow.dispute(c.bid, "head", true);
    }

    function testFuzz_RevertWhen_TheWalletHasTooLittle(IEscrowTypes.Bid memory raw, uint32 units, uint96 held) public {
        Case memory c = deliveredWithFeeInToken(raw, units);
        give(ada, bound(held, 0, c.bid.disputeFee - 1));
        refusePull(c);
    }

    function testFuzz_RevertGiven_TooLowAnAllowance(IEscrowTypes.Bid memory raw, uint32 units, uint96 allowed) public {
        Case memory c = deliveredWithFeeInToken(raw, units);
        give(ada, c.bid.disputeFee);
        allow(0);
        allow(bound(allowed, 0, c.bid.disputeFee - 1));
        refusePull(c);
    }

    /// @dev A token may turn on a fee at any time; the designer is told, and nothing has changed.
    function testFuzz_RevertGiven_ATokenThatTakesAFeeMeanwhile(IEscrowTypes.Bid memory raw, uint32 units, uint256 bps)
        public
    {
        raw.token = address(1); // an odd one: the token that can turn on a fee
        Case memory c = deliveredWithFeeInToken(raw, units);
        give(ada, c.bid.disputeFee);
        TetherLikeToken issuer = TetherLikeToken(address(tether));
        issuer.setFee(bound(bps, 1, 10_000), false);
        uint256 fee = c.bid.disputeFee;
        bytes memory refusal =
            abi.encodeWithSelector(IEscrowTypes.InexactTransfer.selector, currency, fee - issuer.feeOn(fee), fee);
        vm.expectRevert(refusal);
        vm.prank(ada);
        escrow.dispute(c.bid, "head", false);
        assertKept(c);
    }

    /// @dev A token whose code is gone has no balances to compare.
    function testFuzz_RevertGiven_ATokenThatIsGone(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = deliveredWithFeeInToken(raw, units);
        vm.etch(currency, "");
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.TokenUnsupported.selector, currency));
        vm.prank(ada);
        escrow.dispute(c.bid, "head", false);
    }

    // ------------------------------------------------------------------ successes

    /// @dev The clock restarts, flags and payments stay, and the fee is in the pot.
    function testFuzz_ContestsADelivery(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint32 later,
        bool fromLedger,
        bytes32 head
    ) public {
        Case memory c = caseIn(IEscrowTypes.Status.DELIVERED, raw, units, part);
        skip(bound(later, 0, c.bid.reviewTime));
        if (fromLedger) fund(ada, c.bid.disputeFee);
        else give(ada, c.bid.disputeFee);
        _expectLog();
        emit IEscrowTypes.Disputed(c.id, head);
        vm.prank(ada);
        escrow.dispute{value: fromLedger ? 0 : sent(c.bid.disputeFee)}(c.bid, head, fromLedger);
        (c.status, c.clock) = (IEscrowTypes.Status.DISPUTED, block.timestamp);
        assertStands(c);
        assertNoOtherLogs();
        assertCounters(0, 0);
    }

    function testFuzz_ContestsInTheLastSecond(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = caseIn(IEscrowTypes.Status.DELIVERED, raw, units, 0);
        vm.warp(c.clock + c.bid.reviewTime);
        give(ada, c.bid.disputeFee);
        contest(c);
        (c.status, c.clock) = (IEscrowTypes.Status.DISPUTED, block.timestamp);
        assertStands(c);
    }

    /// @dev Nobody to decide and nothing to post: what follows is the signed fallback.
    function testFuzz_CostsNothingWithoutAnArbiter(IEscrowTypes.Bid memory raw, uint32 units, bool fromLedger) public {
        raw.arbiter = address(0);
        Case memory c = caseIn(IEscrowTypes.Status.DELIVERED, raw, units, 0);
        vm.prank(ada);
        escrow.dispute(c.bid, "head", fromLedger);
        (c.status, c.clock) = (IEscrowTypes.Status.DISPUTED, block.timestamp);
        assertStands(c);
    }

    /// @dev An arbiter may work for nothing; then no token is asked for anything.
    function testFuzz_CostsNothingWithoutAFee(IEscrowTypes.Bid memory raw, uint32 units, bool fromLedger) public {
        Case memory c = drawnWithArbiter(raw, units);
        c.bid.disputeFee = 0;
        bring(c, IEscrowTypes.Status.DELIVERED, 0);
        if (currency != NATIVE) vm.etch(currency, "");
        vm.prank(ada);
        escrow.dispute(c.bid, "head", fromLedger);
        (c.status, c.clock) = (IEscrowTypes.Status.DISPUTED, block.timestamp);
        assertKept(c);
    }

    /// @dev The fee may come out of what else is free of the designer, and only the fee.
    function testFuzz_LeavesTheRestOfTheLedger(IEscrowTypes.Bid memory raw, uint32 units, uint96 more) public {
        Case memory c = deliveredWithFee(raw, units);
        fund(ada, uint256(c.bid.disputeFee) + more);
        vm.prank(ada);
        escrow.dispute(c.bid, "head", true);
        assertEq(free(ada), more);
    }

    // ------------------------------------------------------------------ helpers

    function deliveredWithFee(IEscrowTypes.Bid memory raw, uint32 units) internal returns (Case memory c) {
        c = drawnWithArbiter(raw, units);
        c.bid.disputeFee = uint96(bound(c.bid.disputeFee, 1, MAX_AMOUNT));
        bring(c, IEscrowTypes.Status.DELIVERED, 0);
    }

    function deliveredWithFeeInToken(IEscrowTypes.Bid memory raw, uint32 units) internal returns (Case memory c) {
        (raw.arbiter, raw.disputeFee) = (address(1), uint96(bound(raw.disputeFee, 1, MAX_AMOUNT)));
        c = drawnToken(raw, units);
        bring(c, IEscrowTypes.Status.DELIVERED, 0);
    }

    function contest(Case memory c) internal {
        vm.prank(ada);
        escrow.dispute{value: sent(c.bid.disputeFee)}(c.bid, "head", false);
    }

    /// @dev With whatever fee is asked at hand: that is not what it fails for.
    function refuse(Case memory c, bytes memory refusal) internal {
        give(ada, c.bid.disputeFee);
        vm.expectRevert(refusal);
        contest(c);
        assertKept(c);
    }

    function wrongStatus(Case memory c) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IEscrowTypes.WrongStatus.selector, c.id, c.status);
    }

    function allow(uint256 amount) internal {
        vm.prank(ada);
        (bool ok,) = currency.call(abi.encodeCall(Token.approve, (address(escrow), amount)));
        assertTrue(ok);
    }

    function refusePull(Case memory c) internal {
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.PullFailed.selector, currency, ada, c.bid.disputeFee));
        vm.prank(ada);
        escrow.dispute(c.bid, "head", false);
        assertKept(c);
    }
}
