// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowTest} from "./helpers/EscrowTest.sol";

/// @notice `award`: the terms that nobody may be bound by.
contract AwardTermsTest is EscrowTest {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertGiven_ATokenWithoutCode(IEscrowTypes.Bid memory raw, uint32 units, address token) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        vm.assume(token != NATIVE && token.code.length == 0);
        bid.token = token;
        refused(bid, saneUnits(bid, units), abi.encodeWithSelector(IEscrowTypes.TokenUnsupported.selector, token));
    }

    /// @dev Code alone makes no token: it must say what the escrow has of it.
    function testFuzz_RevertGiven_AContractWithoutBalances(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        (bid.token, bid.bond) = (address(escrow), 0);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.TokenUnsupported.selector, bid.token);
        refusedAt(bid, saneUnits(bid, units), 0, reason);
    }

    function testFuzz_RevertGiven_ADurationOutOfRange(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint32 time,
        uint8 which
    ) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        if (time != 0) time = uint32(bound(time, MAX_DURATION + 1, type(uint32).max));
        if (which % 3 == 0) bid.makeTime = time;
        if (which % 3 == 1) bid.reviewTime = time;
        if (which % 3 == 2) bid.arbiterTime = time;
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.DurationOutOfRange.selector, time, MAX_DURATION);
        refused(bid, saneUnits(bid, units), reason);
    }

    /// @dev A grace as long as the making time would let the designer cancel a print that is done.
    function testFuzz_RevertGiven_AGraceNotShorterThanTheMakeTime(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint32 grace
    ) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.graceTime = uint32(bound(grace, bid.makeTime, type(uint32).max));
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.GraceTooLong.selector, bid.graceTime, bid.makeTime);
        refused(bid, saneUnits(bid, units), reason);
    }

    function testFuzz_RevertGiven_AFeeAboveATenth(IEscrowTypes.Bid memory raw, uint32 units, uint16 feeBps) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.feeBps = uint16(bound(feeBps, 1001, type(uint16).max));
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.FeeTooHigh.selector, bid.feeBps, 1000);
        refused(bid, saneUnits(bid, units), reason);
    }

    function testFuzz_RevertGiven_AFallbackAboveTheWhole(IEscrowTypes.Bid memory raw, uint32 units, uint16 share)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.fallbackBps = uint16(bound(share, 10_001, type(uint16).max));
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.FallbackTooHigh.selector, bid.fallbackBps, 10_000);
        refused(bid, saneUnits(bid, units), reason);
    }

    function testFuzz_RevertGiven_PartiesThatAreTheSame(IEscrowTypes.Bid memory raw, uint32 units, uint8 which) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        if (which % 3 == 0) bid.provider = ada;
        if (which % 3 == 1) bid.arbiter = ada;
        if (which % 3 == 2) bid.arbiter = bo;
        bytes memory reason =
            abi.encodeWithSelector(IEscrowTypes.PartiesNotDistinct.selector, bid.provider, ada, bid.arbiter);
        refused(bid, saneUnits(bid, units), reason);
    }

    function testFuzz_RevertGiven_AnArbiterWhoTakesTheFee(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.arbiter = eve;
        bid.feeTo = eve;
        refused(bid, saneUnits(bid, units), abi.encodeWithSelector(IEscrowTypes.ArbiterTakesFee.selector, eve));
    }

    function testFuzz_RevertGiven_AFeeForNobody(IEscrowTypes.Bid memory raw, uint32 units, uint16 feeBps) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.feeBps = uint16(bound(feeBps, 1, 1000));
        bid.feeTo = address(0);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.FeeReceiverMissing.selector, bid.feeBps);
        refused(bid, saneUnits(bid, units), reason);
    }

    function testFuzz_RevertGiven_ADisputeFeeForNobody(IEscrowTypes.Bid memory raw, uint32 units, uint96 fee) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.arbiter = address(0);
        bid.disputeFee = uint96(bound(fee, 1, MAX_AMOUNT));
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.ArbiterMissing.selector, bid.disputeFee);
        refused(bid, saneUnits(bid, units), reason);
    }

    function testFuzz_RevertWhen_TheBidHasExpired(IEscrowTypes.Bid memory raw, uint32 units, uint40 late) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.validUntil = uint40(bound(bid.validUntil, START, START + MAX_DURATION));
        vm.warp(bound(late, bid.validUntil + 1, type(uint40).max));
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.BidExpired.selector, bid.validUntil);
        refused(bid, saneUnits(bid, units), reason);
    }

    function testFuzz_RevertWhen_UnitsAreOutOfRange(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        vm.assume(units < bid.minUnits || units > bid.maxUnits);
        bytes memory reason =
            abi.encodeWithSelector(IEscrowTypes.UnitsOutOfRange.selector, units, bid.minUnits, bid.maxUnits);
        refusedAt(bid, units, 0, reason);
    }

    function testFuzz_RevertWhen_ThePriceIsZero(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        if (units % 2 == 0) bid.minUnits = units = 0;
        else bid.unitPrice = 0;
        units = uint32(bound(units, bid.minUnits, units == 0 ? 0 : bid.maxUnits));
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.PriceOutOfRange.selector, 0, type(uint96).max);
        refusedAt(bid, units, 0, reason);
    }

    /// @dev The product is formed wide: within 96 bits it would wrap to a small price.
    function testFuzz_RevertWhen_ThePriceIsAbove96Bits(IEscrowTypes.Bid memory raw, uint32 units, uint96 unitPrice)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.maxUnits = type(uint32).max;
        units = uint32(bound(units, bid.minUnits < 2 ? 2 : bid.minUnits, type(uint32).max));
        bid.unitPrice = uint96(bound(unitPrice, type(uint96).max / units + 1, type(uint96).max));
        uint256 price = uint256(bid.unitPrice) * units;
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.PriceOutOfRange.selector, price, type(uint96).max);
        refusedAt(bid, units, 0, reason);
    }

    /// @dev Found while designing: price + bond above 96 bits could never be refunded, for its log has no room for it.
    function testFuzz_RevertWhen_ThePotIsAbove96Bits(IEscrowTypes.Bid memory raw, uint96 price, uint96 fee) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        (bid.minUnits, bid.maxUnits, bid.arbiter) = (1, 1, eve);
        bid.unitPrice = uint96(bound(price, 2, type(uint96).max));
        bid.disputeFee = uint96(bound(fee, 0, bid.unitPrice - 1));
        bid.bond = uint96(bound(bid.bond, type(uint96).max - bid.unitPrice + 1, type(uint96).max));
        uint256 pot = uint256(bid.unitPrice) + bid.bond + bid.disputeFee;
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.PotOutOfRange.selector, pot, type(uint96).max);
        refused(bid, 1, reason);
    }

    // ------------------------------------------------------------------ successes

    /// @dev Any fee up to a tenth, any fallback up to the whole, any grace shorter than the making time.
    function testFuzz_AwardsAtTheEdges(IEscrowTypes.Bid memory raw, uint32 units, uint8 which) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        if (which % 6 == 0) (bid.feeBps, bid.feeTo) = (1000, operator);
        if (which % 6 == 1) bid.fallbackBps = 10_000;
        if (which % 6 == 2) bid.graceTime = bid.makeTime - 1;
        if (which % 6 == 3) (bid.makeTime, bid.reviewTime, bid.arbiterTime) = (400 days, 400 days, 400 days);
        if (which % 6 == 4) (bid.makeTime, bid.reviewTime, bid.arbiterTime, bid.graceTime) = (1, 1, 1, 0);
        if (which % 6 == 5) bid.minUnits = bid.maxUnits;
        units = saneUnits(bid, units);
        assertWord(awarded(bid, units), IEscrowTypes.Status.AWARDED, START, priceOf(bid, units), 0);
    }

    /// @dev The whole pot at what 96 bits hold: one more is refused above.
    function testFuzz_AwardsAPotOf96Bits(IEscrowTypes.Bid memory raw, uint96 price, uint96 fee) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        (bid.minUnits, bid.maxUnits, bid.arbiter) = (1, 1, eve);
        bid.unitPrice = uint96(bound(price, 1, type(uint96).max));
        bid.disputeFee = uint96(bound(fee, 0, type(uint96).max - bid.unitPrice));
        bid.bond = type(uint96).max - bid.unitPrice - bid.disputeFee;
        assertEq(word(awarded(bid, 1)).price, bid.unitPrice);
    }

    /// @dev The fee's receiver may be a party: who pays it to itself pays nothing.
    function testFuzz_AwardsWhereAPartyTakesTheFee(IEscrowTypes.Bid memory raw, uint32 units, bool provider) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.feeTo = provider ? bo : ada;
        bytes32 id = awarded(bid, saneUnits(bid, units));
        assertEq(uint8(word(id).status), uint8(IEscrowTypes.Status.AWARDED));
    }

    /// @dev The last second of a bid is still its own.
    function testFuzz_AwardsInTheLastSecond(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        vm.warp(bid.validUntil);
        bytes32 id = awarded(bid, saneUnits(bid, units));
        assertEq(word(id).clock, bid.validUntil);
    }

    /// @dev The longest terms there may be: no deadline of theirs overflows.
    function test_AwardsAtTheLimits() public {
        IEscrowTypes.Bid memory raw;
        IEscrowTypes.Bid memory bid = sane(raw);
        (bid.makeTime, bid.reviewTime, bid.arbiterTime) = (400 days, 400 days, 400 days);
        (bid.graceTime, bid.feeBps, bid.feeTo, bid.fallbackBps) = (400 days - 1, 1000, operator, 10_000);
        (bid.unitPrice, bid.bond) = (type(uint96).max - 5, 5);
        bytes32 id = awarded(bid, 1);
        assertEq(word(id).price, type(uint96).max - 5);
    }

    /// @dev Nobody arbitrates and nobody takes a fee: zero and zero are not the same party.
    function test_AwardsWithNeitherArbiterNorFee() public {
        IEscrowTypes.Bid memory raw;
        IEscrowTypes.Bid memory bid = sane(raw);
        (bid.arbiter, bid.feeTo, bid.feeBps, bid.disputeFee) = (address(0), address(0), 0, 0);
        assertEq(uint8(word(awarded(bid, 1)).status), uint8(IEscrowTypes.Status.AWARDED));
    }

    // ------------------------------------------------------------------ helpers

    function refused(IEscrowTypes.Bid memory bid, uint32 units, bytes memory reason) internal {
        refusedAt(bid, units, bid.unitPrice * units, reason);
    }

    function refusedAt(IEscrowTypes.Bid memory bid, uint32 units, uint256 price, bytes memory reason) internal {
        fund(bid.provider, bid.bond);
        give(ada, price);
        bytes memory signature = signed(bid);
        vm.expectRevert(reason);
        vm.prank(ada);
        escrow.award{value: sent(price)}(bid, signature, bid.provider, units, 0, 0, false);
    }
}
