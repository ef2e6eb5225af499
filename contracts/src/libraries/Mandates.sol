// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IEscrowTypes} from "../interfaces/IEscrowTypes.sol";

/// @title Mandates
/// @notice Which bids a dispatcher may award for a designer.
library Mandates {
    /// @notice Reverts unless every term that could be turned against the designer is within the mandate.
    /// @param proof that the bid's printer is one of `mandate.printers`
    function requireWithin(
        IEscrowTypes.Mandate calldata mandate,
        IEscrowTypes.Bid calldata bid,
        bytes32[] calldata proof
    ) internal view {
        if (block.timestamp > mandate.validUntil) {
            revert IEscrowTypes.SignatureExpired(mandate.validUntil);
        }
        _same("designer", uint160(bid.designer), uint160(mandate.designer));
        _same("token", uint160(bid.token), uint160(mandate.token));
        _same("arbiter", uint160(bid.arbiter), uint160(mandate.arbiter));
        _same("jobDigest", uint256(bid.jobDigest), uint256(mandate.jobDigest));
        _atMost("unitPrice", bid.unitPrice, mandate.maxUnitPrice);
        _atLeast("bond", bid.bond, mandate.minBond);
        _atMost("disputeFee", bid.disputeFee, mandate.maxDisputeFee);
        _requireTimesWithin(mandate, bid);
        _atMost("fallbackBps", bid.fallbackBps, mandate.maxFallbackBps);
        _requirePrinter(mandate.printers, bid.printer, proof);
    }

    function _requireTimesWithin(IEscrowTypes.Mandate calldata mandate, IEscrowTypes.Bid calldata bid) private pure {
        _atMost("makeTime", bid.makeTime, mandate.maxMakeTime);
        _atLeast("reviewTime", bid.reviewTime, mandate.minReviewTime);
        _atLeast("arbiterTime", bid.arbiterTime, mandate.minArbiterTime);
        _atMost("arbiterTime", bid.arbiterTime, mandate.maxArbiterTime);
        _atMost("graceTime", bid.graceTime, mandate.maxGraceTime);
    }

    /// @dev A leaf is hashed twice, as in OpenZeppelin's trees: an inner node can never pass for one.
    function _requirePrinter(bytes32 printers, bytes32 printer, bytes32[] calldata proof) private pure {
        if (printers == 0) return;
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(printer))));
        if (!MerkleProof.verifyCalldata(proof, printers, leaf)) {
            revert IEscrowTypes.PrinterNotAccepted(printer, printers);
        }
    }

    function _same(bytes32 term, uint256 value, uint256 wanted) private pure {
        if (value != wanted) revert IEscrowTypes.OutsideMandate(term, value, wanted);
    }

    function _atMost(bytes32 term, uint256 value, uint256 limit) private pure {
        if (value > limit) revert IEscrowTypes.OutsideMandate(term, value, limit);
    }

    function _atLeast(bytes32 term, uint256 value, uint256 limit) private pure {
        if (value < limit) revert IEscrowTypes.OutsideMandate(term, value, limit);
    }
}
