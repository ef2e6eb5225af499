// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {Terms} from "../../src/libraries/Terms.sol";
import {FickleWallet, OwnedWallet, ProxyWallet} from "../helpers/wallets/SmartWallets.sol";
import {LiarWallet} from "../helpers/Wallets.sol";
import {WaysOut} from "./WaysOut.sol";

/// @notice Parties who sign by their wallet's code (ERC-1271), which can lie and change its mind: a signature counts when it
/// is used, and nobody needs one to get out.
contract WalletSignaturesTest is WaysOut {
    enum Signed {
        VOUCHER,
        SETTLEMENT,
        CONSENT,
        MANDATE
    }

    // ------------------------------------------------------------------ refusals

    /// @dev All that a designer can sign, with a wallet that says yes in a wrong way; the timed exits need none of it.
    function testFuzz_RevertWhen_ADesignersWalletLies(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 what,
        uint8 lie,
        bytes memory signature
    ) public {
        (Story memory s, address caller, bytes memory data, bytes32 digest) = asked(raw, units, what, signature);
        vm.etch(ada, address(new LiarWallet(LiarWallet.Lie(lie % 6))).code);
        assertSignatureRefused(caller, data, digest);
        assertClosesByTime(s, Signed(what % 4));
    }

    function testFuzz_RevertWhen_ADesignersWalletSignsNoMore(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 what,
        bytes memory signature
    ) public {
        (Story memory s, address caller, bytes memory data, bytes32 digest) = asked(raw, units, what, signature);
        becomeFickle(ada);
        uint256 snapshot = vm.snapshotState();
        vm.prank(caller);
        (bool ok,) = address(escrow).call(data);
        assertTrue(ok, "while it signs");
        vm.revertToState(snapshot);
        FickleWallet(payable(ada)).sign(false);
        assertSignatureRefused(caller, data, digest);
        assertClosesByTime(s, Signed(what % 4));
    }

    /// @dev Of the wallet's code nothing is left: neither is its signature.
    function testFuzz_RevertWhen_TheWalletIsGone(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 what,
        bytes memory signature
    ) public {
        (Story memory s, address caller, bytes memory data, bytes32 digest) = asked(raw, units, what, signature);
        becomeFickle(ada);
        vm.etch(ada, "");
        assertSignatureRefused(caller, data, digest);
        assertClosesByTime(s, Signed(what % 4));
    }

    // ------------------------------------------------------------------ successes

    /// @dev An award once made is not undone by its signer's change of mind.
    function testFuzz_ClosesThoughTheProvidersWalletSignsNoMore(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way,
        bool gone
    ) public {
        Story memory s = told(address(coin), raw, units, way);
        funded(s.bid, s.units);
        becomeFickle(bo);
        bytes32 standby = s.way == Way.REAWARD ? escrow.idOf(s.standby) : bytes32(0);
        vm.prank(ada);
        escrow.award(s.bid, "", bo, s.units, standby, 0, false);
        arrived(s);
        uint256[5] memory fair = fairShares(s);
        FickleWallet(payable(bo)).sign(false);
        if (gone) vm.etch(bo, "");
        left(s);
        assertShares(address(coin), fair);
        assertAllLeaves(address(coin));
        assertBystandersUnharmed();
    }

    /// @dev A wallet behind a proxy is a provider like any other: it signs by its owner's key, delivers and is paid.
    function testFuzz_PaysAWalletThatBidsAndDelivers(IEscrowTypes.Bid memory raw, uint32 units, uint256 key) public {
        OwnedWallet wallet = OwnedWallet(payable(address(new ProxyWallet(address(new OwnedWallet())))));
        key = boundPrivateKey(key);
        wallet.own(vm.addr(key));
        raw.toLedger = false;
        Story memory s = told(NATIVE, raw, units, uint8(Way.CLAIM));
        s.bid.provider = address(wallet);
        funded(s.bid, s.units);
        bytes memory signature = sign(key, escrow.idOf(s.bid));
        vm.prank(ada);
        escrow.award{value: s.price}(s.bid, signature, address(wallet), s.units, 0, 0, false);
        wallet.act(address(escrow), 0, abi.encodeCall(escrow.deliver, (s.bid, "head")));
        skip(uint256(s.bid.reviewTime) + 1);
        escrow.claim(s.bid);
        assertEq(address(wallet).balance, s.price - feeOn(s.bid, s.price));
        assertEq(freeIn(NATIVE, address(wallet)), s.bid.bond);
        assertEq(wallet.payments(), 1);
        assertBystandersUnharmed();
    }

    // ------------------------------------------------------------------ helpers

    /// @dev A call that needs the designer's signature, with bytes that are no key's.
    function asked(IEscrowTypes.Bid memory raw, uint32 units, uint8 what, bytes memory signature)
        private
        returns (Story memory s, address caller, bytes memory data, bytes32 digest)
    {
        vm.assume(signature.length != 64 && signature.length != 65);
        Signed signing = Signed(what % 4);
        s = told(address(coin), raw, units, uint8(Way.CLAIM));
        if (signing == Signed.VOUCHER || signing == Signed.SETTLEMENT) {
            funded(s.bid, s.units);
            award(s.bid, s.units, boKey, 0);
            (caller, data, digest) = signing == Signed.VOUCHER ? _redeeming(s, signature) : _settling(s, signature);
        } else {
            prepay(address(coin), bo, s.bid.bond);
            prepay(address(coin), ada, s.price);
            (caller, data, digest) = signing == Signed.CONSENT ? _consenting(s, signature) : _mandating(s, signature);
        }
    }

    function _redeeming(Story memory s, bytes memory signature) private view returns (address, bytes memory, bytes32) {
        bytes32 digest = digestOf(Terms.voucherHash(s.id, s.price));
        return (bo, abi.encodeCall(escrow.redeem, (s.bid, s.price, signature)), digest);
    }

    function _settling(Story memory s, bytes memory signature) private view returns (address, bytes memory, bytes32) {
        IEscrowTypes.Settlement memory split = IEscrowTypes.Settlement(s.id, s.price, 0, 1, type(uint40).max);
        bytes32 digest = digestOf(keccak256(abi.encode(Terms.SETTLEMENT_TYPEHASH, split)));
        return (bo, abi.encodeCall(escrow.settle, (s.bid, split, signature)), digest);
    }

    function _consenting(Story memory s, bytes memory signature) private view returns (address, bytes memory, bytes32) {
        IEscrowTypes.Award memory consent = IEscrowTypes.Award(s.id, s.units, 0, 0, type(uint40).max);
        bytes32 digest = digestOf(keccak256(abi.encode(Terms.AWARD_TYPEHASH, consent)));
        return (charlie, abi.encodeCall(escrow.awardFor, (s.bid, signed(s.bid), bo, consent, signature)), digest);
    }

    function _mandating(Story memory s, bytes memory signature) private view returns (address, bytes memory, bytes32) {
        (IEscrowTypes.Mandate memory m, bytes32 digest) = mandateFor(s);
        bytes32[] memory proof;
        bytes memory data =
            abi.encodeCall(escrow.awardUnder, (s.bid, signed(s.bid), bo, s.units, 0, m, signature, proof));
        return (charlie, data, digest);
    }

    function assertSignatureRefused(address caller, bytes memory data, bytes32 digest) private {
        vm.prank(caller);
        (bool ok, bytes memory answer) = address(escrow).call{gas: TRANSACTION_GAS}(data);
        assertFalse(ok);
        assertEq(answer, abi.encodeWithSelector(IEscrowTypes.SignatureInvalid.selector, ada, digest));
    }

    /// @dev An agreement that stands pays its provider by time; where there is none, the money is still free.
    function assertClosesByTime(Story memory s, Signed signing) private {
        if (signing == Signed.VOUCHER || signing == Signed.SETTLEMENT) {
            vm.prank(bo);
            escrow.deliver(s.bid, "head");
            skip(uint256(s.bid.reviewTime) + 1);
            left(s);
            assertEq(owns(address(coin), bo), uint256(s.price) - feeOn(s.bid, s.price) + s.bid.bond);
        } else {
            assertEq(freeIn(address(coin), ada), s.price);
            assertEq(freeIn(address(coin), bo), s.bid.bond);
        }
        assertAllLeaves(address(coin));
        assertBystandersUnharmed();
    }

    function becomeFickle(address who) private {
        vm.etch(who, address(new FickleWallet()).code);
        FickleWallet(payable(who)).sign(true);
    }
}
