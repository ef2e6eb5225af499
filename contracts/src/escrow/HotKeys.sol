// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPrintEscrow} from "../interfaces/IPrintEscrow.sol";
import {Ledger} from "./Ledger.sol";

/// @title HotKeys
/// @notice Keys that sign bids and say deliveries for a provider, up to what their bids may lock.
abstract contract HotKeys is Ledger {
    /// @inheritdoc IPrintEscrow
    mapping(address token => mapping(address provider => mapping(address key => Agent))) public override agents;

    /// @inheritdoc IPrintEscrow
    function setAgent(address token, address key, uint40 until, uint96 bondLeft) external {
        agents[token][msg.sender][key] = Agent(until, bondLeft);
        emit AgentSet(token, msg.sender, key, until, bondLeft);
    }

    function _isLive(address token, address provider, address key) internal view returns (bool) {
        return agents[token][provider][key].until >= block.timestamp;
    }

    /// @dev The provider itself may lock what it has; its hot key no more than what is left to it.
    function _requireSigner(Bid calldata bid, address signer) internal view {
        if (signer == bid.provider) return;
        if (!_isLive(bid.token, bid.provider, signer)) revert SignerNotAllowed(signer, bid.provider);
        uint96 bondLeft = agents[bid.token][bid.provider][signer].bondLeft;
        if (bid.bond > bondLeft) revert AgentBondTooLow(bid.bond, bondLeft);
    }

    function _lockBond(Bid calldata bid, address signer) internal {
        if (bid.bond == 0) return;
        if (signer != bid.provider) agents[bid.token][bid.provider][signer].bondLeft -= bid.bond;
        _debit(bid.token, bid.provider, bid.bond);
    }
}
