// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Test} from "forge-std/Test.sol";

/// @notice The committed trees, made in Python by `protocol.merkle`, as OpenZeppelin's MerkleProof sees them.
contract MerkleTest is Test {
    string private trees;
    uint256 private constant TREES = 9;

    function setUp() public {
        trees = vm.readFile("tests/vectors/trees.json");
    }

    // ------------------------------------------------------------------ refusals

    function testFuzz_RefusesAnotherLeaf(uint256 tree, uint256 index, bytes32 other) public view {
        (string memory path, bytes32 leaf) = chosen(tree, index);
        vm.assume(other != leaf);
        assertFalse(MerkleProof.verify(proofOf(path), rootOf(tree), other));
    }

    function testFuzz_RefusesTheProofOfAnotherLeaf(uint256 tree, uint256 index, uint256 another) public view {
        (, bytes32 leaf) = chosen(tree, index);
        (string memory path, bytes32 other) = chosen(tree, another);
        vm.assume(other != leaf);
        assertFalse(MerkleProof.verify(proofOf(path), rootOf(tree), leaf));
    }

    /// @dev The children of an inner node are 64 bytes, as a bid book's leaf is: only hashing twice tells them apart.
    function testFuzz_AnInnerNodeIsNoLeaf(uint256 tree, uint256 index) public view {
        (string memory path, bytes32 leaf) = chosen(tree, index);
        bytes32[] memory proof = proofOf(path);
        vm.assume(proof.length > 0);
        (bytes32 low, bytes32 high) = leaf < proof[0] ? (leaf, proof[0]) : (proof[0], leaf);
        bytes32[] memory above = new bytes32[](proof.length - 1);
        for (uint256 i; i < above.length; ++i) {
            above[i] = proof[i + 1];
        }
        assertTrue(MerkleProof.verify(above, rootOf(tree), keccak256(abi.encode(low, high))));
        assertFalse(MerkleProof.verify(above, rootOf(tree), twice(abi.encode(low, high))));
    }

    // ------------------------------------------------------------------ successes

    function test_ProvesEveryLeafOfEveryTree() public view {
        uint256 leaves;
        for (uint256 tree; tree < TREES; ++tree) {
            for (uint256 index; vm.keyExistsJson(trees, leafPath(tree, index)); ++index) {
                string memory path = leafPath(tree, index);
                bytes32 leaf = digestOf(tree, string.concat(path, ".value"));
                assertEq(leaf, vm.parseJsonBytes32(trees, string.concat(path, ".digest")));
                assertTrue(MerkleProof.verify(proofOf(path), rootOf(tree), leaf));
                ++leaves;
            }
        }
        assertGt(leaves, 0);
        assertFalse(vm.keyExistsJson(trees, string.concat("$[", vm.toString(TREES), "]")), "a tree is left out");
    }

    // ------------------------------------------------------------------ the vectors

    function chosen(uint256 tree, uint256 index) private view returns (string memory path, bytes32 leaf) {
        uint256 count;
        while (vm.keyExistsJson(trees, leafPath(tree, count))) ++count;
        path = leafPath(tree, index % count);
        leaf = vm.parseJsonBytes32(trees, string.concat(path, ".digest"));
    }

    function rootOf(uint256 tree) private view returns (bytes32) {
        return vm.parseJsonBytes32(trees, string.concat(treePath(tree), ".root"));
    }

    function proofOf(string memory path) private view returns (bytes32[] memory) {
        return vm.parseJsonBytes32Array(trees, string.concat(path, ".proof"));
    }

    function treePath(uint256 tree) private pure returns (string memory) {
        return string.concat("$[", vm.toString(tree % TREES), "]");
    }

    function leafPath(uint256 tree, uint256 index) private pure returns (string memory) {
        return string.concat(treePath(tree), ".leaves[", vm.toString(index), "]");
    }

    // ------------------------------------------------------------------ the leaves of the protocol

    function digestOf(uint256 tree, string memory path) private view returns (bytes32) {
        bytes32 kind = keccak256(bytes(vm.parseJsonString(trees, string.concat(treePath(tree), ".leaf"))));
        if (kind == keccak256("PrinterLeaf")) return twice(abi.encode(wordAt(path, ".printer")));
        if (kind == keccak256("BookLeaf")) return twice(abi.encode(wordAt(path, ".receipt"), wordAt(path, ".salt")));
        return twice(
            abi.encode(
                vm.parseJsonUint(trees, string.concat(path, ".chainId")),
                vm.parseJsonAddress(trees, string.concat(path, ".escrow")),
                wordAt(path, ".subject"),
                uint64(vm.parseJsonUint(trees, string.concat(path, ".seq"))),
                keccak256(bytes(vm.parseJsonString(trees, string.concat(path, ".kind")))),
                wordAt(path, ".payload"),
                wordAt(path, ".record")
            )
        );
    }

    function wordAt(string memory path, string memory member) private view returns (bytes32) {
        return vm.parseJsonBytes32(trees, string.concat(path, member));
    }

    function twice(bytes memory encoded) private pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(encoded)));
    }
}
