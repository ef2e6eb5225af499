// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {PermitToken} from "../helpers/tokens/PermitTokens.sol";
import {PickyWallet} from "../helpers/Wallets.sol";
import {ScenarioTest} from "./ScenarioTest.sol";

/// @notice Two transactions under way at once, in whichever order a block takes them.
contract RacesTest is ScenarioTest {
    /// @dev "Independent of what was redeemed meanwhile": the provider receives the same, voucher first or ruling first.
    function testFuzz_ARulingAndAVoucherRaceToTheSameSplit(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 due,
        uint96 vouched
    ) public {
        raw.arbiter = address(1);
        Case memory c = divisible(raw, units);
        bring(c, IEscrowTypes.Status.DISPUTED, 0);
        due = uint96(bound(due, 1, c.price));
        vouched = uint96(bound(vouched, 1, due < c.price ? due : c.price - 1));
        bytes memory signature = voucher(c, vouched);
        uint256 start = vm.snapshotState();

        escrow.redeem(c.bid, vouched, signature);
        vm.prank(eve);
        escrow.rule(c.bid, due, c.bid.bond);
        assertEnded(c, Shares(due, c.bid.bond, c.price - due, c.bid.disputeFee));

        vm.revertToState(start);
        vm.prank(eve);
        escrow.rule(c.bid, due, c.bid.bond);
        expectStatusRefusal(c.id, IEscrowTypes.Status.CLOSED);
        escrow.redeem(c.bid, vouched, signature);
        assertEnded(c, Shares(due, c.bid.bond, c.price - due, c.bid.disputeFee));
    }

    /// @dev "REDEEM_WINDOW": a voucher signed in the last second of the making time is still worth money, though the
    /// designer waits with its refund ready.
    function testFuzz_ARefundDoesNotOutrunAVoucher(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 vouched,
        uint32 delay
    ) public {
        Case memory c = divisible(raw, units);
        award(c);
        vouched = uint96(bound(vouched, 1, c.price - 1));
        vm.warp(c.clock + c.bid.makeTime + bound(delay, 1, 12 hours));
        bytes memory reason =
            abi.encodeWithSelector(IEscrowTypes.TooEarly.selector, c.clock + c.bid.makeTime + 12 hours);
        refusal(abi.encodeCall(escrow.refund, (c.bid)), reason, ada);
        escrow.redeem(c.bid, vouched, voucher(c, vouched));
        assertEq(money(bo) + free(operator), vouched);
    }

    /// @dev "The second named by a deadline belongs to the earlier side": in the last second of the review time the
    /// designer's dispute stands, and nobody claims before it.
    function testFuzz_ADisputeInTheLastSecondIsNotOutrunByAClaim(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = drawn(raw, units);
        bring(c, IEscrowTypes.Status.DELIVERED, 0);
        uint256 deadline = c.clock + c.bid.reviewTime;
        vm.warp(deadline);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.TooEarly.selector, deadline);
        refusal(abi.encodeCall(escrow.claim, (c.bid)), reason, bo);
        give(ada, c.bid.disputeFee);
        uint256 value = sent(c.bid.disputeFee);
        vm.prank(ada);
        escrow.dispute{value: value}(c.bid, "head", false);
        assertEq(uint8(statusOf(c.id)), uint8(IEscrowTypes.Status.DISPUTED));
    }

    /// @dev The same sentence, the other deadline: a ruling and an expiry are never possible in one second.
    function testFuzz_ALateRulingDoesNotOverturnTheFallback(IEscrowTypes.Bid memory raw, uint32 units, uint32 late)
        public
    {
        Case memory c = drawnWithArbiter(raw, units);
        bring(c, IEscrowTypes.Status.DISPUTED, 0);
        uint256 deadline = c.clock + c.bid.arbiterTime;
        vm.warp(deadline + bound(late, 1, MAX_DURATION));
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.TooLate.selector, deadline);
        refusal(abi.encodeCall(escrow.rule, (c.bid, 0, 0)), reason, eve);
        vm.prank(charlie);
        escrow.expire(c.bid);
    }

    /// @dev "Raising it kills unawarded bids": a provider who moved on is not bound by an award that waited in the mempool,
    /// and one that came first stands.
    function testFuzz_ABumpedEpochOutrunsAnAward(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = drawn(raw, units);
        plain(c);
        c.price = ready(c.bid, c.units);
        bytes memory signature = signed(c.bid);
        uint256 value = sent(c.price);
        uint256 start = vm.snapshotState();

        vm.prank(bo);
        escrow.bumpEpoch(currency);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.EpochChanged.selector, 0, 1));
        vm.prank(ada);
        escrow.award{value: value}(c.bid, signature, bo, c.units, 0, 0, false);

        vm.revertToState(start);
        vm.prank(ada);
        c.id = escrow.award{value: value}(c.bid, signature, bo, c.units, 0, 0, false);
        vm.prank(bo);
        escrow.bumpEpoch(currency);
        assertEq(uint8(statusOf(c.id)), uint8(IEscrowTypes.Status.AWARDED));
    }

    /// @dev "A front-run permit cannot block it."
    function testFuzz_APermitThatSomebodyUsedFirstBlocksNothing(IEscrowTypes.Bid memory raw, uint32 units) public {
        PermitToken token = new PermitToken();
        Case memory c = drawnToken(raw, units);
        (currency, c.bid.token) = (address(token), address(token));
        c.price = priceOf(c.bid, c.units);
        fund(bo, c.bid.bond);
        token.mint(ada, c.price);
        IEscrowTypes.Permit memory permit;
        permit.deadline = block.timestamp;
        bytes32 digest = token.permitDigest(ada, address(escrow), c.price, 0, permit.deadline);
        (permit.v, permit.r, permit.s) = vm.sign(adaKey, digest);
        vm.prank(charlie);
        token.permit(ada, address(escrow), c.price, permit.deadline, permit.v, permit.r, permit.s);

        bytes memory signature = signed(c.bid);
        vm.prank(ada);
        bytes32 id = escrow.awardWithPermit(c.bid, signature, bo, c.units, 0, 0, permit);
        assertEq(uint8(statusOf(id)), uint8(IEscrowTypes.Status.AWARDED));
    }

    /// @dev "A bid binds one designer: nobody can front-run it."
    function testFuzz_NobodyElseAwardsABidItSees(IEscrowTypes.Bid memory raw, uint32 units, address thief) public {
        Case memory c = drawnNative(raw, units);
        vm.assume(thief != ada && thief.code.length == 0);
        c.price = ready(c.bid, c.units);
        bytes memory signature = signed(c.bid);
        vm.deal(thief, c.price);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotDesigner.selector, thief, ada));
        vm.prank(thief);
        escrow.award{value: c.price}(c.bid, signature, bo, c.units, 0, 0, false);
    }

    /// @dev "Revert if too little gas is left to forward it": a caller cannot make a willing receiver seem to refuse.
    function testFuzz_ALowGasLimitDoesNotTurnAPushIntoACredit(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint256 gasLimit
    ) public {
        Case memory c = drawnNative(raw, units);
        plain(c);
        (c.bid.feeBps, c.bid.feeTo) = (0, address(0));
        bring(c, IEscrowTypes.Status.DELIVERED, 0);
        vm.etch(bo, address(new PickyWallet()).code);
        skip(uint256(c.bid.reviewTime) + 1);
        vm.prank(charlie);
        (bool ok,) = address(escrow).call{gas: bound(gasLimit, 30_000, 200_000)}(abi.encodeCall(escrow.claim, (c.bid)));
        if (ok) assertEq(money(bo), c.price, "pushed, since it was willing");
        else assertEq(uint8(statusOf(c.id)), uint8(IEscrowTypes.Status.DELIVERED));
    }
}
