// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Token} from "./Token.sol";

/// @notice Takes a fee for its issuer on each transfer, once one is set.
contract FeeToken is Token {
    address public constant ISSUER = address(0xFEE);
    uint256 public feeBps;
    bool public onTop; // paid by the sender beside the amount, instead of by the receiver out of it

    function setFee(uint256 bps, bool onTop_) external {
        (feeBps, onTop) = (bps, onTop_);
    }

    function feeOn(uint256 amount) public view returns (uint256) {
        uint256 fee = amount * feeBps / 10_000;
        return feeBps != 0 && fee == 0 ? 1 : fee;
    }

    function _transfer(address from, address to, uint256 amount) internal virtual override {
        uint256 fee = feeOn(amount);
        if (fee != 0) super._transfer(from, ISSUER, fee);
        super._transfer(from, to, onTop ? amount : amount - fee);
    }
}

/// @notice Moves less than it is asked for, or more, and says true.
contract InexactToken is Token {
    int256 private immutable _error;

    constructor(int256 error_) {
        _error = error_;
    }

    function _transfer(address from, address to, uint256 amount) internal virtual override {
        int256 moved = int256(amount) + _error;
        super._transfer(from, to, moved < 0 ? 0 : uint256(moved));
    }
}

/// @notice Writes money to the receiver and takes none from the sender: whoever asks has any amount.
contract PrintingToken is Token {
    function _spend(address, address, uint256) internal override {}

    function _transfer(address from, address to, uint256 amount) internal virtual override {
        _balances[to] += amount;
        emit Transfer(from, to, amount);
    }
}

/// @notice Moves money the other way.
contract BackwardsToken is Token {
    function _transfer(address from, address to, uint256 amount) internal virtual override {
        super._transfer(to, from, amount);
    }
}
