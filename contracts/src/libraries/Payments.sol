// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPrintEscrow} from "../interfaces/IPrintEscrow.sol";

/// @title Payments
/// @notice Sending money to a receiver nobody trusts.
library Payments {
    /// @dev What a receiver may spend: enough for a smart wallet behind a proxy.
    uint256 internal constant PUSH_GAS = 50_000;
    /// @dev What must be left so that PUSH_GAS really arrives: a call keeps one 64th back (794) and costs up to 9,000 for
    /// the value, 2,600 for a cold address and 2,600 for a cold delegate of it.
    uint256 internal constant PUSH_GAS_NEEDED = 66_000;

    /// @notice Sends native coin; false if the receiver refused it.
    /// @dev Reverts where too little gas is left, so that a caller cannot make a willing receiver seem to refuse.
    function push(address to, uint256 amount) internal returns (bool ok) {
        if (gasleft() < PUSH_GAS_NEEDED) revert IPrintEscrow.GasTooLow(gasleft(), PUSH_GAS_NEEDED);
        // Assembly, because a Solidity call copies all returned data: a hostile receiver could make that cost any gas.
        assembly ("memory-safe") {
            ok := call(PUSH_GAS, to, amount, 0x00, 0x00, 0x00, 0x00)
        }
    }
}
