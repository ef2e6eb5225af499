// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowAwarding} from "./helpers/Awarding.sol";
import {Erc1271Wallet, LiarWallet} from "./helpers/Wallets.sol";

/// @notice Which signatures bind a designer, in all four things it signs: consents, mandates, vouchers, settlements.
/// Those that bind a provider are in `Signatures.t.sol`.
contract DesignerSignaturesTest is EscrowAwarding {
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    enum Kind {
        CONSENT,
        MANDATE,
        VOUCHER,
        SETTLEMENT
    }

    // ------------------------------------------------------------------ refusals

    function testFuzz_RefusesBytesThatAreNoSignature(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 kind,
        bytes memory noise
    ) public {
        (Offer memory o, bytes32 digest) = prepared(raw, units, kind, ada);
        refused(o, digest, kind, noise);
    }

    function testFuzz_RefusesTheHighTwin(IEscrowTypes.Bid memory raw, uint32 units, uint8 kind) public {
        (Offer memory o, bytes32 digest) = prepared(raw, units, kind, ada);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(adaKey, digest);
        refused(o, digest, kind, abi.encodePacked(r, bytes32(ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27)));
    }

    function testFuzz_RefusesAnotherKey(IEscrowTypes.Bid memory raw, uint32 units, uint8 kind, uint256 key) public {
        key = boundPrivateKey(key);
        vm.assume(key != adaKey);
        (Offer memory o, bytes32 digest) = prepared(raw, units, kind, ada);
        refused(o, digest, kind, sign(key, digest));
    }

    /// @dev Even the same members, signed as another kind, say something else.
    function testFuzz_RefusesAnotherDigest(IEscrowTypes.Bid memory raw, uint32 units, uint8 kind, bytes32 other)
        public
    {
        (Offer memory o, bytes32 digest) = prepared(raw, units, kind, ada);
        vm.assume(other != digest);
        refused(o, digest, kind, sign(adaKey, other));
        refused(o, digest, kind, sign(adaKey, digestOf(o, Kind((kind % 4 + 1) % 4))));
    }

    function testFuzz_RefusesLies(IEscrowTypes.Bid memory raw, uint32 units, uint8 kind, uint8 lie) public {
        LiarWallet wallet = new LiarWallet(LiarWallet.Lie(lie % 6));
        (Offer memory o, bytes32 digest) = prepared(raw, units, kind, address(wallet));
        refused(o, digest, kind, "");
    }

    /// @dev Nobody's consent: recovery answers zero for what it cannot read.
    function testFuzz_RefusesNobodys(IEscrowTypes.Bid memory raw, uint32 units, uint8 kind, bytes32 r, bytes32 s)
        public
    {
        raw.arbiter = address(0x1); // odd: Eve
        kind %= 2; // a designer zero can be named in a bid; it cannot have awarded
        (Offer memory o, bytes32 digest) = prepared(raw, units, kind, address(0));
        refused(o, digest, kind, abi.encodePacked(r, s, uint8(0)));
    }

    // ------------------------------------------------------------------ successes

    function testFuzz_Accepts65Bytes(IEscrowTypes.Bid memory raw, uint32 units, uint8 kind) public {
        (Offer memory o, bytes32 digest) = prepared(raw, units, kind, ada);
        accepted(o, kind, sign(adaKey, digest));
    }

    function testFuzz_Accepts64Bytes(IEscrowTypes.Bid memory raw, uint32 units, uint8 kind) public {
        (Offer memory o, bytes32 digest) = prepared(raw, units, kind, ada);
        (bytes32 r, bytes32 vs) = vm.signCompact(adaKey, digest);
        accepted(o, kind, abi.encodePacked(r, vs));
    }

    function testFuzz_AcceptsAWallet(IEscrowTypes.Bid memory raw, uint32 units, uint8 kind, bytes memory signature)
        public
    {
        Erc1271Wallet wallet = new Erc1271Wallet();
        (Offer memory o, bytes32 digest) = prepared(raw, units, kind, address(wallet));
        wallet.approve(digest);
        accepted(o, kind, signature);
    }

    /// @dev An account that delegates its code still signs with its key.
    function testFuzz_AcceptsTheKeyOfAnAccountWithCode(IEscrowTypes.Bid memory raw, uint32 units, uint8 kind) public {
        (Offer memory o, bytes32 digest) = prepared(raw, units, kind, ada);
        vm.etch(ada, address(new LiarWallet(LiarWallet.Lie.REVERT)).code);
        accepted(o, kind, sign(adaKey, digest));
    }

    // ------------------------------------------------------------------ helpers

    /// @dev Everything for the call but the signature; vouchers and settlements are about an agreement that runs.
    function prepared(IEscrowTypes.Bid memory raw, uint32 units, uint8 kind, address designer)
        internal
        returns (Offer memory o, bytes32 digest)
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.designer = designer;
        o = offer(bid, units);
        if (kind % 4 < 2) fund(designer, o.price);
        else awardedWith(o, 0);
        digest = digestOf(o, Kind(kind % 4));
    }

    function digestOf(Offer memory o, Kind kind) internal view returns (bytes32) {
        if (kind == Kind.CONSENT) return consentDigest(consentTo(o, 0, 0));
        if (kind == Kind.MANDATE) return mandateDigest(mandateFor(o.bid, o.units));
        if (kind == Kind.VOUCHER) return voucherDigest(o.id, o.price);
        return settlementDigest(settlementOf(o));
    }

    function settlementOf(Offer memory o) internal pure returns (IEscrowTypes.Settlement memory) {
        return IEscrowTypes.Settlement(o.id, o.price, 0, 1, type(uint40).max);
    }

    function callFor(Offer memory o, uint8 kind, bytes memory signature) internal view returns (Call memory) {
        if (kind % 4 == 0) {
            bytes memory data =
                abi.encodeCall(escrow.awardFor, (o.bid, o.signature, o.signer, consentTo(o, 0, 0), signature));
            return Call(charlie, 0, data);
        }
        if (kind % 4 == 1) {
            IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
            return Call(dispatcher, 0, underData(o, 0, mandate, signature, new bytes32[](0)));
        }
        if (kind % 4 == 2) return Call(charlie, 0, abi.encodeCall(escrow.redeem, (o.bid, o.price, signature)));
        return Call(bo, 0, abi.encodeCall(escrow.settle, (o.bid, settlementOf(o), signature)));
    }

    function refused(Offer memory o, bytes32 digest, uint8 kind, bytes memory signature) internal {
        Call memory c = callFor(o, kind, signature);
        vm.prank(c.caller);
        (bool ok, bytes memory answer) = address(escrow).call{gas: 3_000_000}(c.data); // some lies burn it
        assertFalse(ok);
        assertEq(answer, abi.encodeWithSelector(IEscrowTypes.SignatureInvalid.selector, o.bid.designer, digest));
    }

    function accepted(Offer memory o, uint8 kind, bytes memory signature) internal {
        run(callFor(o, kind, signature));
        IEscrowTypes.Status expected = kind % 4 < 2 ? IEscrowTypes.Status.AWARDED : IEscrowTypes.Status.CLOSED;
        assertEq(uint8(word(o.id).status), uint8(expected));
    }
}
