// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {Cases} from "./helpers/Cases.sol";

contract GiveUpTest is Cases {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertWhen_CallerIsNotTheProvider(IEscrowTypes.Bid memory raw, uint32 units, address caller)
        public
    {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, 0);
        vm.assume(caller != bo);
        refuse(c, caller);
        refuse(c, ada);
    }

    /// @dev A thief of the hot key must not be able to throw the bond away.
    function testFuzz_RevertWhen_CallerIsAHotKey(IEscrowTypes.Bid memory raw, uint32 units, address key) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, 0);
        vm.assume(key != bo);
        vm.prank(bo);
        escrow.setAgent(currency, key, type(uint40).max, type(uint96).max);
        refuse(c, key);
    }

    function testFuzz_RevertGiven_NoAgreement(IEscrowTypes.Bid memory raw) public {
        Case memory c = drawn(raw, 1);
        expectStatusRefusal(escrow.idOf(c.bid), IEscrowTypes.Status.NONE);
        giveUp(c);
    }

    /// @dev What is delivered is the designer's to judge.
    function testFuzz_RevertGiven_ADelivery(IEscrowTypes.Bid memory raw, uint32 units, uint96 part, bool contested)
        public
    {
        IEscrowTypes.Status status = contested ? IEscrowTypes.Status.DISPUTED : IEscrowTypes.Status.DELIVERED;
        Case memory c = caseIn(status, raw, units, part);
        expectStatusRefusal(c.id, status);
        giveUp(c);
    }

    function testFuzz_RevertGiven_AClosedAgreement(IEscrowTypes.Bid memory raw, uint32 units, uint8 which) public {
        Case memory c = openCase(raw, units, 0, which);
        close(c);
        expectStatusRefusal(c.id, IEscrowTypes.Status.CLOSED);
        giveUp(c);
    }

    function testFuzz_RevertGiven_ItGaveUp(IEscrowTypes.Bid memory raw, uint32 units, uint96 part, uint40 late) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, part);
        giveUp(c);
        vm.warp(bound(late, START, type(uint40).max));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.AlreadyGivenUp.selector, c.id));
        giveUp(c);
    }

    // ------------------------------------------------------------------ successes

    /// @dev At any time while it is awarded: no money moves, no counter, and not the clock.
    function testFuzz_SaysSoAndNoMore(IEscrowTypes.Bid memory raw, uint32 units, uint96 part, uint40 late) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, part);
        vm.warp(bound(late, START, type(uint40).max));
        _expectLog();
        emit IEscrowTypes.GaveUp(c.id);
        giveUp(c);
        assertStands(c);
        assertNoOtherLogs();
        assertCounters(0, 0);
    }

    /// @dev Irrevocable: the designer may have gone elsewhere already.
    function testFuzz_CanNotDeliverThen(IEscrowTypes.Bid memory raw, uint32 units, uint32 later) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, 0);
        giveUp(c);
        skip(bound(later, 0, c.bid.makeTime));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.AlreadyGivenUp.selector, c.id));
        vm.prank(bo);
        escrow.deliver(c.bid, "head");
    }

    /// @dev No deadline is waited for, nor the redeem window.
    function testFuzz_OpensTheRefundAtOnce(IEscrowTypes.Bid memory raw, uint32 units, uint96 part, address caller)
        public
    {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, part);
        giveUp(c);
        vm.prank(caller);
        escrow.refund(c.bid);
        uint96 bondBack = uint96(uint256(c.bid.bond) * c.paid / c.price);
        assertEnded(c, Shares(c.paid, bondBack, c.price - c.paid + c.bid.bond - bondBack, 0));
        assertCounters(0, c.bid.bond == 0 ? 0 : 1);
    }

    /// @dev A stranger cannot use the hurry to deny the standby its turn, which runs as if nobody had given up.
    function testFuzz_LeavesTheStandbyItsTurn(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bytes32 standby,
        uint32 later,
        address caller
    ) public {
        vm.assume(standby != 0 && caller != ada);
        Case memory c = standingBy(raw, units, standby);
        giveUp(c);
        uint256 deadline = START + c.bid.makeTime + 2 * REDEEM_WINDOW;
        vm.warp(bound(later, START, deadline));
        refuseRefund(c, caller, deadline);
        vm.warp(deadline);
        refuseRefund(c, caller, deadline);
        skip(1);
        vm.prank(caller);
        escrow.refund(c.bid);
        assertEnded(c, Shares(0, 0, c.price + c.bid.bond, 0));
    }

    function testFuzz_LetsTheDesignerRefundBeforeTheStandby(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bytes32 standby,
        uint40 late
    ) public {
        Case memory c = standingBy(raw, units, standby);
        giveUp(c);
        vm.warp(bound(late, START, type(uint40).max));
        vm.prank(ada);
        escrow.refund(c.bid);
        assertEnded(c, Shares(0, 0, c.price + c.bid.bond, 0));
    }

    /// @dev The grace is the provider's too: whoever cancels first within it, the whole bond goes back.
    function testFuzz_LeavesTheGrace(IEscrowTypes.Bid memory raw, uint32 units, uint96 part, uint32 later, bool byBo)
        public
    {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, part);
        giveUp(c);
        skip(bound(later, 0, c.bid.graceTime));
        vm.prank(byBo ? bo : ada);
        escrow.cancel(c.bid);
        assertEnded(c, Shares(c.paid, c.bid.bond, c.price - c.paid, 0));
        assertCounters(0, 0);
    }

    function testFuzz_DoesNotLengthenTheGrace(IEscrowTypes.Bid memory raw, uint32 units, uint40 late) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, 0);
        uint256 deadline = START + c.bid.graceTime;
        vm.warp(bound(late, deadline + 1, type(uint40).max));
        giveUp(c);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.TooLate.selector, deadline));
        vm.prank(bo);
        escrow.cancel(c.bid);
    }

    /// @dev Paid in full all the same, it closes as any other does.
    function testFuzz_CanStillBePaid(IEscrowTypes.Bid memory raw, uint32 units, uint96 part) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, part);
        giveUp(c);
        released(c.bid, c.price);
        assertEnded(c, Shares(c.price, c.bid.bond, 0, 0));
        assertCounters(c.bid.bond == 0 ? 0 : 1, 0);
    }

    // ------------------------------------------------------------------ helpers

    function refuse(Case memory c, address caller) internal {
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotProvider.selector, caller, bo));
        vm.prank(caller);
        escrow.giveUp(c.bid);
    }

    function refuseRefund(Case memory c, address caller, uint256 deadline) internal {
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.StandbyFirst.selector, deadline));
        vm.prank(caller);
        escrow.refund(c.bid);
    }
}
