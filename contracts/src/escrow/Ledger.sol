// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPrintEscrow} from "../interfaces/IPrintEscrow.sol";
import {Payments} from "../libraries/Payments.sol";
import {Domain} from "./Domain.sol";

/// @title Ledger
/// @notice What is free of whom, and how money comes in and goes out.
abstract contract Ledger is Domain {
    /// @dev Half the range of `free`: credits of 96 bits each could not fill the other half in any chain's life.
    uint256 private constant MAX_FREE_AFTER_DEPOSIT = type(uint128).max / 2;

    /// @inheritdoc IPrintEscrow
    mapping(address token => mapping(address owner => Account)) public override accounts;

    /// @dev A whole word: a bool would be read again before it is written.
    uint256 private transient _lock;

    /// @dev On everything that moves money: a receiver, or a token, that calls back finds the door shut.
    modifier locked() {
        _enter();
        _;
        _lock = 0;
    }

    function _enter() private {
        if (_lock != 0) revert Locked();
        _lock = 1;
    }

    /// @inheritdoc IPrintEscrow
    function deposit(address token, address owner, uint128 amount) external payable locked {
        _requireToken(token);
        if (amount == 0) revert AmountZero();
        Account storage account = accounts[token][owner];
        uint256 free = uint256(account.free) + amount;
        if (free > MAX_FREE_AFTER_DEPOSIT) revert DepositTooLarge(free, MAX_FREE_AFTER_DEPOSIT);

        account.free = uint128(free);
        emit Deposited(token, owner, msg.sender, amount);
        _take(token, amount, false);
    }

    /// @inheritdoc IPrintEscrow
    function withdraw(address token, address to, uint128 amount) external locked {
        if (amount == 0) revert AmountZero();
        if (to == address(this)) revert ReceiverForbidden(to);
        _debit(token, msg.sender, amount);
        emit Withdrawn(token, msg.sender, to, amount);
        if (!Payments.transfer(token, to, amount)) revert PushFailed(token, to, amount);
    }

    /// @inheritdoc IPrintEscrow
    function bumpEpoch(address token) external {
        uint32 epoch = ++accounts[token][msg.sender].epoch;
        emit EpochBumped(token, msg.sender, epoch);
    }

    /// @dev Takes money from the caller: out of its `free`, the value sent, or its allowance.
    function _take(address token, uint128 amount, bool fromLedger) internal {
        bool byValue = token == address(0) && !fromLedger;
        uint256 expected = byValue ? amount : 0;
        if (msg.value != expected) revert ValueMismatch(msg.value, expected);
        if (byValue || amount == 0) return;
        if (fromLedger) _debit(token, msg.sender, amount);
        else Payments.pull(token, msg.sender, amount);
    }

    function _debit(address token, address owner, uint128 amount) internal {
        Account storage account = accounts[token][owner];
        uint128 free = account.free;
        if (free < amount) revert FreeTooLow(free, amount);
        unchecked {
            account.free = free - amount;
        }
    }

    function _credit(address token, address owner, bytes32 id, uint128 amount) internal {
        accounts[token][owner].free += amount;
        emit Credited(token, owner, id, amount);
    }

    /// @dev Pushes, else credits. Sends nothing where there is nothing.
    function _send(address token, address to, bytes32 id, uint128 amount) internal {
        if (amount != 0 && !Payments.push(token, to, amount)) _credit(token, to, id, amount);
    }

    function _requireToken(address token) internal view {
        if (token != address(0) && token.code.length == 0) revert TokenUnsupported(token);
    }
}
