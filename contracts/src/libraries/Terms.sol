// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPrintEscrow} from "../interfaces/IPrintEscrow.sol";

/// @title Terms
/// @notice What a bid's terms hash to, and which terms nobody may be bound by.
library Terms {
    bytes32 internal constant BID_TYPEHASH = keccak256(
        "Bid(address provider,address designer,address token,address arbiter,address feeTo,bytes32 jobDigest,"
        "bytes32 printer,uint96 unitPrice,uint96 bond,uint96 disputeFee,uint32 minUnits,uint32 maxUnits,"
        "uint40 validUntil,uint32 makeTime,uint32 reviewTime,uint32 arbiterTime,uint32 graceTime,"
        "uint16 fallbackBps,uint16 feeBps,uint32 epoch,bool toLedger,uint256 salt)"
    );

    uint256 internal constant BID_SIZE = 22 * 32;
    uint256 internal constant MAX_DURATION = 400 days;
    uint256 internal constant MAX_FEE_BPS = 1000;
    uint256 internal constant BPS = 10_000;
    uint256 internal constant MAX_POT = type(uint96).max;

    /// @notice The EIP-712 struct hash of a bid.
    /// @dev Warning: members are taken as they stand. `award`, which emits the bid, refuses one wider than its type, so
    /// such a bid has an id that no agreement has.
    function structHash(IPrintEscrow.Bid calldata bid) internal pure returns (bytes32 digest) {
        bytes32 typeHash = BID_TYPEHASH;
        // Assembly, because the members lie in calldata as they are hashed: `abi.encode` would copy them one by one.
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(start, typeHash)
            calldatacopy(add(start, 0x20), bid, BID_SIZE)
            digest := keccak256(start, add(BID_SIZE, 0x20))
        }
    }

    /// @notice The fee on a cumulative payment, rounded down.
    function feeOn(IPrintEscrow.Bid calldata bid, uint256 cumulative) internal pure returns (uint256) {
        return cumulative * bid.feeBps / BPS;
    }

    /// @notice unitPrice x units, if the agreement's whole pot fits its storage word and logs.
    function priceOf(IPrintEscrow.Bid calldata bid, uint32 units) internal pure returns (uint96) {
        if (units < bid.minUnits || units > bid.maxUnits) {
            revert IPrintEscrow.UnitsOutOfRange(units, bid.minUnits, bid.maxUnits);
        }
        uint256 price = uint256(bid.unitPrice) * units;
        if (price == 0 || price > MAX_POT) revert IPrintEscrow.PriceOutOfRange(price, MAX_POT);
        uint256 pot = price + bid.bond + bid.disputeFee;
        if (pot > MAX_POT) revert IPrintEscrow.PotOutOfRange(pot, MAX_POT);
        return uint96(price);
    }

    /// @notice Reverts unless the terms are sane.
    function requireSane(IPrintEscrow.Bid calldata bid) internal pure {
        _requireDuration(bid.makeTime);
        _requireDuration(bid.reviewTime);
        _requireDuration(bid.arbiterTime);
        if (bid.graceTime >= bid.makeTime) revert IPrintEscrow.GraceTooLong(bid.graceTime, bid.makeTime);
        if (bid.feeBps > MAX_FEE_BPS) revert IPrintEscrow.FeeTooHigh(bid.feeBps, MAX_FEE_BPS);
        if (bid.fallbackBps > BPS) revert IPrintEscrow.FallbackTooHigh(bid.fallbackBps, BPS);
        _requireParties(bid);
    }

    function _requireParties(IPrintEscrow.Bid calldata bid) private pure {
        (address provider, address designer, address arbiter) = (bid.provider, bid.designer, bid.arbiter);
        if (provider == designer || provider == arbiter || designer == arbiter) {
            revert IPrintEscrow.PartiesNotDistinct(provider, designer, arbiter);
        }
        if (bid.feeTo == address(0)) {
            if (bid.feeBps != 0) revert IPrintEscrow.FeeReceiverMissing(bid.feeBps);
        } else if (bid.feeTo == arbiter) {
            revert IPrintEscrow.ArbiterTakesFee(arbiter);
        }
        if (arbiter == address(0) && bid.disputeFee != 0) revert IPrintEscrow.ArbiterMissing(bid.disputeFee);
    }

    function _requireDuration(uint256 duration) private pure {
        if (duration == 0 || duration > MAX_DURATION) revert IPrintEscrow.DurationOutOfRange(duration, MAX_DURATION);
    }
}
