// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowAwarding} from "./helpers/Awarding.sol";

contract DropStandbyTest is EscrowAwarding {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertWhen_CallerIsNotTheDesigner(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bytes32 standby,
        address caller
    ) public {
        vm.assume(caller != ada && standby != 0);
        if (uint160(caller) % 4 == 0) caller = bo;
        Offer memory o = offered(raw, units);
        awardedWith(o, standby);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotDesigner.selector, caller, ada));
        vm.prank(caller);
        escrow.dropStandby(o.bid);
        assertEq(escrow.standbyOf(o.id), standby);
    }

    function testFuzz_RevertGiven_NoAgreement(IEscrowTypes.Bid memory raw) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        expectStatusRefusal(escrow.idOf(bid), IEscrowTypes.Status.NONE);
        dropped(bid);
    }

    /// @dev Once delivered there is nothing to take over; the name stays for the record.
    function testFuzz_RevertGiven_ADelivery(IEscrowTypes.Bid memory raw, uint32 units, bytes32 standby) public {
        Offer memory o = offered(raw, units);
        awardedWith(o, standby);
        vm.prank(bo);
        escrow.deliver(o.bid, "head");
        expectStatusRefusal(o.id, IEscrowTypes.Status.DELIVERED);
        dropped(o.bid);
    }

    function testFuzz_RevertGiven_AClosedAgreement(IEscrowTypes.Bid memory raw, uint32 units, bytes32 standby) public {
        Offer memory o = offered(raw, units);
        awardedWith(o, standby);
        released(o.bid, o.price);
        expectStatusRefusal(o.id, IEscrowTypes.Status.CLOSED);
        dropped(o.bid);
    }

    function testFuzz_RevertGiven_NoneNamed(IEscrowTypes.Bid memory raw, uint32 units, uint8 way) public {
        Offer memory o = offered(raw, units);
        run(readyFor(wayOf(way), o));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotStandby.selector, 0, 0));
        dropped(o.bid);
    }

    function testFuzz_RevertGiven_OneDroppedBefore(IEscrowTypes.Bid memory raw, uint32 units, bytes32 standby) public {
        vm.assume(standby != 0);
        Offer memory o = offered(raw, units);
        awardedWith(o, standby);
        dropped(o.bid);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotStandby.selector, 0, 0));
        dropped(o.bid);
    }

    // ------------------------------------------------------------------ successes

    /// @dev Any time while it is awarded, also in the standby's very turn; nothing else changes.
    function testFuzz_NamesItNoLonger(IEscrowTypes.Bid memory raw, uint32 units, bytes32 standby, uint40 later) public {
        vm.assume(standby != 0);
        Offer memory o = offered(raw, units);
        awardedWith(o, standby);
        vm.warp(bound(later, START, type(uint40).max));
        vm.expectEmit(address(escrow));
        emit IEscrowTypes.StandbyDropped(o.id);
        dropped(o.bid);
        assertEq(escrow.standbyOf(o.id), 0);
        assertWord(o.id, IEscrowTypes.Status.AWARDED, START, o.price, 0);
        assertEq(money(address(escrow)), uint256(o.price) + o.bid.bond);
    }

    function testFuzz_KeepsTheStandbyFromTakingOver(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        bool givenUp
    ) public {
        Offer memory o = offered(raw, units);
        Offer memory s = standbyFor(o, rawStandby);
        awardedWith(o, s.id);
        dropped(o.bid);
        vm.prank(bo);
        escrow.giveUp(o.bid);
        if (!givenUp) toTheStandbysTurn(o);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotStandby.selector, s.id, 0));
        reaward(o, s);
    }

    /// @dev With nobody whose turn it is, any stranger refunds at once.
    function testFuzz_OpensTheRefundToAll(IEscrowTypes.Bid memory raw, uint32 units, bytes32 standby) public {
        vm.assume(standby != 0);
        Offer memory o = offered(raw, units);
        awardedWith(o, standby);
        toTheStandbysTurn(o);
        uint256 turn = START + o.bid.makeTime + 2 * REDEEM_WINDOW;
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.StandbyFirst.selector, turn));
        vm.prank(charlie);
        escrow.refund(o.bid);
        dropped(o.bid);
        vm.prank(charlie);
        escrow.refund(o.bid);
        assertEq(money(ada), uint256(o.price) + o.bid.bond);
    }

    /// @dev The bid that stood by is as free as before: it can win on its own.
    function testFuzz_LeavesTheStandbysBidAlone(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby
    ) public {
        Offer memory o = offered(raw, units);
        Offer memory s = standbyFor(o, rawStandby);
        awardedWith(o, s.id);
        dropped(o.bid);
        awardedWith(s, 0);
        assertWord(s.id, IEscrowTypes.Status.AWARDED, START, s.price, 0);
    }

    // ------------------------------------------------------------------ helpers

    function dropped(IEscrowTypes.Bid memory bid) internal {
        vm.prank(ada);
        escrow.dropStandby(bid);
    }
}
