// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowSpoiling} from "./helpers/Spoiling.sol";

/// @notice What holds for every award: called by the designer, with a permit, by consent, under a mandate.
contract AwardAnyWayTest is EscrowSpoiling {
    // ------------------------------------------------------------------ refusals

    /// @dev No way in has laxer checks than another: each refuses with the very words of `checkAwardable`.
    function testFuzz_RevertGiven_AnObjection(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way,
        uint8 spoil,
        uint256 with
    ) public {
        Offer memory o = spoiltOffer(raw, units, spoil, with);
        Call memory c = readyFor(wayOf(way), o);
        bytes memory reason = objection(o);
        if (reason.length != 0) vm.expectRevert(reason);
        run(c);
        assertEq(
            uint8(word(o.id).status), uint8(reason.length == 0 ? IEscrowTypes.Status.AWARDED : IEscrowTypes.Status.NONE)
        );
    }

    /// @dev I3: whichever way it came about, and however it ended, an id is used once.
    function testFuzz_RevertGiven_AnIdThatIsUsed(IEscrowTypes.Bid memory raw, uint32 units, uint8 first, uint8 second)
        public
    {
        Offer memory o = offered(raw, units);
        run(readyFor(wayOf(first), o));
        if (first / 5 % 2 == 0) released(o.bid, o.price);
        fund(bo, o.bid.bond);
        Call memory again = readyFor(wayOf(second), o);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.AgreementExists.selector, o.id));
        run(again);
    }

    /// @dev The epoch rises: whatever was signed before is dead, whoever signed it, whichever way it would come.
    function testFuzz_RevertGiven_AnotherEpoch(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, bool byHotKey)
        public
    {
        Offer memory o = offered(raw, units);
        if (byHotKey) signBy(o, hotKey);
        setAgent(START, o.bid.bond);
        Call memory c = readyFor(wayOf(way), o);
        vm.prank(bo);
        escrow.bumpEpoch(currency);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.EpochChanged.selector, 0, 1));
        run(c);
    }

    /// @dev Ways that take no value refuse it: it would be nobody's.
    function testFuzz_RevertWhen_ValueComesAlong(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, uint96 value)
        public
    {
        Offer memory o = offer(saneToken(raw), units);
        Call memory c = readyFor(wayOf(way), o);
        c.value = bound(value, 1, type(uint96).max);
        vm.deal(c.caller, c.value);
        bool payable_ = wayOf(way) == Way.AWARD || wayOf(way) == Way.FROM_LEDGER;
        vm.expectRevert(payable_ ? abi.encodeWithSelector(IEscrowTypes.ValueMismatch.selector, c.value, 0) : bytes(""));
        run(c);
    }

    // ------------------------------------------------------------------ successes

    /// @dev The same agreement, the same money, whichever way it came about; but for where refunds go.
    function testFuzz_MakesTheSameAgreementAnyWay(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, uint40 later)
        public
    {
        Offer memory o = offered(raw, units);
        vm.warp(bound(later, START, o.bid.validUntil));
        Call memory call_ = readyFor(wayOf(way), o);
        vm.expectEmit(address(escrow));
        emit IEscrowTypes.Awarded(o.id, ada, bo, o.bid, o.units, 0, 0);
        run(call_);
        IEscrowTypes.Agreement memory a = word(o.id);
        uint8 flags = wayOf(way) == Way.UNDER ? 1 : 0;
        assertEq(
            abi.encode(a),
            abi.encode(IEscrowTypes.Agreement(IEscrowTypes.Status.AWARDED, flags, uint40(block.timestamp), o.price, 0))
        );
        assertEq(money(ada) + free(ada) + free(bo), 0, "price taken, bond locked");
        assertEq(money(address(escrow)), uint256(o.price) + o.bid.bond);
    }

    /// @dev An award counts nothing yet, and moves nobody's epoch.
    function testFuzz_LeavesTheRestOfTheAccounts(IEscrowTypes.Bid memory raw, uint32 units, uint8 way) public {
        Offer memory o = offered(raw, units);
        vm.prank(ada);
        escrow.bumpEpoch(currency);
        run(readyFor(wayOf(way), o));
        assertEq(abi.encode(account(bo)), abi.encode(IEscrowTypes.Account(0, 0, 0, 0)));
        assertEq(abi.encode(account(ada)), abi.encode(IEscrowTypes.Account(0, 1, 0, 0)));
    }
}
