// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {Terms} from "../../src/libraries/Terms.sol";
import {Token} from "../helpers/tokens/Token.sol";
import {HostileTest} from "./HostileTest.sol";

/// @notice Any agreement of Ada's and Bo's, and every way in which its money can leave it.
/// @dev A scenario: `begun`, `arrived` where the way out is open, somebody turns hostile, `left`.
abstract contract WaysOut is HostileTest {
    enum Way {
        RELEASE,
        REDEEM,
        CLAIM,
        REFUND,
        GIVE_UP,
        CANCEL,
        SETTLE,
        RULE,
        EXPIRE,
        REAWARD
    }

    struct Story {
        IEscrowTypes.Bid bid;
        IEscrowTypes.Bid standby;
        uint32 units;
        uint96 price;
        bytes32 id;
        Way way;
        bool mandated; // awarded under a mandate: refunds go to the ledger
        uint96 part; // paid before the last call
        uint96 share; // of a settlement or a ruling
    }

    uint256 private constant WAYS = uint256(type(Way).max) + 1;
    /// @dev What one transaction may use (EIP-7825).
    uint256 internal constant TRANSACTION_GAS = 2 ** 24;

    // ------------------------------------------------------------------ the story

    /// @dev Any sane bid in a token, awarded by its designer or under a mandate, and any way out of it.
    function begun(address token, IEscrowTypes.Bid memory raw, uint32 units, uint256 way)
        internal
        returns (Story memory)
    {
        Story memory s = told(token, raw, units, way);
        if (s.mandated) return _awardedUnder(s);
        funded(s.bid, s.units);
        award(s.bid, s.units, boKey, s.way == Way.REAWARD ? escrow.idOf(s.standby) : bytes32(0));
        return s;
    }

    function told(address token, IEscrowTypes.Bid memory raw, uint32 units, uint256 way)
        internal
        returns (Story memory s)
    {
        s.way = Way(way % WAYS);
        if (s.way == Way.RULE) raw.arbiter = address(1); // an odd one: `saneTerms` names Eve
        currency = token;
        s.bid = saneTerms(raw);
        s.units = saneUnits(s.bid, units);
        s.price = priceOf(s.bid, s.units);
        s.id = escrow.idOf(s.bid);
        uint256 chance = uint256(keccak256(abi.encode(raw, units)));
        s.share = uint96(chance);
        if (s.way == Way.REAWARD) {
            s.standby = _standby(s.bid);
        } else {
            s.mandated = chance >> 255 == 1;
            s.part = chance >> 254 & 1 == 1 ? uint96(bound(chance >> 96, 0, s.price - 1)) : 0;
        }
    }

    /// @dev Part of the price is paid, and all done but the last call.
    function arrived(Story memory s) internal {
        IEscrowTypes.Bid memory bid = s.bid;
        Way way = s.way;
        if (s.part != 0) released(bid, s.part);
        if (way == Way.REAWARD) prepay(bid.token, sam, s.standby.bond);
        if (way == Way.REFUND || way == Way.REAWARD) skip(uint256(bid.makeTime) + REDEEM_WINDOW + 1);
        if (way == Way.GIVE_UP) {
            vm.prank(bo);
            escrow.giveUp(bid);
        }
        if (way == Way.CLAIM || way == Way.RULE || way == Way.EXPIRE) {
            vm.prank(bo);
            escrow.deliver(bid, "head");
        }
        if (way == Way.CLAIM) skip(uint256(bid.reviewTime) + 1);
        if (way == Way.RULE || way == Way.EXPIRE) disputed(bid);
        if (way == Way.EXPIRE) skip(uint256(bid.arbiterTime) + 1);
    }

    function disputed(IEscrowTypes.Bid memory bid) internal {
        give(bid.token, ada, bid.disputeFee);
        allow(bid.token, ada, bid.disputeFee);
        vm.prank(ada);
        escrow.dispute{value: bid.token == NATIVE ? bid.disputeFee : 0}(bid, "head", false);
    }

    function left(Story memory s) internal {
        left(s, TRANSACTION_GAS);
    }

    /// @dev The last call, with the gas of one transaction; afterwards all is closed.
    function left(Story memory s, uint256 gasLimit) internal {
        (address caller, bytes memory data) = lastCall(s);
        vm.prank(caller);
        (bool ok, bytes memory answer) = address(escrow).call{gas: gasLimit}(data);
        assertTrue(ok, string.concat("stuck: ", vm.toString(answer)));
        if (s.way == Way.REAWARD) {
            skip(uint256(s.standby.makeTime) + REDEEM_WINDOW + 1);
            escrow.refund{gas: gasLimit}(s.standby);
        }
        assertEq(statusOf(s.bid), uint8(IEscrowTypes.Status.CLOSED), "closed");
    }

    /// @dev To within a hundred. Means something only in a test that is isolated: each call a transaction of its own.
    function leastGas(Story memory s) internal returns (uint256 enough) {
        uint256 few = 30_000;
        enough = 2_000_000;
        while (enough - few > 100) {
            uint256 middle = (few + enough) / 2;
            uint256 snapshot = vm.snapshotState();
            if (_leaves(s, middle)) enough = middle;
            else few = middle;
            vm.revertToState(snapshot);
        }
    }

    function _leaves(Story memory s, uint256 gasLimit) private returns (bool ok) {
        (address caller, bytes memory data) = lastCall(s);
        vm.prank(caller);
        (ok,) = address(escrow).call{gas: gasLimit}(data);
    }

    function lastCall(Story memory s) internal view returns (address caller, bytes memory data) {
        IEscrowTypes.Bid memory bid = s.bid;
        Way way = s.way;
        if (way == Way.RELEASE) return (ada, abi.encodeCall(escrow.release, (bid, s.price)));
        if (way == Way.REDEEM) return (charlie, abi.encodeCall(escrow.redeem, (bid, s.price, voucher(s, s.price))));
        if (way == Way.CLAIM) return (charlie, abi.encodeCall(escrow.claim, (bid)));
        if (way == Way.CANCEL) return (ada, abi.encodeCall(escrow.cancel, (bid)));
        if (way == Way.EXPIRE) return (charlie, abi.encodeCall(escrow.expire, (bid)));
        if (way == Way.SETTLE) return (bo, _settling(s));
        if (way == Way.RULE) {
            uint96 bondBack = uint96(bound(s.share >> 48, 0, bid.bond));
            return (eve, abi.encodeCall(escrow.rule, (bid, uint96(bound(s.share, 0, s.price)), bondBack)));
        }
        if (way == Way.REAWARD) {
            bytes memory signature = sign(samKey, escrow.idOf(s.standby));
            return (charlie, abi.encodeCall(escrow.reaward, (bid, s.standby, signature, sam)));
        }
        return (charlie, abi.encodeCall(escrow.refund, (bid)));
    }

    /// @dev Limits that this bid just meets.
    function mandateFor(Story memory s) internal view returns (IEscrowTypes.Mandate memory m, bytes32 digest) {
        (m.designer, m.dispatcher, m.token, m.arbiter) = (ada, charlie, s.bid.token, s.bid.arbiter);
        (m.jobDigest, m.maxUnitPrice, m.maxDisputeFee) = (s.bid.jobDigest, s.bid.unitPrice, s.bid.disputeFee);
        (m.units, m.maxMakeTime, m.maxArbiterTime) = (s.units, s.bid.makeTime, s.bid.arbiterTime);
        (m.maxFallbackBps, m.maxGraceTime, m.minBond) = (s.bid.fallbackBps, s.bid.graceTime, s.bid.bond);
        m.validUntil = type(uint40).max;
        digest = digestOf(keccak256(abi.encode(Terms.MANDATE_TYPEHASH, m)));
    }

    function voucher(Story memory s, uint96 cumulative) internal view returns (bytes memory) {
        return sign(adaKey, digestOf(Terms.voucherHash(s.id, cumulative)));
    }

    function digestOf(bytes32 structHash) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", escrow.domainSeparator(), structHash));
    }

    // ------------------------------------------------------------------ what everybody has

    /// @dev What each party has in the end where everybody behaves, wherever it lies.
    function fairShares(Story memory s) internal returns (uint256[5] memory shares) {
        uint256 snapshot = vm.snapshotState();
        left(s);
        shares = sharesIn(s.bid.token);
        vm.revertToState(snapshot);
    }

    function sharesIn(address token) internal view returns (uint256[5] memory shares) {
        address[5] memory who = parties();
        for (uint256 i; i < 5; ++i) {
            shares[i] = owns(token, who[i]);
        }
    }

    function assertShares(address token, uint256[5] memory expected) internal view {
        string[5] memory names = ["ada", "bo", "sam", "eve", "operator"];
        address[5] memory who = parties();
        for (uint256 i; i < 5; ++i) {
            assertEq(owns(token, who[i]), expected[i], names[i]);
        }
    }

    function parties() internal view returns (address[5] memory) {
        return [ada, bo, sam, eve, operator];
    }

    function freeOfAll(address token) internal view returns (uint256 sum) {
        address[5] memory who = parties();
        for (uint256 i; i < 5; ++i) {
            sum += freeIn(token, who[i]);
        }
    }

    /// @dev I4: in the end everybody takes what is theirs, and nothing but the bystanders' money is left.
    function assertAllLeaves(address token) internal {
        address[5] memory who = parties();
        for (uint256 i; i < 5; ++i) {
            takeOut(token, who[i], dee);
        }
        assertEq(has(token, address(escrow)), held(token), "nothing is stuck");
    }

    /// @dev Replaces a token's code: its issuer upgrades it, or thinks better of it.
    function turn(address token, Token into) internal {
        vm.etch(token, address(into).code);
    }

    // ------------------------------------------------------------------ parts

    /// @dev Charlie is the dispatcher.
    function _awardedUnder(Story memory s) private returns (Story memory) {
        prepay(s.bid.token, bo, s.bid.bond);
        prepay(s.bid.token, ada, s.price);
        (IEscrowTypes.Mandate memory mandate, bytes32 digest) = mandateFor(s);
        bytes memory signature = signed(s.bid);
        bytes memory consent = sign(adaKey, digest);
        vm.prank(charlie);
        escrow.awardUnder(s.bid, signature, bo, s.units, 0, mandate, consent, new bytes32[](0));
        return s;
    }

    function _settling(Story memory s) private view returns (bytes memory) {
        uint96 toProvider = uint96(bound(s.share, 0, s.price - s.part + s.bid.bond));
        IEscrowTypes.Status status = IEscrowTypes.Status.AWARDED;
        IEscrowTypes.Settlement memory split =
            IEscrowTypes.Settlement(s.id, toProvider, s.part, uint8(status), type(uint40).max);
        bytes memory signature = sign(adaKey, digestOf(keccak256(abi.encode(Terms.SETTLEMENT_TYPEHASH, split))));
        return abi.encodeCall(escrow.settle, (s.bid, split, signature));
    }

    /// @dev A bid of Sam's on the same terms, no dearer.
    function _standby(IEscrowTypes.Bid memory bid) private view returns (IEscrowTypes.Bid memory standby) {
        standby = abi.decode(abi.encode(bid), (IEscrowTypes.Bid));
        standby.provider = sam;
        standby.unitPrice = bid.unitPrice / 2 + 1;
        standby.validUntil = type(uint40).max;
    }
}
