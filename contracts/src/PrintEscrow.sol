// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Awards} from "./escrow/Awards.sol";
import {Disputes} from "./escrow/Disputes.sol";
import {Making} from "./escrow/Making.sol";

/// @title PrintEscrow
/// @notice Agreements and their money. No owner, no proxy, no pause: each hold ends by its signed terms and the clock.
/// @dev Domain <- Ledger <- HotKeys <- Agreements <- Awards, Making, Disputes: each adds words of storage and the
/// functions of one matter; every payment leaves through `Ledger`.
contract PrintEscrow is Awards, Making, Disputes {}
