// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowAwarding} from "./helpers/Awarding.sol";

/// @notice `awardUnder`: which printers a mandate accepts. Trees are OpenZeppelin's: leaves hashed twice, sorted pairs.
contract AwardUnderPrintersTest is EscrowAwarding {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertGiven_AnotherPrinterThanTheOnly(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bytes32 other,
        bytes32[] memory proof
    ) public {
        Offer memory o = prepaid(raw, units);
        vm.assume(other != o.bid.printer);
        refused(o, leafOf(other), proof);
        refused(o, leafOf(other), new bytes32[](0));
    }

    /// @dev The proof of a printer that is accepted does not prove another.
    function testFuzz_RevertGiven_TheProofOfAnother(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bytes32[4] memory printers,
        uint8 place
    ) public {
        Offer memory o = prepaid(raw, units);
        for (uint256 i; i < 4; ++i) {
            vm.assume(printers[i] != o.bid.printer);
        }
        (bytes32 root, bytes32[] memory proof) = treeOf(printers, place % 4);
        refused(o, root, proof);
    }

    /// @dev A proof holds where its leaf lies, and nowhere else.
    function testFuzz_RevertGiven_TheProofOfAnotherPlace(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bytes32[4] memory printers,
        uint8 place,
        uint8 shift
    ) public {
        Offer memory o = prepaid(raw, units);
        distinct(printers);
        printers[place % 4] = o.bid.printer;
        distinct(printers);
        (bytes32 root, bytes32[] memory proof) = treeOf(printers, (uint256(place % 4) + bound(shift, 1, 3)) % 4);
        refused(o, root, proof);
    }

    function testFuzz_RevertGiven_AProofTooShortOrTooLong(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bytes32[4] memory printers,
        uint8 place,
        bytes32 more
    ) public {
        Offer memory o = prepaid(raw, units);
        printers[place % 4] = o.bid.printer;
        (bytes32 root, bytes32[] memory proof) = treeOf(printers, place % 4);
        bytes32[] memory long = new bytes32[](3);
        (long[0], long[1], long[2]) = (proof[0], proof[1], more);
        refused(o, root, long);
        bytes32[] memory short = new bytes32[](1);
        short[0] = proof[0];
        refused(o, root, short);
    }

    /// @dev A "printer" whose digest is an inner node, the root, a leaf, or half a leaf: hashed twice, it is none of them.
    function testFuzz_RevertGiven_ANodeInPlaceOfAPrinter(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bytes32[4] memory printers,
        uint8 node
    ) public {
        (bytes32 root, bytes32[] memory whole) = treeOf(printers, 0);
        bytes32[] memory proof;
        raw.printer = root;
        if (node % 4 == 1) {
            raw.printer = pairOf(leafOf(printers[0]), leafOf(printers[1]));
            proof = new bytes32[](1);
            proof[0] = whole[1];
        }
        if (node % 4 > 1) proof = whole;
        if (node % 4 == 2) raw.printer = leafOf(printers[0]);
        if (node % 4 == 3) raw.printer = keccak256(abi.encode(printers[0]));
        refused(prepaid(raw, units), root, proof);
    }

    // ------------------------------------------------------------------ successes

    /// @dev Zero accepts any printer, and no proof is looked at.
    function testFuzz_AcceptsAnyWithoutARoot(IEscrowTypes.Bid memory raw, uint32 units, bytes32[] memory proof) public {
        accepted(prepaid(raw, units), 0, proof);
    }

    function testFuzz_AcceptsTheOnlyOne(IEscrowTypes.Bid memory raw, uint32 units) public {
        Offer memory o = prepaid(raw, units);
        accepted(o, leafOf(o.bid.printer), new bytes32[](0));
    }

    function testFuzz_AcceptsOneOfTwo(IEscrowTypes.Bid memory raw, uint32 units, bytes32 other) public {
        Offer memory o = prepaid(raw, units);
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = leafOf(other);
        accepted(o, pairOf(leafOf(o.bid.printer), proof[0]), proof);
    }

    function testFuzz_AcceptsOneOfFour(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bytes32[4] memory printers,
        uint8 place
    ) public {
        Offer memory o = prepaid(raw, units);
        printers[place % 4] = o.bid.printer;
        (bytes32 root, bytes32[] memory proof) = treeOf(printers, place % 4);
        accepted(o, root, proof);
    }

    /// @dev Thousands of printers: a proof of any length the call's gas can pay for.
    function testFuzz_AcceptsOneOfMany(IEscrowTypes.Bid memory raw, uint32 units, bytes32[12] memory path) public {
        Offer memory o = prepaid(raw, units);
        bytes32[] memory proof = new bytes32[](12);
        bytes32 node = leafOf(o.bid.printer);
        for (uint256 i; i < 12; ++i) {
            proof[i] = path[i];
            node = pairOf(node, path[i]);
        }
        accepted(o, node, proof);
    }

    // ------------------------------------------------------------------ helpers

    function prepaid(IEscrowTypes.Bid memory raw, uint32 units) internal returns (Offer memory o) {
        o = offer(sane(raw), units);
        fund(ada, o.price);
    }

    function refused(Offer memory o, bytes32 root, bytes32[] memory proof) internal {
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
        mandate.printers = root;
        bytes memory signature = signed(mandate);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.PrinterNotAccepted.selector, o.bid.printer, root));
        awardUnder(o, mandate, signature, proof);
    }

    function accepted(Offer memory o, bytes32 root, bytes32[] memory proof) internal {
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
        mandate.printers = root;
        awardUnder(o, mandate, signed(mandate), proof);
        assertEq(uint8(word(o.id).status), uint8(IEscrowTypes.Status.AWARDED));
    }

    function distinct(bytes32[4] memory printers) internal pure {
        for (uint256 i; i < 4; ++i) {
            for (uint256 j; j < i; ++j) {
                vm.assume(printers[i] != printers[j]);
            }
        }
    }

    function leafOf(bytes32 printer) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(abi.encode(printer))));
    }

    function pairOf(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }

    function treeOf(bytes32[4] memory printers, uint256 place)
        internal
        pure
        returns (bytes32 root, bytes32[] memory proof)
    {
        bytes32[2] memory inner =
            [pairOf(leafOf(printers[0]), leafOf(printers[1])), pairOf(leafOf(printers[2]), leafOf(printers[3]))];
        root = pairOf(inner[0], inner[1]);
        proof = new bytes32[](2);
        proof[0] = leafOf(printers[place ^ 1]);
        proof[1] = inner[1 - place / 2];
    }
}
