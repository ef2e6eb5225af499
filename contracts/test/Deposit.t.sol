// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowTest} from "./helpers/EscrowTest.sol";

contract DepositTest is EscrowTest {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertGiven_ATokenWithoutCode(address token, address owner, uint128 amount) public {
        vm.assume(token != NATIVE && token.code.length == 0);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.TokenUnsupported.selector, token));
        escrow.deposit(token, owner, amount);
    }

    function testFuzz_RevertWhen_TheAmountIsZero(address owner) public {
        vm.expectRevert(IEscrowTypes.AmountZero.selector);
        escrow.deposit(NATIVE, owner, 0);
    }

    function testFuzz_RevertWhen_TheValueIsNotTheAmount(address owner, uint128 amount, uint128 value) public {
        amount = uint128(bound(amount, 1, type(uint128).max / 2));
        vm.assume(value != amount);
        vm.deal(charlie, value);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.ValueMismatch.selector, value, amount));
        vm.prank(charlie);
        escrow.deposit{value: value}(NATIVE, owner, amount);
    }

    /// @dev There is no way in but those that say whose the money is.
    function testFuzz_RevertWhen_MoneyIsJustSent(uint128 value) public {
        vm.deal(charlie, value);
        vm.prank(charlie);
        (bool ok,) = address(escrow).call{value: value}("");
        assertFalse(ok);
    }

    // ------------------------------------------------------------------ successes

    function testFuzz_AddsToTheOwnersFree(address owner, uint96 first, uint96 second, address other) public {
        vm.assume(owner != other);
        first = uint96(bound(first, 1, type(uint96).max));
        second = uint96(bound(second, 1, type(uint96).max));
        fund(owner, first);
        fund(owner, second);
        assertEq(free(owner), uint256(first) + second);
        assertEq(free(other), 0);
        assertEq(address(escrow).balance, uint256(first) + second);
    }

    function testFuzz_LeavesTheRestOfTheWord(IEscrowTypes.Bid memory raw, uint32 units, uint96 amount) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        awarded(bid, units);
        released(bid, priceOf(bid, units));
        uint256 before = free(bo);
        fund(bo, amount);
        assertEq(free(bo), before + amount);
        assertEq(account(bo).completed, 1);
        assertEq(account(bo).epoch, 0);
    }

    function testFuzz_EmitsWhoPaid(address owner, address payer, uint128 amount) public {
        vm.assume(payer != address(escrow));
        amount = uint128(bound(amount, 1, type(uint128).max / 2));
        vm.deal(payer, amount);
        vm.expectEmit(address(escrow));
        emit IEscrowTypes.Deposited(NATIVE, owner, payer, amount);
        vm.prank(payer);
        escrow.deposit{value: amount}(NATIVE, owner, amount);
    }
}
