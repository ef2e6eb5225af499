// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ClosingProof} from "./ClosingProof.sol";
import {LedgerProof} from "./LedgerProof.sol";
import {MakingProof} from "./MakingProof.sol";
import {MoneyProof} from "./MoneyProof.sol";
import {PayingProof} from "./PayingProof.sol";
import {ReawardProof} from "./ReawardProof.sol";

abstract contract InNativeCoin is MoneyProof {
    function currency() internal pure override returns (address) {
        return address(0);
    }

    function fill(address owner, uint256 amount) internal override {
        vm.deal(owner, amount);
    }

    function wallet(address owner) internal view override returns (uint256) {
        return owner.balance;
    }
}

/// @notice In the native coin, to wallets that take it.
contract NativeProof is InNativeCoin, LedgerProof, ReawardProof, MakingProof, PayingProof, ClosingProof {}

/// @notice In the native coin, to wallets that refuse it.
contract RefusedProof is InNativeCoin, ReawardProof, PayingProof, ClosingProof {
    function setUp() public override {
        super.setUp();
        for (uint256 i; i < 4; ++i) {
            vm.etch([ADA, BO, CHARLIE, EVE][i], hex"5f5ffd"); // revert(0, 0)
        }
    }

    function refused() internal pure override returns (bool) {
        return true;
    }
}

/// @notice The least that a token must do.
contract PlainToken {
    mapping(address owner => uint256 amount) public balanceOf;

    function set(address owner, uint256 amount) external {
        balanceOf[owner] = amount;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return transferFrom(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public returns (bool) {
        balanceOf[from] -= amount;
        unchecked {
            balanceOf[to] += amount;
        }
        return true;
    }
}

/// @notice In a token that does as it says.
contract TokenProof is LedgerProof, ReawardProof, PayingProof, ClosingProof {
    PlainToken private _token;

    function setUp() public override {
        super.setUp();
        _token = new PlainToken();
    }

    function currency() internal view override returns (address) {
        return address(_token);
    }

    function fill(address owner, uint256 amount) internal override {
        _token.set(owner, amount);
    }

    function wallet(address owner) internal view override returns (uint256) {
        return _token.balanceOf(owner);
    }
}
