// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {Cases} from "./helpers/Cases.sol";

contract ExpireTest is Cases {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertGiven_NoAgreement(IEscrowTypes.Bid memory raw) public {
        Case memory c = drawn(raw, 1);
        expectStatusRefusal(escrow.idOf(c.bid), IEscrowTypes.Status.NONE);
        escrow.expire(c.bid);
    }

    /// @dev The fallback is for what is contested, however late it is.
    function testFuzz_RevertGiven_NoDispute(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        bool made,
        uint40 late
    ) public {
        Case memory c = caseIn(made ? IEscrowTypes.Status.DELIVERED : IEscrowTypes.Status.AWARDED, raw, units, part);
        vm.warp(bound(late, block.timestamp, type(uint40).max));
        expectStatusRefusal(c.id, c.status);
        escrow.expire(c.bid);
    }

    function testFuzz_RevertGiven_AClosedAgreement(IEscrowTypes.Bid memory raw, uint32 units, bool inFull) public {
        Case memory c = caseIn(IEscrowTypes.Status.DISPUTED, raw, units, 0);
        toTheEnd(c);
        if (inFull) close(c);
        else escrow.expire(c.bid);
        expectStatusRefusal(c.id, IEscrowTypes.Status.CLOSED);
        escrow.expire(c.bid);
    }

    /// @dev Not even for a party, as long as the arbiter may still rule.
    function testFuzz_RevertWhen_TheArbiterTimeRuns(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint32 later,
        bool byProvider
    ) public {
        Case memory c = caseIn(IEscrowTypes.Status.DISPUTED, raw, units, part);
        uint256 deadline = c.clock + c.bid.arbiterTime;
        vm.warp(bound(later, c.clock, deadline));
        refuse(c, byProvider ? bo : ada, deadline);
        vm.warp(deadline); // the last second is the arbiter's
        refuse(c, byProvider ? bo : ada, deadline);
        assertKept(c);
    }

    // ------------------------------------------------------------------ successes

    /// @dev DISPUTED, arbiter silent: any stranger carries out what both signed; rounding favours the designer.
    function testFuzz_SplitsAsSigned(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint40 late,
        address caller
    ) public {
        Case memory c = caseIn(IEscrowTypes.Status.DISPUTED, raw, units, part);
        vm.warp(bound(late, c.clock + c.bid.arbiterTime + 1, type(uint40).max));
        Shares memory shares = fallback_(c);
        expectClosed(c, IEscrowTypes.How.EXPIRED, shares);
        vm.prank(caller);
        escrow.expire(c.bid);
        assertEnded(c, shares);
        assertNoOtherLogs();
        assertCounters(0, 0);
    }

    function testFuzz_ExpiresInTheFirstSecond(IEscrowTypes.Bid memory raw, uint32 units, uint96 part) public {
        Case memory c = caseIn(IEscrowTypes.Status.DISPUTED, raw, units, part);
        toTheEnd(c);
        escrow.expire(c.bid);
        assertEnded(c, fallback_(c));
    }

    /// @dev Nothing, or everything, that is unpaid.
    function testFuzz_GivesAllToOneSide(IEscrowTypes.Bid memory raw, uint32 units, uint96 part, bool toProvider)
        public
    {
        Case memory c = drawn(raw, units);
        c.bid.fallbackBps = toProvider ? 10_000 : 0;
        bring(c, IEscrowTypes.Status.DISPUTED, part);
        toTheEnd(c);
        escrow.expire(c.bid);
        uint96 cumulative = toProvider ? c.price : c.paid;
        assertEnded(c, Shares(cumulative, c.bid.bond, c.price - cumulative + c.bid.disputeFee, 0));
    }

    /// @dev Of what is unpaid, not of the price: part payments before do not change what the rest is split into.
    function testFuzz_RoundsDown(IEscrowTypes.Bid memory raw, uint96 price, uint96 part, uint16 bps) public {
        (raw.unitPrice, raw.maxUnits) = (uint96(bound(price, 2, 20_000)), 1);
        Case memory c = drawn(raw, 1);
        c.bid.fallbackBps = uint16(bound(bps, 1, 9999));
        bring(c, IEscrowTypes.Status.DISPUTED, part);
        toTheEnd(c);
        escrow.expire(c.bid);
        uint256 share = word(c.id).paid - c.paid;
        uint256 exact = uint256(c.price - c.paid) * c.bid.fallbackBps;
        assertLe(share * 10_000, exact);
        assertGt((share + 1) * 10_000, exact);
    }

    /// @dev There need be no arbiter who could be silent.
    function testFuzz_ExpiresWithoutAnArbiter(IEscrowTypes.Bid memory raw, uint32 units, uint96 part) public {
        raw.arbiter = address(0);
        Case memory c = caseIn(IEscrowTypes.Status.DISPUTED, raw, units, part);
        toTheEnd(c);
        escrow.expire(c.bid);
        assertEnded(c, fallback_(c));
    }

    /// @dev An arbiter that did not rule earns nothing, and cannot stop anything.
    function testFuzz_PaysASilentArbiterNothing(IEscrowTypes.Bid memory raw, uint32 units, uint96 part) public {
        Case memory c = drawnWithArbiter(raw, units);
        bring(c, IEscrowTypes.Status.DISPUTED, part);
        shutOut(eve);
        toTheEnd(c);
        escrow.expire(c.bid);
        assertEnded(c, fallback_(c));
    }

    function testFuzz_ReturnsNoUnits(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = drawn(raw, units);
        c.mandated = true;
        bring(c, IEscrowTypes.Status.DISPUTED, 0);
        toTheEnd(c);
        escrow.expire(c.bid);
        assertEnded(c, fallback_(c));
        assertUsed(c, c.units, false);
    }

    // ------------------------------------------------------------------ helpers

    function toTheEnd(Case memory c) internal {
        vm.warp(c.clock + c.bid.arbiterTime + 1);
    }

    /// @dev What the signed fallback means, all in all.
    function fallback_(Case memory c) internal pure returns (Shares memory) {
        uint96 rest = c.price - c.paid;
        uint96 share = uint96(uint256(rest) * c.bid.fallbackBps / 10_000);
        return Shares(c.paid + share, c.bid.bond, rest - share + c.bid.disputeFee, 0);
    }

    function refuse(Case memory c, address caller, uint256 deadline) internal {
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.TooEarly.selector, deadline));
        vm.prank(caller);
        escrow.expire(c.bid);
    }
}
