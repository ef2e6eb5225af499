// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../interfaces/IEscrowTypes.sol";

/// @title Terms
/// @notice What a bid's terms hash to, and which terms nobody may be bound by.
library Terms {
    bytes32 internal constant BID_TYPEHASH = keccak256(
        "Bid(address provider,address designer,address token,address arbiter,address feeTo,bytes32 jobDigest,"
        "bytes32 printer,uint96 unitPrice,uint96 bond,uint96 disputeFee,uint32 minUnits,uint32 maxUnits,"
        "uint40 validUntil,uint32 makeTime,uint32 reviewTime,uint32 arbiterTime,uint32 graceTime,"
        "uint16 fallbackBps,uint16 feeBps,uint32 epoch,bool toLedger,uint256 salt)"
    );

    bytes32 internal constant AWARD_TYPEHASH =
        keccak256("Award(bytes32 agreement,uint32 units,bytes32 standby,bytes32 book,uint40 deadline)");
    bytes32 internal constant MANDATE_TYPEHASH = keccak256(
        "Mandate(address designer,address dispatcher,address token,address arbiter,bytes32 jobDigest,bytes32 printers,"
        "uint96 maxUnitPrice,uint96 minBond,uint96 maxDisputeFee,uint32 units,uint32 maxMakeTime,uint32 minReviewTime,"
        "uint32 minArbiterTime,uint32 maxArbiterTime,uint32 maxGraceTime,uint16 maxFallbackBps,uint40 validUntil,"
        "uint256 salt)"
    );
    bytes32 internal constant VOUCHER_TYPEHASH = keccak256("Voucher(bytes32 agreement,uint96 cumulative)");
    bytes32 internal constant SETTLEMENT_TYPEHASH =
        keccak256("Settlement(bytes32 agreement,uint96 toProvider,uint96 paid,uint8 status,uint40 deadline)");

    uint256 private constant BID_SIZE = 22 * 32;
    uint256 private constant AWARD_SIZE = 5 * 32;
    uint256 private constant MANDATE_SIZE = 18 * 32;
    uint256 private constant SETTLEMENT_SIZE = 5 * 32;

    uint256 internal constant MAX_DURATION = 400 days;
    uint256 internal constant MAX_FEE_BPS = 1000;
    uint256 internal constant BPS = 10_000;
    uint256 internal constant MAX_POT = type(uint96).max;

    /// @notice The EIP-712 struct hash of a bid.
    /// @dev Warning: members are taken as they stand, in all four: who reads or emits a member refuses one wider than its
    /// type. `award` emits the whole bid, so a bid that is too wide has an id that no agreement has.
    function structHash(IEscrowTypes.Bid calldata bid) internal pure returns (bytes32) {
        uint256 place;
        assembly ("memory-safe") {
            place := bid
        }
        return _hash(BID_TYPEHASH, place, BID_SIZE);
    }

    /// @notice The EIP-712 struct hash of a designer's consent.
    function structHash(IEscrowTypes.Award calldata consent) internal pure returns (bytes32) {
        uint256 place;
        assembly ("memory-safe") {
            place := consent
        }
        return _hash(AWARD_TYPEHASH, place, AWARD_SIZE);
    }

    /// @notice The EIP-712 struct hash of a mandate.
    function structHash(IEscrowTypes.Mandate calldata mandate) internal pure returns (bytes32) {
        uint256 place;
        assembly ("memory-safe") {
            place := mandate
        }
        return _hash(MANDATE_TYPEHASH, place, MANDATE_SIZE);
    }

    /// @notice The EIP-712 struct hash of a settlement.
    function structHash(IEscrowTypes.Settlement calldata settlement) internal pure returns (bytes32) {
        uint256 place;
        assembly ("memory-safe") {
            place := settlement
        }
        return _hash(SETTLEMENT_TYPEHASH, place, SETTLEMENT_SIZE);
    }

    /// @notice The EIP-712 struct hash of a voucher.
    function voucherHash(bytes32 agreement, uint96 cumulative) internal pure returns (bytes32) {
        return keccak256(abi.encode(VOUCHER_TYPEHASH, agreement, cumulative));
    }

    /// @notice The fee on a cumulative payment, rounded down.
    function feeOn(IEscrowTypes.Bid calldata bid, uint256 cumulative) internal pure returns (uint256) {
        return cumulative * bid.feeBps / BPS;
    }

    /// @notice unitPrice x units, if the agreement's whole pot fits its storage word and logs.
    function priceOf(IEscrowTypes.Bid calldata bid, uint32 units) internal pure returns (uint96) {
        if (units < bid.minUnits || units > bid.maxUnits) {
            revert IEscrowTypes.UnitsOutOfRange(units, bid.minUnits, bid.maxUnits);
        }
        uint256 price = uint256(bid.unitPrice) * units;
        if (price == 0 || price > MAX_POT) revert IEscrowTypes.PriceOutOfRange(price, MAX_POT);
        uint256 pot = price + bid.bond + bid.disputeFee;
        if (pot > MAX_POT) revert IEscrowTypes.PotOutOfRange(pot, MAX_POT);
        return uint96(price);
    }

    /// @dev Assembly, here and for the four above, because the members lie in calldata as they are hashed: `abi.encode`
    /// would copy them one by one.
    function _hash(bytes32 typeHash, uint256 place, uint256 size) private pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(start, typeHash)
            calldatacopy(add(start, 0x20), place, size)
            digest := keccak256(start, add(size, 0x20))
        }
    }

    /// @notice Reverts unless the terms are sane.
    function requireSane(IEscrowTypes.Bid calldata bid) internal pure {
        _requireDuration(bid.makeTime);
        _requireDuration(bid.reviewTime);
        _requireDuration(bid.arbiterTime);
        if (bid.graceTime >= bid.makeTime) revert IEscrowTypes.GraceTooLong(bid.graceTime, bid.makeTime);
        if (bid.feeBps > MAX_FEE_BPS) revert IEscrowTypes.FeeTooHigh(bid.feeBps, MAX_FEE_BPS);
        if (bid.fallbackBps > BPS) revert IEscrowTypes.FallbackTooHigh(bid.fallbackBps, BPS);
        _requireParties(bid);
    }

    function _requireParties(IEscrowTypes.Bid calldata bid) private pure {
        (address provider, address designer, address arbiter) = (bid.provider, bid.designer, bid.arbiter);
        if (provider == designer || provider == arbiter || designer == arbiter) {
            revert IEscrowTypes.PartiesNotDistinct(provider, designer, arbiter);
        }
        if (bid.feeTo == address(0)) {
            if (bid.feeBps != 0) revert IEscrowTypes.FeeReceiverMissing(bid.feeBps);
        } else if (bid.feeTo == arbiter) {
            revert IEscrowTypes.ArbiterTakesFee(arbiter);
        }
        if (arbiter == address(0) && bid.disputeFee != 0) revert IEscrowTypes.ArbiterMissing(bid.disputeFee);
    }

    function _requireDuration(uint256 duration) private pure {
        if (duration == 0 || duration > MAX_DURATION) {
            revert IEscrowTypes.DurationOutOfRange(duration, MAX_DURATION);
        }
    }
}
