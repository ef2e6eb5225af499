// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {World} from "./World.sol";

/// @notice The ledger kept beside the escrow: not what it says, but what people's wealth shows.
abstract contract Ghosts is World {
    /// @dev What is known of an agreement from outside.
    struct Ghost {
        address token;
        uint96 bond;
        uint96 disputeFee;
        uint32 awards; // how often its id was awarded
        bool disputed; // ever
        uint256 cameIn; // by how much the parties' wealth fell, or a failed agreement's did
        uint256 wentOut; // by how much people's wealth rose, or a standby's agreement's did
        bytes32 tombstone; // digest of its word when it was first seen closed
    }

    IEscrowTypes.Bid[] internal _bids;
    bytes32[] public ids; // of `_bids`
    mapping(bytes32 id => Ghost) internal _ghosts;
    mapping(bytes32 id => IEscrowTypes.Bid) internal _standbys;
    IEscrowTypes.Mandate[] internal _mandates;

    mapping(address token => mapping(address provider => mapping(address key => uint256))) public mayLock;
    mapping(address token => uint256) public forced; // money that came unasked
    mapping(string action => uint256) public calls; // that went through
    mapping(IEscrowTypes.Status => uint256) public reached;
    mapping(uint8 status => uint256) public partPaid; // agreements seen in a status with a part of the price paid
    uint256 public strayed; // money of an agreement that came to somebody its terms do not name
    uint256 public robbed; // money somebody lost who neither called nor signed
    uint256 public breaches; // calls that went through and must not

    // ------------------------------------------------------------------ what is seen

    function count() public view returns (uint256) {
        return ids.length;
    }

    function bidAt(uint256 place) external view returns (IEscrowTypes.Bid memory) {
        return _bids[place];
    }

    function ghostOf(bytes32 id) external view returns (Ghost memory) {
        return _ghosts[id];
    }

    function mandateCount() external view returns (uint256) {
        return _mandates.length;
    }

    function mandateAt(uint256 place) external view returns (IEscrowTypes.Mandate memory) {
        return _mandates[place];
    }

    /// @dev What the escrow owes in a currency: all that is free, and what open agreements hold.
    function owed(address token) external view returns (uint256 sum) {
        for (uint256 i; i < people.length; ++i) {
            (uint128 free_,,,) = escrow.accounts(token, people[i]);
            sum += free_;
        }
        for (uint256 i; i < ids.length; ++i) {
            if (_ghosts[ids[i]].token == token) sum += _held(ids[i]);
        }
    }

    function _held(bytes32 id) private view returns (uint256) {
        (IEscrowTypes.Status status,,, uint96 price, uint96 paid) = escrow.agreements(id);
        if (status == IEscrowTypes.Status.CLOSED) return 0;
        uint256 rest = uint256(price) - paid + _ghosts[id].bond;
        return status == IEscrowTypes.Status.DISPUTED ? rest + _ghosts[id].disputeFee : rest;
    }

    function tombstoneOf(bytes32 id) public view returns (bytes32) {
        return keccak256(abi.encode(word(id)));
    }

    // ------------------------------------------------------------------ notes

    /// @dev An agreement was just made; `before` is what everybody had then.
    function _noteAward(IEscrowTypes.Bid memory bid, bytes32 id, uint256[] memory before) internal {
        _bids.push(bid);
        ids.push(id);
        Ghost storage ghost = _ghosts[id];
        (ghost.token, ghost.bond, ghost.disputeFee) = (bid.token, bid.bond, bid.disputeFee);
        ++ghost.awards;
        _note(bid, id, before);
    }

    /// @dev Something was done with an agreement: who gained, gained out of it, and who lost, lost into it.
    function _note(IEscrowTypes.Bid memory bid, bytes32 id, uint256[] memory before) internal {
        uint256[] memory afterwards = _wealth(bid.token);
        for (uint256 i; i < before.length; ++i) {
            if (afterwards[i] > before[i]) _noteGain(bid, id, people[i], afterwards[i] - before[i]);
            if (afterwards[i] < before[i]) _noteLoss(bid, id, people[i], before[i] - afterwards[i]);
        }
        _noteStatus(id);
    }

    function _noteGain(IEscrowTypes.Bid memory bid, bytes32 id, address person, uint256 amount) internal {
        _ghosts[id].wentOut += amount;
        if (person != bid.provider && person != bid.designer && person != bid.arbiter && person != bid.feeTo) {
            strayed += amount;
        }
    }

    function _noteLoss(IEscrowTypes.Bid memory bid, bytes32 id, address person, uint256 amount) internal {
        _ghosts[id].cameIn += amount;
        if (person != bid.provider && person != bid.designer) robbed += amount;
    }

    function _noteStatus(bytes32 id) internal {
        IEscrowTypes.Agreement memory a = word(id);
        ++reached[a.status];
        if (a.paid != 0 && a.paid != a.price) ++partPaid[uint8(a.status)];
        if (a.status == IEscrowTypes.Status.DISPUTED) _ghosts[id].disputed = true;
        if (a.status == IEscrowTypes.Status.CLOSED && _ghosts[id].tombstone == 0) {
            _ghosts[id].tombstone = tombstoneOf(id);
        }
    }

    /// @dev Something was done on the ledger by one person, who alone may have lost by it.
    function _noteLedger(address token, address caller, uint256[] memory before) internal {
        uint256[] memory afterwards = _wealth(token);
        for (uint256 i; i < before.length; ++i) {
            if (afterwards[i] < before[i] && people[i] != caller) robbed += before[i] - afterwards[i];
        }
    }
}
