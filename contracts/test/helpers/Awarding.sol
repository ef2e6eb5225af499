// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {EscrowSigning} from "./Consents.sol";

/// @notice Every way to an award: called by the designer, by consent, under a mandate; signed by a hot key; to a standby.
abstract contract EscrowAwarding is EscrowSigning {
    /// @dev A bid and what goes with it into every award.
    struct Offer {
        IEscrowTypes.Bid bid;
        bytes32 id;
        uint32 units;
        uint96 price;
        address signer;
        bytes signature;
    }

    /// @dev A call that an award needs, with everything ready for it to succeed.
    struct Call {
        address caller;
        uint256 value;
        bytes data;
    }

    enum Way {
        AWARD,
        FROM_LEDGER,
        WITH_PERMIT, // in the native coin: AWARD
        FOR,
        UNDER
    }

    address internal sam; // provider of standby bids
    uint256 internal samKey;
    address internal hot; // hot key of Bo
    uint256 internal hotKey;
    address internal dispatcher = makeAddr("dispatcher");

    function setUp() public virtual override {
        super.setUp();
        (sam, samKey) = makeAddrAndKey("sam");
        (hot, hotKey) = makeAddrAndKey("hot");
    }

    // ------------------------------------------------------------------ offers

    /// @dev Any sane bid of Bo's, signed, its bond covered.
    function offered(IEscrowTypes.Bid memory raw, uint32 units) internal returns (Offer memory) {
        return offer(sane(raw), units);
    }

    function offer(IEscrowTypes.Bid memory bid, uint32 units) internal returns (Offer memory o) {
        o.bid = bid;
        o.units = saneUnits(bid, units);
        o.price = priceOf(bid, o.units);
        fund(bid.provider, bid.bond);
        signBy(o, boKey);
    }

    /// @dev The same offer, signed by another key: a hot key's, or nobody's.
    function signBy(Offer memory o, uint256 key) internal view {
        o.id = escrow.idOf(o.bid);
        (o.signer, o.signature) = (vm.addr(key), sign(key, o.id));
    }

    /// @dev Another bid of the same terms, its bond covered too.
    function offeredAgain(Offer memory o, uint256 key) internal returns (Offer memory other) {
        other = abi.decode(abi.encode(o), (Offer));
        unchecked {
            ++other.bid.salt;
        }
        fund(other.bid.provider, other.bid.bond);
        signBy(other, key);
    }

    // ------------------------------------------------------------------ hot keys

    function setAgent(uint256 until, uint256 left) internal {
        vm.prank(bo);
        escrow.setAgent(currency, hot, uint40(until), uint96(left));
    }

    function agent(address token, address provider, address key) internal view returns (IEscrowTypes.Agent memory a) {
        (a.until, a.bondLeft) = escrow.agents(token, provider, key);
    }

    function bondLeft() internal view returns (uint256) {
        return agent(currency, bo, hot).bondLeft;
    }

    // ------------------------------------------------------------------ consents and mandates

    /// @dev Ada's consent to an offer, good for ever.
    function consentTo(Offer memory o, bytes32 standby, bytes32 book)
        internal
        pure
        returns (IEscrowTypes.Award memory)
    {
        return IEscrowTypes.Award(o.id, o.units, standby, book, type(uint40).max);
    }

    /// @dev Every limit at its edge: one less and the bid is outside.
    function mandateFor(IEscrowTypes.Bid memory bid, uint32 units)
        internal
        view
        returns (IEscrowTypes.Mandate memory mandate)
    {
        (mandate.designer, mandate.dispatcher) = (bid.designer, dispatcher);
        (mandate.token, mandate.arbiter, mandate.jobDigest) = (bid.token, bid.arbiter, bid.jobDigest);
        (mandate.maxUnitPrice, mandate.minBond, mandate.maxDisputeFee) = (bid.unitPrice, bid.bond, bid.disputeFee);
        (mandate.maxMakeTime, mandate.minReviewTime) = (bid.makeTime, bid.reviewTime);
        (mandate.minArbiterTime, mandate.maxArbiterTime) = (bid.arbiterTime, bid.arbiterTime);
        (mandate.maxGraceTime, mandate.maxFallbackBps) = (bid.graceTime, bid.fallbackBps);
        (mandate.units, mandate.validUntil) = (units, uint40(block.timestamp));
    }

    function signed(IEscrowTypes.Mandate memory mandate) internal view returns (bytes memory) {
        return sign(adaKey, mandateDigest(mandate));
    }

    function signed(IEscrowTypes.Award memory consent) internal view returns (bytes memory) {
        return sign(adaKey, consentDigest(consent));
    }

    function awardUnder(Offer memory o, IEscrowTypes.Mandate memory mandate, bytes memory signature) internal {
        awardUnder(o, mandate, signature, new bytes32[](0));
    }

    function awardUnder(
        Offer memory o,
        IEscrowTypes.Mandate memory mandate,
        bytes memory signature,
        bytes32[] memory proof
    ) internal {
        bytes memory data = underData(o, 0, mandate, signature, proof);
        run(Call(mandate.dispatcher, 0, data));
    }

    function underData(
        Offer memory o,
        bytes32 book,
        IEscrowTypes.Mandate memory mandate,
        bytes memory signature,
        bytes32[] memory proof
    ) internal view returns (bytes memory) {
        return abi.encodeCall(
            escrow.awardUnder, (o.bid, o.signature, o.signer, o.units, book, mandate, signature, proof)
        );
    }

    // ------------------------------------------------------------------ any way

    function wayOf(uint8 raw) internal pure returns (Way) {
        return Way(raw % 5);
    }

    /// @dev The call for an offer, its price where the call takes it from.
    function readyFor(Way way, Offer memory o) internal returns (Call memory) {
        if (way == Way.WITH_PERMIT && currency == NATIVE) way = Way.AWARD;
        if (way == Way.AWARD || way == Way.WITH_PERMIT) give(ada, o.price);
        else fund(ada, o.price);
        if (way == Way.FOR) {
            IEscrowTypes.Award memory consent = consentTo(o, 0, 0);
            bytes memory data =
                abi.encodeCall(escrow.awardFor, (o.bid, o.signature, o.signer, consent, signed(consent)));
            return Call(charlie, 0, data);
        }
        if (way == Way.UNDER) {
            IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
            return Call(dispatcher, 0, underData(o, 0, mandate, signed(mandate), new bytes32[](0)));
        }
        if (way == Way.WITH_PERMIT) return Call(ada, 0, permitData(o, IEscrowTypes.Permit(0, 0, 0, 0)));
        return Call(ada, way == Way.AWARD ? sent(o.price) : 0, awardData(o, 0, 0, way == Way.FROM_LEDGER));
    }

    function awardData(Offer memory o, bytes32 standby, bytes32 book, bool fromLedger)
        internal
        view
        returns (bytes memory)
    {
        return abi.encodeCall(escrow.award, (o.bid, o.signature, o.signer, o.units, standby, book, fromLedger));
    }

    function permitData(Offer memory o, IEscrowTypes.Permit memory permit) internal view returns (bytes memory) {
        return abi.encodeCall(escrow.awardWithPermit, (o.bid, o.signature, o.signer, o.units, 0, 0, permit));
    }

    /// @dev Calls, and lets a refusal through as it came.
    function run(Call memory c) internal {
        vm.prank(c.caller);
        (bool ok, bytes memory answer) = address(escrow).call{value: c.value}(c.data);
        if (ok) return;
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }

    /// @dev What the escrow says against an offer now; empty where it is awardable.
    function objection(Offer memory o) internal view returns (bytes memory) {
        try escrow.checkAwardable(o.bid, o.signature, o.signer, o.units) {
            return "";
        } catch (bytes memory answer) {
            return answer;
        }
    }

    // ------------------------------------------------------------------ standbys

    /// @dev Any bid of Sam's that could take over the units of Bo's within price and bond; unsigned, its bond covered.
    function standbyFor(Offer memory o, IEscrowTypes.Bid memory raw) internal returns (Offer memory s) {
        s.bid = saneTerms(raw);
        (s.bid.provider, s.bid.jobDigest) = (sam, o.bid.jobDigest);
        s.bid.minUnits = uint32(bound(s.bid.minUnits, 0, o.units));
        s.bid.maxUnits = uint32(bound(s.bid.maxUnits, o.units, type(uint32).max));
        s.units = o.units;
        s.bid.unitPrice = uint96(bound(s.bid.unitPrice, 1, (uint256(o.price) + o.bid.bond) / o.units));
        s.price = priceOf(s.bid, s.units);
        fund(sam, s.bid.bond);
        s.bid.validUntil = type(uint40).max;
        signBy(s, samKey);
    }

    /// @dev Awards an offer with its standby named.
    function awardedWith(Offer memory o, bytes32 standby) internal {
        give(o.bid.designer, o.price);
        run(Call(o.bid.designer, sent(o.price), awardData(o, standby, 0, false)));
    }

    function reaward(Offer memory o, Offer memory s) internal {
        vm.prank(charlie);
        escrow.reaward(o.bid, s.bid, s.signature, s.signer);
    }

    /// @dev The first second in which anybody may call `reaward`.
    function toTheStandbysTurn(Offer memory o) internal {
        vm.warp(uint256(word(o.id).clock) + o.bid.makeTime + REDEEM_WINDOW + 1);
    }
}
