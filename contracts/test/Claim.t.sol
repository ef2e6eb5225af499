// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {Cases} from "./helpers/Cases.sol";

contract ClaimTest is Cases {
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

    /// @dev What is contested is the arbiter's, or the fallback's, however late it is.
    function testFuzz_RevertGiven_ADispute(IEscrowTypes.Bid memory raw, uint32 units, uint96 part, uint40 late) public {
        Case memory c = caseIn(IEscrowTypes.Status.DISPUTED, raw, units, part);
        vm.warp(bound(late, block.timestamp, type(uint40).max));
        expectStatusRefusal(c.id, IEscrowTypes.Status.DISPUTED);
        vm.prank(bo);
        escrow.claim(c.bid);
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
        Case memory c = caseIn(IEscrowTypes.Status.DELIVERED, raw, units, part);
        vm.warp(bound(late, c.clock + c.bid.reviewTime + 1, type(uint40).max));
        expectPaid(c, c.price, IEscrowTypes.How.CLAIMED);
        vm.prank(caller);
        escrow.claim(c.bid);
        assertEnded(c, Shares(c.price, c.bid.bond, 0, 0));
        assertNoOtherLogs();
        assertCounters(c.bid.bond == 0 ? 0 : 1, 0);
    }

    function testFuzz_ClaimsInTheFirstSecond(IEscrowTypes.Bid memory raw, uint32 units, uint96 part) public {
        Case memory c = caseIn(IEscrowTypes.Status.DELIVERED, raw, units, part);
        vm.warp(c.clock + c.bid.reviewTime + 1);
        escrow.claim(c.bid);
        assertEnded(c, Shares(c.price, c.bid.bond, 0, 0));
    }

    /// @dev A mandate's units are spent on what was delivered.
    function testFuzz_ReturnsNoUnits(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = drawn(raw, units);
        c.mandated = true;
        bring(c, IEscrowTypes.Status.DELIVERED, 0);
        vm.warp(c.clock + c.bid.reviewTime + 1);
        escrow.claim(c.bid);
        assertUsed(c, c.units, false);
    }
}
