// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPrintEscrow} from "../interfaces/IPrintEscrow.sol";
import {Terms} from "../libraries/Terms.sol";
import {Agreements} from "./Agreements.sol";

/// @title Making
/// @notice From award to payment, or to the money's way back.
abstract contract Making is Agreements {
    /// @inheritdoc IPrintEscrow
    function release(Bid calldata bid, uint96 cumulative) external locked {
        _requireDesigner(bid);
        (bytes32 id, Agreement memory agreement) = _loadOpen(bid);
        _pay(bid, id, agreement, cumulative, How.RELEASED);
    }

    /// @inheritdoc IPrintEscrow
    function redeem(Bid calldata bid, uint96 cumulative, bytes calldata signature) external locked {
        (bytes32 id, Agreement memory agreement) = _loadOpen(bid);
        _requireSigned(bid.designer, _digest(Terms.voucherHash(id, cumulative)), signature);
        _pay(bid, id, agreement, cumulative, How.REDEEMED);
    }

    /// @inheritdoc IPrintEscrow
    function deliver(Bid calldata bid, bytes32 head) external {
        if (msg.sender != bid.provider && !_isLive(bid.token, bid.provider, msg.sender)) {
            revert NotProvider(msg.sender, bid.provider);
        }
        (bytes32 id, Agreement memory agreement) = _loadIn(bid, Status.AWARDED);
        if (agreement.flags & GIVEN_UP != 0) revert AlreadyGivenUp(id);
        _requireUntil(uint256(agreement.clock) + bid.makeTime);

        agreement.status = Status.DELIVERED;
        agreement.clock = uint40(block.timestamp);
        _write(id, agreement);
        emit Delivered(id, head);
    }

    /// @inheritdoc IPrintEscrow
    function claim(Bid calldata bid) external locked {
        (bytes32 id, Agreement memory agreement) = _loadIn(bid, Status.DELIVERED);
        _requireAfter(uint256(agreement.clock) + bid.reviewTime);
        _pay(bid, id, agreement, agreement.price, How.CLAIMED);
    }

    /// @inheritdoc IPrintEscrow
    function refund(Bid calldata bid) external locked {
        (bytes32 id, Agreement memory agreement) = _loadIn(bid, Status.AWARDED);
        uint256 standbysTurn = _requireFailed(bid, agreement);
        // What is partly paid no standby takes over.
        bool reserved = agreement.paid == 0 && block.timestamp <= standbysTurn && msg.sender != bid.designer;
        if (reserved && standbyOf[id] != 0) revert StandbyFirst(standbysTurn);
        // At most the bond, since paid < price while an agreement is open.
        uint96 bondBack = uint96(uint256(bid.bond) * agreement.paid / agreement.price);

        _countFailure(bid);
        if (agreement.paid == 0) _returnUnits(bid, id, agreement);
        _close(bid, id, agreement, How.REFUNDED, 0, bondBack);
    }

    /// @inheritdoc IPrintEscrow
    function cancel(Bid calldata bid) external locked {
        if (msg.sender != bid.designer && msg.sender != bid.provider) revert NotParty(msg.sender);
        (bytes32 id, Agreement memory agreement) = _loadIn(bid, Status.AWARDED);
        _requireUntil(uint256(agreement.clock) + bid.graceTime);

        _returnUnits(bid, id, agreement);
        _close(bid, id, agreement, How.CANCELLED, 0, bid.bond);
    }

    /// @inheritdoc IPrintEscrow
    function giveUp(Bid calldata bid) external {
        if (msg.sender != bid.provider) revert NotProvider(msg.sender, bid.provider);
        (bytes32 id, Agreement memory agreement) = _loadIn(bid, Status.AWARDED);
        if (agreement.flags & GIVEN_UP != 0) revert AlreadyGivenUp(id);

        agreement.flags |= GIVEN_UP;
        _write(id, agreement);
        emit GaveUp(id);
    }
}
