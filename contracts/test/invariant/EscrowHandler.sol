// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPrintEscrow} from "../../src/interfaces/IPrintEscrow.sol";
import {DisputeHandler} from "./DisputeHandler.sol";
import {LedgerHandler} from "./LedgerHandler.sol";
import {StandbyHandler} from "./StandbyHandler.sol";
import {World} from "./World.sol";

/// @notice Everybody does what they may, each with every function of the escrow, in any order and at any time.
contract EscrowHandler is StandbyHandler, DisputeHandler, LedgerHandler {
    constructor(IPrintEscrow escrow_) World(escrow_) {}

    /// @notice The names of the actions, each a function of this contract that takes a seed.
    function actions() public pure returns (string[25] memory) {
        return [
            "award",
            "awardWithPermit",
            "awardFor",
            "awardUnder",
            "reaward",
            "dropStandby",
            "revokeMandate",
            "release",
            "redeem",
            "deliver",
            "claim",
            "refund",
            "cancel",
            "giveUp",
            "dispute",
            "rule",
            "settle",
            "expire",
            "deposit",
            "withdraw",
            "bumpEpoch",
            "setAgent",
            "wait",
            "force",
            "refuse"
        ];
    }

    function selectorOf(string memory action) public pure returns (bytes4) {
        return bytes4(keccak256(bytes.concat(bytes(action), "(uint256)")));
    }

    function _make(uint256 seed, uint256 status) internal override returns (uint256 place) {
        place = _awardAnyhow(seed);
        if (status != AWARDED) _deliver(place, seed);
        if (status == DISPUTED) _dispute(place, seed);
        if (_flip(seed, "part")) _releasePart(place, seed);
    }
}
