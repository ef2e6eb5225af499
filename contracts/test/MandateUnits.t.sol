// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowAwarding} from "./helpers/Awarding.sol";

/// @notice The units of a mandate: spent by each award under it, and returned only where nothing came of the award.
contract MandateUnitsTest is EscrowAwarding {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertWhen_UnitsAreMoreThanThereAre(IEscrowTypes.Bid memory raw, uint32 units, uint32 has)
        public
    {
        Offer memory o = prepaid(raw, units);
        has = uint32(bound(has, 0, o.units - 1));
        IEscrowTypes.Mandate memory mandate = lasting(o.bid, has);
        refused(o, mandate, usedUp(o.units, has));
    }

    /// @dev Each award counts: the second sees what the first left, and no more.
    function testFuzz_RevertWhen_UnitsAreMoreThanAreLeft(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint32 first,
        uint32 less
    ) public {
        Offer memory o = small(raw, first);
        Offer memory next = small(raw, units);
        less = uint32(bound(less, 0, next.units - 1));
        IEscrowTypes.Mandate memory mandate = lasting(o.bid, o.units + less);
        awardUnder(o, mandate, signed(mandate));
        unchecked {
            ++next.bid.salt;
        }
        signBy(next, boKey);
        refused(next, mandate, usedUp(next.units, less));
    }

    /// @dev 32 bits are counted wide: what is used and what is wanted cannot wrap to nothing.
    function testFuzz_RevertWhen_UnitsWouldWrap(IEscrowTypes.Bid memory raw, uint32 first, uint32 second) public {
        (raw.minUnits, raw.maxUnits, raw.unitPrice) = (0, type(uint32).max, 1);
        Offer memory o = prepaid(raw, uint32(bound(first, 1, type(uint32).max)));
        IEscrowTypes.Mandate memory mandate = lasting(o.bid, type(uint32).max);
        awardUnder(o, mandate, signed(mandate));
        uint32 left = type(uint32).max - o.units;
        vm.assume(left < type(uint32).max);
        Offer memory next = offeredAgain(o, boKey);
        next.units = uint32(bound(second, uint256(left) + 1, type(uint32).max));
        fund(ada, priceOf(next.bid, next.units));
        refused(next, mandate, usedUp(next.units, left));
    }

    function testFuzz_RevertGiven_ARevokedMandate(IEscrowTypes.Bid memory raw, uint32 units, bool used) public {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Mandate memory mandate = lasting(o.bid, type(uint32).max);
        if (used) awardUnder(o, mandate, signed(mandate));
        Offer memory next = used ? prepaidAgain(o) : o;
        revoke(mandate);
        refused(next, mandate, abi.encodeWithSelector(IEscrowTypes.RevokedMandate.selector, mandateDigest(mandate)));
    }

    /// @dev Units that come back do not bring the mandate back.
    function testFuzz_RevertGiven_UnitsThatCameBackToARevokedMandate(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bool cancelled
    ) public {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Mandate memory mandate = lasting(o.bid, o.units);
        awardUnder(o, mandate, signed(mandate));
        revoke(mandate);
        close(o, cancelled);
        assertUse(mandate, 0, true);
        Offer memory next = prepaidAgain(o);
        refused(next, mandate, abi.encodeWithSelector(IEscrowTypes.RevokedMandate.selector, mandateDigest(mandate)));
    }

    /// @dev Paid for in part, the units are spent: a mandate buys no more than its units in all.
    function testFuzz_RevertGiven_UnitsThatWerePaidFor(IEscrowTypes.Bid memory raw, uint32 units, uint96 part) public {
        Offer memory o = prepaidAtLeast(raw, units, 2);
        IEscrowTypes.Mandate memory mandate = lasting(o.bid, o.units);
        awardUnder(o, mandate, signed(mandate));
        released(o.bid, bound(part, 1, o.price - 1));
        close(o, false);
        assertUse(mandate, o.units, false);
        refused(prepaidAgain(o), mandate, usedUp(o.units, 0));
    }

    // ------------------------------------------------------------------ successes

    /// @dev To the last unit, in as many awards as one likes.
    function testFuzz_RunsOutExactly(IEscrowTypes.Bid memory raw, uint32[4] memory parts) public {
        (raw.minUnits, raw.maxUnits) = (0, uint32(bound(raw.maxUnits, 1, type(uint32).max / 4)));
        IEscrowTypes.Bid memory bid = sane(raw);
        uint256 all;
        for (uint256 i; i < 4; ++i) {
            parts[i] = saneUnits(bid, parts[i]);
            all += parts[i];
        }
        IEscrowTypes.Mandate memory mandate = lasting(bid, uint32(all));
        uint256 used;
        for (uint256 i; i < 4; ++i) {
            bid.salt = i;
            Offer memory o = offer(bid, parts[i]);
            fund(ada, o.price);
            used += o.units;
            bytes memory data = underData(o, 0, mandate, signed(mandate), new bytes32[](0));
            vm.expectEmit(address(escrow));
            emit IEscrowTypes.MandateUsed(mandateDigest(mandate), o.id, uint32(used));
            run(Call(dispatcher, 0, data));
            assertUse(mandate, used, false);
        }
        bid.salt = 4;
        Offer memory more = offer(bid, 1);
        fund(ada, more.price);
        refused(more, mandate, usedUp(more.units, 0));
    }

    /// @dev Cancelled in grace, whatever is paid by then, or refunded with nothing paid: the units come back, and can be
    /// awarded again.
    function testFuzz_ReturnsUnits(IEscrowTypes.Bid memory raw, uint32 units, uint32 more, uint96 part, uint8 way)
        public
    {
        Offer memory o = prepaid(raw, units);
        more = uint32(bound(more, 0, type(uint32).max - o.units));
        IEscrowTypes.Mandate memory mandate = lasting(o.bid, o.units + more);
        bytes32 digest = mandateDigest(mandate);
        awardUnder(o, mandate, signed(mandate));
        bool cancelled = way % 3 == 0;
        if (cancelled) partlyReleased(o.bid, o.units, part);
        if (way % 3 == 1) {
            vm.prank(bo);
            escrow.giveUp(o.bid);
        }
        if (way % 3 == 2) toTheStandbysTurn(o);
        vm.expectEmit(address(escrow));
        emit IEscrowTypes.MandateUsed(digest, o.id, 0);
        vm.prank(ada);
        if (cancelled) escrow.cancel(o.bid);
        else escrow.refund(o.bid);
        assertUse(mandate, 0, false);
        assertEq(escrow.mandateOf(o.id), digest, "what was, was");

        awardUnder(prepaidAgain(o), mandate, signed(mandate));
        assertUse(mandate, o.units, false);
    }

    /// @dev Only what this agreement took comes back, where another still holds units.
    function testFuzz_ReturnsNoOthersUnits(IEscrowTypes.Bid memory raw, uint32 first, uint32 second) public {
        Offer memory o = small(raw, first);
        Offer memory other = small(raw, second);
        unchecked {
            ++other.bid.salt;
        }
        signBy(other, boKey);
        IEscrowTypes.Mandate memory mandate = lasting(o.bid, o.units + other.units);
        awardUnder(o, mandate, signed(mandate));
        awardUnder(other, mandate, signed(mandate));
        close(o, true);
        assertUse(mandate, other.units, false);
    }

    /// @dev Made, paid or split: the units are spent.
    function testFuzz_KeepsUnitsThatCameToSomething(IEscrowTypes.Bid memory raw, uint32 units, uint8 way) public {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Mandate memory mandate = lasting(o.bid, o.units);
        awardUnder(o, mandate, signed(mandate));
        if (way % 3 == 0) released(o.bid, o.price);
        if (way % 3 == 1) {
            vm.prank(bo);
            escrow.deliver(o.bid, "head");
            skip(uint256(o.bid.reviewTime) + 1);
            escrow.claim(o.bid);
        }
        if (way % 3 == 2) settledForNothing(o);
        assertEq(uint8(word(o.id).status), uint8(IEscrowTypes.Status.CLOSED));
        assertUse(mandate, o.units, false);
    }

    /// @dev A mandate without a bid is not touched by agreements made otherwise: their cancelling returns nothing.
    function testFuzz_IsNotTouchedByOtherAwards(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, bool cancelled)
        public
    {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Mandate memory mandate = lasting(o.bid, type(uint32).max);
        awardUnder(o, mandate, signed(mandate));
        Offer memory other = offeredAgain(o, boKey);
        run(readyFor(Way(way % 4), other));
        assertEq(escrow.mandateOf(other.id), 0);
        close(other, cancelled);
        assertUse(mandate, o.units, false);
    }

    /// @dev Two mandates, each with its own count, though they differ in their salt alone.
    function testFuzz_CountsEachMandateAlone(IEscrowTypes.Bid memory raw, uint32 units) public {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Mandate memory mandate = lasting(o.bid, o.units);
        awardUnder(o, mandate, signed(mandate));
        mandate.salt = 1;
        assertUse(mandate, 0, false);
        awardUnder(prepaidAgain(o), mandate, signed(mandate));
        assertUse(mandate, o.units, false);
    }

    // ------------------------------------------------------------------ helpers

    function prepaid(IEscrowTypes.Bid memory raw, uint32 units) internal returns (Offer memory o) {
        o = offer(sane(raw), units);
        fund(ada, o.price);
    }

    function prepaidAtLeast(IEscrowTypes.Bid memory raw, uint32 units, uint96 price) internal returns (Offer memory o) {
        IEscrowTypes.Bid memory bid = sane(raw);
        if (bid.unitPrice < price) bid.unitPrice = price;
        o = offer(bid, units);
        fund(ada, o.price);
    }

    function prepaidAgain(Offer memory o) internal returns (Offer memory next) {
        next = offeredAgain(o, boKey);
        next.bid.validUntil = type(uint40).max;
        signBy(next, boKey);
        fund(ada, next.price);
    }

    function lasting(IEscrowTypes.Bid memory bid, uint32 units)
        internal
        view
        returns (IEscrowTypes.Mandate memory mandate)
    {
        mandate = mandateFor(bid, units);
        mandate.validUntil = type(uint40).max;
    }

    /// @dev So few units that two awards fit one mandate.
    function small(IEscrowTypes.Bid memory raw, uint32 units) internal returns (Offer memory) {
        (raw.minUnits, raw.maxUnits) = (0, uint32(bound(raw.maxUnits, 1, type(uint32).max / 4)));
        return prepaid(abi.decode(abi.encode(raw), (IEscrowTypes.Bid)), units); // a bid of its own
    }

    /// @dev Cancels in grace, or refunds once that is possible.
    function close(Offer memory o, bool cancelled) internal {
        if (!cancelled) toTheStandbysTurn(o);
        vm.prank(ada);
        if (cancelled) escrow.cancel(o.bid);
        else escrow.refund(o.bid);
    }

    function settledForNothing(Offer memory o) private {
        IEscrowTypes.Settlement memory settlement = IEscrowTypes.Settlement(o.id, 0, 0, 1, type(uint40).max);
        bytes memory signature = sign(boKey, settlementDigest(settlement));
        vm.prank(ada);
        escrow.settle(o.bid, settlement, signature);
    }

    function revoke(IEscrowTypes.Mandate memory mandate) internal {
        vm.prank(ada);
        escrow.revokeMandate(mandate);
    }

    function usedUp(uint256 units, uint256 left) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IEscrowTypes.MandateUsedUp.selector, units, left);
    }

    function refused(Offer memory o, IEscrowTypes.Mandate memory mandate, bytes memory reason) internal {
        bytes memory signature = signed(mandate);
        vm.expectRevert(reason);
        awardUnder(o, mandate, signature);
    }

    function assertUse(IEscrowTypes.Mandate memory mandate, uint256 units, bool revoked) internal view {
        (uint32 used, bool isRevoked) = escrow.mandates(mandateDigest(mandate));
        assertEq(used, units, "used");
        assertEq(isRevoked, revoked, "revoked");
    }
}
