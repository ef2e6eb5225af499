// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Token} from "./Token.sol";

/// @dev What an account is told that asked to be.
interface IHooks {
    function tokensToSend(address from, address to, uint256 amount) external;
    function tokensReceived(address from, address to, uint256 amount) external;
}

/// @notice Calls the sender before and the receiver after each transfer, if they asked for it (as ERC-777).
contract HookToken is Token {
    mapping(address owner => bool) public hooked;

    function hook() external {
        hooked[msg.sender] = true;
    }

    function _transfer(address from, address to, uint256 amount) internal virtual override {
        if (hooked[from]) IHooks(from).tokensToSend(from, to, amount);
        super._transfer(from, to, amount);
        if (hooked[to]) IHooks(to).tokensReceived(from, to, amount);
    }
}

/// @notice Calls somebody itself, in its own name, in the middle of each transfer and permit.
contract CallingToken is Token {
    address private _target;
    bytes private _data;
    bytes public outcome; // what the last call answered, or failed with
    bool public wentThrough;

    function plan(address target, bytes calldata data) external {
        (_target, _data, outcome, wentThrough) = (target, data, "untried", false);
    }

    function _transfer(address from, address to, uint256 amount) internal virtual override {
        _call();
        super._transfer(from, to, amount);
    }

    function permit(address, address, uint256, uint256, uint8, bytes32, bytes32) external {
        _call();
    }

    function _call() private {
        if (_target != address(0)) (wentThrough, outcome) = _target.call(_data);
    }
}
