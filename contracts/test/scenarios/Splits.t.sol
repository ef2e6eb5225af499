// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {ScenarioTest} from "./ScenarioTest.sol";

/// @notice Settlements, vouchers, fees and dispute fees: what each may move, and how often.
contract SplitsTest is ScenarioTest {
    // ------------------------------------------------------------------ settlements

    /// @dev "It cannot be used after either changed": a split offered on a delivery is not one in a dispute.
    function testFuzz_ASettlementOfADeliveryIsNotOneOfADispute(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 toProvider
    ) public {
        Case memory c = divisible(raw, units);
        bring(c, IEscrowTypes.Status.DELIVERED, 0);
        (bytes memory call,) = settlement(c, toProvider);
        dispute(c);
        refusal(call, stale(IEscrowTypes.Status.DISPUTED, 0), bo);
        assertStands(c);
    }

    /// @dev The same sentence: what was paid since was not to be paid twice.
    function testFuzz_ASettlementIsNotUsedOnTopOfAPayment(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 toProvider,
        uint96 part,
        uint8 which
    ) public {
        Case memory c = divisible(raw, units);
        bring(c, openStatus(which), 0);
        part = uint96(bound(part, 1, c.price - 1));
        (bytes memory call, bytes memory small) = settlement(c, uint96(bound(toProvider, 0, c.price - part)));
        pay(c, part);
        refusal(call, stale(c.status, part), bo);
        refusal(small, stale(c.status, part), bo);
        assertStands(c);
    }

    /// @dev "Out of price - paid + bond": the dispute fee is the designer's, and no part of a split.
    function testFuzz_ASettlementDoesNotSplitTheDisputeFee(IEscrowTypes.Bid memory raw, uint32 units) public {
        raw.arbiter = address(1);
        Case memory c = divisible(raw, units);
        c.bid.disputeFee = uint96(bound(c.bid.disputeFee, 1, MAX_AMOUNT));
        bring(c, IEscrowTypes.Status.DISPUTED, 0);
        uint96 rest = c.price + c.bid.bond;
        (bytes memory tooMuch,) = signedSplit(c, rest + 1);
        refusal(tooMuch, abi.encodeWithSelector(IEscrowTypes.AboveRest.selector, rest + 1, rest), bo);
        (bytes memory all,) = signedSplit(c, rest);
        vm.prank(bo);
        (bool ok,) = address(escrow).call(all);
        assertTrue(ok);
        assertEnded(c, Shares(c.price, c.bid.bond, c.bid.disputeFee, 0));
    }

    /// @dev "Bond part first and fee-free": a provider pays no fee on its own money.
    function testFuzz_ASettlementTakesNoFeeOfTheBond(IEscrowTypes.Bid memory raw, uint32 units, uint96 toProvider)
        public
    {
        Case memory c = divisible(raw, units);
        (c.bid.feeBps, c.bid.feeTo) = (1000, operator);
        c.bid.bond = uint96(bound(c.bid.bond, 10, MAX_AMOUNT));
        bring(c, IEscrowTypes.Status.DELIVERED, 0);
        toProvider = uint96(bound(toProvider, 10, c.bid.bond));
        (bytes memory call,) = signedSplit(c, toProvider);
        vm.prank(bo);
        (bool ok,) = address(escrow).call(call);
        assertTrue(ok);
        assertEnded(c, Shares(0, toProvider, c.price + c.bid.bond - toProvider, 0));
    }

    // ------------------------------------------------------------------ vouchers and fees

    /// @dev "cumulative u96: paid so far": a voucher is no cheque that could be cashed twice.
    function testFuzz_AVoucherIsCashedOnce(IEscrowTypes.Bid memory raw, uint32 units, uint96 part) public {
        Case memory c = divisible(raw, units);
        award(c);
        part = uint96(bound(part, 1, c.price / 2));
        bytes memory signature = voucher(c, part);
        escrow.redeem(c.bid, part, signature);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotRising.selector, part, part));
        escrow.redeem(c.bid, part, signature);
    }

    /// @dev "fee(paid after) - fee(paid before)": many small payments cost what one payment costs, to the last unit.
    function testFuzz_InstalmentsPayTheFeeOfOnePayment(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96[7] memory parts
    ) public {
        Case memory c = divisible(raw, units);
        (c.bid.feeBps, c.bid.feeTo) = (uint16(bound(c.bid.feeBps, 1, 1000)), operator);
        (c.bid.unitPrice, c.bid.minUnits, c.bid.maxUnits, c.units) = (uint96(bound(c.bid.unitPrice, 20, 1e5)), 1, 1, 1);
        award(c);
        for (uint256 i; i < parts.length; ++i) {
            pay(c, c.paid + uint96(bound(parts[i], 1, 9)));
            if (c.paid + 9 >= c.price) break;
        }
        pay(c, c.price);
        assertEq(free(operator), feeOn(c.bid, c.price));
    }

    /// @dev Fee receiver and provider, or designer, may be one: it is credited like anybody, and nothing is counted twice.
    function testFuzz_APartyThatTakesTheFeeTakesItOnce(IEscrowTypes.Bid memory raw, uint32 units, bool provider)
        public
    {
        Case memory c = divisible(raw, units);
        c.bid.feeTo = provider ? bo : ada;
        award(c);
        pay(c, c.price);
        uint256 fee = feeOn(c.bid, c.price);
        assertEq(money(bo), c.price - fee);
        assertEq(free(bo), c.bid.bond + (provider ? fee : 0));
        assertEq(free(ada), provider ? 0 : fee);
        assertEq(money(address(escrow)), free(bo) + free(ada));
    }

    // ------------------------------------------------------------------ disputes

    /// @dev "At the full price closes: bond and any dispute fee back": a designer who gives in gets its fee back.
    function testFuzz_ADisputeFeeComesBackWithTheFullPayment(IEscrowTypes.Bid memory raw, uint32 units) public {
        raw.arbiter = address(1);
        Case memory c = divisible(raw, units);
        c.bid.disputeFee = uint96(bound(c.bid.disputeFee, 1, MAX_AMOUNT));
        bring(c, IEscrowTypes.Status.DISPUTED, 0);
        released(c.bid, c.price);
        assertEnded(c, Shares(c.price, c.bid.bond, c.bid.disputeFee, 0));
    }

    /// @dev "The rest to the designer; fee to the arbiter": the fee leaves once, though other users' money lies beside it.
    function testFuzz_ADisputeFeeIsPaidOnce(IEscrowTypes.Bid memory raw, uint32 units, uint96 due) public {
        raw.arbiter = address(1);
        Case memory c = divisible(raw, units);
        c.bid.disputeFee = uint96(bound(c.bid.disputeFee, 1, MAX_AMOUNT));
        bring(c, IEscrowTypes.Status.DISPUTED, 0);
        fund(charlie, 10 * MAX_AMOUNT);
        due = uint96(bound(due, 0, c.price));
        vm.prank(eve);
        escrow.rule(c.bid, due, 0);
        assertEnded(c, Shares(due, 0, c.price - due + c.bid.bond, c.bid.disputeFee));
    }

    /// @dev "The arbiter is trusted up to that agreement's pot": in league with one side it takes all of that, and nothing
    /// before a dispute, nothing of other agreements, nothing for itself but the fee.
    function testFuzz_AnArbiterInLeagueTakesNoMoreThanTheDisputedPot(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 which
    ) public {
        raw.arbiter = address(1);
        Case memory c = divisible(raw, units);
        bring(c, which % 2 == 0 ? IEscrowTypes.Status.AWARDED : IEscrowTypes.Status.DELIVERED, 0);
        fund(charlie, 10 * MAX_AMOUNT);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.WrongStatus.selector, c.id, c.status);
        refusal(abi.encodeCall(escrow.rule, (c.bid, c.price, c.bid.bond)), reason, eve);
        if (c.status == IEscrowTypes.Status.AWARDED) deliver(c);
        dispute(c);
        reason = abi.encodeWithSelector(IEscrowTypes.AbovePrice.selector, c.price + 1, c.price);
        refusal(abi.encodeCall(escrow.rule, (c.bid, c.price + 1, 0)), reason, eve);
        reason = abi.encodeWithSelector(IEscrowTypes.AboveBond.selector, c.bid.bond + 1, c.bid.bond);
        refusal(abi.encodeCall(escrow.rule, (c.bid, 0, c.bid.bond + 1)), reason, eve);
        vm.prank(eve);
        escrow.rule(c.bid, c.price, c.bid.bond);
        assertEnded(c, Shares(c.price, c.bid.bond, 0, c.bid.disputeFee));
    }

    /// @dev "Only the designer may dispute": a provider who disputed its own delivery would put off nothing and nobody.
    function testFuzz_OnlyTheDesignerDisputes(IEscrowTypes.Bid memory raw, uint32 units, address caller) public {
        Case memory c = drawn(raw, units);
        vm.assume(caller != ada);
        bring(c, IEscrowTypes.Status.DELIVERED, 0);
        fund(ada, c.bid.disputeFee);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.NotDesigner.selector, caller, ada);
        refusal(abi.encodeCall(escrow.dispute, (c.bid, "head", true)), reason, caller);
    }

    // ------------------------------------------------------------------ helpers

    function stale(IEscrowTypes.Status status, uint96 paid) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEscrowTypes.SettlementStale.selector, status, paid);
    }

    /// @dev Two splits that Ada signed as things stand, for Bo to use: `toProvider` at most, and nothing.
    function settlement(Case memory c, uint96 toProvider) private view returns (bytes memory, bytes memory) {
        (bytes memory call,) = signedSplit(c, uint96(bound(toProvider, 0, uint256(c.price) + c.bid.bond)));
        (bytes memory small,) = signedSplit(c, 0);
        return (call, small);
    }

    function signedSplit(Case memory c, uint96 toProvider)
        private
        view
        returns (bytes memory call, IEscrowTypes.Settlement memory split)
    {
        split = IEscrowTypes.Settlement(c.id, toProvider, c.paid, uint8(c.status), type(uint40).max);
        call = abi.encodeCall(escrow.settle, (c.bid, split, sign(adaKey, settlementDigest(split))));
    }
}
