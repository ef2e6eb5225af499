// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {Vm} from "forge-std/Vm.sol";
import {IProvenanceAnchor} from "../src/interfaces/IProvenanceAnchor.sol";

contract ProvenanceAnchorTest is Test {
    IProvenanceAnchor private anchor;

    function setUp() public {
        anchor = IProvenanceAnchor(vm.deployCode("ProvenanceAnchor.sol:ProvenanceAnchor"));
    }

    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertWhen_TheRootIsZero(uint256 count, bytes32 previous) public {
        vm.expectRevert(IProvenanceAnchor.RootZero.selector);
        anchor.anchor(0, count, previous);
    }

    function testFuzz_RevertWhen_TheCountIsZero(bytes32 root, bytes32 previous) public {
        vm.assume(root != 0);
        vm.expectRevert(IProvenanceAnchor.CountZero.selector);
        anchor.anchor(root, 0, previous);
    }

    function testFuzz_RevertWhen_TheFirstRootFollowsAnother(bytes32 root, bytes32 previous) public {
        vm.assume(root != 0 && previous != 0);
        vm.expectRevert(abi.encodeWithSelector(IProvenanceAnchor.NotFollowing.selector, previous, 0));
        anchor.anchor(root, 1, previous);
    }

    /// @dev A root that does not follow the last would hide the ones between.
    function testFuzz_RevertWhen_ARootIsLeftOut(bytes32 first, bytes32 second, bytes32 third, bytes32 previous) public {
        vm.assume(first != 0 && second != 0 && third != 0 && first != second && previous != second);
        anchor.anchor(first, 1, 0);
        anchor.anchor(second, 1, first);
        vm.expectRevert(abi.encodeWithSelector(IProvenanceAnchor.NotFollowing.selector, previous, second));
        anchor.anchor(third, 1, previous);
    }

    /// @dev A second time would move `anchoredAt`, and close the publisher's roots to a circle.
    function testFuzz_RevertWhen_TheRootWasAnchoredBefore(bytes32 first, bytes32 second, uint32 later) public {
        vm.assume(first != 0 && second != 0 && first != second);
        vm.warp(1_900_000_000);
        anchor.anchor(first, 1, 0);
        anchor.anchor(second, 1, first);
        skip(later);
        vm.expectRevert(abi.encodeWithSelector(IProvenanceAnchor.AlreadyAnchored.selector, first, 1_900_000_000));
        anchor.anchor(first, 1, second);
    }

    // ------------------------------------------------------------------ successes

    function testFuzz_KeepsTheLastRootAndItsTime(bytes32 first, bytes32 second, uint40 time, uint32 later) public {
        vm.assume(first != 0 && second != 0 && first != second && time != 0);
        vm.warp(time);
        anchor.anchor(first, 1, 0);
        skip(later);
        anchor.anchor(second, 1000, first);
        assertEq(anchor.last(address(this)), second);
        assertEq(anchor.anchoredAt(address(this), first), time);
        assertEq(anchor.anchoredAt(address(this), second), uint256(time) + later);
    }

    /// @dev A copied root, sent first, is the copier's alone: the publisher's own anchor cannot be blocked.
    function testFuzz_IsNotBlockedByACopy(bytes32 root, address copier) public {
        vm.assume(root != 0 && copier != address(this));
        vm.prank(copier);
        anchor.anchor(root, 1, 0);
        anchor.anchor(root, 1, 0);
        assertEq(anchor.last(address(this)), root);
        assertEq(anchor.last(copier), root);
    }

    /// @dev Each publisher's roots can be walked back from its last to zero, past no other's: a gap would show.
    function testFuzz_LeavesNoGapBetweenAPublishersRoots(bytes32 seed, uint8 count, address other) public {
        vm.assume(other != address(this));
        vm.recordLogs();
        for (uint256 i; i < 1 + count % 8; ++i) {
            anchor.anchor(keccak256(abi.encode(seed, i)), 1 + i, anchor.last(address(this)));
            bytes32 previous = anchor.last(other);
            vm.prank(other);
            anchor.anchor(keccak256(abi.encode(i, seed)), 1, previous);
        }
        Vm.Log[] memory logs = vm.getRecordedLogs();
        bytes32 root = anchor.last(address(this));
        for (uint256 i = logs.length; i > 0; --i) {
            if (address(uint160(uint256(logs[i - 1].topics[1]))) != address(this)) continue;
            assertEq(logs[i - 1].topics[2], root);
            (, root) = abi.decode(logs[i - 1].data, (uint256, bytes32));
        }
        assertEq(root, 0);
    }

    function testFuzz_Emits(bytes32 root, uint256 count) public {
        vm.assume(root != 0 && count != 0);
        vm.expectEmit(address(anchor));
        emit IProvenanceAnchor.Anchored(address(this), root, count, 0);
        anchor.anchor(root, count, 0);
    }
}
