// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {CallingToken, HookToken} from "../helpers/tokens/CallingTokens.sol";
import {Token} from "../helpers/tokens/Token.sol";
import {HookedWallet} from "../helpers/wallets/HookedWallet.sol";
import {Doors} from "./Doors.sol";

/// @notice Whoever is called while money moves - a payer, a receiver, the token itself - finds the door shut, in every token,
/// and gains nothing by it.
contract TokenReentrancyTest is Doors {
    uint256 private constant MOVING = 16; // functions that move money

    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertWhen_TheTokenCallsBackOnTheWayIn(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 door,
        uint8 which
    ) public {
        CallingToken token = new CallingToken();
        Knock memory k = standing(address(token), raw, units, door);
        token.plan(address(escrow), moving(k.story, which));
        assertLetIn(k);
        assertEq(token.outcome(), abi.encodeWithSelector(IEscrowTypes.Locked.selector));
        assertBystandersUnharmed();
    }

    function testFuzz_RevertWhen_TheTokenCallsBackOnTheWayOut(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way,
        uint8 which
    ) public {
        CallingToken token = new CallingToken();
        raw.toLedger = false;
        Story memory s = begun(address(token), raw, units, way);
        arrived(s);
        uint256[5] memory fair = fairShares(s);
        uint256 before = token.balanceOf(address(escrow));
        token.plan(address(escrow), moving(s, which));
        left(s);
        bool untried = keccak256(token.outcome()) == keccak256("untried");
        if (untried) assertEq(token.balanceOf(address(escrow)), before, "nothing was pushed");
        else assertEq(token.outcome(), abi.encodeWithSelector(IEscrowTypes.Locked.selector));
        assertShares(address(token), fair);
        assertAllLeaves(address(token));
        assertBystandersUnharmed();
    }

    function testFuzz_RevertWhen_APayerCallsBack(IEscrowTypes.Bid memory raw, uint32 units, uint8 door, uint8 which)
        public
    {
        HookToken token = new HookToken();
        Knock memory k = standing(address(token), raw, units, door);
        hooked(token, k.caller, address(escrow), moving(k.story, which), false);
        assertLetIn(k);
        assertEq(HookedWallet(payable(k.caller)).outcome(), IEscrowTypes.Locked.selector);
        assertBystandersUnharmed();
    }

    /// @dev A receiver that makes its payment fail is credited; one that shrugs is paid. Never both.
    function testFuzz_RevertWhen_AReceiverCallsBack(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way,
        uint8 which,
        bool insists
    ) public {
        HookToken token = new HookToken();
        Story memory s = begun(address(token), raw, units, way);
        arrived(s);
        uint256[5] memory fair = fairShares(s);
        for (uint256 i; i < 5; ++i) {
            hooked(token, parties()[i], address(escrow), moving(s, which), insists);
        }
        left(s);
        assertShares(address(token), fair);
        for (uint256 i; i < 5; ++i) {
            bytes4 outcome = HookedWallet(payable(parties()[i])).outcome();
            assertTrue(outcome == 0 || outcome == IEscrowTypes.Locked.selector);
        }
        assertAllLeaves(address(token));
        assertBystandersUnharmed();
    }

    /// @dev Twice the same money: the second withdrawal finds the door shut, in this token and in any other.
    function testFuzz_RevertWhen_AWithdrawalCallsBack(uint96 amount, uint96 more, bool otherToken) public {
        amount = uint96(bound(amount, 1, type(uint96).max));
        HookToken token = new HookToken();
        prepay(address(token), bo, uint256(amount) * 2);
        prepay(address(coin), bo, uint256(amount) * 2);
        address second = otherToken ? address(coin) : address(token);
        hooked(token, bo, address(escrow), abi.encodeCall(escrow.withdraw, (second, bo, amount)), false);
        vm.prank(bo);
        escrow.withdraw(address(token), bo, amount);
        assertEq(HookedWallet(payable(bo)).outcome(), IEscrowTypes.Locked.selector);
        assertEq(token.balanceOf(bo), amount);
        assertEq(freeIn(address(token), bo), amount);
        assertEq(freeIn(address(coin), bo), uint256(amount) * 2);
        more = uint96(bound(more, 1, amount));
        vm.prank(bo);
        escrow.withdraw(address(coin), bo, more);
        assertBystandersUnharmed();
    }

    /// @dev What comes in beside the payment is no payment: it cannot fill up what another one lacks.
    function testFuzz_RevertWhen_APayerAddsOnTheWay(IEscrowTypes.Bid memory raw, uint32 units, uint8 door, uint32 more)
        public
    {
        HookToken token = new HookToken();
        Knock memory k = standing(address(token), raw, units, door);
        more = uint32(bound(more, 1, type(uint32).max));
        give(k.token, k.caller, more);
        hooked(token, k.caller, k.token, abi.encodeCall(Token.transfer, (address(escrow), more)), true);
        uint256 received = uint256(k.amount) + more;
        assertRefused(
            k, abi.encodeWithSelector(IEscrowTypes.InexactTransfer.selector, token, received, uint256(k.amount))
        );
    }

    // ------------------------------------------------------------------ successes

    /// @dev What moves no money is open while money moves, and finds the payment booked.
    function testFuzz_LetsTheProviderActWhileItIsPaid(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        bool quits
    ) public {
        HookToken token = new HookToken();
        raw.toLedger = false;
        raw.unitPrice = uint96(bound(raw.unitPrice, 100, 1e17));
        Story memory s = begun(address(token), raw, units, uint8(Way.RELEASE));
        part = uint96(bound(part, 50, s.price - 1));
        bytes memory act = quits ? abi.encodeCall(escrow.giveUp, (s.bid)) : abi.encodeCall(escrow.deliver, (s.bid, ""));
        hooked(token, bo, address(escrow), act, true);
        released(s.bid, part);
        assertEq(HookedWallet(payable(bo)).outcome(), HookedWallet(payable(bo)).DONE());
        assertEq(token.balanceOf(bo), part - feeOn(s.bid, part));
        assertEq(word(s.id).paid, part);
        if (!quits) skip(uint256(s.bid.reviewTime) + 1);
        s.way = quits ? Way.GIVE_UP : Way.CLAIM;
        left(s);
        assertAllLeaves(address(token));
        assertBystandersUnharmed();
    }

    // ------------------------------------------------------------------ helpers

    /// @dev Gives a party a wallet that a token calls, and a plan for the next call.
    function hooked(HookToken token, address who, address target, bytes memory data, bool insists) private {
        if (who.code.length == 0) vm.etch(who, address(new HookedWallet()).code);
        HookedWallet(payable(who)).join(token);
        HookedWallet(payable(who)).plan(target, data, insists);
    }

    function moving(Story memory s, uint8 which) private view returns (bytes memory) {
        which = uint8(which % MOVING);
        IEscrowTypes.Bid memory bid = s.bid;
        if (which == 0) return abi.encodeCall(escrow.deposit, (NATIVE, bo, 1));
        if (which == 1) return abi.encodeCall(escrow.withdraw, (address(coin), burt, 1));
        if (which == 2) return abi.encodeCall(escrow.award, (bid, "", bo, 1, 0, 0, true));
        if (which == 3) return abi.encodeCall(escrow.release, (bid, 1));
        if (which == 4) return abi.encodeCall(escrow.redeem, (bid, s.price, voucher(s, s.price)));
        if (which == 5) return abi.encodeCall(escrow.claim, (bid));
        if (which == 6) return abi.encodeCall(escrow.refund, (bid));
        if (which == 7) return abi.encodeCall(escrow.cancel, (bid));
        if (which == 8) return abi.encodeCall(escrow.dispute, (bid, "", true));
        if (which == 9) return abi.encodeCall(escrow.rule, (bid, 1, 1));
        if (which == 10) return abi.encodeCall(escrow.expire, (bid));
        if (which == 11) return abi.encodeCall(escrow.reaward, (bid, bid, "", bo));
        return movingBySignature(bid, which);
    }

    function movingBySignature(IEscrowTypes.Bid memory bid, uint8 which) private view returns (bytes memory) {
        IEscrowTypes.Settlement memory split;
        IEscrowTypes.Award memory consent;
        IEscrowTypes.Permit memory permit;
        IEscrowTypes.Mandate memory mandate;
        if (which == 12) return abi.encodeCall(escrow.settle, (bid, split, ""));
        if (which == 13) return abi.encodeCall(escrow.awardFor, (bid, "", bo, consent, ""));
        if (which == 14) return abi.encodeCall(escrow.awardWithPermit, (bid, "", bo, 1, 0, 0, permit));
        return abi.encodeCall(escrow.awardUnder, (bid, "", bo, 1, 0, mandate, "", new bytes32[](0)));
    }
}
