// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Token} from "./Token.sol";

/// @notice ERC-2612 as it should be.
contract PermitToken is Token {
    bytes32 public constant PERMIT_TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    mapping(address owner => uint256) public nonces;

    error PermitRefused();

    function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        virtual
    {
        bytes32 digest = permitDigest(owner, spender, value, nonces[owner]++, deadline);
        if (block.timestamp > deadline || owner != ecrecover(digest, v, r, s) || owner == address(0)) {
            revert PermitRefused();
        }
        _approve(owner, spender, value);
    }

    function DOMAIN_SEPARATOR() public view returns (bytes32) {
        bytes32 typeHash = keccak256("EIP712Domain(uint256 chainId,address verifyingContract)");
        return keccak256(abi.encode(typeHash, block.chainid, address(this)));
    }

    function permitDigest(address owner, address spender, uint256 value, uint256 nonce, uint256 deadline)
        public
        view
        returns (bytes32)
    {
        bytes32 structDigest = keccak256(abi.encode(PERMIT_TYPEHASH, owner, spender, value, nonce, deadline));
        return keccak256(abi.encodePacked(hex"1901", DOMAIN_SEPARATOR(), structDigest));
    }
}

/// @notice Has a `permit`, which grants nothing.
contract OddPermitToken is PermitToken {
    enum Oddity {
        NOTHING, // returns as if all were well
        GARBAGE, // answers with a false nobody asked for
        HUGE, // answers with many bytes
        REVERT, // reverts without a word
        HUGE_REVERT, // reverts with many bytes
        BURN // burns all gas it is given
    }

    Oddity private immutable _kind;

    constructor(Oddity kind) {
        _kind = kind;
    }

    function permit(address, address, uint256, uint256, uint8, bytes32, bytes32) external view override {
        Oddity kind = _kind;
        assembly ("memory-safe") {
            let start := mload(0x40)
            switch kind
            case 0 { return(start, 0) }
            case 1 { return(start, 32) }
            case 2 { return(start, 300000) }
            case 3 { revert(start, 0) }
            case 4 { revert(start, 300000) }
            default { invalid() }
        }
    }
}

/// @notice A permit of everything or nothing, with other members in another order (as DAI).
contract DaiPermitToken is Token {
    bytes32 public constant PERMIT_TYPEHASH =
        keccak256("Permit(address holder,address spender,uint256 nonce,uint256 expiry,bool allowed)");
    mapping(address holder => uint256) public nonces;

    error PermitRefused();

    function permit(
        address holder,
        address spender,
        uint256 nonce,
        uint256 expiry,
        bool allowed,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        bytes32 structDigest = keccak256(abi.encode(PERMIT_TYPEHASH, holder, spender, nonce, expiry, allowed));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", bytes32(uint256(uint160(address(this)))), structDigest));
        bool late = expiry != 0 && block.timestamp > expiry;
        if (late || nonce != nonces[holder]++ || holder != ecrecover(digest, v, r, s)) revert PermitRefused();
        _approve(holder, spender, allowed ? type(uint256).max : 0);
    }
}

/// @notice Takes any call it does not know, and says nothing (as WETH): a permit seems to succeed.
contract SwallowingToken is Token {
    fallback() external {}
}
