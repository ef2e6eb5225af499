// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {AwardHandler} from "./AwardHandler.sol";

/// @notice A dispatcher awards within what designers signed, and designers take their mandates back.
abstract contract MandateHandler is AwardHandler {
    function awardUnder(uint256 seed) external {
        _awardUnder(seed);
    }

    function revokeMandate(uint256 seed) external {
        if (_mandates.length == 0) _newMandate(_bid(seed), seed);
        IEscrowTypes.Mandate memory mandate = _mandates[seed % _mandates.length];
        vm.prank(mandate.designer);
        escrow.revokeMandate(mandate);
        ++calls["revokeMandate"];
    }

    function _awardUnder(uint256 seed) internal override returns (uint256) {
        IEscrowTypes.Bid memory bid = _bid(seed);
        IEscrowTypes.Mandate memory mandate = _mandateFor(bid, seed);
        Offer memory o = _offer(bid, seed);
        (o.standby, o.standbyBid) = (0, _bid(seed));
        _fund(bid.token, bid.designer, o.price);
        bytes memory signature = sign(_keyOf(mandate.designer), mandateDigest(mandate));
        uint256[] memory before = _wealth(bid.token);
        bytes32[] memory proof = new bytes32[](0);
        vm.prank(mandate.dispatcher);
        bytes32 id = escrow.awardUnder(o.bid, o.signature, o.signer, o.units, bytes32(seed), mandate, signature, proof);
        return _noteOffer("awardUnder", o, id, before);
    }

    /// @dev One with units left, to which the bid is made to fit, or a new one around the bid.
    function _mandateFor(IEscrowTypes.Bid memory bid, uint256 seed) private returns (IEscrowTypes.Mandate memory m) {
        if (_mandates.length != 0 && _flip(seed, "old mandate")) {
            m = _mandates[seed % _mandates.length];
            (uint32 used, bool revoked) = escrow.mandates(mandateDigest(m));
            if (!revoked && used < m.units) {
                _fit(bid, m);
                bid.minUnits = 0;
                if (bid.maxUnits > m.units - used) bid.maxUnits = m.units - used;
                return m;
            }
        }
        return _newMandate(bid, seed);
    }

    function _newMandate(IEscrowTypes.Bid memory bid, uint256 seed) private returns (IEscrowTypes.Mandate memory m) {
        (m.designer, m.dispatcher) = (bid.designer, people[DISPATCHER]);
        (m.token, m.arbiter, m.jobDigest) = (bid.token, bid.arbiter, bid.jobDigest);
        m.printers = _flip(seed, "printers") ? bytes32(0) : keccak256(bytes.concat(keccak256(abi.encode(PRINTER))));
        m.maxUnitPrice = uint96(bid.unitPrice + _draw(seed, "maxUnitPrice", 0, 1e18));
        m.minBond = uint96(_draw(seed, "minBond", 0, bid.bond));
        m.maxDisputeFee = bid.disputeFee;
        m.units = uint32(bid.maxUnits + _draw(seed, "more units", 0, 20));
        (m.maxMakeTime, m.minReviewTime) = (bid.makeTime, bid.reviewTime);
        (m.minArbiterTime, m.maxArbiterTime) =
        (uint32(_draw(seed, "minArbiterTime", 0, bid.arbiterTime)), bid.arbiterTime);
        (m.maxGraceTime, m.maxFallbackBps) = (bid.graceTime, bid.fallbackBps);
        // What is revoked stays so: never the same mandate twice, though a seed may come twice.
        (m.validUntil, m.salt) = (type(uint40).max, uint256(keccak256(abi.encode(bid.salt, _mandates.length))));
        _mandates.push(m);
    }

    /// @dev Brings a bid's terms within a mandate's limits.
    function _fit(IEscrowTypes.Bid memory bid, IEscrowTypes.Mandate memory m) private view {
        (bid.designer, bid.token, bid.arbiter, bid.jobDigest) = (m.designer, m.token, m.arbiter, m.jobDigest);
        bid.unitPrice = uint96(_least(bid.unitPrice, m.maxUnitPrice));
        if (bid.bond < m.minBond) bid.bond = m.minBond;
        bid.disputeFee = uint96(_least(bid.disputeFee, m.maxDisputeFee));
        bid.makeTime = uint32(_least(bid.makeTime, m.maxMakeTime));
        if (bid.reviewTime < m.minReviewTime) bid.reviewTime = m.minReviewTime;
        bid.arbiterTime = uint32(_least(bid.arbiterTime, m.maxArbiterTime));
        if (bid.arbiterTime < m.minArbiterTime) bid.arbiterTime = m.minArbiterTime;
        bid.graceTime = uint32(_least(_least(bid.graceTime, m.maxGraceTime), bid.makeTime - 1));
        bid.fallbackBps = uint16(_least(bid.fallbackBps, m.maxFallbackBps));
        (, bid.epoch,,) = escrow.accounts(bid.token, bid.provider);
    }

    function _least(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
