// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowTest} from "./helpers/EscrowTest.sol";

contract AwardTest is EscrowTest {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertWhen_CallerIsNotTheDesigner(IEscrowTypes.Bid memory raw, uint32 units, address caller)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        vm.assume(caller != ada);
        units = saneUnits(bid, units);
        uint96 price = ready(bid, units);
        bytes memory signature = signed(bid);
        give(caller, price);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotDesigner.selector, caller, ada));
        vm.prank(caller);
        escrow.award{value: sent(price)}(bid, signature, bo, units, 0, 0, false);
    }

    function testFuzz_RevertGiven_AToken(IEscrowTypes.Bid memory raw, uint32 units, address token) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        vm.assume(token != NATIVE);
        bid.token = token;
        refused(bid, saneUnits(bid, units), abi.encodeWithSelector(IEscrowTypes.TokenUnsupported.selector, token));
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

    function testFuzz_RevertGiven_TheBidWasAwardedBefore(IEscrowTypes.Bid memory raw, uint32 units, uint32 again)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        bytes32 id = awarded(bid, saneUnits(bid, units));
        refused(bid, saneUnits(bid, again), abi.encodeWithSelector(IEscrowTypes.AgreementExists.selector, id));
    }

    /// @dev I3: a closed agreement keeps its id used.
    function testFuzz_RevertGiven_TheAgreementIsClosed(IEscrowTypes.Bid memory raw, uint32 units, uint32 again) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        bytes32 id = awarded(bid, units);
        released(bid, priceOf(bid, units));
        refused(bid, saneUnits(bid, again), abi.encodeWithSelector(IEscrowTypes.AgreementExists.selector, id));
    }

    function testFuzz_RevertWhen_TheSignerIsNotTheProvider(IEscrowTypes.Bid memory raw, uint32 units, uint256 key)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        key = boundPrivateKey(key);
        address signer = vm.addr(key);
        vm.assume(signer != bo);
        units = saneUnits(bid, units);
        uint96 price = ready(bid, units);
        bytes memory signature = sign(key, escrow.idOf(bid));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.SignerNotAllowed.selector, signer, bo));
        vm.prank(ada);
        escrow.award{value: sent(price)}(bid, signature, signer, units, 0, 0, false);
    }

    /// @dev Each member is signed: change one and the signature is another bid's.
    function testFuzz_RevertWhen_AMemberWasAltered(IEscrowTypes.Bid memory raw, uint32 units, uint8 which) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        bytes memory signature = signed(bid);
        if (which % 8 == 0) bid.jobDigest = keccak256(abi.encode(bid.jobDigest));
        if (which % 8 == 1) bid.printer = keccak256(abi.encode(bid.printer));
        if (which % 8 == 2) bid.bond = bid.bond == 0 ? 1 : bid.bond - 1;
        if (which % 8 == 3) bid.makeTime = bid.makeTime == MAX_DURATION ? bid.graceTime + 1 : bid.makeTime + 1;
        if (which % 8 == 4) bid.toLedger = !bid.toLedger;
        if (which % 8 == 5) bid.fallbackBps = 10_000 - bid.fallbackBps;
        if (which % 8 == 6) bid.reviewTime = uint32(MAX_DURATION) + 1 - bid.reviewTime;
        if (which % 8 == 7) bid.epoch = bid.epoch + 1;
        bytes32 id = escrow.idOf(bid);
        vm.assume(keccak256(signature) != keccak256(signed(bid)));
        uint96 price = ready(bid, units);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.SignatureInvalid.selector, bo, id));
        vm.prank(ada);
        escrow.award{value: sent(price)}(bid, signature, bo, units, 0, 0, false);
    }

    function testFuzz_RevertGiven_AnotherEpoch(IEscrowTypes.Bid memory raw, uint32 units, uint32 epoch) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.epoch = uint32(bound(epoch, 1, type(uint32).max));
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.EpochChanged.selector, bid.epoch, 0);
        refused(bid, saneUnits(bid, units), reason);
    }

    function testFuzz_RevertGiven_ABondThatIsNotCovered(IEscrowTypes.Bid memory raw, uint32 units, uint96 held) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.bond = uint96(bound(bid.bond, 1, MAX_AMOUNT));
        held = uint96(bound(held, 0, bid.bond - 1));
        units = saneUnits(bid, units);
        bytes memory signature = signed(bid);
        fund(bo, held);
        give(ada, priceOf(bid, units));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.BondUncovered.selector, bid.bond, held));
        vm.prank(ada);
        escrow.award{value: sent(priceOf(bid, units))}(bid, signature, bo, units, 0, 0, false);
    }

    /// @dev One bond cannot back two agreements.
    function testFuzz_RevertGiven_TheBondIsLockedElsewhere(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.bond = uint96(bound(bid.bond, 1, MAX_AMOUNT));
        units = saneUnits(bid, units);
        awarded(bid, units);
        unchecked {
            ++bid.salt;
        }
        bytes memory signature = signed(bid);
        give(ada, priceOf(bid, units));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.BondUncovered.selector, bid.bond, 0));
        vm.prank(ada);
        escrow.award{value: sent(priceOf(bid, units))}(bid, signature, bo, units, 0, 0, false);
    }

    function testFuzz_RevertWhen_TheValueIsNotThePrice(IEscrowTypes.Bid memory raw, uint32 units, uint96 value) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        uint96 price = ready(bid, units);
        vm.assume(value != sent(price));
        bytes memory signature = signed(bid);
        vm.deal(ada, value);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.ValueMismatch.selector, value, sent(price)));
        vm.prank(ada);
        escrow.award{value: value}(bid, signature, bo, units, 0, 0, false);
    }

    function testFuzz_RevertWhen_ValueComesWithAnAwardFromTheLedger(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 value
    ) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        fund(ada, ready(bid, units));
        value = uint96(bound(value, 1, type(uint96).max));
        bytes memory signature = signed(bid);
        vm.deal(ada, value);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.ValueMismatch.selector, value, 0));
        vm.prank(ada);
        escrow.award{value: value}(bid, signature, bo, units, 0, 0, true);
    }

    function testFuzz_RevertGiven_TooLittleOnTheLedger(IEscrowTypes.Bid memory raw, uint32 units, uint96 held) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        uint96 price = ready(bid, units);
        held = uint96(bound(held, 0, price - 1));
        fund(ada, held);
        bytes memory signature = signed(bid);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.FreeTooLow.selector, held, price));
        vm.prank(ada);
        escrow.award(bid, signature, bo, units, 0, 0, true);
    }

    /// @dev A member wider than its type would be hashed as it stands: even with the provider's signature it binds nobody.
    function testFuzz_RevertGiven_AMemberWiderThanItsType(IEscrowTypes.Bid memory raw, uint32 units, uint8 which)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        uint96 price = ready(bid, units);
        uint256 place =
            4 + [uint256(0), 1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20][which % 19] * 32;
        bytes memory question = abi.encodeCall(escrow.idOf, (bid));
        question[place] = 0x01;
        (bool ok, bytes memory answer) = address(escrow).call(question);
        bytes memory signature = sign(boKey, ok ? abi.decode(answer, (bytes32)) : bytes32(0));
        bytes memory data = abi.encodeCall(escrow.award, (bid, signature, bo, units, 0, 0, false));
        data[place] = 0x01;
        vm.prank(ada);
        (ok,) = address(escrow).call{value: sent(price)}(data);
        assertFalse(ok);
    }

    // ------------------------------------------------------------------ successes

    function testFuzz_TakesThePriceAndLocksTheBond(IEscrowTypes.Bid memory raw, uint32 units, uint96 spare) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        fund(bo, spare);
        bytes32 id = awarded(bid, units);
        assertEq(id, escrow.idOf(bid));
        assertWord(id, IEscrowTypes.Status.AWARDED, START, priceOf(bid, units), 0);
        assertEq(free(bo), spare);
        assertEq(money(ada), 0);
        assertEq(money(address(escrow)), uint256(spare) + bid.bond + priceOf(bid, units));
        assertEq(escrow.standbyOf(id), 0);
    }

    function testFuzz_TakesThePriceFromTheLedger(IEscrowTypes.Bid memory raw, uint32 units, uint96 spare) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        uint96 price = ready(bid, units);
        fund(ada, uint256(price) + spare);
        bytes memory signature = signed(bid);
        vm.prank(ada);
        bytes32 id = escrow.award(bid, signature, bo, units, 0, 0, true);
        assertWord(id, IEscrowTypes.Status.AWARDED, START, price, 0);
        assertEq(free(ada), spare);
        assertEq(money(ada), price, "the wallet is not touched");
    }

    function testFuzz_KeepsTheNamedStandby(IEscrowTypes.Bid memory raw, uint32 units, bytes32 standby) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        assertEq(escrow.standbyOf(awarded(bid, saneUnits(bid, units), standby)), standby);
    }

    function testFuzz_EmitsTheWholeBid(IEscrowTypes.Bid memory raw, uint32 units, bytes32 standby, bytes32 book)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        uint96 price = ready(bid, units);
        bytes memory signature = signed(bid);
        vm.expectEmit(address(escrow));
        emit IEscrowTypes.Awarded(escrow.idOf(bid), ada, bo, bid, units, standby, book);
        vm.prank(ada);
        escrow.award{value: sent(price)}(bid, signature, bo, units, standby, book, false);
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
