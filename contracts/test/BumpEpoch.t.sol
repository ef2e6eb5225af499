// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {stdError} from "forge-std/StdError.sol";
import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowAwarding} from "./helpers/Awarding.sol";

contract BumpEpochTest is EscrowAwarding {
    uint256 private constant ACCOUNTS = 0; // the mapping's place in storage

    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertWhen_ValueIsSent(address token, uint96 value) public {
        value = uint96(bound(value, 1, type(uint96).max));
        vm.deal(bo, value);
        bytes memory data = abi.encodeCall(escrow.bumpEpoch, (token));
        vm.expectRevert(bytes(""));
        run(Call(bo, value, data));
    }

    /// @dev Four thousand million bumps later: starting again at zero would bring the first bids back to life.
    function testFuzz_RevertGiven_TheLastEpoch(address token, address owner, uint128 held) public {
        bytes32 place = keccak256(abi.encode(owner, keccak256(abi.encode(token, ACCOUNTS))));
        vm.store(address(escrow), place, bytes32(uint256(type(uint32).max) << 128 | held));
        vm.expectRevert(stdError.arithmeticError);
        vm.prank(owner);
        escrow.bumpEpoch(token);
    }

    /// @dev Bids that nobody awarded yet are dead, those of hot keys too.
    function testFuzz_RevertGiven_ABidOfAnEarlierEpoch(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 times,
        bool byHotKey
    ) public {
        Offer memory o = offered(raw, units);
        setAgent(START, o.bid.bond);
        if (byHotKey) signBy(o, hotKey);
        uint256 epoch = bound(times, 1, 3);
        for (uint256 i; i < epoch; ++i) {
            bump(bo, currency);
        }
        Call memory c = readyFor(Way.AWARD, o);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.EpochChanged.selector, 0, epoch));
        run(c);
    }

    /// @dev A standby bid is one that nobody awarded yet.
    function testFuzz_RevertGiven_AStandbyOfAnEarlierEpoch(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby
    ) public {
        Offer memory o = offered(raw, units);
        Offer memory s = standbyFor(o, rawStandby);
        awardedWith(o, s.id);
        bump(sam, currency);
        toTheStandbysTurn(o);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.EpochChanged.selector, 0, 1));
        reaward(o, s);
    }

    // ------------------------------------------------------------------ successes

    function testFuzz_RaisesTheEpoch(address token, address owner, uint8 times) public {
        for (uint32 i = 1; i <= bound(times, 1, 5); ++i) {
            vm.expectEmit(address(escrow));
            emit IEscrowTypes.EpochBumped(token, owner, i);
            bump(owner, token);
            (uint128 held, uint32 epoch, uint32 completed, uint32 failed) = escrow.accounts(token, owner);
            assertEq(epoch, i);
            assertEq(uint256(held) + completed + failed, 0);
        }
    }

    /// @dev The rest of the word stays: money and counters.
    function testFuzz_LeavesTheRestOfTheWord(IEscrowTypes.Bid memory raw, uint32 units, uint96 spare, bool failed)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.bond = uint96(bound(bid.bond, 1, MAX_AMOUNT));
        Offer memory o = offer(bid, units);
        run(readyFor(Way.AWARD, o));
        fund(bo, spare);
        if (failed) toTheStandbysTurn(o);
        if (failed) escrow.refund(o.bid);
        else released(o.bid, o.price);
        IEscrowTypes.Account memory before = account(bo);
        bump(bo, currency);
        before.epoch = 1;
        assertEq(abi.encode(account(bo)), abi.encode(before));
        assertEq(before.failed, failed ? 1 : 0);
        assertEq(before.completed, failed ? 0 : 1);
    }

    /// @dev Bids of the new epoch are good, and bids signed ahead for it become so.
    function testFuzz_OpensTheNextEpoch(IEscrowTypes.Bid memory raw, uint32 units, uint8 way) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.epoch = 1;
        Offer memory o = offer(bid, units);
        assertEq(objection(o), abi.encodeWithSelector(IEscrowTypes.EpochChanged.selector, 1, 0));
        bump(bo, currency);
        run(readyFor(wayOf(way), o));
        assertEq(uint8(word(o.id).status), uint8(IEscrowTypes.Status.AWARDED));
    }

    /// @dev Each owner and each token has its own.
    function testFuzz_LeavesOtherBids(IEscrowTypes.Bid memory raw, uint32 units, address owner, address token) public {
        Offer memory o = offered(raw, units);
        vm.assume(owner != bo || token != currency);
        bump(owner, token);
        run(readyFor(Way.AWARD, o));
        assertEq(account(bo).epoch, 0);
    }

    /// @dev What is awarded is awarded: it is delivered, paid, and its bond comes back.
    function testFuzz_LeavesAgreements(IEscrowTypes.Bid memory raw, uint32 units, bool claimed) public {
        Offer memory o = offered(raw, units);
        run(readyFor(Way.AWARD, o));
        bump(bo, currency);
        vm.prank(bo);
        escrow.deliver(o.bid, "head");
        if (claimed) {
            skip(uint256(o.bid.reviewTime) + 1);
            escrow.claim(o.bid);
        } else {
            released(o.bid, o.price);
        }
        assertEq(word(o.id).paid, o.price);
        assertEq(money(bo) + free(bo) + free(operator), uint256(o.price) + o.bid.bond);
    }

    /// @dev A failed agreement is handed on, though its own provider moved on.
    function testFuzz_LeavesTheStandbyOfAnAgreement(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby
    ) public {
        Offer memory o = offered(raw, units);
        Offer memory s = standbyFor(o, rawStandby);
        awardedWith(o, s.id);
        bump(bo, currency);
        toTheStandbysTurn(o);
        reaward(o, s);
        assertEq(uint8(word(s.id).status), uint8(IEscrowTypes.Status.AWARDED));
    }

    // ------------------------------------------------------------------ helpers

    function bump(address owner, address token) internal {
        vm.prank(owner);
        escrow.bumpEpoch(token);
    }
}
