// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {Settling} from "./Settling.sol";

/// @notice Every way in which an agreement of Ada's and Bo's can end, one call away from it, and each party with a share.
abstract contract Endings is Settling {
    enum Ending {
        RELEASE,
        REDEEM,
        CLAIM,
        REFUND,
        CANCEL,
        RULE,
        SETTLE,
        EXPIRE
    }

    uint256 internal constant ENDINGS = uint256(type(Ending).max) + 1;

    /// @dev The last call, and where the money goes by it.
    struct Last {
        address caller;
        bytes data;
        Shares shares;
    }

    /// @dev Terms by which nobody's share is nothing, whatever the ending, and all money is pushed.
    function shared(Case memory c) internal pure {
        c.mandated = false;
        c.bid.toLedger = false;
        (c.bid.minUnits, c.bid.maxUnits, c.units) = (0, 1, 1);
        c.bid.unitPrice = uint96(bound(c.bid.unitPrice, 1e5, MAX_AMOUNT));
        c.bid.bond = uint96(bound(c.bid.bond, 1, MAX_AMOUNT));
        c.bid.disputeFee = uint96(bound(c.bid.disputeFee, 1, MAX_AMOUNT));
        c.bid.fallbackBps = uint16(bound(c.bid.fallbackBps, 1, 9999));
    }

    function sharedNative(IEscrowTypes.Bid memory raw) internal returns (Case memory c) {
        raw.arbiter = address(1);
        c = drawnNative(raw, 1);
        shared(c);
    }

    function endingOf(uint8 which) internal pure returns (Ending) {
        return Ending(which % ENDINGS);
    }

    /// @dev Brings a case to where only the last call is missing.
    function bring(Case memory c, Ending ending) internal returns (Last memory) {
        if (ending == Ending.CLAIM) {
            bring(c, IEscrowTypes.Status.DELIVERED, 0);
            vm.warp(c.clock + c.bid.reviewTime + 1);
        } else if (ending == Ending.REFUND || ending == Ending.CANCEL) {
            bring(c, IEscrowTypes.Status.AWARDED, 0);
            if (ending == Ending.REFUND) vm.warp(c.clock + c.bid.makeTime + REDEEM_WINDOW + 1);
        } else {
            bring(c, IEscrowTypes.Status.DISPUTED, 0);
            if (ending == Ending.EXPIRE) vm.warp(c.clock + c.bid.arbiterTime + 1);
        }
        return last(c, ending);
    }

    function last(Case memory c, Ending ending) internal view returns (Last memory) {
        (uint96 price, uint96 bond, uint96 fee) = (c.price, c.bid.bond, c.bid.disputeFee);
        uint96 half = price / 2;
        Shares memory all = Shares(price, bond, fee, 0);
        if (ending == Ending.RELEASE) return Last(ada, abi.encodeCall(escrow.release, (c.bid, price)), all);
        if (ending == Ending.REDEEM) {
            return Last(charlie, abi.encodeCall(escrow.redeem, (c.bid, price, voucher(c, price))), all);
        }
        if (ending == Ending.CLAIM) {
            return Last(charlie, abi.encodeCall(escrow.claim, (c.bid)), Shares(price, bond, 0, 0));
        }
        if (ending == Ending.REFUND) {
            return Last(charlie, abi.encodeCall(escrow.refund, (c.bid)), Shares(0, 0, price + bond, 0));
        }
        if (ending == Ending.CANCEL) {
            return Last(bo, abi.encodeCall(escrow.cancel, (c.bid)), Shares(0, bond, price, 0));
        }
        if (ending == Ending.RULE) {
            return Last(eve, abi.encodeCall(escrow.rule, (c.bid, half, 0)), Shares(half, 0, price - half + bond, fee));
        }
        if (ending == Ending.SETTLE) return _settling(c, bond + half);
        uint96 share = uint96(uint256(price) * c.bid.fallbackBps / 10_000);
        return Last(charlie, abi.encodeCall(escrow.expire, (c.bid)), Shares(share, bond, price - share + fee, 0));
    }

    function _settling(Case memory c, uint96 toProvider) private view returns (Last memory) {
        IEscrowTypes.Settlement memory s = settlement(c, toProvider);
        bytes memory signature = sign(adaKey, settlementDigest(s));
        return Last(bo, abi.encodeCall(escrow.settle, (c.bid, s, signature)), split(c, toProvider));
    }
}
