// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowSpoiling} from "./helpers/Spoiling.sol";

/// @notice `reaward`: what it refuses. What it does is in `ReawardMoney.t.sol`.
contract ReawardTest is EscrowSpoiling {
    // ------------------------------------------------------------------ refusals: the agreement that failed

    function testFuzz_RevertGiven_NoAgreement(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby
    ) public {
        Offer memory o = offered(raw, units);
        Offer memory s = standbyFor(o, rawStandby);
        expectStatusRefusal(o.id, IEscrowTypes.Status.NONE);
        reaward(o, s);
    }

    /// @dev Delivered in time, disputed or not, the provider is not replaced.
    function testFuzz_RevertGiven_ADelivery(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        bool disputed,
        uint40 later
    ) public {
        (Offer memory o, Offer memory s) = named(raw, units, rawStandby);
        vm.prank(bo);
        escrow.deliver(o.bid, "head");
        if (disputed) {
            give(ada, o.bid.disputeFee);
            vm.prank(ada);
            escrow.dispute{value: sent(o.bid.disputeFee)}(o.bid, "head", false);
        }
        vm.warp(bound(later, START, type(uint40).max));
        expectStatusRefusal(o.id, disputed ? IEscrowTypes.Status.DISPUTED : IEscrowTypes.Status.DELIVERED);
        reaward(o, s);
    }

    /// @dev Paid in full, cancelled, refunded by the designer, who may come first, or handed on already.
    function testFuzz_RevertGiven_AClosedAgreement(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        uint8 way
    ) public {
        (Offer memory o, Offer memory s) = named(raw, units, rawStandby);
        if (way % 4 == 0) released(o.bid, o.price);
        vm.startPrank(ada);
        if (way % 4 == 1) escrow.cancel(o.bid);
        toTheStandbysTurn(o);
        if (way % 4 == 2) escrow.refund(o.bid);
        vm.stopPrank();
        if (way % 4 == 3) reaward(o, s);
        expectStatusRefusal(o.id, IEscrowTypes.Status.CLOSED);
        reaward(o, s);
    }

    /// @dev Whoever calls, the designer too, until the provider's last vouchers had their time.
    function testFuzz_RevertWhen_TheDeadlineIsNotOver(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        uint32 later,
        address caller
    ) public {
        (Offer memory o, Offer memory s) = named(raw, units, rawStandby);
        uint256 deadline = START + o.bid.makeTime + REDEEM_WINDOW;
        vm.warp(bound(later, START, deadline));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.TooEarly.selector, deadline));
        vm.prank(caller);
        escrow.reaward(o.bid, s.bid, s.signature, s.signer);
    }

    /// @dev The second of the deadline is still the provider's; the next is not.
    function testFuzz_RevertWhen_ItIsTheLastSecond(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby
    ) public {
        (Offer memory o, Offer memory s) = named(raw, units, rawStandby);
        uint256 deadline = START + o.bid.makeTime + REDEEM_WINDOW;
        vm.warp(deadline);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.TooEarly.selector, deadline));
        reaward(o, s);
        skip(1);
        reaward(o, s);
    }

    /// @dev What is paid bought units that the standby would make again: not one unit of the token may be.
    function testFuzz_RevertGiven_SomethingPaid(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        uint96 part,
        bool givenUp
    ) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        if (bid.unitPrice < 2) bid.unitPrice = 2;
        Offer memory o = offer(bid, units);
        Offer memory s = standbyFor(o, rawStandby);
        awardedWith(o, s.id);
        uint96 paid = uint96(bound(part, 1, part % 2 == 0 ? 1 : o.price - 1));
        released(o.bid, paid);
        fail(o, givenUp);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.AlreadyPaid.selector, o.id, paid));
        reaward(o, s);
    }

    // ------------------------------------------------------------------ refusals: which standby

    function testFuzz_RevertGiven_AnotherThanTheNamed(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        bytes32 other
    ) public {
        Offer memory o = offered(raw, units);
        Offer memory s = standbyFor(o, rawStandby);
        vm.assume(other != s.id);
        awardedWith(o, other);
        toTheStandbysTurn(o);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotStandby.selector, s.id, other));
        reaward(o, s);
    }

    function testFuzz_RevertGiven_NoneNamed(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        uint8 way
    ) public {
        Offer memory o = offered(raw, units);
        Offer memory s = standbyFor(o, rawStandby);
        run(readyFor(wayOf(way), o));
        toTheStandbysTurn(o);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotStandby.selector, s.id, 0));
        reaward(o, s);
    }

    /// @dev Terms that were altered since are another bid, one that nobody named.
    function testFuzz_RevertGiven_AlteredTerms(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        uint8 which
    ) public {
        (Offer memory o, Offer memory s) = named(raw, units, rawStandby);
        toTheStandbysTurn(o);
        bytes memory words = abi.encode(s.bid);
        words[uint256(which % 22) * 32 + 31] ^= 0x01;
        s.bid = abi.decode(words, (IEscrowTypes.Bid));
        bytes32 altered = escrow.idOf(s.bid);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotStandby.selector, altered, s.id));
        reaward(o, s);
    }

    /// @dev Another provider, for the same designer, job and token: what was named may be none of it.
    function testFuzz_RevertGiven_AStandbyForSomethingElse(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        uint8 which,
        bytes32 with
    ) public {
        Offer memory o = offered(raw, units);
        Offer memory s = standbyFor(o, rawStandby);
        if (which % 4 == 0) s.bid.provider = bo;
        if (which % 4 == 1) s.bid.designer = charlie;
        if (which % 4 == 2) s.bid.token = currency == NATIVE ? address(coin) : NATIVE;
        if (which % 4 == 3) s.bid.jobDigest = with;
        vm.assume(which % 4 != 3 || with != o.bid.jobDigest);
        signBy(s, which % 4 == 0 ? boKey : samKey);
        vm.assume(s.id != o.id);
        awardedWith(o, s.id);
        toTheStandbysTurn(o);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.StandbyUnfit.selector, s.id));
        reaward(o, s);
    }

    /// @dev However little is between: the next address on either side of the designer's, the next digest of the job's.
    function testFuzz_RevertGiven_AStandbyForSomethingNextToIt(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        bool below,
        bool ofTheJob
    ) public {
        Offer memory o = offered(raw, units);
        Offer memory s = standbyFor(o, rawStandby);
        unchecked {
            if (ofTheJob) {
                s.bid.jobDigest = bytes32(below ? uint256(o.bid.jobDigest) - 1 : uint256(o.bid.jobDigest) + 1);
            } else {
                s.bid.designer = address(below ? uint160(ada) - 1 : uint160(ada) + 1);
            }
        }
        signBy(s, samKey);
        awardedWith(o, s.id);
        toTheStandbysTurn(o);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.StandbyUnfit.selector, s.id));
        reaward(o, s);
    }

    /// @dev An agreement cannot stand by for itself: its id is its provider's.
    function testFuzz_RevertGiven_TheAgreementItself(IEscrowTypes.Bid memory raw, uint32 units) public {
        Offer memory o = offered(raw, units);
        awardedWith(o, o.id);
        toTheStandbysTurn(o);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.StandbyUnfit.selector, o.id));
        reaward(o, o);
    }

    // ------------------------------------------------------------------ refusals: the standby as a bid

    /// @dev Whatever makes a bid unfit for an award now makes it unfit to take over now, in the same words.
    function testFuzz_RevertGiven_AnObjection(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        uint8 spoil,
        uint256 with
    ) public {
        spoil = uint8(bound(spoil, 3, 21)); // below: refused as another's; above: Bo's key, not Sam's
        Offer memory o = offered(raw, units);
        Offer memory s = standbyFor(o, rawStandby);
        spoilOffer(s, samKey, spoil, with);
        s.units = o.units;
        awardedWith(o, s.id);
        toTheStandbysTurn(o);
        bytes memory reason = objection(s);
        vm.assume(reason.length != 0);
        vm.expectRevert(reason);
        reaward(o, s);
        assertEq(uint8(word(o.id).status), uint8(IEscrowTypes.Status.AWARDED));
    }

    /// @dev A standby's time can run out while the first provider prints.
    function testFuzz_RevertWhen_TheStandbyHasExpired(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        uint40 validUntil
    ) public {
        Offer memory o = offered(raw, units);
        Offer memory s = standbyFor(o, rawStandby);
        s.bid.validUntil = uint40(bound(validUntil, START, START + o.bid.makeTime + REDEEM_WINDOW));
        signBy(s, samKey);
        awardedWith(o, s.id);
        toTheStandbysTurn(o);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.BidExpired.selector, s.bid.validUntil));
        reaward(o, s);
    }

    /// @dev It may have won another job with the same money, or taken it back.
    function testFuzz_RevertGiven_ABondNoLongerFree(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        uint96 taken
    ) public {
        rawStandby.bond = uint96(bound(rawStandby.bond, 1, MAX_AMOUNT));
        (Offer memory o, Offer memory s) = named(raw, units, rawStandby);
        taken = uint96(bound(taken, 1, s.bid.bond));
        vm.prank(sam);
        escrow.withdraw(currency, sam, taken);
        toTheStandbysTurn(o);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.BondUncovered.selector, s.bid.bond, s.bid.bond - taken));
        reaward(o, s);
    }

    function testFuzz_RevertGiven_ARevokedKeyOfTheStandby(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        uint40 until
    ) public {
        (Offer memory o, Offer memory s) = named(raw, units, rawStandby);
        signBy(s, hotKey);
        toTheStandbysTurn(o);
        vm.prank(sam);
        escrow.setAgent(currency, hot, uint40(bound(until, 0, block.timestamp - 1)), type(uint96).max);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.SignerNotAllowed.selector, hot, sam));
        reaward(o, s);
    }

    function testFuzz_RevertGiven_TooLittleLeftToTheStandbysKey(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        uint96 left
    ) public {
        rawStandby.bond = uint96(bound(rawStandby.bond, 1, MAX_AMOUNT));
        (Offer memory o, Offer memory s) = named(raw, units, rawStandby);
        signBy(s, hotKey);
        left = uint96(bound(left, 0, s.bid.bond - 1));
        vm.prank(sam);
        escrow.setAgent(currency, hot, type(uint40).max, left);
        toTheStandbysTurn(o);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.AgentBondTooLow.selector, s.bid.bond, left));
        reaward(o, s);
    }

    /// @dev It takes over all the units or none.
    function testFuzz_RevertGiven_OtherUnitsThanTheStandbys(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        uint32 limit
    ) public {
        Offer memory o = offered(raw, units);
        Offer memory s = standbyFor(o, rawStandby);
        if (limit % 2 == 0 || o.units == type(uint32).max) s.bid.maxUnits = uint32(bound(limit, 0, o.units - 1));
        else s.bid.minUnits = uint32(bound(limit, uint256(o.units) + 1, type(uint32).max));
        signBy(s, samKey);
        awardedWith(o, s.id);
        toTheStandbysTurn(o);
        vm.expectRevert(
            abi.encodeWithSelector(IEscrowTypes.UnitsOutOfRange.selector, o.units, s.bid.minUnits, s.bid.maxUnits)
        );
        reaward(o, s);
    }

    /// @dev The standby may be another job's winner by now: it is one agreement, once.
    function testFuzz_RevertGiven_AStandbyThatWasAwarded(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby
    ) public {
        (Offer memory o, Offer memory s) = named(raw, units, rawStandby);
        awardedWith(s, 0);
        toTheStandbysTurn(o);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.AgreementExists.selector, s.id));
        reaward(o, s);
    }

    function testFuzz_RevertGiven_AnotherSigner(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        uint256 key
    ) public {
        (Offer memory o, Offer memory s) = named(raw, units, rawStandby);
        key = boundPrivateKey(key);
        vm.assume(key != samKey);
        s.signature = sign(key, s.id);
        toTheStandbysTurn(o);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.SignatureInvalid.selector, sam, s.id));
        reaward(o, s);
    }

    // ------------------------------------------------------------------ helpers

    /// @dev An agreement of Bo's that names Sam's bid.
    function named(IEscrowTypes.Bid memory raw, uint32 units, IEscrowTypes.Bid memory rawStandby)
        internal
        returns (Offer memory o, Offer memory s)
    {
        o = offered(raw, units);
        s = standbyFor(o, rawStandby);
        awardedWith(o, s.id);
    }

    /// @dev Bo gives up, or is late.
    function fail(Offer memory o, bool givenUp) internal {
        if (!givenUp) return toTheStandbysTurn(o);
        vm.prank(bo);
        escrow.giveUp(o.bid);
    }
}
