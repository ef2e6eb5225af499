// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPrintEscrow} from "../interfaces/IPrintEscrow.sol";
import {Terms} from "../libraries/Terms.sol";
import {Agreements} from "./Agreements.sol";

/// @title Disputes
/// @notice Where the parties disagree: an arbiter they signed for, a split they agree on, or the fallback they signed.
abstract contract Disputes is Agreements {
    using Terms for Settlement;

    /// @inheritdoc IPrintEscrow
    function dispute(Bid calldata bid, bytes32 head, bool fromLedger) external payable locked {
        _requireDesigner(bid);
        (bytes32 id, Agreement memory agreement) = _loadIn(bid, Status.DELIVERED);
        _requireUntil(uint256(agreement.clock) + bid.reviewTime);

        agreement.status = Status.DISPUTED;
        agreement.clock = uint40(block.timestamp);
        _write(id, agreement);
        emit Disputed(id, head);
        _take(bid.token, bid.disputeFee, fromLedger);
    }

    /// @inheritdoc IPrintEscrow
    function rule(Bid calldata bid, uint96 cumulative, uint96 bondBack) external locked {
        if (msg.sender != bid.arbiter) revert NotArbiter(msg.sender, bid.arbiter);
        (bytes32 id, Agreement memory agreement) = _loadIn(bid, Status.DISPUTED);
        _requireUntil(uint256(agreement.clock) + bid.arbiterTime);
        if (cumulative > agreement.price) revert AbovePrice(cumulative, agreement.price);
        if (bondBack > bid.bond) revert AboveBond(bondBack, bid.bond);
        uint96 paid = agreement.paid;

        _close(bid, id, agreement, How.RULED, cumulative > paid ? cumulative - paid : 0, bondBack);
        _send(bid.token, bid.arbiter, id, bid.disputeFee);
    }

    /// @inheritdoc IPrintEscrow
    function settle(Bid calldata bid, Settlement calldata settlement, bytes calldata signature) external locked {
        (bytes32 id, Agreement memory agreement) = _loadOpen(bid);
        _requireCurrent(bid, id, agreement, settlement);
        _requireSigned(_otherParty(bid), _digest(settlement.structHash()), signature);
        uint96 toProvider = settlement.toProvider;
        uint96 bondBack = toProvider < bid.bond ? toProvider : bid.bond;

        _close(bid, id, agreement, How.SETTLED, toProvider - bondBack, bondBack);
    }

    /// @inheritdoc IPrintEscrow
    function expire(Bid calldata bid) external locked {
        (bytes32 id, Agreement memory agreement) = _loadIn(bid, Status.DISPUTED);
        _requireAfter(uint256(agreement.clock) + bid.arbiterTime);
        // At most what is unpaid, since fallbackBps is at most all of it.
        uint96 share = uint96(uint256(agreement.price - agreement.paid) * bid.fallbackBps / Terms.BPS);

        _close(bid, id, agreement, How.EXPIRED, share, bid.bond);
    }

    function _otherParty(Bid calldata bid) private view returns (address) {
        if (msg.sender == bid.designer) return bid.provider;
        if (msg.sender == bid.provider) return bid.designer;
        revert NotParty(msg.sender);
    }

    /// @dev A settlement is about one moment: what changed since is not what was agreed.
    function _requireCurrent(Bid calldata bid, bytes32 id, Agreement memory agreement, Settlement calldata settlement)
        private
        view
    {
        if (settlement.agreement != id) revert AgreementMismatch(settlement.agreement, id);
        if (block.timestamp > settlement.deadline) revert SignatureExpired(settlement.deadline);
        if (settlement.status != uint8(agreement.status) || settlement.paid != agreement.paid) {
            revert SettlementStale(agreement.status, agreement.paid);
        }
        uint256 rest = uint256(agreement.price) - agreement.paid + bid.bond;
        if (settlement.toProvider > rest) revert AboveRest(settlement.toProvider, rest);
    }
}
