// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {Agreeing} from "./Agreeing.sol";

/// @notice Units are made and paid, or not.
abstract contract MakingHandler is Agreeing {
    function release(uint256 seed) external {
        uint256 place = _find(seed, AWARDED | DELIVERED | DISPUTED, _any);
        _releaseUpTo(place, _more(place, seed));
    }

    function redeem(uint256 seed) external {
        uint256 place = _find(seed, AWARDED | DELIVERED | DISPUTED, _any);
        IEscrowTypes.Bid memory bid = _bids[place];
        uint96 cumulative = _more(place, seed);
        bytes memory voucher = sign(_keyOf(bid.designer), voucherDigest(ids[place], cumulative));
        uint256[] memory before = _wealth(bid.token);
        vm.prank(_anybody(seed));
        escrow.redeem(bid, cumulative, voucher);
        _noteMade("redeem", place, before);
    }

    function deliver(uint256 seed) external {
        _deliver(_find(seed, AWARDED, _canBeDelivered), seed);
    }

    function claim(uint256 seed) external {
        uint256 place = _find(seed, DELIVERED, _any);
        IEscrowTypes.Bid memory bid = _bids[place];
        _waitPast(uint256(word(ids[place]).clock) + bid.reviewTime);
        uint256[] memory before = _wealth(bid.token);
        vm.prank(_anybody(seed));
        escrow.claim(bid);
        _noteMade("claim", place, before);
    }

    /// @dev By the designer at once, or by anybody once a standby had its turn.
    function refund(uint256 seed) external {
        uint256 place = _find(seed, AWARDED, _any);
        IEscrowTypes.Bid memory bid = _bids[place];
        uint256 deadline = uint256(word(ids[place]).clock) + bid.makeTime + REDEEM_WINDOW;
        if (_isUnfailed(place)) _waitPast(deadline);
        address caller = bid.designer;
        if (_flip(seed, "anybody")) {
            caller = _anybody(seed);
            if (escrow.standbyOf(ids[place]) != 0) _waitPast(deadline + REDEEM_WINDOW);
        }
        uint256[] memory before = _wealth(bid.token);
        vm.prank(caller);
        escrow.refund(bid);
        _noteMade("refund", place, before);
    }

    function cancel(uint256 seed) external {
        uint256 place = _find(seed, AWARDED, _isInGrace);
        IEscrowTypes.Bid memory bid = _bids[place];
        uint256[] memory before = _wealth(bid.token);
        vm.prank(_flip(seed, "by designer") ? bid.designer : bid.provider);
        escrow.cancel(bid);
        _noteMade("cancel", place, before);
    }

    function giveUp(uint256 seed) external {
        uint256 place = _find(seed, AWARDED, _isUnfailed);
        uint256[] memory before = _wealth(_bids[place].token);
        vm.prank(_bids[place].provider);
        escrow.giveUp(_bids[place]);
        _noteMade("giveUp", place, before);
    }

    // ------------------------------------------------------------------ steps

    /// @dev Leaves something unpaid, if the price has parts.
    function _releasePart(uint256 place, uint256 seed) internal {
        uint96 price = word(ids[place]).price;
        if (price > 1) _releaseUpTo(place, uint96(_draw(seed, "part of the price", 1, price - 1)));
    }

    function _releaseUpTo(uint256 place, uint96 cumulative) private {
        IEscrowTypes.Bid memory bid = _bids[place];
        uint256[] memory before = _wealth(bid.token);
        vm.prank(bid.designer);
        escrow.release(bid, cumulative);
        _noteMade("release", place, before);
    }

    function _deliver(uint256 place, uint256 seed) internal {
        IEscrowTypes.Bid memory bid = _bids[place];
        address caller = bid.provider;
        address key = people[HOT_KEYS + _draw(seed, "hotKey", 0, 1)];
        (uint40 until,) = escrow.agents(bid.token, bid.provider, key);
        if (until >= block.timestamp) {
            caller = key;
            ++calls["deliver by hot key"];
        }
        uint256[] memory before = _wealth(bid.token);
        vm.prank(caller);
        escrow.deliver(bid, bytes32(seed));
        _noteMade("deliver", place, before);
    }

    function _noteMade(string memory action, uint256 place, uint256[] memory before) internal {
        ++calls[action];
        _note(_bids[place], ids[place], before);
    }

    /// @dev A cumulative payment above what is paid: often the whole price.
    function _more(uint256 place, uint256 seed) private view returns (uint96) {
        IEscrowTypes.Agreement memory a = word(ids[place]);
        return uint96(_draw(seed, "cumulative", a.paid + 1, a.price));
    }

    function _canBeDelivered(uint256 place) private view returns (bool) {
        return _isUnfailed(place) && block.timestamp <= uint256(word(ids[place]).clock) + _bids[place].makeTime;
    }

    function _isInGrace(uint256 place) private view returns (bool) {
        return block.timestamp <= uint256(word(ids[place]).clock) + _bids[place].graceTime;
    }
}
