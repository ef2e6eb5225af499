// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {Proof} from "./Proof.sol";

/// @notice The parties' purses and the agreements' words before and after a call, and what must have become of them.
/// @dev I2 and I5 at once: each party gains what the terms say, to the last unit, and any other address nothing. The
/// amounts are written as the escrow computes them, of the same widths: what is equal is then seen to be equal, and
/// the solver, to whom products and quotients are unknown functions, is hardly needed.
abstract contract MoneyProof is Proof {
    /// @dev The members of a bid that decide about money once it is awarded; all others are zero.
    struct Terms {
        uint96 bond;
        uint96 disputeFee;
        uint16 feeBps;
        uint16 fallbackBps;
        bool toLedger;
    }

    /// @dev Whoever and whatever a call is not about: any other address, any other agreement.
    struct Others {
        address stranger;
        bytes32 id;
    }

    struct Purse {
        uint256 wallet;
        uint128 free;
    }

    struct Seen {
        IEscrowTypes.Agreement word;
        uint256 otherWord;
        Purse ada;
        Purse bo;
        Purse charlie;
        Purse eve;
        Purse operator;
        Purse stranger;
    }

    /// @dev What leaves an agreement, before the fee; `paid` is what is paid in all then.
    struct Payout {
        uint96 gross;
        uint96 paid;
        uint96 bondBack;
        uint96 toDesigner;
        uint96 toArbiter;
        bool closes;
    }

    uint256 internal constant HELD = 1 << 100; // more than any pot
    uint8 internal constant REFUND_TO_LEDGER = 1;

    // ------------------------------------------------------------------ what differs by currency

    /// @dev What the bids are in.
    function currency() internal view virtual returns (address);

    /// @dev Gives a wallet an amount of it.
    function fill(address owner, uint256 amount) internal virtual;

    function wallet(address owner) internal view virtual returns (uint256);

    /// @dev Whether payments are pushed in vain.
    function refused() internal pure virtual returns (bool) {
        return false;
    }

    // ------------------------------------------------------------------ before

    function bidOf(Terms memory terms) internal view returns (IEscrowTypes.Bid memory bid) {
        bid.token = currency();
        bid.designer = ADA;
        bid.provider = BO;
        bid.arbiter = EVE;
        bid.feeTo = OPERATOR;
        bid.bond = terms.bond;
        bid.disputeFee = terms.disputeFee;
        bid.feeBps = terms.feeBps;
        bid.fallbackBps = terms.fallbackBps;
        bid.toLedger = terms.toLedger;
    }

    /// @dev The agreement is open, in any status, with any flags, any price, and any part of it paid: all that an award
    /// and what follows it leave behind (TakingProof, and `forward`, of every call). The escrow holds its pot.
    function seenOpen(IEscrowTypes.Bid memory bid, Others memory others) internal returns (Seen memory x) {
        fill(address(escrow), HELD);
        x = seen(bid, others);
        IEscrowTypes.Agreement memory a = x.word;
        vm.assume(a.status != IEscrowTypes.Status.NONE);
        vm.assume(a.status != IEscrowTypes.Status.CLOSED);
        vm.assume(a.paid < a.price);
        unchecked {
            vm.assume(uint256(a.price) + bid.bond + bid.disputeFee <= type(uint96).max);
        }
        vm.assume(bid.feeBps <= 1000);
        vm.assume(bid.fallbackBps <= 10_000);
    }

    function seen(IEscrowTypes.Bid memory bid, Others memory others) internal view returns (Seen memory x) {
        bytes32 id = escrow.idOf(bid);
        vm.assume(others.id != id);
        x.word = word(id);
        x.otherWord = raw(others.id);
        (x.ada, x.bo, x.charlie) = (purse(ADA), purse(BO), purse(CHARLIE));
        (x.eve, x.operator, x.stranger) = (purse(EVE), purse(OPERATOR), purse(others.stranger));
        assumeStranger(others.stranger);
    }

    function purse(address owner) private view returns (Purse memory p) {
        (p.free,,,) = escrow.accounts(currency(), owner);
        p.wallet = wallet(owner);
    }

    function assumeStranger(address stranger) private view {
        vm.assume(stranger != ADA);
        vm.assume(stranger != BO);
        vm.assume(stranger != CHARLIE);
        vm.assume(stranger != EVE);
        vm.assume(stranger != OPERATOR);
        vm.assume(stranger != address(escrow));
    }

    // ------------------------------------------------------------------ after

    /// @dev Each gained what it must: the provider, the designer, the arbiter and the fee's receiver.
    function assertPaidOut(IEscrowTypes.Bid memory bid, Seen memory x, Seen memory y, Payout memory out) internal pure {
        bool ok = forward(x, y, out.closes ? IEscrowTypes.Status.CLOSED : x.word.status, out.paid);
        unchecked {
            uint96 fee = uint96(feeOn(bid.feeBps, out.paid)) - uint96(feeOn(bid.feeBps, x.word.paid));
            uint96 net = out.gross - fee;
            ok = both(ok, both(fee <= out.gross, held(bid, x.word, out)));
            if (bid.toLedger) ok = both(ok, gained(x.bo, y.bo, 0, out.bondBack + net));
            else ok = both(ok, gained(x.bo, y.bo, net, out.bondBack));
            if (x.word.flags & REFUND_TO_LEDGER != 0) ok = both(ok, gained(x.ada, y.ada, 0, out.toDesigner));
            else ok = both(ok, gained(x.ada, y.ada, out.toDesigner, 0));
            ok = both(ok, gained(x.eve, y.eve, out.toArbiter, 0));
            ok = both(ok, gained(x.operator, y.operator, 0, fee));
            ok = both(ok, gained(x.charlie, y.charlie, 0, 0));
            assert(both(ok, gained(x.stranger, y.stranger, 0, 0)));
        }
    }

    /// @dev The agreement's word became what it must, its price as it was; no other agreement's word changed.
    function forward(Seen memory x, Seen memory y, IEscrowTypes.Status status, uint96 paid)
        internal
        pure
        returns (bool ok)
    {
        ok = both(same(uint256(y.word.status), uint256(status)), same(y.word.paid, paid));
        return both(ok, both(same(y.word.price, x.word.price), same(y.otherWord, x.otherWord)));
    }

    /// @dev I2: what leaves at a closing is what was held, and before that what was paid.
    function held(IEscrowTypes.Bid memory bid, IEscrowTypes.Agreement memory a, Payout memory out)
        private
        pure
        returns (bool)
    {
        unchecked {
            uint96 left = out.gross + out.bondBack + out.toDesigner + out.toArbiter;
            if (!out.closes) return same(left, out.gross);
            uint96 pot = a.price - a.paid + bid.bond;
            return same(left, a.status == IEscrowTypes.Status.DISPUTED ? pot + bid.disputeFee : pot);
        }
    }

    function gained(Purse memory x, Purse memory y, uint96 pushed, uint96 credited) internal pure returns (bool) {
        unchecked {
            uint128 free = x.free + credited;
            if (refused()) return both(same(y.wallet, x.wallet), same(y.free, free + pushed));
            return both(same(y.wallet, x.wallet + pushed), same(y.free, free));
        }
    }

    function lost(Purse memory x, Purse memory y, uint96 fromWallet, uint96 fromFree) internal pure returns (bool) {
        unchecked {
            return both(same(y.wallet, x.wallet - fromWallet), same(y.free, x.free - fromFree));
        }
    }

    /// @dev With its factors in the escrow's order: the prover does not know that they may change places.
    function feeOn(uint256 bps, uint256 amount) private pure returns (uint256 fee) {
        assembly ("memory-safe") {
            fee := div(mul(amount, bps), 10000)
        }
    }
}
