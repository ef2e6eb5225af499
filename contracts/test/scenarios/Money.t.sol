// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {FeeToken} from "../helpers/tokens/InexactTokens.sol";
import {ScenarioTest} from "./ScenarioTest.sol";

/// @notice Amounts at their ends, receivers who refuse, and money that would come in or go out wrongly.
contract MoneyTest is ScenarioTest {
    /// @dev "price 1 .. 2^96-1, computed wide", and decision 0002: what is above the word would be cut, or stuck.
    function testFuzz_APotFitsItsWord(IEscrowTypes.Bid memory raw, uint96 bond, uint96 disputeFee) public {
        Case memory c = huge(raw, uint96(bound(bond, 1, type(uint96).max - 3)), disputeFee);
        c.bid.unitPrice += 1;
        ready(c.bid, 1);
        (, bytes4 reason) = escrow.isAwardable(c.bid, signed(c.bid), bo, 1);
        assertEq(reason, IEscrowTypes.PotOutOfRange.selector);
    }

    /// @dev The largest pot there can be closes in every way.
    function testFuzz_TheLargestPotComesOutWhole(
        IEscrowTypes.Bid memory raw,
        uint96 bond,
        uint96 disputeFee,
        uint8 which
    ) public {
        Case memory c = huge(raw, bond, disputeFee);
        bring(c, openStatus(which), 0);
        skip(2 * MAX_DURATION);
        if (c.status == IEscrowTypes.Status.AWARDED) {
            escrow.refund(c.bid);
            assertEnded(c, Shares(0, 0, c.price + c.bid.bond, 0));
        } else if (c.status == IEscrowTypes.Status.DELIVERED) {
            escrow.claim(c.bid);
            assertEnded(c, Shares(c.price, c.bid.bond, 0, 0));
        } else {
            escrow.expire(c.bid);
            uint96 share = uint96(uint256(c.price) * c.bid.fallbackBps / 10_000);
            assertEnded(c, Shares(share, c.bid.bond, c.price - share + c.bid.disputeFee, 0));
        }
    }

    /// @dev "Push, else credit": a payee who refuses blocks nobody, and loses nothing.
    function testFuzz_ARefusingPayeeBlocksNobody(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = divisible(raw, units);
        bring(c, IEscrowTypes.Status.DELIVERED, 0);
        shutOut(bo);
        skip(uint256(c.bid.reviewTime) + 1);
        vm.prank(charlie);
        escrow.claim(c.bid);
        assertEq(free(bo), c.price - feeOn(c.bid, c.price) + c.bid.bond);
        assertEq(money(bo), 0);
    }

    /// @dev "Any path that takes no value refuses msg.value": it would belong to nobody.
    function testFuzz_ValueBesideTheLedgerIsRefused(IEscrowTypes.Bid memory raw, uint32 units, uint96 value) public {
        Case memory c = drawn(raw, units);
        fund(bo, c.bid.bond);
        fund(ada, priceOf(c.bid, c.units));
        value = uint96(bound(value, 1, MAX_AMOUNT));
        vm.deal(ada, value);
        bytes memory signature = signed(c.bid);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.ValueMismatch.selector, value, 0));
        vm.prank(ada);
        escrow.award{value: value}(c.bid, signature, bo, c.units, 0, 0, true);
    }

    /// @dev "Fee-on-transfer tokens are refused at the door": else the last to withdraw pays for all.
    function testFuzz_MoneyThatDoesNotArriveIsNotCredited(uint96 amount, uint16 feeBps) public {
        FeeToken token = new FeeToken();
        amount = uint96(bound(amount, 10_000, MAX_AMOUNT));
        currency = address(token);
        give(charlie, amount);
        token.setFee(bound(feeBps, 1, 5000), false);
        uint256 arrives = amount - token.feeOn(amount);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.InexactTransfer.selector, token, arrives, amount));
        vm.prank(charlie);
        escrow.deposit(address(token), charlie, amount);
    }

    /// @dev "To any address but the contract": it would be nobody's, for ever.
    function testFuzz_NobodyWithdrawsIntoTheContract(IEscrowTypes.Bid memory raw, uint96 amount) public {
        saneToken(raw);
        amount = uint96(bound(amount, 1, MAX_AMOUNT));
        fund(ada, amount);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.ReceiverForbidden.selector, address(escrow));
        refusal(abi.encodeCall(escrow.withdraw, (currency, address(escrow), amount)), reason, ada);
    }

    /// @dev "Self-dealing can raise counters", decision 0008: but not for nothing, without even a bond.
    function testFuzz_SelfDealingWithoutABondCountsNothing(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = drawn(raw, units);
        c.bid.bond = 0;
        bring(c, IEscrowTypes.Status.DELIVERED, 0);
        pay(c, c.price);
        assertCounters(0, 0);
    }

    /// @dev The same for failures: who locked nothing is blamed for nothing by designers who award and wait.
    function testFuzz_AFailureWithoutABondCountsNothing(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = drawn(raw, units);
        c.bid.bond = 0;
        award(c);
        vm.warp(failedAt(c) + 1);
        escrow.refund(c.bid);
        assertCounters(0, 0);
    }

    /// @dev "The arbiter != feeTo": it would be paid by one side's share.
    function testFuzz_AnArbiterDoesNotLiveOnTheFee(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = drawnWithArbiter(raw, units);
        c.bid.feeTo = eve;
        ready(c.bid, c.units);
        (, bytes4 reason) = escrow.isAwardable(c.bid, signed(c.bid), bo, c.units);
        assertEq(reason, IEscrowTypes.ArbiterTakesFee.selector);
    }

    /// @dev One unit of a bid whose pot is 2^96 - 1.
    function huge(IEscrowTypes.Bid memory raw, uint96 bond, uint96 disputeFee) private returns (Case memory c) {
        raw.arbiter = address(1);
        c = drawn(raw, 1);
        (c.mandated, c.bid.toLedger) = (false, false);
        (c.bid.minUnits, c.bid.maxUnits, c.units) = (1, 1, 1);
        c.bid.bond = uint96(bound(bond, 0, type(uint96).max - 3));
        c.bid.disputeFee = uint96(bound(disputeFee, 0, type(uint96).max - 2 - c.bid.bond));
        c.bid.unitPrice = type(uint96).max - c.bid.bond - c.bid.disputeFee;
    }
}
