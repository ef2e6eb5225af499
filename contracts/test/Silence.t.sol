// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "forge-std/Vm.sol";
import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {ScenarioTest} from "./scenarios/ScenarioTest.sol";

/// @notice The silence table of PROTOCOL.md section 4: who can act where somebody is silent, from which second, and what
/// happens. One test for each cell; the second before is refused, the second itself works.
contract SilenceTest is ScenarioTest {
    // ------------------------------------------------------------------ AWARDED, the provider is silent

    function testFuzz_AWARDED_Provider_AnyoneRefundsAfterMakeTimeAndTwelveHours(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        address caller
    ) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, part);
        vm.warp(failedAt(c));
        refusal(abi.encodeCall(escrow.refund, (c.bid)), tooEarly(failedAt(c)), ada);
        refusal(abi.encodeCall(escrow.refund, (c.bid)), tooEarly(failedAt(c)), caller);
        skip(1);
        vm.prank(caller);
        escrow.refund(c.bid);
        uint96 bondBack = uint96(uint256(c.bid.bond) * c.paid / c.price);
        assertEnded(c, Shares(c.paid, bondBack, c.price - c.paid + c.bid.bond - bondBack, 0));
    }

    function testFuzz_AWARDED_Provider_OrTheStandbyTakesOver(IEscrowTypes.Bid memory raw, uint32 units) public {
        (Case memory c, IEscrowTypes.Bid memory standby) = withStandby(raw, units);
        fund(burt, standby.bond);
        vm.warp(failedAt(c));
        bytes memory signature = sign(burtKey, escrow.idOf(standby));
        bytes memory call = abi.encodeCall(escrow.reaward, (c.bid, standby, signature, burt));
        refusal(call, tooEarly(failedAt(c)), ada);
        refusal(call, tooEarly(failedAt(c)), charlie);
        skip(1);
        bytes32 id = takeOver(c, standby);
        uint96 price = priceOf(standby, c.units);
        assertWord(id, IEscrowTypes.Status.AWARDED, block.timestamp, price, 0);
        assertEq(uint8(statusOf(c.id)), uint8(IEscrowTypes.Status.CLOSED));
        assertEq(money(ada), uint256(c.price) + c.bid.bond - price, "the surplus");
        assertEq(free(bo) + money(bo), 0, "the bond is lost");
    }

    /// @dev The same cell, where a standby is named and does not come.
    function testFuzz_AWARDED_ProviderAndStandby_AnyoneRefundsTwelveHoursLater(
        IEscrowTypes.Bid memory raw,
        uint32 units
    ) public {
        (Case memory c,) = withStandby(raw, units);
        uint256 deadline = failedAt(c) + REDEEM_WINDOW;
        vm.warp(deadline);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.StandbyFirst.selector, deadline);
        refusal(abi.encodeCall(escrow.refund, (c.bid)), reason, charlie);
        skip(1);
        vm.prank(charlie);
        escrow.refund(c.bid);
        assertEnded(c, Shares(0, 0, c.price + c.bid.bond, 0));
    }

    // ------------------------------------------------------------------ AWARDED, the designer is silent

    /// @dev Nothing is needed of it: the provider delivers as agreed, up to the last second, and is paid in the end.
    function testFuzz_AWARDED_Designer_TheProviderDeliversAsAgreed(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, 0);
        vm.warp(c.clock + c.bid.makeTime + 1);
        refusal(abi.encodeCall(escrow.deliver, (c.bid, "head")), tooLate(c.clock + c.bid.makeTime), bo);
        vm.warp(c.clock + c.bid.makeTime);
        vm.prank(bo);
        escrow.deliver(c.bid, "head");
        skip(uint256(c.bid.reviewTime) + 1);
        vm.prank(bo);
        escrow.claim(c.bid);
        assertEnded(c, Shares(c.price, c.bid.bond, 0, 0));
    }

    // ------------------------------------------------------------------ DELIVERED, the designer is silent

    function testFuzz_DELIVERED_Designer_AnyoneClaimsAfterReviewTime(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        address caller
    ) public {
        Case memory c = caseIn(IEscrowTypes.Status.DELIVERED, raw, units, part);
        uint256 deadline = c.clock + c.bid.reviewTime;
        vm.warp(deadline);
        refusal(abi.encodeCall(escrow.claim, (c.bid)), tooEarly(deadline), caller);
        refusal(abi.encodeCall(escrow.claim, (c.bid)), tooEarly(deadline), bo);
        skip(1);
        vm.prank(caller);
        escrow.claim(c.bid);
        assertEnded(c, Shares(c.price, c.bid.bond, 0, 0));
    }

    // ------------------------------------------------------------------ DELIVERED, the provider is silent

    function testFuzz_DELIVERED_Provider_TheDesignerReleases(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint40 late
    ) public {
        Case memory c = caseIn(IEscrowTypes.Status.DELIVERED, raw, units, part);
        vm.warp(bound(late, c.clock, type(uint40).max));
        released(c.bid, c.price);
        assertEnded(c, Shares(c.price, c.bid.bond, 0, 0));
    }

    function testFuzz_DELIVERED_Provider_TheDesignerDisputesWithinReviewTime(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part
    ) public {
        Case memory c = caseIn(IEscrowTypes.Status.DELIVERED, raw, units, part);
        give(ada, c.bid.disputeFee);
        uint256 deadline = c.clock + c.bid.reviewTime;
        uint256 value = sent(c.bid.disputeFee);
        vm.warp(deadline + 1);
        vm.expectRevert(tooLate(deadline));
        vm.prank(ada);
        escrow.dispute{value: value}(c.bid, "head", false);
        vm.warp(deadline);
        vm.prank(ada);
        escrow.dispute{value: value}(c.bid, "head", false);
        (c.status, c.clock) = (IEscrowTypes.Status.DISPUTED, block.timestamp);
        assertStands(c);
    }

    function testFuzz_DELIVERED_Provider_OrTheDesignerLetsItBeClaimed(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part
    ) public {
        Case memory c = caseIn(IEscrowTypes.Status.DELIVERED, raw, units, part);
        vm.warp(c.clock + c.bid.reviewTime + 1);
        vm.prank(charlie);
        escrow.claim(c.bid);
        assertEnded(c, Shares(c.price, c.bid.bond, 0, 0));
    }

    // ------------------------------------------------------------------ DISPUTED, the arbiter is silent

    function testFuzz_DISPUTED_Arbiter_AnyoneExpiresAfterArbiterTime(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        address caller
    ) public {
        Case memory c = caseIn(IEscrowTypes.Status.DISPUTED, raw, units, part);
        uint256 deadline = c.clock + c.bid.arbiterTime;
        vm.warp(deadline);
        refusal(abi.encodeCall(escrow.expire, (c.bid)), tooEarly(deadline), caller);
        refusal(abi.encodeCall(escrow.expire, (c.bid)), tooEarly(deadline), ada);
        skip(1);
        vm.prank(caller);
        escrow.expire(c.bid);
        uint96 share = uint96(uint256(c.price - c.paid) * c.bid.fallbackBps / 10_000);
        uint96 toDesigner = c.price - c.paid - share + c.bid.disputeFee;
        assertEnded(c, Shares(c.paid + share, c.bid.bond, toDesigner, 0));
    }

    // ------------------------------------------------------------------ DISPUTED, both parties are silent

    function testFuzz_DISPUTED_Parties_TheArbiterRulesWithinArbiterTime(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 due,
        uint96 bondBack
    ) public {
        Case memory c = disputedBeforeEve(raw, units);
        (due, bondBack) = (uint96(bound(due, 0, c.price)), uint96(bound(bondBack, 0, c.bid.bond)));
        uint256 deadline = c.clock + c.bid.arbiterTime;
        vm.warp(deadline + 1);
        refusal(abi.encodeCall(escrow.rule, (c.bid, due, bondBack)), tooLate(deadline), eve);
        vm.warp(deadline);
        vm.prank(eve);
        escrow.rule(c.bid, due, bondBack);
        assertEnded(c, Shares(due, bondBack, c.price - due + c.bid.bond - bondBack, c.bid.disputeFee));
    }

    function testFuzz_DISPUTED_Parties_ThenAnyoneExpires(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = disputedBeforeEve(raw, units);
        uint256 deadline = c.clock + c.bid.arbiterTime;
        vm.warp(deadline);
        refusal(abi.encodeCall(escrow.expire, (c.bid)), tooEarly(deadline), charlie);
        skip(1);
        vm.prank(charlie);
        escrow.expire(c.bid);
        uint96 share = uint96(uint256(c.price) * c.bid.fallbackBps / 10_000);
        assertEnded(c, Shares(share, c.bid.bond, c.price - share + c.bid.disputeFee, 0));
    }

    // ------------------------------------------------------------------ any status, the marketplace is silent

    /// @dev The terms come from the chain's own log, and nothing else is needed for any step.
    function testFuzz_Any_Marketplace_BothPartiesActFromTheChainsLogs(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way
    ) public {
        Case memory c = drawn(raw, units);
        vm.recordLogs();
        award(c);
        IEscrowTypes.Bid memory bid = bidInTheLogs();
        assertEq(escrow.idOf(bid), c.id, "the log proves itself");
        vm.prank(bid.provider);
        if (way % 3 == 0) escrow.cancel(bid);
        else if (way % 3 == 1) escrow.giveUp(bid);
        else escrow.deliver(bid, "head");
        if (way % 3 == 1) {
            vm.prank(bid.designer);
            escrow.refund(bid);
        } else if (way % 3 == 2) {
            give(ada, bid.disputeFee);
            uint256 value = sent(bid.disputeFee);
            vm.prank(bid.designer);
            escrow.dispute{value: value}(bid, "head", false);
            skip(uint256(bid.arbiterTime) + 1);
            vm.prank(bid.provider);
            escrow.expire(bid);
        }
        assertEq(uint8(statusOf(c.id)), uint8(IEscrowTypes.Status.CLOSED));
    }

    // ------------------------------------------------------------------ any status, everyone is silent

    /// @dev A stranger closes it, and what the parties do not take waits in `free`.
    function testFuzz_Any_Everyone_AStrangerClosesAndMoneyWaitsInFree(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint8 which
    ) public {
        Case memory c = openCase(raw, units, part, which);
        shutOut(ada);
        shutOut(bo);
        uint256 held = free(ada) + free(bo) + c.price - c.paid + c.bid.bond;
        if (c.status == IEscrowTypes.Status.DISPUTED) held += c.bid.disputeFee;
        uint256 fees = free(operator);
        skip(2 * MAX_DURATION);
        vm.startPrank(charlie);
        if (c.status == IEscrowTypes.Status.AWARDED) escrow.refund(c.bid);
        else if (c.status == IEscrowTypes.Status.DELIVERED) escrow.claim(c.bid);
        else escrow.expire(c.bid);
        vm.stopPrank();
        assertEq(uint8(statusOf(c.id)), uint8(IEscrowTypes.Status.CLOSED));
        assertEq(free(ada) + free(bo) + free(operator) - fees, held, "all of it waits");
        uint128 waiting = uint128(free(bo));
        if (waiting == 0) return;
        vm.prank(bo);
        escrow.withdraw(currency, charlie, waiting);
        assertEq(money(charlie), waiting, "and can be taken elsewhere");
    }

    // ------------------------------------------------------------------ helpers

    function disputedBeforeEve(IEscrowTypes.Bid memory raw, uint32 units) private returns (Case memory c) {
        c = drawnWithArbiter(raw, units);
        bring(c, IEscrowTypes.Status.DISPUTED, 0);
    }

    function bidInTheLogs() private returns (IEscrowTypes.Bid memory bid) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == IEscrowTypes.Awarded.selector) {
                (bid,,,) = abi.decode(logs[i].data, (IEscrowTypes.Bid, uint32, bytes32, bytes32));
                return bid;
            }
        }
        revert("no award in the logs");
    }

    function tooEarly(uint256 deadline) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEscrowTypes.TooEarly.selector, deadline);
    }

    function tooLate(uint256 deadline) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEscrowTypes.TooLate.selector, deadline);
    }
}
