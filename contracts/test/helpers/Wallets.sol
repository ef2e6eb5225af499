// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPrintEscrow} from "../../src/interfaces/IPrintEscrow.sol";

/// @notice Wallets that the escrow may meet as designer, provider or receiver; each can call out in its own name.
contract Wallet {
    function act(address target, uint256 value, bytes calldata data) external returns (bytes memory) {
        (bool ok, bytes memory answer) = target.call{value: value}(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
        return answer;
    }
}

contract PlainWallet is Wallet {
    receive() external payable {}
}

contract RevertingWallet is Wallet {
    error NoThanks();

    receive() external payable {
        revert NoThanks();
    }
}

contract GasBurner is Wallet {
    receive() external payable {
        assembly ("memory-safe") {
            invalid()
        }
    }
}

/// @notice Needs the gas it is promised to take money, and says no at once where it sees less: it burns nothing.
contract PickyWallet is Wallet {
    error MoreGas();

    receive() external payable {
        if (gasleft() < 52_000) revert MoreGas();
    }
}

/// @notice Answers with 40,000 bytes, or refuses with them: about what the forwarded gas can pay for.
contract LoudWallet is Wallet {
    bool private immutable _refuses;

    constructor(bool refuses) {
        _refuses = refuses;
    }

    receive() external payable {
        bool no = _refuses;
        assembly ("memory-safe") {
            if no { revert(0x00, 40000) }
            return(0x00, 40000)
        }
    }
}

/// @notice Accepts signatures of a digest it was told of.
contract Erc1271Wallet is PlainWallet {
    mapping(bytes32 digest => bool) public approved;

    function approve(bytes32 digest) external {
        approved[digest] = true;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view virtual returns (bytes4) {
        return approved[digest] ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// @notice Wrong answers to the ERC-1271 question.
contract LiarWallet is PlainWallet {
    enum Lie {
        TRUE,
        SHORT,
        NOTHING,
        REVERT,
        BURN,
        LOUD
    }

    Lie private immutable _lie;

    constructor(Lie lie) {
        _lie = lie;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        Lie mine = _lie;
        bytes32 yes = bytes32(this.isValidSignature.selector);
        assembly ("memory-safe") {
            switch mine
            case 0 {
                mstore(0x00, 1) // a bool
                return(0x00, 0x20)
            }
            case 1 {
                mstore(0x00, yes) // right, but too short to be an answer
                return(0x00, 0x1f)
            }
            case 2 { return(0x00, 0x00) }
            case 3 {
                mstore(0x00, yes)
                revert(0x00, 0x20)
            }
            case 4 { invalid() }
            default { return(0x80, 1000000) }
        }
    }
}

/// @notice Calls the escrow back when it is paid, with the bytes that are the code of `data`.
/// @dev Storage is too dear within the gas of a push: one word takes the outcome.
contract Reentrant {
    address private immutable _escrow;
    address private immutable _data;
    bytes32 public outcome = "untried";

    constructor(IPrintEscrow escrow, address data) {
        _escrow = address(escrow);
        _data = data;
    }

    receive() external payable {
        (bool ok, bytes memory answer) = _escrow.call(_data.code);
        outcome = ok ? bytes32("went through") : bytes32(answer);
    }
}
