// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {MakingHandler} from "./MakingHandler.sol";

/// @notice The parties disagree, and agree again.
abstract contract DisputeHandler is MakingHandler {
    function dispute(uint256 seed) external {
        _dispute(_find(seed, DELIVERED, _isInReview), seed);
    }

    function rule(uint256 seed) external {
        uint256 place = _find(seed, DISPUTED, _canBeRuled);
        IEscrowTypes.Bid memory bid = _bids[place];
        uint96 cumulative = uint96(_draw(seed, "cumulative", 0, word(ids[place]).price));
        uint96 bondBack = uint96(_draw(seed, "bondBack", 0, bid.bond));
        uint256[] memory before = _wealth(bid.token);
        vm.prank(bid.arbiter);
        escrow.rule(bid, cumulative, bondBack);
        _noteMade("rule", place, before);
    }

    function settle(uint256 seed) external {
        uint256 place = _find(seed, AWARDED | DELIVERED | DISPUTED, _any);
        IEscrowTypes.Bid memory bid = _bids[place];
        IEscrowTypes.Settlement memory split = _split(place, seed);
        (address caller, address other) =
            _flip(seed, "by designer") ? (bid.designer, bid.provider) : (bid.provider, bid.designer);
        bytes memory signature = sign(_keyOf(other), settlementDigest(split));
        uint256[] memory before = _wealth(bid.token);
        vm.prank(caller);
        escrow.settle(bid, split, signature);
        _noteMade("settle", place, before);
    }

    function expire(uint256 seed) external {
        uint256 place = _find(seed, DISPUTED, _any);
        IEscrowTypes.Bid memory bid = _bids[place];
        _waitPast(uint256(word(ids[place]).clock) + bid.arbiterTime);
        uint256[] memory before = _wealth(bid.token);
        vm.prank(_anybody(seed));
        escrow.expire(bid);
        _noteMade("expire", place, before);
    }

    // ------------------------------------------------------------------ steps

    function _dispute(uint256 place, uint256 seed) internal {
        IEscrowTypes.Bid memory bid = _bids[place];
        bool fromLedger = _flip(seed, "fromLedger") || _denied(bid.token, bid.designer);
        if (fromLedger) _fund(bid.token, bid.designer, bid.disputeFee);
        _allow(bid.token, bid.designer);
        uint256[] memory before = _wealth(bid.token);
        uint256 value = fromLedger ? 0 : sent(bid.disputeFee);
        vm.prank(bid.designer);
        escrow.dispute{value: value}(bid, bytes32(seed), fromLedger);
        _noteMade("dispute", place, before);
    }

    function _split(uint256 place, uint256 seed) private view returns (IEscrowTypes.Settlement memory) {
        IEscrowTypes.Agreement memory a = word(ids[place]);
        uint256 toProvider = _draw(seed, "toProvider", 0, uint256(a.price) - a.paid + _bids[place].bond);
        uint40 deadline = uint40(block.timestamp + _draw(seed, "deadline", 0, 1 hours));
        return IEscrowTypes.Settlement(ids[place], uint96(toProvider), a.paid, uint8(a.status), deadline);
    }

    function _isInReview(uint256 place) private view returns (bool) {
        return block.timestamp <= uint256(word(ids[place]).clock) + _bids[place].reviewTime;
    }

    function _canBeRuled(uint256 place) private view returns (bool) {
        IEscrowTypes.Bid memory bid = _bids[place];
        return bid.arbiter != address(0) && block.timestamp <= uint256(word(ids[place]).clock) + bid.arbiterTime;
    }
}
