// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {IPrintEscrow} from "../../src/interfaces/IPrintEscrow.sol";
import {EscrowHandler} from "./EscrowHandler.sol";

/// @notice Throws anything at the escrow, from anybody: every function, with terms that hold or terms that were touched,
/// with signatures of whoever, on the deployment's chain or another. What goes through must be somebody's right.
contract HostileHandler is EscrowHandler {
    /// @dev One call, and what is known of it beforehand.
    struct Strike {
        address caller;
        uint256 place; // of the agreement it is about
        IEscrowTypes.Bid bid; // its terms, true or touched
        bool touched;
        bool forked;
        bool onLedger; // about no agreement
        bool mustFail;
        bool takesOver; // the agreement, by the standby
        IEscrowTypes.Bid standby;
        address key; // that the call gives the caller as a hot key, to lock `bondLeft`
        uint96 bondLeft;
        bytes data;
    }

    mapping(bytes4 selector => uint256) public struck;

    constructor(IPrintEscrow escrow_) EscrowHandler(escrow_) {}

    /// @notice Any function, any caller, arguments that nearly fit.
    function strike(uint256 seed) external {
        Strike memory s;
        s.caller = _draw(seed, "known", 0, 3) == 0 ? address(uint160(seed)) : _anybody(seed);
        s.place = ids.length == 0 ? _make(seed, AWARDED) : seed % ids.length;
        s.bid = _bids[s.place];
        s.touched = _draw(seed, "touched", 0, 2) == 0;
        if (s.touched) _touch(s.bid, seed);
        s.forked = _draw(seed, "forked", 0, 7) == 0;
        uint256 matter = uint256(keccak256(abi.encode(seed, "matter"))) % 4;
        if (matter == 0) _aimAtAwards(s, seed);
        else if (matter == 1) _aimAtMaking(s, seed);
        else if (matter == 2) _aimAtDisputes(s, seed);
        else _aimAtLedger(s, seed);
        s.mustFail = s.mustFail || s.touched && !s.onLedger;
        _throw(s, seed);
    }

    /// @notice Bytes without a meaning.
    function garbage(bytes calldata data, uint256 seed) external {
        address caller = _anybody(seed);
        uint256 value = _draw(seed, "value", 0, 1);
        vm.prank(caller);
        (bool ok,) = address(escrow).call{value: value}(data);
        ++calls[ok ? "garbage taken" : "garbage"];
    }

    // ------------------------------------------------------------------ aims

    /// @dev Each with a bid that was awarded already, or whose signature is not for it.
    function _aimAtAwards(Strike memory s, uint256 seed) private {
        uint256 kind = uint256(keccak256(abi.encode(seed, "award"))) % 5;
        if (kind == 4) return _aimAtStandbys(s, seed);
        s.mustFail = true;
        if (_flip(seed, "as designer")) s.caller = s.bid.designer;
        uint256 key = _flip(seed, "by provider") ? _keyOf(s.bid.provider) : _keys[seed % _keys.length];
        bytes memory signature = sign(key, ids[s.place]);
        uint32 units = uint32(_draw(seed, "units", 0, s.bid.maxUnits));
        address provider = s.bid.provider;
        if (kind == 0) {
            s.data = abi.encodeCall(escrow.award, (s.bid, signature, provider, units, 0, 0, _flip(seed, "ledger")));
        } else if (kind == 1) {
            IEscrowTypes.Permit memory permit;
            s.data = abi.encodeCall(escrow.awardWithPermit, (s.bid, signature, provider, units, 0, 0, permit));
        } else if (kind == 2) {
            IEscrowTypes.Award memory consent =
                IEscrowTypes.Award(escrow.idOf(s.bid), units, 0, 0, uint40(block.timestamp));
            bytes memory consented = sign(_keys[seed % 2], consentDigest(consent));
            s.data = abi.encodeCall(escrow.awardFor, (s.bid, signature, provider, consent, consented));
        } else {
            s.data = _underSomeMandate(s.bid, signature, units, seed);
        }
    }

    /// @dev With the standby that was named, whose turn it often is, or with another agreement's terms.
    function _aimAtStandbys(Strike memory s, uint256 seed) private {
        s.standby = _bids[uint256(keccak256(abi.encode(seed))) % _bids.length];
        s.mustFail = true;
        if (_flip(seed, "named")) _aimAtANamedStandby(s, seed);
        bytes memory signature = sign(_keyOf(s.standby.provider), escrow.idOf(s.standby));
        s.data = abi.encodeCall(escrow.reaward, (s.bid, s.standby, signature, s.standby.provider));
    }

    function _aimAtANamedStandby(Strike memory s, uint256 seed) private {
        for (uint256 i; i < ids.length; ++i) {
            uint256 place = addmod(seed, i, ids.length);
            if (!_isIn(place, AWARDED) || !_namesStandby(place)) continue;
            (s.place, s.bid, s.standby) = (place, _bids[place], _standbys[ids[place]]);
            (s.touched, s.takesOver, s.mustFail) = (false, true, s.forked || word(ids[place]).paid != 0);
            _waitPast(uint256(word(ids[place]).clock) + s.bid.makeTime + REDEEM_WINDOW);
            _fund(s.bid.token, s.standby.provider, s.standby.bond);
            return;
        }
    }

    function _underSomeMandate(IEscrowTypes.Bid memory bid, bytes memory signature, uint32 units, uint256 seed)
        private
        view
        returns (bytes memory)
    {
        IEscrowTypes.Mandate memory mandate;
        if (_mandates.length != 0) mandate = _mandates[seed % _mandates.length];
        bytes memory mandated = sign(_keys[seed % 2], mandateDigest(mandate));
        bytes32[] memory proof = new bytes32[](seed % 2);
        return abi.encodeCall(escrow.awardUnder, (bid, signature, bid.provider, units, 0, mandate, mandated, proof));
    }

    function _aimAtMaking(Strike memory s, uint256 seed) private view {
        uint256 kind = uint256(keccak256(abi.encode(seed, "making"))) % 8;
        uint96 amount = uint96(_draw(seed, "amount", 0, uint256(word(ids[s.place]).price) + 1));
        if (kind == 0) s.data = abi.encodeCall(escrow.release, (s.bid, amount));
        if (kind == 1) {
            bytes memory voucher = sign(_keys[seed % 4], voucherDigest(ids[s.place], amount));
            s.data = abi.encodeCall(escrow.redeem, (s.bid, amount, voucher));
            s.mustFail = s.forked;
        }
        if (kind == 2) s.data = abi.encodeCall(escrow.deliver, (s.bid, bytes32(seed)));
        if (kind == 3) s.data = abi.encodeCall(escrow.claim, (s.bid));
        if (kind == 4) s.data = abi.encodeCall(escrow.refund, (s.bid));
        if (kind == 5) s.data = abi.encodeCall(escrow.cancel, (s.bid));
        if (kind == 6) s.data = abi.encodeCall(escrow.giveUp, (s.bid));
        if (kind == 7) s.data = abi.encodeCall(escrow.dropStandby, (s.bid));
    }

    function _aimAtDisputes(Strike memory s, uint256 seed) private view {
        uint256 kind = seed % 4;
        IEscrowTypes.Agreement memory a = word(ids[s.place]);
        uint96 amount = uint96(_draw(seed, "amount", 0, uint256(a.price) + 1));
        uint96 bondBack = uint96(_draw(seed, "bondBack", 0, uint256(s.bid.bond) + 1));
        if (kind == 0) s.data = abi.encodeCall(escrow.dispute, (s.bid, bytes32(seed), _flip(seed, "fromLedger")));
        if (kind == 1) s.data = abi.encodeCall(escrow.rule, (s.bid, amount, bondBack));
        if (kind == 2) {
            uint8 status = _flip(seed, "stale") ? uint8(_draw(seed, "status", 0, 255)) : uint8(a.status);
            uint40 deadline = uint40(block.timestamp - _draw(seed, "late", 0, 1));
            IEscrowTypes.Settlement memory split =
                IEscrowTypes.Settlement(ids[s.place], amount, a.paid, status, deadline);
            bytes memory signature = sign(_keys[seed % 5], settlementDigest(split));
            s.data = abi.encodeCall(escrow.settle, (s.bid, split, signature));
            s.mustFail = s.forked;
        }
        if (kind == 3) s.data = abi.encodeCall(escrow.expire, (s.bid));
    }

    function _aimAtLedger(Strike memory s, uint256 seed) private {
        s.onLedger = true;
        uint256 kind = uint256(keccak256(abi.encode(seed, "ledger"))) % 5;
        uint128 amount = uint128(_draw(seed, "amount", 0, 1e20));
        address person = _anybody(uint256(keccak256(abi.encode(seed))));
        address token = s.bid.token;
        if (kind == 0) s.data = abi.encodeCall(escrow.deposit, (token, person, amount));
        if (kind == 1) {
            address to = _flip(seed, "into itself") ? address(escrow) : person;
            s.mustFail = to == address(escrow);
            s.data = abi.encodeCall(escrow.withdraw, (token, to, amount));
        }
        if (kind == 2) s.data = abi.encodeCall(escrow.bumpEpoch, (token));
        if (kind == 3) {
            (s.key, s.bondLeft) = (person, uint96(amount));
            s.data = abi.encodeCall(escrow.setAgent, (token, s.key, uint40(block.timestamp), s.bondLeft));
        }
        if (kind == 4) {
            IEscrowTypes.Mandate memory mandate;
            if (_mandates.length != 0) mandate = _mandates[seed % _mandates.length];
            s.data = abi.encodeCall(escrow.revokeMandate, (mandate));
            s.mustFail = s.caller != mandate.designer;
        }
    }

    // ------------------------------------------------------------------ throws

    function _throw(Strike memory s, uint256 seed) private {
        uint256[] memory before = _wealth(s.bid.token);
        uint256 value = _draw(seed, "valued", 0, 3) == 0 ? _draw(seed, "value", 1, 1e18) : 0;
        if (value > s.caller.balance) value = 0;
        if (s.forked) vm.chainId(1);
        vm.prank(s.caller);
        (bool ok,) = address(escrow).call{value: value}(s.data);
        vm.chainId(HOME_CHAIN);

        ++struck[bytes4(s.data)];
        ++calls[ok ? "strike that went through" : "strike"];
        if (!ok) return;
        if (s.key != address(0)) mayLock[s.bid.token][s.caller][s.key] = s.bondLeft;
        if (s.mustFail) ++breaches;
        else if (s.takesOver) _noteTakeOver(s.place, s.standby, escrow.idOf(s.standby), before);
        else if (s.onLedger) _noteLedger(s.bid.token, s.caller, before);
        else _note(s.bid, ids[s.place], before);
    }

    /// @dev Another value in one member of the terms.
    function _touch(IEscrowTypes.Bid memory bid, uint256 seed) private view {
        uint256 member = uint256(keccak256(abi.encode(seed, "member"))) % 16;
        if (member == 0) bid.provider = _other(bid.provider, seed);
        if (member == 1) bid.designer = _other(bid.designer, seed);
        if (member == 2) bid.arbiter = _other(bid.arbiter, seed);
        if (member == 3) bid.feeTo = _other(bid.feeTo, seed);
        if (member == 4) ++bid.unitPrice;
        if (member == 5) ++bid.bond;
        if (member == 6) ++bid.disputeFee;
        if (member == 7) ++bid.makeTime;
        if (member == 8) --bid.reviewTime;
        if (member == 9) --bid.arbiterTime;
        if (member == 10) ++bid.graceTime;
        if (member == 11) ++bid.fallbackBps;
        if (member == 12) ++bid.feeBps;
        if (member == 13) bid.toLedger = !bid.toLedger;
        if (member == 14) ++bid.maxUnits;
        if (member == 15) ++bid.salt;
    }

    function _other(address person, uint256 seed) private view returns (address other) {
        other = _anybody(seed);
        while (other == person) other = _anybody(uint256(keccak256(abi.encode(++seed))));
    }
}
