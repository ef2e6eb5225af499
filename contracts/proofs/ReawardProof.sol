// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {TakingProof} from "./TakingProof.sol";

/// @notice I2 and I5 of a standby that takes over: the one way in which an agreement's money becomes another's.
abstract contract ReawardProof is TakingProof {
    /// @dev Bo failed; Charlie is the standby.
    function check_I2_I5_Reaward(
        Terms memory terms,
        Terms memory standbys,
        Limits memory limits,
        uint96 unitPrice,
        Signature memory signature,
        uint40 time,
        Others memory others
    ) public {
        IEscrowTypes.Bid memory bid = bidOf(terms);
        bid.unitPrice = unitPrice;
        IEscrowTypes.Bid memory standby = limited(standbys, limits);
        standby.provider = CHARLIE;
        vm.assume(others.id != escrow.idOf(standby));
        Seen memory x = seenOpen(bid, others);
        vm.warp(time);

        vm.prank(others.stranger);
        escrow.reaward(bid, standby, packed(signature), signature.signer);

        assertTakenOver(bid, standby, x, seen(bid, others));
    }

    /// @dev What the failed agreement held is the price of the next, or the designer's; nobody else gained or lost
    /// anything but the standby's provider its bond.
    function assertTakenOver(IEscrowTypes.Bid memory bid, IEscrowTypes.Bid memory standby, Seen memory x, Seen memory y)
        private
        view
    {
        bool ok = forward(x, y, IEscrowTypes.Status.CLOSED, 0);
        IEscrowTypes.Agreement memory a = word(escrow.idOf(standby));
        unchecked {
            uint96 held = x.word.price + bid.bond;
            ok = both(ok, both(same(uint256(a.status), uint256(IEscrowTypes.Status.AWARDED)), same(a.paid, 0)));
            ok = both(ok, both(same(a.flags, 0), a.price <= held));
            ok = both(ok, both(gained(x.ada, y.ada, held - a.price, 0), gained(x.bo, y.bo, 0, 0)));
            ok = both(ok, lost(x.charlie, y.charlie, 0, standby.bond));
            ok = both(ok, both(gained(x.eve, y.eve, 0, 0), gained(x.operator, y.operator, 0, 0)));
            assert(both(ok, gained(x.stranger, y.stranger, 0, 0)));
        }
    }
}
