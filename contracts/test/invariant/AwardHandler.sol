// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {Agreeing} from "./Agreeing.sol";

/// @notice Bids become agreements, in all four ways.
abstract contract AwardHandler is Agreeing {
    /// @dev All that an award needs but the designer's consent.
    struct Offer {
        IEscrowTypes.Bid bid;
        bytes signature;
        address signer;
        uint32 units;
        uint96 price;
        bytes32 standby; // digest
        IEscrowTypes.Bid standbyBid;
    }

    function award(uint256 seed) external {
        _award(seed);
    }

    function awardWithPermit(uint256 seed) external {
        _awardWithPermit(seed);
    }

    function awardFor(uint256 seed) external {
        _awardFor(seed);
    }

    /// @dev In any of the four ways.
    function _awardAnyhow(uint256 seed) internal returns (uint256) {
        uint256 way = uint256(keccak256(abi.encode(seed, "way"))) % 4;
        if (way == 0) return _award(seed);
        if (way == 1) return _awardWithPermit(seed);
        return way == 2 ? _awardFor(seed) : _awardUnder(seed);
    }

    function _award(uint256 seed) private returns (uint256) {
        Offer memory o = _offer(_bid(seed), seed);
        bool fromLedger = _flip(seed, "fromLedger") || _denied(o.bid.token, o.bid.designer);
        if (fromLedger) _fund(o.bid.token, o.bid.designer, o.price);
        _allow(o.bid.token, o.bid.designer);
        uint256[] memory before = _wealth(o.bid.token);
        uint256 value = fromLedger ? 0 : sent(o.price);
        vm.prank(o.bid.designer);
        bytes32 id =
            escrow.award{value: value}(o.bid, o.signature, o.signer, o.units, o.standby, bytes32(seed), fromLedger);
        return _noteOffer("award", o, id, before);
    }

    /// @dev Only one of the tokens has permits; in the others, and at times there, the allowance is what counts.
    function _awardWithPermit(uint256 seed) private returns (uint256) {
        IEscrowTypes.Bid memory bid = _bid(seed);
        while (bid.token == NATIVE || _denied(bid.token, bid.designer)) {
            seed = uint256(keccak256(abi.encode(seed)));
            bid = _bid(seed);
        }
        Offer memory o = _offer(bid, seed);
        IEscrowTypes.Permit memory permit;
        if (bid.token == address(_permitting) && _flip(seed, "permitted")) permit = _permit(o);
        else _allow(bid.token, bid.designer);
        uint256[] memory before = _wealth(bid.token);
        vm.prank(bid.designer);
        bytes32 id = escrow.awardWithPermit(bid, o.signature, o.signer, o.units, o.standby, bytes32(seed), permit);
        return _noteOffer("awardWithPermit", o, id, before);
    }

    function _permit(Offer memory o) private returns (IEscrowTypes.Permit memory permit) {
        vm.prank(o.bid.designer);
        _permitting.approve(address(escrow), 0);
        permit.deadline = block.timestamp;
        uint256 nonce = _permitting.nonces(o.bid.designer);
        bytes32 digest = _permitting.permitDigest(o.bid.designer, address(escrow), o.price, nonce, permit.deadline);
        (permit.v, permit.r, permit.s) = vm.sign(_keyOf(o.bid.designer), digest);
    }

    function _awardFor(uint256 seed) private returns (uint256) {
        Offer memory o = _offer(_bid(seed), seed);
        _fund(o.bid.token, o.bid.designer, o.price);
        uint40 deadline = uint40(block.timestamp + _draw(seed, "deadline", 0, 1 hours));
        IEscrowTypes.Award memory consent =
            IEscrowTypes.Award(escrow.idOf(o.bid), o.units, o.standby, bytes32(seed), deadline);
        bytes memory consentSignature = sign(_keyOf(o.bid.designer), consentDigest(consent));
        uint256[] memory before = _wealth(o.bid.token);
        vm.prank(_anybody(seed));
        bytes32 id = escrow.awardFor(o.bid, o.signature, o.signer, consent, consentSignature);
        return _noteOffer("awardFor", o, id, before);
    }

    function _awardUnder(uint256 seed) internal virtual returns (uint256 place);

    // ------------------------------------------------------------------ steps

    function _offer(IEscrowTypes.Bid memory bid, uint256 seed) internal returns (Offer memory o) {
        o.bid = bid;
        o.units = _units(bid, seed);
        o.price = priceOf(bid, o.units);
        (o.signature, o.signer) = _signedBid(bid, seed);
        _fund(bid.token, bid.provider, bid.bond);
        if (_flip(seed, "standby")) {
            o.standbyBid = _standbyFor(o, seed);
            o.standby = escrow.idOf(o.standbyBid);
        }
    }

    /// @dev Another provider's bid for the same job, which price and bond can pay.
    function _standbyFor(Offer memory o, uint256 seed) private view returns (IEscrowTypes.Bid memory standby) {
        standby = _bid(uint256(keccak256(abi.encode(seed, "standby"))));
        while (standby.provider == o.bid.provider) standby = _bid(standby.salt);
        (standby.designer, standby.token, standby.jobDigest) = (o.bid.designer, o.bid.token, o.bid.jobDigest);
        (standby.minUnits, standby.maxUnits) = (o.units, o.units);
        standby.unitPrice = uint96(_draw(seed, "standbyPrice", 1, (uint256(o.price) + o.bid.bond) / o.units));
        (, standby.epoch,,) = escrow.accounts(standby.token, standby.provider);
    }

    function _noteOffer(string memory action, Offer memory o, bytes32 id, uint256[] memory before)
        internal
        returns (uint256)
    {
        ++calls[action];
        if (o.standby != 0) _standbys[id] = o.standbyBid;
        _noteLock(o.bid, o.signer);
        _noteAward(o.bid, id, before);
        return ids.length - 1;
    }
}
