// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {MoneyProof} from "./MoneyProof.sol";

/// @notice I2 and I5 of what moves no money at all: deliver, giveUp, dropStandby.
abstract contract MakingProof is MoneyProof {
    function check_I2_I5_Deliver(Terms memory terms, uint40 time, address caller, Others memory others) public {
        IEscrowTypes.Bid memory bid = bidOf(terms);
        Seen memory x = seenOpen(bid, others);
        vm.warp(time);

        vm.prank(caller);
        escrow.deliver(bid, 0);

        Seen memory y = seen(bid, others);
        assert(both(forward(x, y, IEscrowTypes.Status.DELIVERED, x.word.paid), nothingMoved(x, y)));
    }

    function check_I2_I5_GiveUp(Terms memory terms, address caller, Others memory others) public {
        IEscrowTypes.Bid memory bid = bidOf(terms);
        Seen memory x = seenOpen(bid, others);

        vm.prank(caller);
        escrow.giveUp(bid);

        Seen memory y = seen(bid, others);
        assert(both(forward(x, y, x.word.status, x.word.paid), nothingMoved(x, y)));
    }

    function check_I2_I5_DropStandby(Terms memory terms, address caller, Others memory others) public {
        IEscrowTypes.Bid memory bid = bidOf(terms);
        Seen memory x = seenOpen(bid, others);

        vm.prank(caller);
        escrow.dropStandby(bid);

        Seen memory y = seen(bid, others);
        assert(both(forward(x, y, x.word.status, x.word.paid), nothingMoved(x, y)));
    }

    function nothingMoved(Seen memory x, Seen memory y) private pure returns (bool ok) {
        ok = both(gained(x.ada, y.ada, 0, 0), gained(x.bo, y.bo, 0, 0));
        ok = both(ok, both(gained(x.eve, y.eve, 0, 0), gained(x.operator, y.operator, 0, 0)));
        return both(ok, both(gained(x.charlie, y.charlie, 0, 0), gained(x.stranger, y.stranger, 0, 0)));
    }
}
