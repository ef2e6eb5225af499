// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {MandateHandler} from "./MandateHandler.sol";

/// @notice Standby bids take over, are dropped, and die; providers withdraw bids and change keys.
abstract contract StandbyHandler is MandateHandler {
    function reaward(uint256 seed) external {
        uint256 place = _find(seed, AWARDED, _canBeTakenOver);
        IEscrowTypes.Bid memory bid = _bids[place];
        IEscrowTypes.Bid memory standby = _standbys[ids[place]];
        if (_isUnfailed(place)) _waitPast(uint256(word(ids[place]).clock) + bid.makeTime + REDEEM_WINDOW);
        _fund(standby.token, standby.provider, standby.bond);
        (bytes memory signature, address signer) = _signedBid(standby, seed);

        uint256[] memory before = _wealth(bid.token);
        vm.prank(_anybody(seed));
        bytes32 id = escrow.reaward(bid, standby, signature, signer);
        ++calls["reaward"];
        _noteLock(standby, signer);
        _noteTakeOver(place, standby, id, before);
    }

    function dropStandby(uint256 seed) external {
        uint256 place = _find(seed, AWARDED, _namesStandby);
        vm.prank(_bids[place].designer);
        escrow.dropStandby(_bids[place]);
        ++calls["dropStandby"];
    }

    function bumpEpoch(uint256 seed) external {
        vm.prank(_anybody(seed));
        escrow.bumpEpoch(currencies[seed % CURRENCIES]);
        ++calls["bumpEpoch"];
    }

    function setAgent(uint256 seed) external {
        address provider = people[PROVIDERS + _draw(seed, "provider", 0, 2)];
        address key = people[HOT_KEYS + _draw(seed, "hotKey", 0, 1)];
        uint40 until = uint40(_draw(seed, "until", 0, block.timestamp + 10 days));
        _setAgent(currencies[seed % CURRENCIES], provider, key, until, uint96(_draw(seed, "bondLeft", 0, 2 ** 90)));
        ++calls["setAgent"];
    }

    function _namesStandby(uint256 place) internal view returns (bool) {
        return escrow.standbyOf(ids[place]) != 0;
    }

    function _canBeTakenOver(uint256 place) private view returns (bool) {
        if (!_namesStandby(place) || word(ids[place]).paid != 0) return false;
        IEscrowTypes.Bid memory standby = _standbys[ids[place]];
        (, uint32 epoch,,) = escrow.accounts(standby.token, standby.provider);
        return epoch == standby.epoch;
    }

    /// @dev The price goes from one agreement to the other; the bond comes from the standby's provider; the designer gains.
    function _noteTakeOver(uint256 failed, IEscrowTypes.Bid memory standby, bytes32 id, uint256[] memory before)
        internal
    {
        IEscrowTypes.Bid memory bid = _bids[failed];
        bytes32 failedId = ids[failed];
        uint256[] memory afterwards = _wealth(bid.token);
        for (uint256 i; i < before.length; ++i) {
            if (afterwards[i] > before[i]) {
                if (people[i] != bid.designer) strayed += afterwards[i] - before[i];
                _ghosts[failedId].wentOut += afterwards[i] - before[i];
            } else if (afterwards[i] < before[i]) {
                if (people[i] != standby.provider) robbed += before[i] - afterwards[i];
                _ghosts[id].cameIn += before[i] - afterwards[i];
            }
        }
        uint256 price = word(failedId).price / bid.unitPrice * standby.unitPrice;
        _ghosts[failedId].wentOut += price;
        _ghosts[id].cameIn += price;
        _noteStatus(failedId);
        _noteAward(standby, id, afterwards);
    }
}
