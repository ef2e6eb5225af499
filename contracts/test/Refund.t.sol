// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {Cases} from "./helpers/Cases.sol";

contract RefundTest is Cases {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertGiven_NoAgreement(IEscrowTypes.Bid memory raw) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        expectStatusRefusal(escrow.idOf(bid), IEscrowTypes.Status.NONE);
        escrow.refund(bid);
    }

    /// @dev After a delivery the designer's silence pays the provider; it cannot take the money back.
    function testFuzz_RevertGiven_ADelivery(IEscrowTypes.Bid memory raw, uint32 units, bool contested, uint40 late)
        public
    {
        IEscrowTypes.Status status = contested ? IEscrowTypes.Status.DISPUTED : IEscrowTypes.Status.DELIVERED;
        Case memory c = caseIn(status, raw, units, 0);
        vm.warp(bound(late, START, type(uint40).max));
        expectStatusRefusal(c.id, status);
        vm.prank(ada);
        escrow.refund(c.bid);
    }

    function testFuzz_RevertGiven_AClosedAgreement(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bytes32 id = overdue(bid, saneUnits(bid, units), 0);
        escrow.refund(bid);
        expectStatusRefusal(id, IEscrowTypes.Status.CLOSED);
        escrow.refund(bid);
    }

    /// @dev Not even the designer, until the provider's last vouchers had their time.
    function testFuzz_RevertWhen_TheDeadlineIsNotOver(IEscrowTypes.Bid memory raw, uint32 units, uint32 later) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        awarded(bid, saneUnits(bid, units));
        uint256 deadline = START + bid.makeTime + REDEEM_WINDOW;
        vm.warp(bound(later, START, deadline));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.TooEarly.selector, deadline));
        vm.prank(ada);
        escrow.refund(bid);
    }

    /// @dev Nobody can deny the standby its turn by refunding first.
    function testFuzz_RevertWhen_AStrangerComesBeforeTheStandby(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bytes32 standby,
        uint32 later,
        address caller
    ) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        vm.assume(caller != ada && standby != 0);
        overdue(bid, saneUnits(bid, units), standby);
        uint256 deadline = START + bid.makeTime + 2 * REDEEM_WINDOW;
        vm.warp(bound(later, deadline - REDEEM_WINDOW + 1, deadline));
        address[3] memory callers = [caller, address(uint160(ada) + 1), address(uint160(ada) - 1)];
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.StandbyFirst.selector, deadline));
            vm.prank(callers[i]);
            escrow.refund(bid);
        }
    }

    /// @dev What is partly paid no standby takes over: nobody waits for its turn.
    function testFuzz_RefundsWhatIsPartlyPaidThoughAStandbyIsNamed(
        IEscrowTypes.Bid memory raw,
        bytes32 standby,
        uint96 part,
        bool givenUp,
        address caller
    ) public {
        vm.assume(standby != 0);
        raw.unitPrice = uint96(bound(raw.unitPrice, 2, MAX_AMOUNT));
        raw.maxUnits = 1;
        IEscrowTypes.Bid memory bid = sane(raw);
        bytes32 id = awarded(bid, 1, standby);
        released(bid, bound(part, 1, bid.unitPrice - 1));
        if (givenUp) {
            vm.prank(bo);
            escrow.giveUp(bid);
        } else {
            vm.warp(START + bid.makeTime + REDEEM_WINDOW + 1);
        }
        vm.prank(caller);
        escrow.refund(bid);
        assertEq(uint8(word(id).status), uint8(IEscrowTypes.Status.CLOSED));
    }

    /// @dev The last second of each span still belongs to the one it is for.
    function testFuzz_RevertWhen_ItIsTheLastSecond(IEscrowTypes.Bid memory raw, uint32 units, bytes32 standby) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        vm.assume(standby != 0);
        overdue(bid, saneUnits(bid, units), standby);
        uint256 deadline = START + bid.makeTime + REDEEM_WINDOW;
        vm.warp(deadline);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.TooEarly.selector, deadline));
        vm.prank(ada);
        escrow.refund(bid);
        vm.warp(deadline + REDEEM_WINDOW);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.StandbyFirst.selector, deadline + REDEEM_WINDOW));
        vm.prank(charlie);
        escrow.refund(bid);
    }

    // ------------------------------------------------------------------ successes

    /// @dev AWARDED, provider silent: any stranger makes the designer whole, bond included. What was paid stays paid, and
    /// leaves the provider the same share of its bond, rounded down.
    function testFuzz_ReturnsPriceAndBond(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint40 late,
        address caller
    ) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, part);
        vm.warp(bound(late, START + c.bid.makeTime + REDEEM_WINDOW + 1, type(uint40).max));
        uint96 bondBack = uint96(uint256(c.bid.bond) * c.paid / c.price);
        Shares memory shares = Shares(c.paid, bondBack, c.price - c.paid + c.bid.bond - bondBack, 0);
        if (c.paid == 0) expectMandateUsed(c, 0);
        expectClosed(c, IEscrowTypes.How.REFUNDED, shares);
        vm.prank(caller);
        escrow.refund(c.bid);
        assertEnded(c, shares);
        assertNoOtherLogs();
        assertCounters(0, c.bid.bond == 0 ? 0 : 1);
    }

    /// @dev Nothing paid: all of the bond is lost.
    function testFuzz_TakesTheWholeBondWhereNothingIsPaid(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, 0);
        vm.warp(START + c.bid.makeTime + REDEEM_WINDOW + 1);
        escrow.refund(c.bid);
        assertEnded(c, Shares(0, 0, c.price + c.bid.bond, 0));
    }

    /// @dev Never a unit of the bond for a unit that was not paid for.
    function testFuzz_RoundsTheBondDown(IEscrowTypes.Bid memory raw, uint96 price, uint96 bond, uint96 part) public {
        (raw.unitPrice, raw.maxUnits) = (uint96(bound(price, 2, 10_000)), 1);
        raw.bond = uint96(bound(bond, 0, 10_000));
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, 1, part);
        vm.warp(START + c.bid.makeTime + REDEEM_WINDOW + 1);
        uint256 before = free(bo);
        escrow.refund(c.bid);
        uint256 bondBack = free(bo) - before;
        assertLe(bondBack * c.price, uint256(c.bid.bond) * c.paid);
        assertGt((bondBack + 1) * c.price, uint256(c.bid.bond) * c.paid);
    }

    /// @dev Units come back only where nothing was made of them.
    function testFuzz_ReturnsUnitsOnlyIfNothingIsPaid(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        bool revoked
    ) public {
        Case memory c = drawn(raw, units);
        c.mandated = true;
        bring(c, IEscrowTypes.Status.AWARDED, part);
        if (revoked) {
            IEscrowTypes.Mandate memory mandate = mandateFor(c);
            vm.prank(ada);
            escrow.revokeMandate(mandate);
        }
        vm.warp(START + c.bid.makeTime + REDEEM_WINDOW + 1);
        escrow.refund(c.bid);
        assertUsed(c, c.paid == 0 ? 0 : c.units, revoked);
    }

    /// @dev One second late is late.
    function testFuzz_RefundsInTheFirstSecond(IEscrowTypes.Bid memory raw, uint32 units, bytes32 standby) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        bytes32 id = overdue(bid, units, standby);
        vm.prank(ada);
        escrow.refund(bid);
        assertWord(id, IEscrowTypes.Status.CLOSED, block.timestamp, priceOf(bid, units), 0);
    }

    function testFuzz_LetsTheDesignerComeBeforeTheStandby(IEscrowTypes.Bid memory raw, uint32 units, bytes32 standby)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        bytes32 id = overdue(bid, saneUnits(bid, units), standby);
        vm.prank(ada);
        escrow.refund(bid);
        assertEq(uint8(word(id).status), uint8(IEscrowTypes.Status.CLOSED));
    }

    function testFuzz_LetsAStrangerComeAfterTheStandby(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bytes32 standby,
        uint40 late
    ) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bytes32 id = overdue(bid, saneUnits(bid, units), standby);
        vm.warp(bound(late, block.timestamp + REDEEM_WINDOW, type(uint40).max));
        vm.prank(charlie);
        escrow.refund(bid);
        assertEq(uint8(word(id).status), uint8(IEscrowTypes.Status.CLOSED));
    }

    /// @dev Who named no standby, or dropped it, waits for nobody.
    function testFuzz_LetsAStrangerComeWhereTheStandbyIsDropped(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bytes32 standby
    ) public {
        vm.assume(standby != 0);
        Case memory c = standingBy(raw, units, standby);
        vm.prank(ada);
        escrow.dropStandby(c.bid);
        vm.warp(START + c.bid.makeTime + REDEEM_WINDOW + 1);
        vm.prank(charlie);
        escrow.refund(c.bid);
        assertEnded(c, Shares(0, 0, c.price + c.bid.bond, 0));
    }

    // ------------------------------------------------------------------ helpers

    /// @dev In the first second in which a refund is possible.
    function overdue(IEscrowTypes.Bid memory bid, uint32 units, bytes32 standby) internal returns (bytes32 id) {
        id = awarded(bid, units, standby);
        vm.warp(START + bid.makeTime + REDEEM_WINDOW + 1);
    }
}
