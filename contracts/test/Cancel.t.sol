// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {Cases} from "./helpers/Cases.sol";

contract CancelTest is Cases {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertWhen_CallerIsNoParty(IEscrowTypes.Bid memory raw, uint32 units, address caller) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, 0);
        vm.assume(caller != ada && caller != bo);
        refuse(c, caller);
        for (uint160 i; i < 2; ++i) {
            refuse(c, address(uint160(ada) + 2 * i - 1)); // on either side of a party
            refuse(c, address(uint160(bo) + 2 * i - 1));
        }
    }

    /// @dev Who may decide a dispute, take a fee, award or deliver may not cancel.
    function testFuzz_RevertWhen_CallerHasAnotherPart(IEscrowTypes.Bid memory raw, uint32 units, address key) public {
        Case memory c = drawnWithArbiter(raw, units);
        vm.assume(key != ada && key != bo);
        award(c);
        vm.prank(bo);
        escrow.setAgent(currency, key, type(uint40).max, type(uint96).max);
        refuse(c, key);
        refuse(c, eve);
        refuse(c, operator);
        refuse(c, charlie);
    }

    function testFuzz_RevertGiven_NoAgreement(IEscrowTypes.Bid memory raw, bool byProvider) public {
        Case memory c = drawn(raw, 1);
        expectStatusRefusal(escrow.idOf(c.bid), IEscrowTypes.Status.NONE);
        cancel(c, byProvider);
    }

    /// @dev What is made is paid for: in the last second of grace too.
    function testFuzz_RevertGiven_ADelivery(IEscrowTypes.Bid memory raw, uint32 units, bool contested, bool byProvider)
        public
    {
        Case memory c = drawn(raw, units);
        award(c);
        vm.prank(bo);
        escrow.deliver(c.bid, "head");
        c.status = IEscrowTypes.Status.DELIVERED;
        if (contested) dispute(c);
        vm.warp(START);
        expectStatusRefusal(c.id, c.status);
        cancel(c, byProvider);
    }

    function testFuzz_RevertGiven_AClosedAgreement(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bool inFull,
        bool byProvider
    ) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, 0);
        if (inFull) close(c);
        else cancel(c, !byProvider);
        expectStatusRefusal(c.id, IEscrowTypes.Status.CLOSED);
        cancel(c, byProvider);
    }

    function testFuzz_RevertWhen_TheGraceIsOver(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint40 late,
        bool byProvider
    ) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, part);
        uint256 deadline = START + c.bid.graceTime;
        vm.warp(bound(late, deadline + 1, type(uint40).max));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.TooLate.selector, deadline));
        cancel(c, byProvider);
    }

    function testFuzz_RevertWhen_ItIsTheFirstSecondAfterTheGrace(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bool none,
        bool byProvider
    ) public {
        Case memory c = drawn(raw, units);
        if (none) c.bid.graceTime = 0;
        award(c);
        skip(uint256(c.bid.graceTime) + 1);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.TooLate.selector, START + c.bid.graceTime));
        cancel(c, byProvider);
    }

    // ------------------------------------------------------------------ successes

    /// @dev Nobody loses anything: what is paid stays paid, the rest goes back, and so does the whole bond.
    function testFuzz_GivesEachItsOwnBack(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint32 later,
        bool byProvider
    ) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, part);
        skip(bound(later, 0, c.bid.graceTime));
        Shares memory shares = Shares(c.paid, c.bid.bond, c.price - c.paid, 0);
        expectMandateUsed(c, 0);
        expectClosed(c, IEscrowTypes.How.CANCELLED, shares);
        cancel(c, byProvider);
        assertEnded(c, shares);
        assertNoOtherLogs();
        assertCounters(0, 0);
    }

    function testFuzz_CancelsInTheLastSecond(IEscrowTypes.Bid memory raw, uint32 units, bool byProvider) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, 0);
        skip(c.bid.graceTime);
        cancel(c, byProvider);
        assertEnded(c, Shares(0, c.bid.bond, c.price, 0));
    }

    /// @dev Without a grace time the award's own second is all there is.
    function testFuzz_CancelsInTheAwardsOwnSecond(IEscrowTypes.Bid memory raw, uint32 units, bool byProvider) public {
        Case memory c = drawn(raw, units);
        c.bid.graceTime = 0;
        award(c);
        cancel(c, byProvider);
        assertEnded(c, Shares(0, c.bid.bond, c.price, 0));
    }

    /// @dev One wei released in grace neither closes the way back nor makes it cost a share of the bond.
    function testFuzz_CancelsAfterOneWei(IEscrowTypes.Bid memory raw, uint32 units, bool byProvider) public {
        raw.unitPrice = uint96(bound(raw.unitPrice, 2, MAX_AMOUNT));
        raw.maxUnits = 1;
        Case memory c = drawn(raw, units);
        award(c);
        pay(c, 1);
        cancel(c, byProvider);
        assertEnded(c, Shares(1, c.bid.bond, c.price - 1, 0));
    }

    /// @dev Nothing failed: a standby has no turn.
    function testFuzz_CancelsWhereAStandbyIsNamed(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bytes32 standby,
        bool byProvider
    ) public {
        Case memory c = standingBy(raw, units, standby);
        cancel(c, byProvider);
        assertEnded(c, Shares(0, c.bid.bond, c.price, 0));
    }

    /// @dev The mandate has its units again, whatever was paid of them.
    function testFuzz_ReturnsTheUnitsToTheMandate(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        bool byProvider
    ) public {
        Case memory c = drawn(raw, units);
        c.mandated = true;
        bring(c, IEscrowTypes.Status.AWARDED, part);
        assertUsed(c, c.units, false);
        cancel(c, byProvider);
        assertUsed(c, 0, false);
    }

    function testFuzz_LeavesARevokedMandateRevoked(IEscrowTypes.Bid memory raw, uint32 units, bool byProvider) public {
        Case memory c = drawn(raw, units);
        c.mandated = true;
        award(c);
        IEscrowTypes.Mandate memory mandate = mandateFor(c);
        vm.prank(ada);
        escrow.revokeMandate(mandate);
        cancel(c, byProvider);
        assertEnded(c, Shares(0, c.bid.bond, c.price, 0));
        assertUsed(c, 0, true);
    }

    // ------------------------------------------------------------------ helpers

    function cancel(Case memory c, bool byProvider) internal {
        vm.prank(byProvider ? bo : ada);
        escrow.cancel(c.bid);
    }

    function refuse(Case memory c, address caller) internal {
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotParty.selector, caller));
        vm.prank(caller);
        escrow.cancel(c.bid);
    }
}
