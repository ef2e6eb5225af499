// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {MoneyProof} from "./MoneyProof.sol";

/// @notice I5 of what is free: deposits and withdrawals touch no agreement, and nobody else's money.
abstract contract LedgerProof is MoneyProof {
    function check_I5_Deposit(Terms memory terms, uint96 amount, Others memory others) public {
        IEscrowTypes.Bid memory bid = bidOf(terms);
        fill(CHARLIE, amount);
        Seen memory x = seen(bid, others);

        vm.prank(CHARLIE);
        escrow.deposit{value: currency() == address(0) ? amount : 0}(currency(), ADA, amount);

        Seen memory y = seen(bid, others);
        bool ok = both(untouched(x, y), both(lost(x.charlie, y.charlie, amount, 0), gained(x.ada, y.ada, 0, amount)));
        assert(both(ok, gained(x.eve, y.eve, 0, 0)));
    }

    function check_I5_Withdraw(Terms memory terms, uint96 amount, Others memory others) public {
        IEscrowTypes.Bid memory bid = bidOf(terms);
        fill(address(escrow), HELD);
        Seen memory x = seen(bid, others);

        vm.prank(ADA);
        escrow.withdraw(currency(), EVE, amount);

        Seen memory y = seen(bid, others);
        bool ok = both(untouched(x, y), both(lost(x.ada, y.ada, 0, amount), gained(x.eve, y.eve, amount, 0)));
        assert(both(ok, gained(x.charlie, y.charlie, 0, 0)));
    }

    function untouched(Seen memory x, Seen memory y) private pure returns (bool ok) {
        ok = forward(x, y, x.word.status, x.word.paid);
        ok = both(ok, both(gained(x.bo, y.bo, 0, 0), gained(x.operator, y.operator, 0, 0)));
        return both(ok, gained(x.stranger, y.stranger, 0, 0));
    }
}
