// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {MoneyProof} from "./MoneyProof.sol";

/// @notice I2 and I5 of what pays the provider: release, redeem, claim.
abstract contract PayingProof is MoneyProof {
    function check_I2_I5_Release(Terms memory terms, uint96 cumulative, Others memory others) public {
        IEscrowTypes.Bid memory bid = bidOf(terms);
        Seen memory x = seenOpen(bid, others);

        vm.prank(ADA);
        escrow.release(bid, cumulative);

        assertPaidOut(bid, x, seen(bid, others), paid(bid, x.word, cumulative));
    }

    function check_I2_I5_Redeem(Terms memory terms, uint96 cumulative, Signature memory signature, Others memory others)
        public
    {
        IEscrowTypes.Bid memory bid = bidOf(terms);
        Seen memory x = seenOpen(bid, others);

        vm.prank(others.stranger);
        escrow.redeem(bid, cumulative, packed(signature));

        assertPaidOut(bid, x, seen(bid, others), paid(bid, x.word, cumulative));
    }

    function check_I2_I5_Claim(Terms memory terms, uint40 time, Others memory others) public {
        IEscrowTypes.Bid memory bid = bidOf(terms);
        Seen memory x = seenOpen(bid, others);
        vm.warp(time);

        vm.prank(others.stranger);
        escrow.claim(bid);

        assertPaidOut(bid, x, seen(bid, others), paid(bid, x.word, x.word.price));
    }

    /// @dev In full it closes: the bond goes back, and the dispute fee if there is a dispute.
    function paid(IEscrowTypes.Bid memory bid, IEscrowTypes.Agreement memory a, uint96 cumulative)
        private
        pure
        returns (Payout memory out)
    {
        unchecked {
            out.gross = cumulative - a.paid;
        }
        out.paid = cumulative;
        if (cumulative != a.price) return out;
        out.closes = true;
        out.bondBack = bid.bond;
        if (a.status == IEscrowTypes.Status.DISPUTED) out.toDesigner = bid.disputeFee;
    }
}
