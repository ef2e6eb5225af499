// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @title Signatures
/// @notice ECDSA first (64 or 65 bytes, low s), then ERC-1271 if the signer has code.
library Signatures {
    /// @dev Half of the curve's order: a larger s is the same signature written a second way.
    uint256 private constant MAX_S = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @notice Whether `signer` signed `digest`.
    function isValid(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        address recovered = _recover(digest, signature);
        if (recovered != address(0) && recovered == signer) return true;
        return signer.code.length != 0 && _isValidErc1271(signer, digest, signature);
    }

    /// @dev Zero where the bytes are no ECDSA signature. 64 bytes are r and s with the parity in s's top bit (ERC-2098);
    /// the precompile itself answers zero for a v other than 27 and 28.
    function _recover(bytes32 digest, bytes calldata signature) private pure returns (address) {
        if (signature.length != 64 && signature.length != 65) return address(0);
        bytes32 r = bytes32(signature[0:32]);
        uint256 s = uint256(bytes32(signature[32:64]));
        uint8 v;
        if (signature.length == 65) {
            v = uint8(signature[64]);
        } else {
            v = uint8(27 + (s >> 255));
            s &= uint256(type(int256).max);
        }
        return s > MAX_S ? address(0) : ecrecover(digest, v, r, bytes32(s));
    }

    function _isValidErc1271(address signer, bytes32 digest, bytes calldata signature) private view returns (bool ok) {
        bytes memory question = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        bytes32 yes = bytes32(IERC1271.isValidSignature.selector);
        // Assembly, because a Solidity call copies all returned data: a hostile signer could make that cost any gas.
        assembly ("memory-safe") {
            ok := staticcall(gas(), signer, add(question, 0x20), mload(question), 0x00, 0x20)
            ok := and(ok, and(gt(returndatasize(), 0x1f), eq(mload(0x00), yes)))
        }
    }
}
