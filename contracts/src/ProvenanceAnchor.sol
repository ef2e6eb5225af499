// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IProvenanceAnchor} from "./interfaces/IProvenanceAnchor.sol";

/// @title ProvenanceAnchor
/// @notice Gap-evident Merkle roots. Holds no money and has no owner.
contract ProvenanceAnchor is IProvenanceAnchor {
    /// @inheritdoc IProvenanceAnchor
    mapping(address publisher => bytes32 root) public override last;
    /// @inheritdoc IProvenanceAnchor
    mapping(address publisher => mapping(bytes32 root => uint256 time)) public override anchoredAt;

    /// @inheritdoc IProvenanceAnchor
    function anchor(bytes32 root, uint256 count, bytes32 previousRoot) external {
        if (root == 0) revert RootZero();
        if (count == 0) revert CountZero();
        bytes32 newest = last[msg.sender];
        if (previousRoot != newest) revert NotFollowing(previousRoot, newest);
        uint256 time = anchoredAt[msg.sender][root];
        if (time != 0) revert AlreadyAnchored(root, time);

        last[msg.sender] = root;
        anchoredAt[msg.sender][root] = block.timestamp;
        emit Anchored(msg.sender, root, count, previousRoot);
    }
}
