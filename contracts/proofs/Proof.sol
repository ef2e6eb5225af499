// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {IPrintEscrow} from "../src/interfaces/IPrintEscrow.sol";

/// @notice What every proof starts from: the escrow as it is deployed, with anything whatever in its storage.
abstract contract Proof is Test {
    address internal constant ADA = address(0xada); // designer
    address internal constant BO = address(0xb0); // provider
    address internal constant CHARLIE = address(0xca11e); // another provider
    address internal constant EVE = address(0xe5e); // arbiter
    address internal constant OPERATOR = address(0x0bea); // takes the fee

    /// @dev Where the escrow keeps the agreements' words (IdProof checks it).
    uint256 private constant WORDS = 2;

    /// @dev Any signature of a key, and who is said to have made it.
    struct Signature {
        bytes32 r;
        bytes32 s;
        uint8 v;
        address signer;
    }

    IPrintEscrow internal escrow;

    function setUp() public virtual {
        bytes memory code = vm.getCode("PrintEscrow.sol:PrintEscrow");
        address made;
        assembly ("memory-safe") {
            made := create(0, add(code, 0x20), mload(code))
        }
        escrow = IPrintEscrow(made);
        vm.setArbitraryStorage(made);
    }

    function word(bytes32 id) internal view returns (IEscrowTypes.Agreement memory a) {
        (a.status, a.flags, a.clock, a.price, a.paid) = escrow.agreements(id);
    }

    /// @dev The same word undivided, which is one path instead of a few.
    function raw(bytes32 id) internal view returns (uint256) {
        return uint256(vm.load(address(escrow), keccak256(abi.encode(id, WORDS))));
    }

    function packed(Signature memory signature) internal pure returns (bytes memory) {
        return abi.encodePacked(signature.r, signature.s, signature.v);
    }

    // ------------------------------------------------------------------ without branches

    // A branch doubles the paths; `&&` and `||` are branches. So what a path must show is gathered into one answer.

    function both(bool x, bool y) internal pure returns (bool z) {
        assembly ("memory-safe") {
            z := and(x, y)
        }
    }

    function either(bool x, bool y) internal pure returns (bool z) {
        assembly ("memory-safe") {
            z := or(x, y)
        }
    }

    function same(uint256 x, uint256 y) internal pure returns (bool z) {
        assembly ("memory-safe") {
            z := eq(x, y)
        }
    }
}
