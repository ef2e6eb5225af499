// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice No token at all: answers every call with the same bytes.
contract Parrot {
    bytes32 private immutable _word;
    uint256 private immutable _size;

    constructor(bytes32 word, uint256 size) {
        (_word, _size) = (word, size);
    }

    fallback() external {
        (bytes32 word, uint256 size) = (_word, _size);
        assembly ("memory-safe") {
            mstore(0x00, word)
            return(0x00, size)
        }
    }
}
