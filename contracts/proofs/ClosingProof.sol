// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {MoneyProof} from "./MoneyProof.sol";

/// @notice I2 and I5 of what closes an agreement other than by paying it: refund, cancel, rule, settle, expire.
/// @dev The shares that are quotients (of the bond at a refund, of the rest at an expiry) are taken as they come out: what
/// is proven of them is that all else goes where it must. Their amounts are tested at random.
abstract contract ClosingProof is MoneyProof {
    function check_I2_I5_Refund(Terms memory terms, uint40 time, Others memory others) public {
        IEscrowTypes.Bid memory bid = bidOf(terms);
        bid.unitPrice = 1;
        Seen memory x = seenOpen(bid, others);
        vm.warp(time);

        vm.prank(others.stranger);
        escrow.refund(bid);

        Seen memory y = seen(bid, others);
        assertPaidOut(bid, x, y, closed(bid, x.word, 0, difference(y.bo.free, x.bo.free)));
    }

    function check_I2_I5_Cancel(Terms memory terms, uint40 time, bool byProvider, Others memory others) public {
        IEscrowTypes.Bid memory bid = bidOf(terms);
        bid.unitPrice = 1;
        Seen memory x = seenOpen(bid, others);
        vm.warp(time);

        vm.prank(byProvider ? BO : ADA);
        escrow.cancel(bid);

        assertPaidOut(bid, x, seen(bid, others), closed(bid, x.word, 0, bid.bond));
    }

    function check_I2_I5_Rule(Terms memory terms, uint96 cumulative, uint96 bondBack, uint40 time, Others memory others)
        public
    {
        IEscrowTypes.Bid memory bid = bidOf(terms);
        Seen memory x = seenOpen(bid, others);
        vm.warp(time);

        vm.prank(EVE);
        escrow.rule(bid, cumulative, bondBack);

        uint96 gross;
        unchecked {
            gross = cumulative > x.word.paid ? cumulative - x.word.paid : 0;
        }
        Payout memory out = closed(bid, x.word, gross, bondBack);
        unchecked {
            out.toDesigner = x.word.price - x.word.paid + bid.bond - gross - bondBack;
        }
        out.toArbiter = bid.disputeFee;
        assertPaidOut(bid, x, seen(bid, others), out);
    }

    function check_I2_I5_Settle(
        Terms memory terms,
        IEscrowTypes.Settlement memory settlement,
        Signature memory signature,
        bool byProvider,
        Others memory others
    ) public {
        IEscrowTypes.Bid memory bid = bidOf(terms);
        Seen memory x = seenOpen(bid, others);

        vm.prank(byProvider ? BO : ADA);
        escrow.settle(bid, settlement, packed(signature));

        uint96 bondBack = settlement.toProvider < bid.bond ? settlement.toProvider : bid.bond;
        uint96 gross;
        unchecked {
            gross = settlement.toProvider - bondBack;
        }
        assertPaidOut(bid, x, seen(bid, others), closed(bid, x.word, gross, bondBack));
    }

    function check_I2_I5_Expire(Terms memory terms, uint40 time, Others memory others) public {
        IEscrowTypes.Bid memory bid = bidOf(terms);
        Seen memory x = seenOpen(bid, others);
        vm.warp(time);

        vm.prank(others.stranger);
        escrow.expire(bid);

        uint96 gross = difference(word(escrow.idOf(bid)).paid, x.word.paid);
        assertPaidOut(bid, x, seen(bid, others), closed(bid, x.word, gross, bid.bond));
    }

    /// @dev What is not the provider's goes to the designer, with the dispute fee if there is a dispute.
    function closed(IEscrowTypes.Bid memory bid, IEscrowTypes.Agreement memory a, uint96 gross, uint96 bondBack)
        private
        pure
        returns (Payout memory)
    {
        unchecked {
            uint96 rest = a.price - a.paid + bid.bond;
            if (a.status == IEscrowTypes.Status.DISPUTED) rest += bid.disputeFee;
            return Payout(gross, a.paid + gross, bondBack, rest - gross - bondBack, 0, true);
        }
    }

    function difference(uint128 larger, uint128 smaller) private pure returns (uint96) {
        unchecked {
            return uint96(larger - smaller);
        }
    }
}
