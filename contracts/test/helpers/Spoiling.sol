// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {EscrowAwarding} from "./Awarding.sol";

/// @notice Bids that are spoilt in any one way, or in none: whatever is wrong with them must be found by every check.
abstract contract EscrowSpoiling is EscrowAwarding {
    uint8 internal constant SPOILS = 26;

    /// @dev An offer of Bo's that one of `SPOILS` ways may have spoilt.
    function spoiltOffer(IEscrowTypes.Bid memory raw, uint32 units, uint8 spoil, uint256 with)
        internal
        returns (Offer memory o)
    {
        o.bid = sane(raw);
        o.units = saneUnits(o.bid, units);
        spoilOffer(o, boKey, spoil % SPOILS, with);
    }

    /// @dev Spoils the terms, the signature or the bond of an unsigned offer, and signs it.
    function spoilOffer(Offer memory o, uint256 key, uint8 spoil, uint256 with) internal {
        address provider = o.bid.provider;
        uint96 bond = o.bid.bond;
        spoilTerms(o.bid, spoil, with);
        spoilTimes(o.bid, spoil, with);
        if (spoil == 18) o.units = uint32(with);
        unchecked {
            o.price = o.bid.unitPrice * o.units;
        }
        fund(provider, spoil == 19 && bond != 0 ? bond - 1 : bond);
        o.id = escrow.idOf(o.bid);
        o.signature = sign(spoil == 20 ? adaKey : key, o.id);
        o.signer = spoil == 21 || spoil == 22 ? hot : o.bid.provider;
        if (spoil != 22) return;
        o.signature = sign(hotKey, o.id);
        setAgent(with % 2 == 0 ? START : START - 1, with % MAX_AMOUNT);
    }

    function spoilTerms(IEscrowTypes.Bid memory bid, uint8 spoil, uint256 with) private pure {
        if (spoil == 0) bid.provider = address(uint160(with));
        if (spoil == 1) bid.provider = bid.designer;
        if (spoil == 2) bid.token = address(uint160(uint256(keccak256(abi.encode(with))))); // no code, never native
        if (spoil == 3) bid.arbiter = bid.provider;
        if (spoil == 4) bid.arbiter = address(uint160(with));
        if (spoil == 5) bid.feeTo = bid.arbiter;
        if (spoil == 6) bid.feeTo = address(0);
        if (spoil == 7) bid.disputeFee = uint96(with);
        if (spoil == 8) bid.unitPrice = uint96(with % 3);
        if (spoil == 13) bid.fallbackBps = uint16(with);
        if (spoil == 14) bid.feeBps = uint16(with);
        if (spoil == 15) bid.epoch = uint32(with % 2);
    }

    function spoilTimes(IEscrowTypes.Bid memory bid, uint8 spoil, uint256 with) private pure {
        if (spoil == 9) bid.makeTime = uint32(with);
        if (spoil == 10) bid.reviewTime = uint32(with);
        if (spoil == 11) bid.arbiterTime = uint32(with);
        if (spoil == 12) bid.graceTime = uint32(with);
        if (spoil == 16) bid.validUntil = uint40(with % START);
        if (spoil == 17) bid.reviewTime = 0;
    }
}
