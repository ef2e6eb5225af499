// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {IPrintEscrow} from "../../src/interfaces/IPrintEscrow.sol";
import {EscrowTest} from "../helpers/EscrowTest.sol";
import {GasBurner} from "../helpers/Wallets.sol";

/// @notice Everybody at once: two designers, three providers (one of whom refuses money), an operator and strangers do
/// what they may, in any order and at any time; beside the escrow stands a ledger of what should be so.
contract EscrowHandler is EscrowTest {
    IEscrowTypes.Bid[] private _bids;
    address[] public people;
    uint256[] private _keys;

    /// @dev The ghost ledger, by agreement: what came in, what went out to anybody, and whether it was seen closed.
    mapping(bytes32 id => uint256) public cameIn;
    mapping(bytes32 id => uint256) public wentOut;
    mapping(bytes32 id => bool) public seenClosed;
    mapping(bytes32 id => uint256) public awards;
    uint256 public forced; // money that came unasked
    uint256 public total; // what everybody had together at the start

    constructor(IPrintEscrow escrow_) {
        escrow = escrow_;
        string[7] memory names = ["ada", "dora", "bo", "burt", "bella", "operator", "charlie"];
        for (uint256 i; i < names.length; ++i) {
            (address person, uint256 key) = makeAddrAndKey(names[i]);
            people.push(person);
            _keys.push(key);
            vm.deal(person, 1e30);
            total += 1e30;
        }
        vm.etch(people[3], address(new GasBurner()).code);
    }

    // ------------------------------------------------------------------ what people do

    function award(IEscrowTypes.Bid memory raw, uint32 units, uint8 pair, bytes32 standby, bool fromLedger) external {
        IEscrowTypes.Bid memory bid = _bid(raw, pair);
        units = saneUnits(bid, units);
        uint96 price = priceOf(bid, units);
        _fund(people[6], bid.provider, bid.bond);
        if (fromLedger) _fund(people[6], bid.designer, price);
        bytes memory signature = sign(_keys[2 + pair % 3], escrow.idOf(bid));
        vm.prank(bid.designer);
        bytes32 id =
            escrow.award{value: fromLedger ? 0 : price}(bid, signature, bid.provider, units, standby, 0, fromLedger);
        _bids.push(bid);
        cameIn[id] = uint256(price) + bid.bond;
        ++awards[id];
    }

    function release(uint256 which, uint96 cumulative) external {
        (IEscrowTypes.Bid memory bid, bytes32 id, IEscrowTypes.Agreement memory a) = _any(which);
        if (a.status != IEscrowTypes.Status.AWARDED && a.status != IEscrowTypes.Status.DELIVERED) return;
        uint256 before = _outside(bid);
        cumulative = cumulative % 3 == 0 ? a.price : uint96(bound(cumulative, a.paid + 1, a.price));
        vm.prank(bid.designer);
        escrow.release(bid, cumulative);
        _note(id, _outside(bid) - before);
    }

    function deliver(uint256 which) external {
        (IEscrowTypes.Bid memory bid,, IEscrowTypes.Agreement memory a) = _any(which);
        if (a.status != IEscrowTypes.Status.AWARDED || block.timestamp > uint256(a.clock) + bid.makeTime) return;
        vm.prank(bid.provider);
        escrow.deliver(bid, "head");
    }

    function claim(uint256 which, uint256 who) external {
        (IEscrowTypes.Bid memory bid, bytes32 id, IEscrowTypes.Agreement memory a) = _any(which);
        if (a.status != IEscrowTypes.Status.DELIVERED) return;
        if (block.timestamp <= uint256(a.clock) + bid.reviewTime) return;
        uint256 before = _outside(bid);
        vm.prank(people[who % people.length]);
        escrow.claim(bid);
        _note(id, _outside(bid) - before);
    }

    function refund(uint256 which) external {
        (IEscrowTypes.Bid memory bid, bytes32 id, IEscrowTypes.Agreement memory a) = _any(which);
        if (a.status != IEscrowTypes.Status.AWARDED) return;
        if (block.timestamp <= uint256(a.clock) + bid.makeTime + REDEEM_WINDOW) return;
        uint256 before = _outside(bid);
        vm.prank(bid.designer);
        escrow.refund(bid);
        _note(id, _outside(bid) - before);
    }

    function deposit(uint256 from, uint256 owner, uint96 amount) external {
        _fund(people[from % people.length], people[owner % people.length], bound(amount, 1, 1e24));
    }

    function withdraw(uint256 who, uint128 amount) external {
        address owner = people[who % people.length];
        uint256 most = free(owner);
        if (most == 0) return;
        vm.prank(owner);
        escrow.withdraw(NATIVE, people[0], uint128(bound(amount, 1, most)));
    }

    function wait(uint32 time) external {
        skip(bound(time, 1, 60 days));
    }

    /// @dev Nothing keeps a chain from adding to a balance: a block reward, a contract that destroys itself.
    function force(uint64 amount) external {
        vm.deal(address(escrow), address(escrow).balance + amount);
        forced += amount;
    }

    // ------------------------------------------------------------------ what is seen

    function count() external view returns (uint256) {
        return _bids.length;
    }

    function bidAt(uint256 place) external view returns (IEscrowTypes.Bid memory) {
        return _bids[place];
    }

    function peopleCount() external view returns (uint256) {
        return people.length;
    }

    /// @dev What the parties of a bid have, in their wallets and on the ledger.
    function _outside(IEscrowTypes.Bid memory bid) private view returns (uint256) {
        uint256 fees = bid.feeTo == address(0) ? 0 : bid.feeTo.balance + free(bid.feeTo);
        return fees + bid.provider.balance + free(bid.provider) + bid.designer.balance + free(bid.designer);
    }

    function _note(bytes32 id, uint256 amount) private {
        wentOut[id] += amount;
        if (word(id).status == IEscrowTypes.Status.CLOSED) seenClosed[id] = true;
    }

    function _any(uint256 which)
        private
        view
        returns (IEscrowTypes.Bid memory bid, bytes32 id, IEscrowTypes.Agreement memory a)
    {
        if (_bids.length == 0) return (bid, id, a);
        bid = _bids[which % _bids.length];
        id = escrow.idOf(bid);
        a = word(id);
    }

    function _bid(IEscrowTypes.Bid memory raw, uint8 pair) private returns (IEscrowTypes.Bid memory bid) {
        bid = saneNative(raw);
        bid.provider = people[2 + pair % 3];
        bid.designer = people[pair / 3 % 2];
        if (bid.feeBps != 0) bid.feeTo = people[5];
        (bid.makeTime, bid.graceTime) = (uint32(bound(bid.makeTime, 1 days, 30 days)), 0);
        bid.reviewTime = uint32(bound(bid.reviewTime, 1 days, 30 days));
        bid.validUntil = type(uint40).max;
        bid.salt = uint256(keccak256(abi.encode(raw, _bids.length)));
    }

    function _fund(address from, address owner, uint256 amount) private {
        if (amount == 0) return;
        vm.prank(from);
        escrow.deposit{value: amount}(NATIVE, owner, uint128(amount));
    }
}
