// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowTest} from "./helpers/EscrowTest.sol";
import {Reentrant} from "./helpers/Wallets.sol";

/// @notice A provider whose wallet calls back while it is paid.
contract ReentrancyTest is EscrowTest {
    address private immutable _data = makeAddr("calldata");

    function testFuzz_RevertWhen_MoneyIsMoving(IEscrowTypes.Bid memory raw, uint32 units, uint8 which) public {
        IEscrowTypes.Bid memory bid = saneNative(raw);
        bid.toLedger = false;
        bid.unitPrice = uint96(bound(bid.unitPrice, 1e6, 1e12));
        units = saneUnits(bid, units);
        awarded(bid, units);
        assertEq(bytes4(outcomeOf(bid, units, moving(bid, which))), IEscrowTypes.Locked.selector);
    }

    /// @dev What moves no money is open, and finds the payment already booked.
    function testFuzz_DeliversWhileItIsPaid(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = saneNative(raw);
        bid.toLedger = false;
        bid.unitPrice = uint96(bound(bid.unitPrice, 1e6, 1e12));
        units = saneUnits(bid, units);
        bytes32 id = awarded(bid, units);
        assertEq(outcomeOf(bid, units, abi.encodeCall(escrow.deliver, (bid, "head"))), "went through");
        assertWord(id, IEscrowTypes.Status.DELIVERED, START, priceOf(bid, units), priceOf(bid, units) / 2);
        assertEq(address(escrow).balance, priceOf(bid, units) - priceOf(bid, units) / 2 + bid.bond + free(operator));
    }

    /// @dev The lock is open again after each call, within one transaction too.
    function testFuzz_UnlocksAfterEachCall(uint96 first, uint96 second) public {
        fund(bo, uint256(first) + 1);
        fund(bo, uint256(second) + 1);
        assertEq(free(bo), uint256(first) + second + 2);
    }

    // ------------------------------------------------------------------ helpers

    function moving(IEscrowTypes.Bid memory bid, uint8 which) internal view returns (bytes memory) {
        which = which % 6;
        if (which == 0) return abi.encodeCall(escrow.release, (bid, 1));
        if (which == 1) return abi.encodeCall(escrow.claim, (bid));
        if (which == 2) return abi.encodeCall(escrow.refund, (bid));
        if (which == 3) return abi.encodeCall(escrow.deposit, (NATIVE, bo, 1));
        if (which == 4) return abi.encodeCall(escrow.withdraw, (NATIVE, bo, 1));
        return abi.encodeCall(escrow.award, (bid, "", bo, 1, 0, 0, false));
    }

    /// @dev Pays half the price to Bo, whose wallet answers with the call.
    function outcomeOf(IEscrowTypes.Bid memory bid, uint32 units, bytes memory call_) internal returns (bytes32) {
        vm.etch(_data, call_);
        vm.etch(bo, address(new Reentrant(escrow, _data)).code);
        vm.store(bo, 0, "untried");
        released(bid, priceOf(bid, units) / 2);
        return Reentrant(payable(bo)).outcome();
    }
}
