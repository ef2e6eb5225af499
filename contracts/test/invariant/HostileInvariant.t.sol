// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HostileHandler} from "./HostileHandler.sol";
import {Invariants} from "./Invariants.sol";

/// @notice The same invariants while somebody throws arbitrary calls among those of honest people.
contract HostileInvariantTest is Invariants {
    function setUp() public override {
        super.setUp();
        HostileHandler hostile = new HostileHandler(escrow);
        _world = hostile;
        targetContract(address(_world));
        string[25] memory actions = _world.actions();
        bytes4[] memory selectors = new bytes4[](2 * actions.length + 1);
        for (uint256 i; i < actions.length; ++i) {
            selectors[i] = _world.selectorOf(actions[i]);
            selectors[actions.length + i] = hostile.strike.selector;
        }
        selectors[2 * actions.length] = hostile.garbage.selector;
        targetSelector(FuzzSelector(address(_world), selectors));
    }

    /// forge-config: default.invariant.include-storage = false
    /// forge-config: default.invariant.check-interval = 4
    /// @dev I1, I2, I3, I5 and I6 together, for every call may break any of them.
    function invariant_I1_I2_I3_I5_I6_HoldAgainstArbitraryCalls() public {
        _checkAll();
    }

    /// @dev I4, after each sequence.
    function afterInvariant() public {
        _checkThatLimitsHold();
        _checkThatTimeAloneLetsAllMoneyOut();
    }
}
