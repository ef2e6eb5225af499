// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPrintEscrow} from "../interfaces/IPrintEscrow.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Terms} from "../libraries/Terms.sol";

/// @title Domain
/// @notice The EIP-712 domain of the deployment, and who signed what in it.
abstract contract Domain is IPrintEscrow {
    uint256 private immutable _chainId;
    bytes32 private immutable _domainSeparator;

    constructor() {
        _chainId = block.chainid;
        _domainSeparator = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("PrintEscrow"),
                keccak256("1"),
                block.chainid,
                address(this)
            )
        );
    }

    /// @inheritdoc IPrintEscrow
    function idOf(Bid calldata bid) public view returns (bytes32) {
        return _digest(Terms.structHash(bid));
    }

    /// @inheritdoc IPrintEscrow
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparator;
    }

    function _digest(bytes32 structHash) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", _domainSeparator, structHash));
    }

    /// @dev The domain names the deployment's chain: after a fork the same signature would hold on both sides.
    function _requireSigned(address signer, bytes32 digest, bytes calldata signature) internal view {
        if (block.chainid != _chainId) revert ChainChanged(block.chainid, _chainId);
        if (!Signatures.isValid(signer, digest, signature)) revert SignatureInvalid(signer, digest);
    }
}
