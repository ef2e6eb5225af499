// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EscrowHandler} from "./EscrowHandler.sol";
import {Invariants} from "./Invariants.sol";

/// @notice PROTOCOL.md section 3, after any sequence of what people may do.
contract EscrowInvariantTest is Invariants {
    function setUp() public override {
        super.setUp();
        _world = new EscrowHandler(escrow);
        targetContract(address(_world));
        string[25] memory actions = _world.actions();
        bytes4[] memory selectors = new bytes4[](actions.length);
        for (uint256 i; i < actions.length; ++i) {
            selectors[i] = _world.selectorOf(actions[i]);
        }
        targetSelector(FuzzSelector(address(_world), selectors));
    }

    /// forge-config: default.invariant.include-storage = false
    /// forge-config: default.invariant.check-interval = 4
    /// @dev The sums: what the escrow holds is what it owes (I1), and nothing is made or lost (I6). Each agreement: it pays
    /// out what it held (I2), once (I3), to those it names (I5). In one, since forge would run each on the same sequences;
    /// after every fourth call, since what is lost stays lost.
    function invariant_I1_I2_I3_I5_I6_HoldAfterAnyCalls() public {
        _checkAll();
    }

    /// @dev I4, after each sequence.
    function afterInvariant() public {
        _checkThatLimitsHold();
        _checkThatTimeAloneLetsAllMoneyOut();
    }
}
