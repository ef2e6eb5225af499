// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {MoneyProof} from "./MoneyProof.sol";

/// @notice What comes into an agreement, from whom, and under which terms: I2 counts from here on.
abstract contract TakingProof is MoneyProof {
    /// @dev The members of a bid that an award looks at, beside those of `Terms`.
    struct Limits {
        uint96 unitPrice;
        uint32 minUnits;
        uint32 maxUnits;
        uint32 makeTime;
        uint32 reviewTime;
        uint32 arbiterTime;
        uint32 graceTime;
        uint40 validUntil;
        uint32 epoch;
    }

    function check_I2_I5_Award(
        Terms memory terms,
        Limits memory limits,
        Signature memory signature,
        uint32 units,
        uint96 value,
        uint40 time,
        bool fromLedger,
        Others memory others
    ) public {
        IEscrowTypes.Bid memory bid = limited(terms, limits);
        vm.warp(time);
        fill(ADA, value);
        Seen memory x = seen(bid, others);

        vm.prank(ADA);
        escrow.award{value: sent(value)}(bid, packed(signature), signature.signer, units, 0, 0, fromLedger);

        Seen memory y = seen(bid, others);
        uint96 price = assertAwarded(bid, units, x, y);
        assertTaken(bid, x, y, fromLedger ? 0 : price, fromLedger ? price : 0);
    }

    function check_I2_I5_AwardFor(
        Terms memory terms,
        Limits memory limits,
        Signature memory signature,
        Signature memory designers,
        IEscrowTypes.Award memory consent,
        uint40 time,
        Others memory others
    ) public {
        IEscrowTypes.Bid memory bid = limited(terms, limits);
        vm.warp(time);
        Seen memory x = seen(bid, others);

        vm.prank(others.stranger);
        escrow.awardFor(bid, packed(signature), signature.signer, consent, packed(designers));

        Seen memory y = seen(bid, others);
        assertTaken(bid, x, y, 0, assertAwarded(bid, consent.units, x, y));
    }

    /// @dev Bounds: the list of printers is none, or the one printer itself.
    function check_I2_I5_AwardUnder(
        Terms memory terms,
        Limits memory limits,
        Signature memory signature,
        Signature memory designers,
        IEscrowTypes.Mandate memory mandate,
        uint32 units,
        uint40 time,
        Others memory others
    ) public {
        IEscrowTypes.Bid memory bid = limited(terms, limits);
        vm.warp(time);
        Seen memory x = seen(bid, others);

        vm.prank(mandate.dispatcher);
        escrow.awardUnder(
            bid, packed(signature), signature.signer, units, 0, mandate, packed(designers), new bytes32[](0)
        );

        Seen memory y = seen(bid, others);
        assertTaken(bid, x, y, 0, assertAwarded(bid, units, x, y));
        bool ok = both(units <= mandate.units, same(y.word.flags, REFUND_TO_LEDGER));
        assert(both(ok, both(bid.unitPrice <= mandate.maxUnitPrice, time <= mandate.validUntil)));
    }

    function check_I2_I5_Dispute(Terms memory terms, uint96 value, uint40 time, bool fromLedger, Others memory others)
        public
    {
        IEscrowTypes.Bid memory bid = bidOf(terms);
        fill(ADA, value);
        Seen memory x = seenOpen(bid, others);
        vm.warp(time);

        vm.prank(ADA);
        escrow.dispute{value: sent(value)}(bid, 0, fromLedger);

        Seen memory y = seen(bid, others);
        bid.bond = 0; // nothing is locked here
        assert(forward(x, y, IEscrowTypes.Status.DISPUTED, x.word.paid));
        assertTaken(bid, x, y, fromLedger ? 0 : bid.disputeFee, fromLedger ? bid.disputeFee : 0);
    }

    function limited(Terms memory terms, Limits memory limits) internal view returns (IEscrowTypes.Bid memory bid) {
        bid = bidOf(terms);
        bid.unitPrice = limits.unitPrice;
        bid.minUnits = limits.minUnits;
        bid.maxUnits = limits.maxUnits;
        bid.makeTime = limits.makeTime;
        bid.reviewTime = limits.reviewTime;
        bid.arbiterTime = limits.arbiterTime;
        bid.graceTime = limits.graceTime;
        bid.validUntil = limits.validUntil;
        bid.epoch = limits.epoch;
    }

    /// @dev The word that was made where none was, and what `seenOpen` takes for granted of it.
    function assertAwarded(IEscrowTypes.Bid memory bid, uint32 units, Seen memory x, Seen memory y)
        private
        pure
        returns (uint96)
    {
        IEscrowTypes.Agreement memory a = y.word;
        unchecked {
            bool ok = both(same(uint256(x.word.status), 0), same(y.otherWord, x.otherWord));
            ok = both(ok, both(same(uint256(a.status), uint256(IEscrowTypes.Status.AWARDED)), same(a.paid, 0)));
            ok = both(ok, both(a.price != 0, same(a.price, uint256(bid.unitPrice) * units)));
            ok = both(ok, uint256(a.price) + bid.bond + bid.disputeFee <= type(uint96).max);
            assert(both(ok, both(bid.feeBps <= 1000, bid.fallbackBps <= 10_000)));
        }
        return a.price;
    }

    /// @dev The designer gave what it gives, the provider its bond out of what is free, and nobody else anything.
    function assertTaken(IEscrowTypes.Bid memory bid, Seen memory x, Seen memory y, uint96 fromWallet, uint96 fromFree)
        private
        pure
    {
        bool ok = both(lost(x.ada, y.ada, fromWallet, fromFree), lost(x.bo, y.bo, 0, bid.bond));
        ok = both(ok, both(gained(x.eve, y.eve, 0, 0), gained(x.operator, y.operator, 0, 0)));
        assert(both(ok, both(gained(x.charlie, y.charlie, 0, 0), gained(x.stranger, y.stranger, 0, 0))));
    }

    /// @dev The native coin is sent along, a token is pulled.
    function sent(uint256 value) private view returns (uint256) {
        return currency() == address(0) ? value : 0;
    }
}
