// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowTest} from "./helpers/EscrowTest.sol";
import {Erc1271Wallet, LiarWallet} from "./helpers/Wallets.sol";

/// @notice Which signatures bind a provider, seen through `isAwardable`.
contract SignaturesTest is EscrowTest {
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    // ------------------------------------------------------------------ refusals

    function testFuzz_RefusesBytesThatAreNoSignature(IEscrowTypes.Bid memory raw, bytes memory noise) public {
        assertRefused(sane(raw), noise);
    }

    function testFuzz_RefusesOtherLengths(IEscrowTypes.Bid memory raw, uint8 length) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        vm.assume(length != 64 && length != 65);
        bytes memory signature = bytes.concat(signed(bid), new bytes(256));
        assembly ("memory-safe") {
            mstore(signature, length)
        }
        assertRefused(bid, signature);
    }

    function testFuzz_RefusesTheHighTwin(IEscrowTypes.Bid memory raw) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(boKey, escrow.idOf(bid));
        assertRefused(bid, abi.encodePacked(r, bytes32(ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27)));
    }

    function testFuzz_RefusesOtherRecoveryValues(IEscrowTypes.Bid memory raw, uint8 v) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        vm.assume(v != 27 && v != 28);
        (, bytes32 r, bytes32 s) = vm.sign(boKey, escrow.idOf(bid));
        assertRefused(bid, abi.encodePacked(r, s, v));
    }

    function testFuzz_RefusesAnotherKey(IEscrowTypes.Bid memory raw, uint256 key) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        key = boundPrivateKey(key);
        vm.assume(key != boKey);
        assertRefused(bid, sign(key, escrow.idOf(bid)));
    }

    /// @dev Recovery answers zero for what it cannot read: zero must not be a provider.
    function testFuzz_RefusesNobodysBid(IEscrowTypes.Bid memory raw, bytes32 r, bytes32 s) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        (bid.provider, bid.arbiter) = (address(0), eve);
        assertRefused(bid, abi.encodePacked(r, s, uint8(0)));
    }

    function testFuzz_RefusesAWalletThatDidNotSign(IEscrowTypes.Bid memory raw, bytes32 other) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        Erc1271Wallet wallet = new Erc1271Wallet();
        bid.provider = address(wallet);
        vm.assume(other != escrow.idOf(bid));
        wallet.approve(other);
        assertRefused(bid, "");
    }

    /// @dev The owner's own signature is not the wallet's.
    function testFuzz_RefusesTheKeyInPlaceOfTheWallet(IEscrowTypes.Bid memory raw) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.provider = address(new Erc1271Wallet());
        assertRefused(bid, signed(bid));
    }

    function testFuzz_RefusesLies(IEscrowTypes.Bid memory raw, uint8 lie) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.provider = address(new LiarWallet(LiarWallet.Lie(lie % 6)));
        assertRefused(bid, "");
    }

    /// @dev What an answer leaves out must not be read from what lay in memory: here, the id's own last byte, a zero.
    function test_RefusesAnAnswerThatMemoryWouldComplete() public {
        IEscrowTypes.Bid memory raw;
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.provider = address(new LiarWallet(LiarWallet.Lie.SHORT));
        while (uint8(uint256(escrow.idOf(bid))) != 0) ++bid.salt;
        assertRefused(bid, "");
    }

    // ------------------------------------------------------------------ successes

    function testFuzz_Accepts65Bytes(IEscrowTypes.Bid memory raw) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        assertReason(bid, signed(bid), 0);
    }

    function testFuzz_Accepts64Bytes(IEscrowTypes.Bid memory raw) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        (bytes32 r, bytes32 vs) = vm.signCompact(boKey, escrow.idOf(bid));
        assertReason(bid, abi.encodePacked(r, vs), 0);
    }

    function testFuzz_AcceptsAWallet(IEscrowTypes.Bid memory raw, bytes memory signature) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        Erc1271Wallet wallet = new Erc1271Wallet();
        bid.provider = address(wallet);
        wallet.approve(escrow.idOf(bid));
        assertReason(bid, signature, 0);
    }

    /// @dev An account that delegates its code still signs with its key.
    function testFuzz_AcceptsTheKeyOfAnAccountWithCode(IEscrowTypes.Bid memory raw) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        vm.etch(bo, address(new LiarWallet(LiarWallet.Lie.REVERT)).code);
        assertReason(bid, signed(bid), 0);
    }

    // ------------------------------------------------------------------ helpers

    function assertRefused(IEscrowTypes.Bid memory bid, bytes memory signature) internal {
        assertReason(bid, signature, IEscrowTypes.SignatureInvalid.selector);
    }

    function assertReason(IEscrowTypes.Bid memory bid, bytes memory signature, bytes4 expected) internal {
        fund(bid.provider, bid.bond);
        (, bytes4 reason) = escrow.isAwardable{gas: 3_000_000}(bid, signature, bid.provider, saneUnits(bid, 1));
        assertEq(reason, expected);
    }
}
