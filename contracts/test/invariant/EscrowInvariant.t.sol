// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {EscrowTest} from "../helpers/EscrowTest.sol";
import {EscrowHandler} from "./EscrowHandler.sol";

/// @notice PROTOCOL.md section 3, after any sequence of what people may do.
contract EscrowInvariantTest is EscrowTest {
    EscrowHandler private _handler;

    function setUp() public override {
        super.setUp();
        _handler = new EscrowHandler(escrow);
        targetContract(address(_handler));
        bytes4[] memory actions = new bytes4[](9);
        actions[0] = _handler.award.selector;
        actions[1] = _handler.release.selector;
        actions[2] = _handler.deliver.selector;
        actions[3] = _handler.claim.selector;
        actions[4] = _handler.refund.selector;
        actions[5] = _handler.deposit.selector;
        actions[6] = _handler.withdraw.selector;
        actions[7] = _handler.wait.selector;
        actions[8] = _handler.force.selector;
        targetSelector(FuzzSelector(address(_handler), actions));
    }

    /// @dev I1: the balance covers everybody's free and every open agreement; exactly, but for what came unasked.
    function invariant_I1_TheBalanceCoversAllThatIsOwed() public view {
        uint256 owed;
        for (uint256 i; i < _handler.peopleCount(); ++i) {
            owed += free(_handler.people(i));
        }
        for (uint256 i; i < _handler.count(); ++i) {
            IEscrowTypes.Bid memory bid = _handler.bidAt(i);
            IEscrowTypes.Agreement memory a = word(escrow.idOf(bid));
            if (a.status != IEscrowTypes.Status.CLOSED) owed += uint256(a.price) - a.paid + bid.bond;
        }
        assertEq(address(escrow).balance, owed + _handler.forced());
    }

    /// @dev I2: an agreement pays out at most what came into it, and all of it once closed.
    function invariant_I2_AnAgreementPaysOutNoMoreThanItHolds() public view {
        for (uint256 i; i < _handler.count(); ++i) {
            bytes32 id = escrow.idOf(_handler.bidAt(i));
            uint256 held = _handler.cameIn(id);
            if (word(id).status == IEscrowTypes.Status.CLOSED) assertEq(_handler.wentOut(id), held);
            else assertLe(_handler.wentOut(id), held);
        }
    }

    /// @dev I3: an id is used once, and what is closed stays closed.
    function invariant_I3_AnIdIsUsedOnce() public view {
        for (uint256 i; i < _handler.count(); ++i) {
            bytes32 id = escrow.idOf(_handler.bidAt(i));
            assertEq(_handler.awards(id), 1);
            if (_handler.seenClosed(id)) assertEq(uint8(word(id).status), uint8(IEscrowTypes.Status.CLOSED));
        }
    }

    /// @dev I6: no money is made or lost.
    function invariant_I6_MoneyIsConserved() public view {
        uint256 sum = address(escrow).balance;
        for (uint256 i; i < _handler.peopleCount(); ++i) {
            sum += _handler.people(i).balance;
        }
        assertEq(sum, _handler.total() + _handler.forced());
    }

    /// @dev I4: after any sequence, time alone lets a stranger close every agreement and every owner take what is theirs.
    function afterInvariant() public {
        skip(3 * MAX_DURATION);
        for (uint256 i; i < _handler.count(); ++i) {
            IEscrowTypes.Bid memory bid = _handler.bidAt(i);
            IEscrowTypes.Status status = word(escrow.idOf(bid)).status;
            vm.startPrank(charlie);
            if (status == IEscrowTypes.Status.AWARDED) escrow.refund(bid);
            if (status == IEscrowTypes.Status.DELIVERED) escrow.claim(bid);
            vm.stopPrank();
        }
        for (uint256 i; i < _handler.peopleCount(); ++i) {
            address owner = _handler.people(i);
            uint128 amount = uint128(free(owner));
            if (amount == 0) continue;
            vm.prank(owner);
            escrow.withdraw(NATIVE, charlie, amount);
        }
        assertEq(address(escrow).balance, _handler.forced());
    }
}
