// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "forge-std/Vm.sol";
import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {EscrowSigning} from "./Consents.sol";
import {RevertingWallet} from "./Wallets.sol";
import {DenyListToken} from "./tokens/RefusingTokens.sol";

/// @notice An agreement of Ada's and Bo's anywhere on its way, and what everybody must hold then.
/// @dev All wallets are empty but for what the agreement pays, so that what is held can be stated absolutely.
abstract contract Cases is EscrowSigning {
    uint8 internal constant REFUND_TO_LEDGER = 1;
    uint8 internal constant GIVEN_UP = 2;
    uint32 internal constant SPARE_UNITS = 7; // that a case's mandate has beyond the case

    struct Case {
        IEscrowTypes.Bid bid;
        bytes32 id;
        uint32 units;
        uint96 price;
        uint96 paid;
        bool mandated; // awarded by Charlie, under Ada's mandate
        IEscrowTypes.Status status;
        uint8 flags;
        uint256 clock;
    }

    /// @dev Where an agreement's money went, all in all.
    struct Shares {
        uint96 toProvider; // of the price, gross of fees
        uint96 bondBack;
        uint96 toDesigner;
        uint96 toArbiter;
    }

    uint256 private _expectedLogs;

    // ------------------------------------------------------------------ cases

    /// @dev Any sane bid, not awarded yet: a test may still change what it is about. Half of them under a mandate.
    function drawn(IEscrowTypes.Bid memory raw, uint32 units) internal returns (Case memory) {
        return _drawn(sane(raw), units);
    }

    /// @dev The same in one kind of currency, where the test is about what only that can do.
    function drawnNative(IEscrowTypes.Bid memory raw, uint32 units) internal returns (Case memory) {
        return _drawn(saneNative(raw), units);
    }

    function drawnToken(IEscrowTypes.Bid memory raw, uint32 units) internal returns (Case memory) {
        return _drawn(saneToken(raw), units);
    }

    /// @dev The same, where the test needs an arbiter.
    function drawnWithArbiter(IEscrowTypes.Bid memory raw, uint32 units) internal returns (Case memory c) {
        raw.arbiter = address(1); // an odd one: `saneTerms` names Eve
        c = drawn(raw, units);
    }

    /// @dev Any currency, where the test needs no bid.
    function drawCurrency(uint8 kind) internal {
        currency = [NATIVE, address(coin), address(tether)][kind % 3];
    }

    /// @dev A case in a given status, `part` of the price paid.
    function caseIn(IEscrowTypes.Status status, IEscrowTypes.Bid memory raw, uint32 units, uint96 part)
        internal
        returns (Case memory c)
    {
        c = drawn(raw, units);
        bring(c, status, part);
    }

    /// @dev A case just awarded, with a standby named.
    function standingBy(IEscrowTypes.Bid memory raw, uint32 units, bytes32 standby) internal returns (Case memory c) {
        c = drawn(raw, units);
        c.mandated = false;
        award(c, standby);
    }

    /// @dev A case in any open status.
    function openCase(IEscrowTypes.Bid memory raw, uint32 units, uint96 part, uint8 which)
        internal
        returns (Case memory c)
    {
        return caseIn(openStatus(which), raw, units, part);
    }

    function openStatus(uint8 which) internal pure returns (IEscrowTypes.Status) {
        return IEscrowTypes.Status(1 + which % 3);
    }

    function bring(Case memory c, IEscrowTypes.Status status, uint96 part) internal {
        award(c);
        if (status >= IEscrowTypes.Status.DELIVERED) deliver(c);
        if (status >= IEscrowTypes.Status.DISPUTED) dispute(c);
        pay(c, uint96(bound(part, 0, c.price - 1)));
    }

    // ------------------------------------------------------------------ steps

    function award(Case memory c) internal {
        award(c, 0);
    }

    /// @param standby named at award; a mandate names none
    function award(Case memory c, bytes32 standby) internal {
        c.price = priceOf(c.bid, c.units);
        c.id = escrow.idOf(c.bid);
        if (c.mandated) _awardUnder(c);
        else awarded(c.bid, c.units, standby);
        c.flags = c.mandated ? REFUND_TO_LEDGER : 0;
        _enter(c, IEscrowTypes.Status.AWARDED);
    }

    /// @dev At any moment within the making time.
    function deliver(Case memory c) internal {
        _linger(c, c.bid.makeTime);
        vm.prank(bo);
        escrow.deliver(c.bid, "head");
        _enter(c, IEscrowTypes.Status.DELIVERED);
    }

    /// @dev At any moment within the review time.
    function dispute(Case memory c) internal {
        _linger(c, c.bid.reviewTime);
        give(ada, c.bid.disputeFee);
        vm.prank(ada);
        escrow.dispute{value: sent(c.bid.disputeFee)}(c.bid, "head", false);
        _enter(c, IEscrowTypes.Status.DISPUTED);
    }

    function pay(Case memory c, uint96 cumulative) internal {
        if (cumulative <= c.paid) return;
        released(c.bid, cumulative);
        c.paid = cumulative;
    }

    /// @dev Closes it, by payment in full.
    function close(Case memory c) internal {
        pay(c, c.price);
        c.status = IEscrowTypes.Status.CLOSED;
        c.clock = block.timestamp;
    }

    function giveUp(Case memory c) internal {
        vm.prank(bo);
        escrow.giveUp(c.bid);
        c.flags |= GIVEN_UP;
    }

    function _drawn(IEscrowTypes.Bid memory bid, uint32 units) private pure returns (Case memory c) {
        (c.bid, c.units, c.mandated) = (bid, saneUnits(bid, units), bid.salt % 2 == 1);
    }

    function _enter(Case memory c, IEscrowTypes.Status status) private view {
        (c.status, c.clock) = (status, block.timestamp);
    }

    function _linger(Case memory c, uint256 time) private {
        skip(uint256(keccak256(abi.encode(c.id, time))) % (time + 1));
    }

    // ------------------------------------------------------------------ receivers

    /// @dev Makes pushes to somebody fail, in any currency.
    function shutOut(address who) internal {
        if (currency == NATIVE) {
            vm.etch(who, address(new RevertingWallet()).code);
            return;
        }
        if (currency == address(coin)) vm.etch(currency, address(new DenyListToken()).code);
        DenyListToken(currency).deny(who, true);
    }

    // ------------------------------------------------------------------ what is signed

    function voucher(Case memory c, uint96 cumulative) internal view returns (bytes memory) {
        return sign(adaKey, voucherDigest(c.id, cumulative));
    }

    /// @dev Limits that fit the case exactly, but for the units.
    function mandateFor(Case memory c) internal view returns (IEscrowTypes.Mandate memory mandate) {
        IEscrowTypes.Bid memory bid = c.bid;
        (mandate.designer, mandate.dispatcher) = (ada, charlie);
        (mandate.token, mandate.arbiter, mandate.jobDigest) = (bid.token, bid.arbiter, bid.jobDigest);
        (mandate.maxUnitPrice, mandate.minBond) = (bid.unitPrice, bid.bond);
        mandate.maxDisputeFee = bid.disputeFee;
        mandate.units = c.units < type(uint32).max - SPARE_UNITS ? c.units + SPARE_UNITS : type(uint32).max;
        (mandate.maxMakeTime, mandate.minReviewTime) = (bid.makeTime, bid.reviewTime);
        (mandate.minArbiterTime, mandate.maxArbiterTime) = (bid.arbiterTime, bid.arbiterTime);
        (mandate.maxGraceTime, mandate.maxFallbackBps) = (bid.graceTime, bid.fallbackBps);
        mandate.validUntil = uint40(block.timestamp);
    }

    function mandateOf(Case memory c) internal view returns (bytes32) {
        return escrow.mandateOf(c.id);
    }

    function _awardUnder(Case memory c) private {
        fund(bo, c.bid.bond);
        fund(ada, c.price);
        IEscrowTypes.Mandate memory mandate = mandateFor(c);
        bytes memory mandateSignature = sign(adaKey, mandateDigest(mandate));
        bytes memory signature = signed(c.bid);
        vm.prank(charlie);
        escrow.awardUnder(c.bid, signature, bo, c.units, 0, mandate, mandateSignature, new bytes32[](0));
    }

    // ------------------------------------------------------------------ who holds what

    /// @dev The word is as the case says, and so is everybody's money.
    function assertStands(Case memory c) internal view {
        assertKept(c);
        _assertHeld(c, Shares(c.paid, 0, 0, 0));
        uint256 pot = uint256(c.price) - c.paid + c.bid.bond;
        if (c.status == IEscrowTypes.Status.DISPUTED) pot += c.bid.disputeFee;
        assertEq(money(address(escrow)), pot + freeOfAll(), "I1: neither more nor less than is owed");
    }

    /// @dev It closed just now, and the shares are all there was.
    function assertEnded(Case memory c, Shares memory shares) internal view {
        _assertWord(c, IEscrowTypes.Status.CLOSED, block.timestamp, shares.toProvider);
        _assertHeld(c, shares);
        assertEq(money(address(escrow)), freeOfAll(), "nothing is left behind");
    }

    /// @dev The word is as the case says, flags and clock included.
    function assertKept(Case memory c) internal view {
        _assertWord(c, c.status, c.clock, c.paid);
    }

    /// @dev What the case's mandate has spent.
    function assertUsed(Case memory c, uint256 used, bool revoked) internal view {
        (uint32 seenUsed, bool seenRevoked) = escrow.mandates(mandateOf(c));
        assertEq(seenUsed, used, "used");
        assertEq(seenRevoked, revoked, "revoked");
    }

    function assertCounters(uint256 completed, uint256 failed) internal view {
        assertEq(account(bo).completed, completed, "completed");
        assertEq(account(bo).failed, failed, "failed");
    }

    function freeOfAll() internal view returns (uint256) {
        return free(ada) + free(bo) + free(charlie) + free(eve) + free(operator);
    }

    function _assertWord(Case memory c, IEscrowTypes.Status status, uint256 clock, uint256 paid) private view {
        IEscrowTypes.Agreement memory a = word(c.id);
        assertEq(uint8(a.status), uint8(status), "status");
        assertEq(a.flags, c.flags, "flags");
        assertEq(a.clock, clock, "clock");
        assertEq(a.price, c.price, "price");
        assertEq(a.paid, paid, "paid");
    }

    function _assertHeld(Case memory c, Shares memory shares) private view {
        uint256 fee = feeOn(c.bid, shares.toProvider);
        uint256 net = shares.toProvider - fee;
        bool toLedger = c.bid.toLedger;
        assertEq(money(bo), toLedger ? 0 : net, "the provider's wallet");
        assertEq(free(bo), shares.bondBack + (toLedger ? net : 0), "the provider's free");
        bool refundToLedger = c.flags & REFUND_TO_LEDGER != 0;
        assertEq(money(ada), refundToLedger ? 0 : shares.toDesigner, "the designer's wallet");
        assertEq(free(ada), refundToLedger ? shares.toDesigner : 0, "the designer's free");
        assertEq(money(eve), shares.toArbiter, "the arbiter's wallet");
        assertEq(free(eve), 0, "the arbiter's free");
        assertEq(money(operator), 0, "the operator's wallet");
        assertEq(free(operator), fee, "the operator's free");
    }

    // ------------------------------------------------------------------ which logs

    /// @dev Each log that is expected is expected once and in this order; `assertNoOtherLogs` closes the list.
    function expectPaid(Case memory c, uint96 cumulative, IEscrowTypes.How how) internal {
        bool closes = how != IEscrowTypes.How.OPEN;
        uint96 dispute_ = closes && c.status == IEscrowTypes.Status.DISPUTED ? c.bid.disputeFee : 0;
        Shares memory shares = Shares(cumulative, closes ? c.bid.bond : 0, dispute_, 0);
        _expectLog();
        emit IEscrowTypes.Paid(c.id, cumulative, _feeFrom(c, cumulative), how);
        _expectCredits(c, shares);
    }

    /// @param shares those of the whole agreement, as for `assertEnded`
    function expectClosed(Case memory c, IEscrowTypes.How how, Shares memory shares) internal {
        _expectLog();
        uint96 gross = shares.toProvider - c.paid;
        emit IEscrowTypes.Closed(c.id, how, gross, _feeFrom(c, shares.toProvider), shares.toDesigner, shares.bondBack);
        _expectCredits(c, shares);
    }

    function expectMandateUsed(Case memory c, uint32 used) internal {
        if (!c.mandated) return;
        _expectLog();
        emit IEscrowTypes.MandateUsed(mandateOf(c), c.id, used);
    }

    function expectCredited(address owner, bytes32 id, uint256 amount) internal {
        if (amount == 0) return;
        _expectLog();
        emit IEscrowTypes.Credited(currency, owner, id, uint128(amount));
    }

    function assertNoOtherLogs() internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 count;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].emitter == address(escrow)) ++count;
        }
        assertEq(count, _expectedLogs, "logs");
    }

    function _expectLog() internal {
        if (_expectedLogs == 0) vm.recordLogs();
        ++_expectedLogs;
        vm.expectEmit(address(escrow));
    }

    function _expectCredits(Case memory c, Shares memory shares) private {
        uint96 net = shares.toProvider - c.paid - _feeFrom(c, shares.toProvider);
        expectCredited(bo, c.id, uint256(shares.bondBack) + (c.bid.toLedger ? net : 0));
        if (c.flags & REFUND_TO_LEDGER != 0) expectCredited(ada, c.id, shares.toDesigner);
    }

    function _feeFrom(Case memory c, uint96 cumulative) private pure returns (uint96) {
        return uint96(feeOn(c.bid, cumulative) - feeOn(c.bid, c.paid));
    }
}
