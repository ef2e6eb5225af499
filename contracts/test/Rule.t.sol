// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {Cases} from "./helpers/Cases.sol";

contract RuleTest is Cases {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertWhen_CallerIsNotTheArbiter(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 cumulative,
        uint96 bondBack,
        address caller
    ) public {
        Case memory c = contested(raw, units, 0);
        vm.assume(caller != eve);
        address[4] memory callers = [caller, ada, bo, operator];
        for (uint256 i; i < 4; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotArbiter.selector, callers[i], eve));
            vm.prank(callers[i]);
            escrow.rule(c.bid, cumulative, bondBack);
        }
    }

    /// @dev Where no arbiter is named there is nobody to rule.
    function testFuzz_RevertGiven_NoArbiter(IEscrowTypes.Bid memory raw, uint32 units, address caller) public {
        raw.arbiter = address(0);
        Case memory c = caseIn(IEscrowTypes.Status.DISPUTED, raw, units, 0);
        vm.assume(caller != address(0));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotArbiter.selector, caller, address(0)));
        vm.prank(caller);
        escrow.rule(c.bid, c.price, c.bid.bond);
    }

    function testFuzz_RevertGiven_NoAgreement(IEscrowTypes.Bid memory raw, uint96 cumulative, uint96 bondBack) public {
        Case memory c = drawnWithArbiter(raw, 1);
        expectStatusRefusal(escrow.idOf(c.bid), IEscrowTypes.Status.NONE);
        rule(c, cumulative, bondBack);
    }

    /// @dev An arbiter has no say before the designer asks for it.
    function testFuzz_RevertGiven_NoDispute(IEscrowTypes.Bid memory raw, uint32 units, uint96 part, bool made) public {
        Case memory c = drawnWithArbiter(raw, units);
        bring(c, made ? IEscrowTypes.Status.DELIVERED : IEscrowTypes.Status.AWARDED, part);
        expectStatusRefusal(c.id, c.status);
        rule(c, c.price, c.bid.bond);
    }

    function testFuzz_RevertGiven_AClosedAgreement(IEscrowTypes.Bid memory raw, uint32 units, bool ruled) public {
        Case memory c = contested(raw, units, 0);
        if (ruled) rule(c, 0, 0);
        else close(c);
        expectStatusRefusal(c.id, IEscrowTypes.Status.CLOSED);
        rule(c, c.price, c.bid.bond);
    }

    /// @dev Paid in full there is nothing left to decide: the fee goes back to the designer, and the arbiter has nothing.
    function testFuzz_RevertGiven_AVoucherOfTheFullPriceMeanwhile(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part
    ) public {
        Case memory c = contested(raw, units, part);
        uint256 designers = money(ada) + free(ada);
        escrow.redeem(c.bid, c.price, voucher(c, c.price));
        assertEq(money(ada) + free(ada), designers + c.bid.disputeFee);
        assertEq(money(eve) + free(eve), 0);
        expectStatusRefusal(c.id, IEscrowTypes.Status.CLOSED);
        rule(c, c.price, c.bid.bond);
    }

    function testFuzz_RevertWhen_TheArbiterTimeIsOver(IEscrowTypes.Bid memory raw, uint32 units, uint40 late) public {
        Case memory c = contested(raw, units, 0);
        uint256 deadline = c.clock + c.bid.arbiterTime;
        vm.warp(bound(late, deadline + 1, type(uint40).max));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.TooLate.selector, deadline));
        rule(c, 0, 0);
    }

    /// @dev In this second a stranger may let it expire: no two exits are open at once.
    function testFuzz_RevertWhen_ItIsTheFirstSecondAfterTheArbiterTime(IEscrowTypes.Bid memory raw, uint32 units)
        public
    {
        Case memory c = contested(raw, units, 0);
        vm.warp(c.clock + c.bid.arbiterTime + 1);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.TooLate.selector, block.timestamp - 1));
        rule(c, 0, 0);
        escrow.expire(c.bid);
        assertEq(uint8(word(c.id).status), uint8(IEscrowTypes.Status.CLOSED));
    }

    function testFuzz_RevertWhen_TheCumulativeIsAboveThePrice(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint96 cumulative
    ) public {
        Case memory c = contested(raw, units, part);
        cumulative = uint96(bound(cumulative, uint256(c.price) + 1, type(uint96).max));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.AbovePrice.selector, cumulative, c.price));
        rule(c, cumulative, 0);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.AbovePrice.selector, c.price + 1, c.price));
        rule(c, c.price + 1, 0);
    }

    /// @dev Not out of the price either: the bond is the bond.
    function testFuzz_RevertWhen_MoreThanTheBondGoesBack(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 cumulative,
        uint96 bondBack
    ) public {
        Case memory c = contested(raw, units, 0);
        cumulative = uint96(bound(cumulative, 0, c.price));
        bondBack = uint96(bound(bondBack, uint256(c.bid.bond) + 1, type(uint96).max));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.AboveBond.selector, bondBack, c.bid.bond));
        rule(c, cumulative, bondBack);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.AboveBond.selector, c.bid.bond + 1, c.bid.bond));
        rule(c, cumulative, c.bid.bond + 1);
    }

    // ------------------------------------------------------------------ successes

    /// @dev To each its part; what was paid is counted in, and neither counter changes: a ruling is no record.
    function testFuzz_SplitsThePot(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint96 cumulative,
        uint96 bondBack,
        uint32 later
    ) public {
        Case memory c = contested(raw, units, part);
        skip(bound(later, 0, c.bid.arbiterTime));
        cumulative = uint96(bound(cumulative, 0, c.price));
        bondBack = uint96(bound(bondBack, 0, c.bid.bond));
        Shares memory shares = ruling(c, cumulative, bondBack);
        expectClosed(c, IEscrowTypes.How.RULED, shares);
        rule(c, cumulative, bondBack);
        assertEnded(c, shares);
        assertNoOtherLogs();
        assertCounters(0, 0);
    }

    /// @dev All of it to either side.
    function testFuzz_GivesAllToOneSide(IEscrowTypes.Bid memory raw, uint32 units, uint96 part, bool toProvider)
        public
    {
        Case memory c = contested(raw, units, part);
        if (toProvider) rule(c, c.price, c.bid.bond);
        else rule(c, 0, 0);
        assertEnded(c, toProvider ? ruling(c, c.price, c.bid.bond) : ruling(c, 0, 0));
        assertCounters(0, 0);
    }

    function testFuzz_RulesInTheLastSecond(IEscrowTypes.Bid memory raw, uint32 units, uint96 cumulative) public {
        Case memory c = contested(raw, units, 0);
        cumulative = uint96(bound(cumulative, 0, c.price));
        vm.warp(c.clock + c.bid.arbiterTime);
        rule(c, cumulative, 0);
        assertEnded(c, ruling(c, cumulative, 0));
    }

    /// @dev Paid stays paid: a ruling below it takes nothing back, and costs the provider no more than the bond.
    function testFuzz_LeavesWhatWasPaid(IEscrowTypes.Bid memory raw, uint32 units, uint96 part, uint96 cumulative)
        public
    {
        Case memory c = contested(raw, units, part);
        cumulative = uint96(bound(cumulative, 0, c.paid));
        rule(c, cumulative, 0);
        assertEnded(c, Shares(c.paid, 0, c.price - c.paid + c.bid.bond, c.bid.disputeFee));
    }

    /// @dev A ruling and a voucher race: whichever comes first, everybody has the same in the end.
    function testFuzz_DoesNotDependOnWhatIsRedeemedMeanwhile(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint96 redeemed,
        uint96 cumulative
    ) public {
        (raw.unitPrice, raw.maxUnits) = (uint96(bound(raw.unitPrice, 2, MAX_AMOUNT)), 1);
        Case memory c = contested(raw, units, 0);
        pay(c, uint96(bound(part, 0, c.price - 2)));
        redeemed = uint96(bound(redeemed, c.paid + 1, c.price - 1));
        cumulative = uint96(bound(cumulative, redeemed, c.price));
        uint256 snapshot = vm.snapshotState();
        rule(c, cumulative, 0);
        Shares memory expected = ruling(c, cumulative, 0);
        assertEnded(c, expected);
        vm.revertToState(snapshot);
        escrow.redeem(c.bid, redeemed, voucher(c, redeemed));
        rule(c, cumulative, 0);
        assertEnded(c, expected);
    }

    /// @dev An arbiter that cannot be paid blocks nobody, and can take its fee elsewhere.
    function testFuzz_CreditsAnArbiterWhoRefuses(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint96 cumulative
    ) public {
        Case memory c = contested(raw, units, part);
        cumulative = uint96(bound(cumulative, 0, c.price));
        shutOut(eve);
        Shares memory shares = ruling(c, cumulative, 0);
        expectClosed(c, IEscrowTypes.How.RULED, shares);
        expectCredited(eve, c.id, c.bid.disputeFee);
        rule(c, cumulative, 0);
        assertNoOtherLogs();
        uint128 fee = c.bid.disputeFee;
        assertEq(free(eve), fee);
        if (fee == 0) return;
        vm.prank(eve);
        escrow.withdraw(currency, charlie, fee);
        assertEq(money(charlie), fee);
        assertEq(money(eve), 0);
    }

    /// @dev Neither can it pay itself out of anything else: its fee is the signed one.
    function testFuzz_PaysTheArbiterItsFeeAndNoMore(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 cumulative,
        uint96 bondBack
    ) public {
        Case memory c = contested(raw, units, 0);
        rule(c, uint96(bound(cumulative, 0, c.price)), uint96(bound(bondBack, 0, c.bid.bond)));
        assertEq(money(eve) + free(eve), c.bid.disputeFee);
    }

    /// @dev What a mandate spent is spent: a ruling is about work that was done.
    function testFuzz_ReturnsNoUnits(IEscrowTypes.Bid memory raw, uint32 units, uint96 cumulative) public {
        Case memory c = drawnWithArbiter(raw, units);
        c.mandated = true;
        bring(c, IEscrowTypes.Status.DISPUTED, 0);
        cumulative = uint96(bound(cumulative, 0, c.price));
        rule(c, cumulative, 0);
        assertEnded(c, ruling(c, cumulative, 0));
        assertUsed(c, c.units, false);
    }

    // ------------------------------------------------------------------ helpers

    function contested(IEscrowTypes.Bid memory raw, uint32 units, uint96 part) internal returns (Case memory c) {
        c = drawnWithArbiter(raw, units);
        bring(c, IEscrowTypes.Status.DISPUTED, part);
    }

    function rule(Case memory c, uint96 cumulative, uint96 bondBack) internal {
        vm.prank(eve);
        escrow.rule(c.bid, cumulative, bondBack);
    }

    /// @dev What a ruling means, all in all.
    function ruling(Case memory c, uint96 cumulative, uint96 bondBack) internal pure returns (Shares memory) {
        uint96 toProvider = cumulative > c.paid ? cumulative : c.paid;
        return Shares(toProvider, bondBack, c.price - toProvider + c.bid.bond - bondBack, c.bid.disputeFee);
    }
}
