// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPrintEscrow} from "../interfaces/IPrintEscrow.sol";
import {Terms} from "../libraries/Terms.sol";
import {HotKeys} from "./HotKeys.sol";

/// @title Agreements
/// @notice The agreements' words, and where an agreement's money can go.
/// @dev Signed terms travel in calldata; storage is keyed by their digest, which is also the replay guard.
abstract contract Agreements is HotKeys {
    using Terms for Bid;

    /// @inheritdoc IPrintEscrow
    uint256 public constant override REDEEM_WINDOW = 12 hours;

    uint8 internal constant REFUND_TO_LEDGER = 1;
    uint8 internal constant GIVEN_UP = 2;

    /// @dev From the low end: status, flags, clock, price, paid. Packed by hand, because Solidity would read the word again
    /// and write it twice.
    mapping(bytes32 agreement => uint256 word) private _words;
    /// @inheritdoc IPrintEscrow
    mapping(bytes32 agreement => bytes32 standby) public override standbyOf;
    /// @inheritdoc IPrintEscrow
    mapping(bytes32 mandate => MandateUse) public override mandates;
    /// @inheritdoc IPrintEscrow
    mapping(bytes32 agreement => bytes32 mandate) public override mandateOf;

    /// @dev What goes to whom when money leaves an agreement; `gross` is the provider's payment before its fee.
    struct Payout {
        uint96 gross;
        uint96 fee;
        uint96 bondBack;
        uint96 toDesigner;
    }

    /// @inheritdoc IPrintEscrow
    function agreements(bytes32 agreement)
        external
        view
        returns (Status status, uint8 flags, uint40 clock, uint96 price, uint96 paid)
    {
        Agreement memory word = _read(agreement);
        return (word.status, word.flags, word.clock, word.price, word.paid);
    }

    // ------------------------------------------------------------------ words

    function _read(bytes32 id) internal view returns (Agreement memory) {
        uint256 word = _words[id];
        return
            Agreement(
                Status(uint8(word)), uint8(word >> 8), uint40(word >> 16), uint96(word >> 56), uint96(word >> 152)
            );
    }

    function _exists(bytes32 id) internal view returns (bool) {
        return _words[id] != 0;
    }

    function _write(bytes32 id, Agreement memory agreement) internal {
        _words[id] = uint256(agreement.status) | uint256(agreement.flags) << 8 | uint256(agreement.clock) << 16
            | uint256(agreement.price) << 56 | uint256(agreement.paid) << 152;
    }

    // ------------------------------------------------------------------ checks

    function _load(Bid calldata bid) internal view returns (bytes32 id, Agreement memory agreement) {
        id = idOf(bid);
        agreement = _read(id);
    }

    function _loadIn(Bid calldata bid, Status status) internal view returns (bytes32 id, Agreement memory agreement) {
        (id, agreement) = _load(bid);
        if (agreement.status != status) revert WrongStatus(id, agreement.status);
    }

    function _loadOpen(Bid calldata bid) internal view returns (bytes32 id, Agreement memory agreement) {
        (id, agreement) = _load(bid);
        if (agreement.status == Status.NONE || agreement.status == Status.CLOSED) {
            revert WrongStatus(id, agreement.status);
        }
    }

    function _requireDesigner(Bid calldata bid) internal view {
        if (msg.sender != bid.designer) revert NotDesigner(msg.sender, bid.designer);
    }

    function _requireAfter(uint256 deadline) internal view {
        if (block.timestamp <= deadline) revert TooEarly(deadline);
    }

    function _requireUntil(uint256 deadline) internal view {
        if (block.timestamp > deadline) revert TooLate(deadline);
    }

    /// @dev From here on the designer may have its money back; returns when a standby's turn is over.
    function _requireFailed(Bid calldata bid, Agreement memory agreement) internal view returns (uint256) {
        uint256 deadline = uint256(agreement.clock) + bid.makeTime + REDEEM_WINDOW;
        if (agreement.flags & GIVEN_UP == 0) _requireAfter(deadline);
        return deadline + REDEEM_WINDOW;
    }

    // ------------------------------------------------------------------ money

    /// @dev Raises what is paid to `cumulative`; at the full price closes, gives bond and dispute fee back, and counts.
    function _pay(Bid calldata bid, bytes32 id, Agreement memory agreement, uint96 cumulative, How how) internal {
        uint96 before = agreement.paid;
        if (cumulative <= before) revert NotRising(cumulative, before);
        if (cumulative > agreement.price) revert AbovePrice(cumulative, agreement.price);
        Payout memory payout = Payout(cumulative - before, _fee(bid, before, cumulative), 0, 0);
        agreement.paid = cumulative;
        if (cumulative == agreement.price) {
            payout.bondBack = bid.bond;
            if (agreement.status == Status.DISPUTED) payout.toDesigner = bid.disputeFee;
            agreement.status = Status.CLOSED;
            agreement.clock = uint40(block.timestamp);
        } else {
            how = How.OPEN;
        }

        _write(id, agreement);
        // Counted where a bond was locked, as failures are. Unchecked: a counter that wraps must not hold money back.
        unchecked {
            if (payout.bondBack != 0) ++accounts[bid.token][bid.provider].completed;
        }
        emit Paid(id, cumulative, payout.fee, how);
        _payOut(bid, id, agreement.flags, payout);
    }

    /// @dev Closes other than by payment in full: `gross` of what is unpaid and `bondBack` of the bond to the provider, all
    /// else to the designer, but for a dispute fee that goes to an arbiter.
    function _close(Bid calldata bid, bytes32 id, Agreement memory agreement, How how, uint96 gross, uint96 bondBack)
        internal
    {
        uint96 before = agreement.paid;
        // The pot was checked at award to fit.
        uint96 rest = agreement.price - before + bid.bond;
        if (agreement.status == Status.DISPUTED && how != How.RULED) rest += bid.disputeFee;
        agreement.paid = before + gross;
        Payout memory payout = Payout(gross, _fee(bid, before, agreement.paid), bondBack, rest - gross - bondBack);

        _tombstone(id, agreement);
        emit Closed(id, how, gross, payout.fee, payout.toDesigner, bondBack);
        _payOut(bid, id, agreement.flags, payout);
    }

    function _tombstone(bytes32 id, Agreement memory agreement) internal {
        agreement.status = Status.CLOSED;
        agreement.clock = uint40(block.timestamp);
        _write(id, agreement);
    }

    /// @dev What is certainly credited comes before the first push; a push that fails is credited under the lock.
    function _payOut(Bid calldata bid, bytes32 id, uint8 flags, Payout memory payout) private {
        // Without a log of its own: the fee is in the one that was just emitted, its receiver in the terms.
        if (payout.fee != 0) accounts[bid.token][bid.feeTo].free += payout.fee;
        uint96 toProvider = payout.gross - payout.fee;
        uint96 toFree = bid.toLedger ? payout.bondBack + toProvider : payout.bondBack;
        if (toFree != 0) _credit(bid.token, bid.provider, id, toFree);
        if (flags & REFUND_TO_LEDGER != 0 && payout.toDesigner != 0) {
            _credit(bid.token, bid.designer, id, payout.toDesigner);
            payout.toDesigner = 0;
        }
        if (!bid.toLedger) _send(bid.token, bid.provider, id, toProvider);
        _send(bid.token, bid.designer, id, payout.toDesigner);
    }

    /// @dev On what is cumulative, so that a payment in parts costs what one payment costs. At most a tenth of what is
    /// paid, rounded up, hence never more than what is paid.
    function _fee(Bid calldata bid, uint96 before, uint96 cumulative) private pure returns (uint96) {
        return uint96(bid.feeOn(cumulative) - bid.feeOn(before));
    }

    /// @dev Counts a failure where a bond was locked.
    function _countFailure(Bid calldata bid) internal {
        // Unchecked: a counter that wraps must not hold money back.
        unchecked {
            if (bid.bond != 0) ++accounts[bid.token][bid.provider].failed;
        }
    }

    /// @dev Gives a mandate back the units of an agreement; what is revoked stays so.
    function _returnUnits(Bid calldata bid, bytes32 id, Agreement memory agreement) internal {
        if (agreement.flags & REFUND_TO_LEDGER == 0) return;
        bytes32 mandate = mandateOf[id];
        uint32 used = mandates[mandate].used - uint32(agreement.price / bid.unitPrice);
        mandates[mandate].used = used;
        emit MandateUsed(mandate, id, used);
    }
}
