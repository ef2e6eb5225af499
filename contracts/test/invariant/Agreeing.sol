// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {Ghosts} from "./Ghosts.sol";

/// @notice Random sane bids, and an agreement in a wanted status: one that is there, or a new one brought so far. So every
/// action acts, and no sequence stays in shallow water.
abstract contract Agreeing is Ghosts {
    bytes32 internal constant PRINTER = "printer"; // of every bid

    // ------------------------------------------------------------------ bids

    function _bid(uint256 seed) internal view returns (IEscrowTypes.Bid memory bid) {
        bid.provider = people[PROVIDERS + _draw(seed, "provider", 0, 2)];
        bid.designer = people[DESIGNERS + _draw(seed, "designer", 0, 1)];
        bid.token = currencies[uint256(keccak256(abi.encode(seed, "token"))) % CURRENCIES];
        bid.jobDigest = bytes32(_draw(seed, "job", 0, 3));
        bid.printer = PRINTER;
        bid.validUntil = type(uint40).max;
        bid.toLedger = _flip(seed, "toLedger");
        bid.salt = uint256(keccak256(abi.encode(seed, _bids.length)));
        _drawAmounts(bid, seed);
        _drawTimes(bid, seed);
        (, bid.epoch,,) = escrow.accounts(bid.token, bid.provider);
    }

    /// @dev Some small enough for every rounding to show, some near the end of what a word holds.
    function _drawAmounts(IEscrowTypes.Bid memory bid, uint256 seed) private view {
        uint256 most = bid.token == currencies[4] ? 1000 : [uint256(7), 1e18, 2 ** 90][seed % 3];
        bid.unitPrice = uint96(_draw(seed, "unitPrice", 1, most));
        bid.maxUnits = uint32(_draw(seed, "maxUnits", 1, 10));
        bid.minUnits = uint32(_draw(seed, "minUnits", 0, bid.maxUnits));
        bid.bond = _draw(seed, "bonded", 0, 3) == 0 ? 0 : uint96(_draw(seed, "bond", 0, most));
        if (_draw(seed, "arbitrated", 0, 3) != 0) {
            bid.arbiter = people[ARBITERS + _draw(seed, "arbiter", 0, 1)];
            bid.disputeFee = uint96(_draw(seed, "disputeFee", 0, most));
        }
        bid.feeBps = uint16(_draw(seed, "feeBps", 0, 1000));
        bid.feeTo = [people[OPERATOR], bid.provider, bid.designer, people[CHARLIE]][_draw(seed, "feeTo", 0, 3)];
        bid.fallbackBps = uint16(_draw(seed, "fallbackBps", 0, 10_000));
    }

    function _drawTimes(IEscrowTypes.Bid memory bid, uint256 seed) private pure {
        uint256 most = _draw(seed, "pace", 0, 9) == 0 ? 400 days : 5 days;
        bid.makeTime = uint32(_draw(seed, "makeTime", 1, most));
        bid.reviewTime = uint32(_draw(seed, "reviewTime", 1, most));
        bid.arbiterTime = uint32(_draw(seed, "arbiterTime", 1, most));
        bid.graceTime = uint32(_draw(seed, "graceTime", 0, bid.makeTime - 1));
    }

    function _units(IEscrowTypes.Bid memory bid, uint256 seed) internal pure returns (uint32) {
        return uint32(_draw(seed, "units", bid.minUnits == 0 ? 1 : bid.minUnits, bid.maxUnits));
    }

    /// @dev The provider's signature, or that of a hot key which is then given what it lacks.
    function _signedBid(IEscrowTypes.Bid memory bid, uint256 seed) internal returns (bytes memory, address signer) {
        signer = bid.provider;
        if (_draw(seed, "signer", 0, 3) == 0) {
            signer = people[HOT_KEYS + _draw(seed, "hotKey", 0, 1)];
            _renewKey(bid.token, bid.provider, signer, bid.bond, seed);
        }
        return (sign(_keyOf(signer), escrow.idOf(bid)), signer);
    }

    function _renewKey(address token, address provider, address key, uint96 bond, uint256 seed) private {
        (uint40 until, uint96 left) = escrow.agents(token, provider, key);
        if (until >= block.timestamp && left >= bond) return;
        _setAgent(token, provider, key, uint40(block.timestamp + _draw(seed, "until", 0, 30 days)), bond);
    }

    function _setAgent(address token, address provider, address key, uint40 until, uint96 bondLeft) internal {
        vm.prank(provider);
        escrow.setAgent(token, key, until, bondLeft);
        mayLock[token][provider][key] = bondLeft;
    }

    function _noteLock(IEscrowTypes.Bid memory bid, address signer) internal {
        if (signer != bid.provider) mayLock[bid.token][bid.provider][signer] -= bid.bond;
    }

    // ------------------------------------------------------------------ an agreement to act on

    /// @dev The bits of the statuses that are open.
    uint256 internal constant AWARDED = 2;
    uint256 internal constant DELIVERED = 4;
    uint256 internal constant DISPUTED = 8;

    /// @dev The place of an agreement in one of `statuses` that `fits`; makes one where there is none.
    function _find(uint256 seed, uint256 statuses, function(uint256) view returns (bool) fits)
        internal
        returns (uint256)
    {
        uint256 n = ids.length;
        for (uint256 i; i < n; ++i) {
            uint256 place = addmod(seed, i, n);
            if (_isIn(place, statuses) && fits(place)) return place;
        }
        while (true) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 place = _make(seed, _oneOf(seed, statuses));
            if (fits(place)) return place;
        }
    }

    function _isIn(uint256 place, uint256 statuses) internal view returns (bool) {
        return statuses & 1 << uint256(word(ids[place]).status) != 0;
    }

    function _oneOf(uint256 seed, uint256 statuses) private pure returns (uint256) {
        for (uint256 i = seed % 3; true; i = (i + 1) % 3) {
            if (statuses & AWARDED << i != 0) return AWARDED << i;
        }
    }

    function _any(uint256) internal pure returns (bool) {
        return true;
    }

    function _isUnfailed(uint256 place) internal view returns (bool) {
        return word(ids[place]).flags & 2 == 0;
    }

    /// @dev Lets time go on to the second after `deadline`, if it is not there yet.
    function _waitPast(uint256 deadline) internal {
        if (block.timestamp <= deadline) vm.warp(deadline + 1);
    }

    /// @dev Makes an agreement and brings it to a status; the handlers of the matters know how.
    function _make(uint256 seed, uint256 status) internal virtual returns (uint256 place);
}
