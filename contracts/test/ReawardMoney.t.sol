// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowAwarding} from "./helpers/Awarding.sol";
import {PlainWallet, RevertingWallet, Wallet} from "./helpers/Wallets.sol";
import {DenyListToken} from "./helpers/tokens/RefusingTokens.sol";

/// @notice `reaward`: the price and the lost bond pay for the standby; what it does to words, money and counters.
contract ReawardMoneyTest is EscrowAwarding {
    // ------------------------------------------------------------------ refusals

    /// @dev Never does the designer pay more than it awarded: one above what is held is too dear.
    function testFuzz_RevertWhen_TheStandbyCostsOneMore(IEscrowTypes.Bid memory raw, IEscrowTypes.Bid memory other)
        public
    {
        tooDear(raw, other, 1);
    }

    function testFuzz_RevertWhen_TheStandbyCostsMore(
        IEscrowTypes.Bid memory raw,
        IEscrowTypes.Bid memory other,
        uint96 more
    ) public {
        tooDear(raw, other, bound(more, 1, MAX_AMOUNT));
    }

    /// @dev A caller who leaves too little gas for the surplus to arrive cannot make a willing designer seem to refuse.
    function testFuzz_RevertWhen_TheSurplusGetsTooLittleGas(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby
    ) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.bond = uint96(bound(bid.bond, 1, MAX_AMOUNT));
        bid.designer = address(new PlainWallet());
        Offer memory o = offer(bid, units);
        Offer memory s = cheaper(o, rawStandby);
        awardedWith(o, s.id);
        toTheStandbysTurn(o);
        bytes memory data = abi.encodeCall(escrow.reaward, (o.bid, s.bid, s.signature, s.signer));
        uint256 snapshot = vm.snapshotState();
        bool seen;
        bool done;
        uint256 first = currency == NATIVE ? 90_000 : 330_000; // a token is handed more gas than a wallet
        for (uint256 gasLimit = first; gasLimit < first + 150_000; gasLimit += 5000) {
            (bool ok, bytes memory answer) = address(escrow).call{gas: gasLimit}(data);
            if (ok) {
                assertEq(free(bid.designer), 0, "pushed, not credited");
                done = true;
                vm.revertToState(snapshot);
            } else if (answer.length != 0) {
                assertEq(bytes4(answer), IEscrowTypes.GasTooLow.selector);
                seen = true;
            }
        }
        assertTrue(seen && done);
    }

    // ------------------------------------------------------------------ successes: money

    /// @dev Late by a second or by years, or given up: a stranger hands the units on, and nobody pays anything.
    function testFuzz_HandsTheUnitsOn(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        bool givenUp,
        uint40 later,
        address caller
    ) public {
        (Offer memory o, Offer memory s) = failed(raw, units, rawStandby, givenUp);
        vm.warp(bound(later, block.timestamp, type(uint40).max));
        vm.prank(caller);
        bytes32 id = escrow.reaward(o.bid, s.bid, s.signature, s.signer);
        assertEq(id, s.id);
        assertClosed(o, givenUp ? 2 : 0);
        assertWord(id, IEscrowTypes.Status.AWARDED, block.timestamp, s.price, 0);
        assertEq(word(id).price / s.bid.unitPrice, o.units, "the same units");
        assertEq(money(ada), uint256(o.price) + o.bid.bond - s.price, "the surplus");
        assertEq(money(address(escrow)), uint256(s.price) + s.bid.bond);
    }

    /// @dev Whoever else the provider is: its address says nothing.
    function testFuzz_HandsTheUnitsToAnybodyElse(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        uint256 key
    ) public {
        Offer memory o = offered(raw, units);
        Offer memory s = standbyFor(o, rawStandby);
        key = boundPrivateKey(key);
        s.bid.provider = vm.addr(key);
        vm.assume(s.bid.provider != bo && s.bid.provider != ada && s.bid.provider != eve);
        fund(s.bid.provider, s.bid.bond);
        signBy(s, key);
        awardedWith(o, s.id);
        toTheStandbysTurn(o);
        reaward(o, s);
        assertWord(s.id, IEscrowTypes.Status.AWARDED, block.timestamp, s.price, 0);
    }

    /// @dev What the designer has on the ledger pays for its own awards alone.
    function testFuzz_LeavesTheDesignersLedgerAlone(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        uint96 held
    ) public {
        (Offer memory o, Offer memory s) = failed(raw, units, rawStandby, false);
        fund(ada, held);
        reaward(o, s);
        assertEq(free(ada), held);
    }

    /// @dev The lost bond pays too, to its last unit: then nothing is left to push.
    function testFuzz_SpendsAllThatIsHeld(IEscrowTypes.Bid memory raw, IEscrowTypes.Bid memory rawStandby) public {
        (raw.minUnits, raw.maxUnits) = (1, 1);
        Offer memory o = offered(raw, 1);
        Offer memory s = standbyFor(o, rawStandby);
        s.bid.unitPrice = s.price = o.price + o.bid.bond;
        signBy(s, samKey);
        awardedWith(o, s.id);
        toTheStandbysTurn(o);
        reaward(o, s);
        assertWord(s.id, IEscrowTypes.Status.AWARDED, block.timestamp, uint256(o.price) + o.bid.bond, 0);
        assertEq(money(ada) + free(ada), 0);
    }

    /// @dev The new bond is locked now; the old one is gone, and counted as a failure where there was one.
    function testFuzz_LocksTheStandbysBond(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        uint96 spare,
        uint96 bosSpare
    ) public {
        (Offer memory o, Offer memory s) = failed(raw, units, rawStandby, true);
        fund(sam, spare);
        fund(bo, bosSpare);
        reaward(o, s);
        assertEq(abi.encode(account(sam)), abi.encode(IEscrowTypes.Account(spare, 0, 0, 0)));
        uint32 failures = o.bid.bond == 0 ? 0 : 1;
        assertEq(abi.encode(account(bo)), abi.encode(IEscrowTypes.Account(bosSpare, 0, 0, failures)));
    }

    function testFuzz_CountsNoFailureWithoutABond(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby
    ) public {
        raw.bond = 0;
        (Offer memory o, Offer memory s) = failed(raw, units, rawStandby, true);
        reaward(o, s);
        assertEq(abi.encode(account(bo)), abi.encode(IEscrowTypes.Account(0, 0, 0, 0)));
    }

    function testFuzz_TakesTheBondFromTheStandbysKey(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        uint96 left
    ) public {
        (Offer memory o, Offer memory s) = failed(raw, units, rawStandby, false);
        signBy(s, hotKey);
        left = uint96(bound(left, s.bid.bond, type(uint96).max));
        vm.prank(sam);
        escrow.setAgent(currency, hot, uint40(block.timestamp), left);
        reaward(o, s);
        assertEq(agent(currency, sam, hot).bondLeft, left - s.bid.bond);
        assertEq(free(sam), 0);
    }

    // ------------------------------------------------------------------ successes: the surplus

    /// @dev A designer who cannot be paid does not keep the standby from its turn.
    function testFuzz_CreditsASurplusThatIsRefused(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        bool native
    ) public {
        Wallet wallet = new RevertingWallet();
        raw.bond = uint96(bound(raw.bond, 1, MAX_AMOUNT));
        IEscrowTypes.Bid memory bid = native ? saneNative(raw) : saneToken(raw);
        if (!native) (currency, bid.token) = (address(tether), address(tether));
        bid.designer = address(wallet);
        Offer memory o = offer(bid, units);
        Offer memory s = cheaper(o, rawStandby);
        awardedWith(o, s.id);
        toTheStandbysTurn(o);
        if (!native) DenyListToken(address(tether)).deny(address(wallet), true);
        uint96 surplus = o.price + o.bid.bond - s.price;
        vm.expectEmit(address(escrow));
        emit IEscrowTypes.Credited(currency, address(wallet), o.id, surplus);
        reaward(o, s);
        assertEq(free(address(wallet)), surplus);
        assertEq(money(address(escrow)), uint256(surplus) + s.price + s.bid.bond);
    }

    /// @dev The old closes in the logs before the new begins; no standby and no book come with it.
    function testFuzz_EmitsTheHandOver(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        bool givenUp
    ) public {
        (Offer memory o, Offer memory s) = failed(raw, units, rawStandby, givenUp);
        vm.expectEmit(address(escrow));
        emit IEscrowTypes.Closed(o.id, IEscrowTypes.How.REAWARDED, 0, 0, o.price + o.bid.bond - s.price, 0);
        vm.expectEmit(address(escrow));
        emit IEscrowTypes.Awarded(s.id, ada, sam, s.bid, o.units, 0, 0);
        reaward(o, s);
    }

    // ------------------------------------------------------------------ successes: afterwards

    /// @dev The id of what failed is closed for ever: no award, no refund, no second standby.
    function testFuzz_ClosesTheOldForEver(IEscrowTypes.Bid memory raw, uint32 units, IEscrowTypes.Bid memory rawStandby)
        public
    {
        raw.validUntil = type(uint40).max;
        (Offer memory o, Offer memory s) = failed(raw, units, rawStandby, true);
        reaward(o, s);
        fund(bo, o.bid.bond);
        Call memory again = readyFor(Way.AWARD, o);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.AgreementExists.selector, o.id));
        run(again);
        expectStatusRefusal(o.id, IEscrowTypes.Status.CLOSED);
        escrow.refund(o.bid);
        expectStatusRefusal(o.id, IEscrowTypes.Status.CLOSED);
        vm.prank(bo);
        escrow.deliver(o.bid, "head");
    }

    /// @dev The standby has no standby: it fails as any agreement without one, also where the old one named more.
    function testFuzz_GivesTheStandbyNoStandby(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby
    ) public {
        (Offer memory o, Offer memory s) = failed(raw, units, rawStandby, false);
        reaward(o, s);
        assertEq(escrow.standbyOf(s.id), 0);
        assertEq(escrow.mandateOf(s.id), 0);
        toTheStandbysTurn(s);
        o.bid.validUntil = type(uint40).max;
        signBy(o, boKey);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotStandby.selector, o.id, 0));
        reaward(s, o);
        vm.prank(charlie);
        escrow.refund(s.bid); // at once: nobody else has a turn
        assertEq(money(ada), uint256(o.price) + o.bid.bond + s.bid.bond, "both bonds");
    }

    /// @dev Its clock starts at the hand-over: it has all of its own making time, and is paid by its own terms.
    function testFuzz_StartsTheStandbysClock(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        bool givenUp
    ) public {
        (Offer memory o, Offer memory s) = failed(raw, units, rawStandby, givenUp);
        reaward(o, s);
        skip(s.bid.makeTime);
        vm.prank(sam);
        escrow.deliver(s.bid, "head");
        skip(uint256(s.bid.reviewTime) + 1);
        escrow.claim(s.bid);
        uint256 fee = feeOn(s.bid, s.price);
        assertEq(money(sam) + free(sam), uint256(s.price) - fee + s.bid.bond);
        assertEq(free(operator), fee);
        assertEq(account(sam).completed, s.bid.bond == 0 ? 0 : 1);
        assertEq(money(ada), uint256(o.price) + o.bid.bond - s.price);
    }

    /// @dev Its grace starts anew too: the designer, who chose it long ago, may still call it off.
    function testFuzz_StartsTheStandbysGrace(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby
    ) public {
        (Offer memory o, Offer memory s) = failed(raw, units, rawStandby, false);
        reaward(o, s);
        skip(s.bid.graceTime);
        vm.prank(ada);
        escrow.cancel(s.bid);
        assertEq(money(ada), uint256(o.price) + o.bid.bond);
        assertEq(free(sam), s.bid.bond);
    }

    // ------------------------------------------------------------------ helpers

    /// @dev An agreement of Bo's with Sam standing by; Bo gave up, or is late by a second.
    function failed(IEscrowTypes.Bid memory raw, uint32 units, IEscrowTypes.Bid memory rawStandby, bool givenUp)
        internal
        returns (Offer memory o, Offer memory s)
    {
        o = offered(raw, units);
        s = standbyFor(o, rawStandby);
        awardedWith(o, s.id);
        if (!givenUp) toTheStandbysTurn(o);
        if (givenUp) gaveUp(o);
    }

    function gaveUp(Offer memory o) internal {
        vm.prank(bo);
        escrow.giveUp(o.bid);
    }

    /// @dev A standby that leaves a surplus: the bond is at least one, and it costs no more than the price.
    function cheaper(Offer memory o, IEscrowTypes.Bid memory raw) internal returns (Offer memory s) {
        s = standbyFor(o, raw);
        s.bid.designer = o.bid.designer;
        if (s.bid.unitPrice > o.bid.unitPrice) s.bid.unitPrice = o.bid.unitPrice;
        s.price = priceOf(s.bid, s.units);
        signBy(s, samKey);
    }

    /// @dev One unit, so that the price can be any number above what is held.
    function tooDear(IEscrowTypes.Bid memory raw, IEscrowTypes.Bid memory rawStandby, uint256 more) internal {
        (raw.minUnits, raw.maxUnits) = (1, 1);
        Offer memory o = offered(raw, 1);
        Offer memory s = standbyFor(o, rawStandby);
        uint256 held = uint256(o.price) + o.bid.bond;
        s.bid.unitPrice = uint96(held + more);
        signBy(s, samKey);
        awardedWith(o, s.id);
        fund(ada, held + more); // not touched: it would be enough
        toTheStandbysTurn(o);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.StandbyTooDear.selector, held + more, held));
        reaward(o, s);
    }

    function assertClosed(Offer memory o, uint8 flags) internal view {
        IEscrowTypes.Agreement memory expected =
            IEscrowTypes.Agreement(IEscrowTypes.Status.CLOSED, flags, uint40(block.timestamp), o.price, 0);
        assertEq(abi.encode(word(o.id)), abi.encode(expected));
    }
}
