// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {EscrowTest} from "./EscrowTest.sol";

/// @notice What is signed beside bids, hashed from its own copy of the type strings: a wrong word in the contract shows.
abstract contract EscrowSigning is EscrowTest {
    uint256 internal constant HOME_CHAIN = 31337; // where the escrow is deployed, whatever the chain becomes

    function consentDigest(IEscrowTypes.Award memory consent) internal view returns (bytes32) {
        bytes32 typeHash =
            keccak256("Award(bytes32 agreement,uint32 units,bytes32 standby,bytes32 book,uint40 deadline)");
        return typedDigest(abi.encode(typeHash, consent));
    }

    function mandateDigest(IEscrowTypes.Mandate memory mandate) internal view returns (bytes32) {
        bytes32 typeHash = keccak256(
            "Mandate(address designer,address dispatcher,address token,address arbiter,bytes32 jobDigest,bytes32 printers,uint96 maxUnitPrice,uint96 minBond,uint96 maxDisputeFee,uint32 units,uint32 maxMakeTime,uint32 minReviewTime,uint32 minArbiterTime,uint32 maxArbiterTime,uint32 maxGraceTime,uint16 maxFallbackBps,uint40 validUntil,uint256 salt)"
        );
        return typedDigest(abi.encode(typeHash, mandate));
    }

    function voucherDigest(bytes32 id, uint96 cumulative) internal view returns (bytes32) {
        bytes32 typeHash = keccak256("Voucher(bytes32 agreement,uint96 cumulative)");
        return typedDigest(abi.encode(typeHash, id, cumulative));
    }

    function settlementDigest(IEscrowTypes.Settlement memory settlement) internal view returns (bytes32) {
        bytes32 typeHash =
            keccak256("Settlement(bytes32 agreement,uint96 toProvider,uint96 paid,uint8 status,uint40 deadline)");
        return typedDigest(abi.encode(typeHash, settlement));
    }

    function typedDigest(bytes memory members) internal view returns (bytes32) {
        bytes32 domainType =
            keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        bytes32 domain =
            keccak256(abi.encode(domainType, keccak256("PrintEscrow"), keccak256("1"), HOME_CHAIN, address(escrow)));
        return keccak256(abi.encodePacked(hex"1901", domain, keccak256(members)));
    }
}
