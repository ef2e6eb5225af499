// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {Cases} from "./helpers/Cases.sol";

contract ReleaseTest is Cases {
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

    function testFuzz_RevertGiven_AClosedAgreement(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint8 which,
        uint96 cumulative
    ) public {
        Case memory c = openCase(raw, units, part, which);
        close(c);
        expectStatusRefusal(c.id, IEscrowTypes.Status.CLOSED);
        released(c.bid, cumulative);
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

    /// @dev In any open status; the clock stays, bond and rest stay locked.
    function testFuzz_PaysPart(IEscrowTypes.Bid memory raw, uint32 units, uint96 part, uint8 which, uint32 later)
        public
    {
        (raw.unitPrice, raw.maxUnits) = (uint96(bound(raw.unitPrice, 3, MAX_AMOUNT)), 1);
        Case memory c = openCase(raw, units, 0, which);
        pay(c, uint96(bound(part, 0, c.price - 2)));
        skip(later);
        uint96 cumulative = uint96(bound(uint256(part) + later, c.paid + 1, c.price - 1));
        expectPaid(c, cumulative, IEscrowTypes.How.OPEN);
        pay(c, cumulative);
        assertStands(c);
        assertNoOtherLogs();
        assertCounters(0, 0);
    }

    function testFuzz_ClosesAtTheFullPrice(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint8 which,
        uint32 later
    ) public {
        Case memory c = openCase(raw, units, part, which);
        uint96 feeBack = c.status == IEscrowTypes.Status.DISPUTED ? c.bid.disputeFee : 0;
        skip(later);
        expectPaid(c, c.price, IEscrowTypes.How.RELEASED);
        released(c.bid, c.price);
        assertEnded(c, Shares(c.price, c.bid.bond, feeBack, 0));
        assertNoOtherLogs();
        assertCounters(c.bid.bond == 0 ? 0 : 1, 0);
    }

    /// @dev One unit of the currency less leaves it open.
    function testFuzz_StaysOpenBelowThePrice(IEscrowTypes.Bid memory raw, uint32 units, uint8 which) public {
        (raw.unitPrice, raw.maxUnits) = (uint96(bound(raw.unitPrice, 2, MAX_AMOUNT)), 1);
        Case memory c = openCase(raw, units, 0, which);
        pay(c, c.price - 1);
        assertStands(c);
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
}
