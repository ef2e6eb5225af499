// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowTest} from "./helpers/EscrowTest.sol";
import {RevertingWallet} from "./helpers/Wallets.sol";

contract WithdrawTest is EscrowTest {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertWhen_TheAmountIsZero(address owner, address to) public {
        vm.expectRevert(IEscrowTypes.AmountZero.selector);
        vm.prank(owner);
        escrow.withdraw(NATIVE, to, 0);
    }

    function testFuzz_RevertWhen_TheReceiverIsTheEscrow(uint96 amount) public {
        amount = uint96(bound(amount, 1, type(uint96).max));
        fund(bo, amount);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.ReceiverForbidden.selector, escrow));
        vm.prank(bo);
        escrow.withdraw(NATIVE, address(escrow), amount);
    }

    function testFuzz_RevertWhen_TheAmountIsMoreThanFree(uint96 held, uint128 amount) public {
        amount = uint128(bound(amount, uint256(held) + 1, type(uint128).max / 2));
        fund(bo, held);
        fund(ada, amount); // another's money is no help
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.FreeTooLow.selector, held, amount));
        vm.prank(bo);
        escrow.withdraw(NATIVE, bo, amount);
    }

    /// @dev A bond that is locked cannot be taken out.
    function testFuzz_RevertGiven_TheBondIsLocked(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.bond = uint96(bound(bid.bond, 1, MAX_AMOUNT));
        awarded(bid, saneUnits(bid, units));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.FreeTooLow.selector, 0, bid.bond));
        vm.prank(bo);
        escrow.withdraw(NATIVE, bo, bid.bond);
    }

    function testFuzz_RevertWhen_TheReceiverRefuses(uint96 amount) public {
        amount = uint96(bound(amount, 1, type(uint96).max));
        address wallet = address(new RevertingWallet());
        fund(bo, amount);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.PushFailed.selector, NATIVE, wallet, amount));
        vm.prank(bo);
        escrow.withdraw(NATIVE, wallet, amount);
        assertEq(free(bo), amount);
    }

    // ------------------------------------------------------------------ successes

    function testFuzz_SendsToAnyAddress(uint96 held, uint96 amount, uint256 key) public {
        held = uint96(bound(held, 1, type(uint96).max));
        amount = uint96(bound(amount, 1, held));
        address to = vm.addr(boundPrivateKey(key));
        fund(bo, held);
        vm.prank(bo);
        escrow.withdraw(NATIVE, to, amount);
        assertEq(to.balance, amount);
        assertEq(free(bo), held - amount);
    }

    function testFuzz_EmitsWhereItWent(uint96 amount) public {
        amount = uint96(bound(amount, 1, type(uint96).max));
        fund(bo, amount);
        vm.expectEmit(address(escrow));
        emit IEscrowTypes.Withdrawn(NATIVE, bo, charlie, amount);
        vm.prank(bo);
        escrow.withdraw(NATIVE, charlie, amount);
    }
}
