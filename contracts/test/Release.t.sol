// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowTest} from "./helpers/EscrowTest.sol";

contract ReleaseTest is EscrowTest {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertWhen_CallerIsNotTheDesigner(IEscrowTypes.Bid memory raw, uint32 units, address caller)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        vm.assume(caller != ada);
        units = saneUnits(bid, units);
        awarded(bid, units);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotDesigner.selector, caller, ada));
        vm.prank(caller);
        escrow.release(bid, priceOf(bid, units));
    }

    function testFuzz_RevertGiven_NoAgreement(IEscrowTypes.Bid memory raw, uint96 cumulative) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        expectStatusRefusal(escrow.idOf(bid), IEscrowTypes.Status.NONE);
        released(bid, cumulative);
    }

    function testFuzz_RevertGiven_AClosedAgreement(IEscrowTypes.Bid memory raw, uint32 units, uint96 cumulative)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        bytes32 id = awarded(bid, units);
        released(bid, priceOf(bid, units));
        expectStatusRefusal(id, IEscrowTypes.Status.CLOSED);
        released(bid, cumulative);
    }

    /// @dev Terms other than those awarded are another agreement, one that never was.
    function testFuzz_RevertGiven_AlteredTerms(IEscrowTypes.Bid memory raw, uint32 units, address thief) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        vm.assume(thief != bo);
        awarded(bid, units);
        bid.provider = thief;
        expectStatusRefusal(escrow.idOf(bid), IEscrowTypes.Status.NONE);
        released(bid, priceOf(bid, units));
    }

    function testFuzz_RevertWhen_TheCumulativeDoesNotRise(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint96 cumulative
    ) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        awarded(bid, units);
        uint96 paid = partlyReleased(bid, units, part);
        cumulative = uint96(bound(cumulative, 0, paid));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotRising.selector, cumulative, paid));
        released(bid, cumulative);
    }

    function testFuzz_RevertWhen_TheCumulativeIsAboveThePrice(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 cumulative
    ) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        awarded(bid, units);
        uint96 price = priceOf(bid, units);
        cumulative = uint96(bound(cumulative, price + 1, type(uint96).max));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.AbovePrice.selector, cumulative, price));
        released(bid, cumulative);
    }

    // ------------------------------------------------------------------ successes

    function testFuzz_PaysPart(IEscrowTypes.Bid memory raw, uint32 units, uint96 part, uint32 later) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.toLedger = false;
        units = saneUnits(bid, units);
        bytes32 id = awarded(bid, units);
        skip(later);
        uint96 paid = partlyReleased(bid, units, part);
        assertWord(id, IEscrowTypes.Status.AWARDED, START, priceOf(bid, units), paid);
        assertEq(money(bo), paid - feeOn(bid, paid));
        assertEq(free(operator), feeOn(bid, paid));
        assertEq(free(bo), 0, "the bond stays locked");
        assertEq(account(bo).completed, 0);
    }

    function testFuzz_ClosesAtTheFullPrice(IEscrowTypes.Bid memory raw, uint32 units, uint96 part, uint32 later)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.toLedger = false;
        units = saneUnits(bid, units);
        bytes32 id = awarded(bid, units);
        uint96 price = priceOf(bid, units);
        partlyReleased(bid, units, part);
        skip(later);
        released(bid, price);
        assertWord(id, IEscrowTypes.Status.CLOSED, START + later, price, price);
        assertEq(money(bo), price - feeOn(bid, price), "whatever the steps, one fee");
        assertEq(free(operator), feeOn(bid, price));
        assertEq(free(bo), bid.bond);
        assertEq(account(bo).completed, 1);
        assertEq(account(bo).failed, 0);
        assertEq(money(address(escrow)), free(operator) + free(bo));
    }

    function testFuzz_PaysAfterDelivery(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        bytes32 id = delivered(bid, units);
        released(bid, priceOf(bid, units));
        assertEq(uint8(word(id).status), uint8(IEscrowTypes.Status.CLOSED));
    }

    /// @dev Part payments neither start the review time nor lengthen it.
    function testFuzz_LeavesTheClock(IEscrowTypes.Bid memory raw, uint32 units, uint96 part, uint32 later) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        bytes32 id = delivered(bid, units);
        skip(later);
        uint96 paid = partlyReleased(bid, units, part);
        assertWord(id, IEscrowTypes.Status.DELIVERED, START, priceOf(bid, units), paid);
    }

    function testFuzz_PaysIntoTheLedgerWhereTheBidSaysSo(IEscrowTypes.Bid memory raw, uint32 units, uint96 part)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.toLedger = true;
        units = saneUnits(bid, units);
        awarded(bid, units);
        uint96 price = priceOf(bid, units);
        uint96 paid = partlyReleased(bid, units, part);
        assertEq(free(bo), paid - feeOn(bid, paid));
        released(bid, price);
        assertEq(free(bo), uint256(price) - feeOn(bid, price) + bid.bond);
        assertEq(money(bo), 0);
    }

    /// @dev The provider may take the fee itself: both credits meet in one word.
    function testFuzz_CreditsAProviderWhoTakesTheFee(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.feeTo = bo;
        units = saneUnits(bid, units);
        awarded(bid, units);
        uint96 price = priceOf(bid, units);
        released(bid, price);
        assertEq(free(bo) + money(bo), uint256(price) + bid.bond);
    }

    /// @dev Rounding down at each step cannot be used to avoid the fee.
    function testFuzz_TakesTheSameFeeInManySteps(IEscrowTypes.Bid memory raw, uint8 steps) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.minUnits = 1;
        bid.unitPrice = uint96(bound(bid.unitPrice, 1, 1000));
        (bid.feeBps, bid.feeTo) = (999, operator);
        steps = uint8(bound(steps, 1, 40));
        awarded(bid, 1);
        for (uint256 i = 1; i <= steps; ++i) {
            uint256 cumulative = bid.unitPrice * i / steps;
            if (cumulative > word(escrow.idOf(bid)).paid) released(bid, cumulative);
        }
        assertEq(free(operator), feeOn(bid, bid.unitPrice));
    }

    function testFuzz_EmitsThePartAndThenTheClosing(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.unitPrice = uint96(bound(bid.unitPrice, 2, MAX_AMOUNT));
        (bid.minUnits, bid.maxUnits) = (1, 1);
        units = 1;
        bytes32 id = awarded(bid, units);
        uint96 price = bid.unitPrice;
        uint96 part = price / 2;
        vm.expectEmit(address(escrow));
        emit IEscrowTypes.Paid(id, part, uint96(feeOn(bid, part)), IEscrowTypes.How.OPEN);
        released(bid, part);
        vm.expectEmit(address(escrow));
        uint96 fee = uint96(feeOn(bid, price) - feeOn(bid, part));
        emit IEscrowTypes.Paid(id, price, fee, IEscrowTypes.How.RELEASED);
        if (fee != 0) {
            vm.expectEmit(address(escrow));
            emit IEscrowTypes.Credited(NATIVE, operator, id, fee);
        }
        uint128 toFree = uint128(bid.bond) + (bid.toLedger ? price - part - fee : 0);
        if (toFree != 0) {
            vm.expectEmit(address(escrow));
            emit IEscrowTypes.Credited(NATIVE, bo, id, toFree);
        }
        released(bid, price);
    }
}
