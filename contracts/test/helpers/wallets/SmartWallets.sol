// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PlainWallet, Wallet} from "../Wallets.sol";

/// @notice A smart wallet with an owner: notes what it is paid, and signs (ERC-1271) what its owner's key signs.
contract OwnedWallet is Wallet {
    /// @dev Nothing else may lie in slot zero of the proxy: both see the same storage.
    address public owner;
    uint256 public payments;

    event Received(address from, uint256 amount);

    function own(address owner_) external {
        owner = owner_;
    }

    /// @dev Storage and a log: far above the 2,300 gas of a plain transfer.
    receive() external payable {
        ++payments;
        emit Received(msg.sender, msg.value);
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        if (signature.length != 65) return 0xffffffff;
        uint8 v = uint8(signature[64]);
        address signer = ecrecover(digest, v, bytes32(signature[:32]), bytes32(signature[32:64]));
        return signer == owner && signer != address(0) ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// @notice Hands every call to the code of another contract (as ERC-1967 proxies do).
contract ProxyWallet {
    bytes32 private constant IMPLEMENTATION = bytes32(uint256(keccak256("eip1967.proxy.implementation")) - 1);

    constructor(address implementation) {
        bytes32 slot = IMPLEMENTATION;
        assembly ("memory-safe") {
            sstore(slot, implementation)
        }
    }

    receive() external payable {
        _delegate();
    }

    fallback() external payable {
        _delegate();
    }

    function _delegate() private {
        bytes32 slot = IMPLEMENTATION;
        assembly {
            calldatacopy(0x00, 0x00, calldatasize())
            let ok := delegatecall(gas(), sload(slot), 0x00, calldatasize(), 0x00, 0x00)
            returndatacopy(0x00, 0x00, returndatasize())
            if iszero(ok) { revert(0x00, returndatasize()) }
            return(0x00, returndatasize())
        }
    }
}

/// @notice Signs anything as long as its switch is on: a signature that was good can be bad a block later.
contract FickleWallet is PlainWallet {
    bool public signing = true;

    function sign(bool yes) external {
        signing = yes;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        return signing ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}
