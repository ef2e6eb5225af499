// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Wallet} from "../Wallets.sol";

/// @notice Takes money if it sees a given amount of gas, and uses it up; says no at once where it sees less.
contract HungryWallet is Wallet {
    uint256 private immutable _appetite;

    error MoreGas();

    constructor(uint256 appetite) {
        _appetite = appetite;
    }

    receive() external payable {
        uint256 start = gasleft();
        if (start < _appetite) revert MoreGas();
        while (start - gasleft() + 500 < _appetite) {}
    }
}

/// @notice Destroys itself while it is created, and forces what it was given on a receiver who cannot refuse.
contract Martyr {
    constructor(address payable heir) payable {
        selfdestruct(heir);
    }
}

/// @notice Takes no money and knows no function, at no cost.
contract DeafWallet {}
