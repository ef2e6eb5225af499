// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {IPrintEscrow} from "../../src/interfaces/IPrintEscrow.sol";
import {TetherLikeToken} from "./tokens/TetherLikeToken.sol";
import {Token} from "./tokens/Token.sol";

/// @notice The cast, random but sane bids, and the steps on the way to each status.
abstract contract EscrowTest is Test {
    uint256 internal constant REDEEM_WINDOW = 12 hours;
    uint256 internal constant MAX_DURATION = 400 days;
    uint256 internal constant MAX_AMOUNT = 1e27; // three of them fit 96 bits
    uint256 internal constant START = 1_900_000_000;
    address internal constant NATIVE = address(0);

    IPrintEscrow internal escrow;
    Token internal coin; // as a token should be
    Token internal tether; // says nothing when it moves, as some do
    address internal currency; // what the test's bids are in: `sane` draws it

    address internal ada; // designer
    uint256 internal adaKey;
    address internal bo; // provider
    uint256 internal boKey;
    address internal charlie = makeAddr("charlie"); // stranger
    address internal eve = makeAddr("eve"); // arbiter
    address internal operator = makeAddr("operator"); // takes the fee

    function setUp() public virtual {
        (ada, adaKey) = makeAddrAndKey("ada");
        (bo, boKey) = makeAddrAndKey("bo");
        escrow = deployed();
        coin = new Token();
        tether = new TetherLikeToken();
        vm.warp(START);
    }

    /// @dev By its artifact, so that a test's own compilation need not repeat the contract's.
    function deployed() internal returns (IPrintEscrow) {
        return IPrintEscrow(vm.deployCode("PrintEscrow.sol:PrintEscrow"));
    }

    // ------------------------------------------------------------------ bids

    /// @dev Any sane bid of Bo's for Ada: every member is random within what `award` accepts.
    function sane(IEscrowTypes.Bid memory raw) internal returns (IEscrowTypes.Bid memory) {
        address[3] memory choice = [NATIVE, address(coin), address(tether)];
        currency = choice[uint160(raw.token) % 3];
        return saneTerms(raw);
    }

    /// @dev The same in the native coin, where the test is about what only that can do.
    function saneNative(IEscrowTypes.Bid memory raw) internal returns (IEscrowTypes.Bid memory) {
        currency = NATIVE;
        return saneTerms(raw);
    }

    /// @dev The same in an ERC-20 token.
    function saneToken(IEscrowTypes.Bid memory raw) internal returns (IEscrowTypes.Bid memory) {
        currency = uint160(raw.token) % 2 == 0 ? address(coin) : address(tether);
        return saneTerms(raw);
    }

    function saneTerms(IEscrowTypes.Bid memory raw) internal view returns (IEscrowTypes.Bid memory) {
        raw.provider = bo;
        raw.designer = ada;
        raw.token = currency;
        raw.arbiter = uint160(raw.arbiter) % 2 == 0 ? address(0) : eve;
        raw.disputeFee = raw.arbiter == address(0) ? 0 : uint96(bound(raw.disputeFee, 0, MAX_AMOUNT));
        raw.feeBps = uint16(bound(raw.feeBps, 0, 1000));
        raw.feeTo = raw.feeBps == 0 ? address(0) : operator;
        raw.maxUnits = uint32(bound(raw.maxUnits, 1, type(uint32).max));
        raw.minUnits = uint32(bound(raw.minUnits, 0, raw.maxUnits));
        raw.unitPrice = uint96(bound(raw.unitPrice, 1, MAX_AMOUNT / raw.maxUnits));
        raw.bond = uint96(bound(raw.bond, 0, MAX_AMOUNT));
        raw.validUntil = uint40(bound(raw.validUntil, START, type(uint40).max));
        return saneTimes(raw);
    }

    function saneTimes(IEscrowTypes.Bid memory raw) internal pure returns (IEscrowTypes.Bid memory) {
        raw.makeTime = uint32(bound(raw.makeTime, 1, MAX_DURATION));
        raw.reviewTime = uint32(bound(raw.reviewTime, 1, MAX_DURATION));
        raw.arbiterTime = uint32(bound(raw.arbiterTime, 1, MAX_DURATION));
        raw.graceTime = uint32(bound(raw.graceTime, 0, raw.makeTime - 1));
        raw.fallbackBps = uint16(bound(raw.fallbackBps, 0, 10_000));
        raw.epoch = 0;
        return raw;
    }

    function saneUnits(IEscrowTypes.Bid memory bid, uint32 units) internal pure returns (uint32) {
        return uint32(bound(units, bid.minUnits == 0 ? 1 : bid.minUnits, bid.maxUnits));
    }

    function priceOf(IEscrowTypes.Bid memory bid, uint32 units) internal pure returns (uint96) {
        return bid.unitPrice * units;
    }

    function feeOn(IEscrowTypes.Bid memory bid, uint256 amount) internal pure returns (uint256) {
        return amount * bid.feeBps / 10_000;
    }

    function sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function signed(IEscrowTypes.Bid memory bid) internal view returns (bytes memory) {
        return sign(boKey, escrow.idOf(bid));
    }

    // ------------------------------------------------------------------ steps

    /// @dev Makes `owner` have `amount` of the currency in its wallet, ready for the escrow to take.
    function give(address owner, uint256 amount) internal {
        if (currency == NATIVE) {
            vm.deal(owner, amount);
        } else {
            Token(currency).mint(owner, amount);
            if (Token(currency).allowance(owner, address(escrow)) != 0) return;
            vm.prank(owner);
            (bool ok,) = currency.call(abi.encodeCall(Token.approve, (address(escrow), type(uint256).max)));
            assertTrue(ok); // not by its answer: some give none
        }
    }

    /// @dev What must be sent along where `amount` is to be taken from the caller's wallet.
    function sent(uint256 amount) internal view returns (uint256) {
        return currency == NATIVE ? amount : 0;
    }

    /// @dev Adds to an owner's `free`, out of a stranger's wallet.
    function fund(address owner, uint256 amount) internal {
        if (amount == 0) return;
        give(charlie, amount);
        vm.prank(charlie);
        escrow.deposit{value: sent(amount)}(currency, owner, uint128(amount));
    }

    /// @dev Everything an award needs; returns its price.
    function ready(IEscrowTypes.Bid memory bid, uint32 units) internal returns (uint96 price) {
        fund(bid.provider, bid.bond);
        price = priceOf(bid, units);
        give(bid.designer, price);
    }

    function awarded(IEscrowTypes.Bid memory bid, uint32 units, bytes32 standby) internal returns (bytes32) {
        uint96 price = ready(bid, units);
        bytes memory signature = signed(bid);
        vm.prank(bid.designer);
        return escrow.award{value: sent(price)}(bid, signature, bid.provider, units, standby, 0, false);
    }

    function awarded(IEscrowTypes.Bid memory bid, uint32 units) internal returns (bytes32) {
        return awarded(bid, units, 0);
    }

    function delivered(IEscrowTypes.Bid memory bid, uint32 units) internal returns (bytes32 id) {
        id = awarded(bid, units);
        vm.prank(bid.provider);
        escrow.deliver(bid, "head");
    }

    function released(IEscrowTypes.Bid memory bid, uint256 cumulative) internal {
        vm.prank(bid.designer);
        escrow.release(bid, uint96(cumulative));
    }

    /// @dev Pays part of the price, if the price has parts; returns what is paid then.
    function partlyReleased(IEscrowTypes.Bid memory bid, uint32 units, uint256 part) internal returns (uint96 paid) {
        uint96 price = priceOf(bid, units);
        paid = uint96(bound(part, 0, price - 1));
        if (paid != 0) released(bid, paid);
    }

    // ------------------------------------------------------------------ what is seen

    function word(bytes32 id) internal view returns (IEscrowTypes.Agreement memory a) {
        (a.status, a.flags, a.clock, a.price, a.paid) = escrow.agreements(id);
    }

    /// @dev What an owner's wallet holds of the currency.
    function money(address owner) internal view returns (uint256) {
        return currency == NATIVE ? owner.balance : Token(currency).balanceOf(owner);
    }

    function account(address owner) internal view returns (IEscrowTypes.Account memory a) {
        (a.free, a.epoch, a.completed, a.failed) = escrow.accounts(currency, owner);
    }

    function free(address owner) internal view returns (uint256) {
        return account(owner).free;
    }

    function assertWord(bytes32 id, IEscrowTypes.Status status, uint256 clock, uint256 price, uint256 paid)
        internal
        view
    {
        IEscrowTypes.Agreement memory a = word(id);
        assertEq(uint8(a.status), uint8(status), "status");
        assertEq(a.flags, 0, "flags");
        assertEq(a.clock, clock, "clock");
        assertEq(a.price, price, "price");
        assertEq(a.paid, paid, "paid");
    }

    function expectStatusRefusal(bytes32 id, IEscrowTypes.Status status) internal {
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.WrongStatus.selector, id, status));
    }
}
