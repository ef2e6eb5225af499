// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IProvenanceAnchor
/// @notice Keeps Merkle roots of evidence. Anyone may publish; each publisher's roots follow one another, so a gap shows.
/// @dev An anchor proves "not later than" and nothing else. Times are unix seconds.
interface IProvenanceAnchor {
    /// @notice `publisher` anchored a root.
    /// @param count leaves under the root, as its publisher says; at least 1
    /// @param previousRoot the publisher's root before it, zero for the first
    event Anchored(address indexed publisher, bytes32 indexed root, uint256 count, bytes32 previousRoot);

    /// @notice A root must not be zero.
    error RootZero();
    /// @notice A root stands for at least one leaf.
    error CountZero();
    /// @notice `previousRoot` must be the publisher's last root: read `last` and anchor again.
    error NotFollowing(bytes32 previousRoot, bytes32 last);
    /// @notice The publisher anchored this root before.
    error AlreadyAnchored(bytes32 root, uint256 anchoredAt);

    /// @notice Anchors a root as the caller's next.
    /// @param root Merkle root of the leaves
    /// @param count leaves under it
    /// @param previousRoot the caller's last root, zero for the first
    /// @dev Reverts with RootZero, CountZero, NotFollowing, AlreadyAnchored.
    function anchor(bytes32 root, uint256 count, bytes32 previousRoot) external;

    /// @notice The newest root of a publisher, or zero.
    function last(address publisher) external view returns (bytes32 root);

    /// @notice When a publisher anchored a root, or zero.
    function anchoredAt(address publisher, bytes32 root) external view returns (uint256 time);
}
