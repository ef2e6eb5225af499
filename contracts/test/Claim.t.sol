// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowTest} from "./helpers/EscrowTest.sol";

contract ClaimTest is EscrowTest {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertGiven_NoAgreement(IEscrowTypes.Bid memory raw) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        expectStatusRefusal(escrow.idOf(bid), IEscrowTypes.Status.NONE);
        escrow.claim(bid);
    }

    /// @dev Who has not delivered is not paid for waiting.
    function testFuzz_RevertGiven_NoDelivery(IEscrowTypes.Bid memory raw, uint32 units, uint40 late) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bytes32 id = awarded(bid, saneUnits(bid, units));
        vm.warp(bound(late, START, type(uint40).max));
        expectStatusRefusal(id, IEscrowTypes.Status.AWARDED);
        vm.prank(bo);
        escrow.claim(bid);
    }

    function testFuzz_RevertGiven_AClosedAgreement(IEscrowTypes.Bid memory raw, uint32 units, uint40 late) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        bytes32 id = delivered(bid, units);
        released(bid, priceOf(bid, units));
        vm.warp(bound(late, START, type(uint40).max));
        expectStatusRefusal(id, IEscrowTypes.Status.CLOSED);
        escrow.claim(bid);
    }

    function testFuzz_RevertWhen_TheReviewTimeRuns(IEscrowTypes.Bid memory raw, uint32 units, uint32 later) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        delivered(bid, saneUnits(bid, units));
        skip(bound(later, 0, bid.reviewTime));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.TooEarly.selector, START + bid.reviewTime));
        vm.prank(bo);
        escrow.claim(bid);
    }

    function testFuzz_RevertWhen_ItIsTheLastSecondOfTheReview(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        delivered(bid, saneUnits(bid, units));
        skip(bid.reviewTime);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.TooEarly.selector, block.timestamp));
        escrow.claim(bid);
    }

    // ------------------------------------------------------------------ successes

    /// @dev DELIVERED, designer silent: any stranger makes the provider whole.
    function testFuzz_PaysTheRestForAnyCaller(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint40 late,
        address caller
    ) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.toLedger = false;
        units = saneUnits(bid, units);
        bytes32 id = delivered(bid, units);
        uint96 price = priceOf(bid, units);
        partlyReleased(bid, units, part);
        vm.warp(bound(late, START + bid.reviewTime + 1, type(uint40).max));
        vm.prank(caller);
        escrow.claim(bid);
        assertWord(id, IEscrowTypes.Status.CLOSED, block.timestamp, price, price);
        assertEq(money(bo), price - feeOn(bid, price));
        assertEq(free(bo), bid.bond);
        assertEq(free(operator), feeOn(bid, price));
        assertEq(account(bo).completed, 1);
        assertEq(money(address(escrow)), free(bo) + free(operator));
    }

    function testFuzz_PaysIntoTheLedgerWhereTheBidSaysSo(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.toLedger = true;
        units = saneUnits(bid, units);
        delivered(bid, units);
        uint96 price = priceOf(bid, units);
        skip(uint256(bid.reviewTime) + 1);
        escrow.claim(bid);
        assertEq(free(bo), uint256(price) - feeOn(bid, price) + bid.bond);
    }

    function testFuzz_EmitsTheClosing(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        bytes32 id = delivered(bid, units);
        uint96 price = priceOf(bid, units);
        skip(uint256(bid.reviewTime) + 1);
        vm.expectEmit(address(escrow));
        emit IEscrowTypes.Paid(id, price, uint96(feeOn(bid, price)), IEscrowTypes.How.CLAIMED);
        escrow.claim(bid);
    }
}
