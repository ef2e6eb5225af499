// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {Cases} from "./helpers/Cases.sol";

contract DeliverTest is Cases {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertWhen_CallerIsNotTheProvider(IEscrowTypes.Bid memory raw, uint32 units, address caller)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        vm.assume(caller != bo);
        awarded(bid, saneUnits(bid, units));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotProvider.selector, caller, bo));
        vm.prank(caller);
        escrow.deliver(bid, "head");
    }

    function testFuzz_RevertGiven_NoAgreement(IEscrowTypes.Bid memory raw, bytes32 head) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        expectStatusRefusal(escrow.idOf(bid), IEscrowTypes.Status.NONE);
        vm.prank(bo);
        escrow.deliver(bid, head);
    }

    /// @dev A second delivery would start the review time anew.
    function testFuzz_RevertGiven_ItIsDelivered(IEscrowTypes.Bid memory raw, uint32 units, bytes32 head) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bytes32 id = delivered(bid, saneUnits(bid, units));
        expectStatusRefusal(id, IEscrowTypes.Status.DELIVERED);
        vm.prank(bo);
        escrow.deliver(bid, head);
    }

    function testFuzz_RevertGiven_AClosedAgreement(IEscrowTypes.Bid memory raw, uint32 units, bytes32 head) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        bytes32 id = awarded(bid, units);
        released(bid, priceOf(bid, units));
        expectStatusRefusal(id, IEscrowTypes.Status.CLOSED);
        vm.prank(bo);
        escrow.deliver(bid, head);
    }

    function testFuzz_RevertWhen_TheMakeTimeIsOver(IEscrowTypes.Bid memory raw, uint32 units, uint40 late) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        awarded(bid, saneUnits(bid, units));
        uint256 deadline = START + bid.makeTime;
        vm.warp(bound(late, deadline + 1, type(uint40).max));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.TooLate.selector, deadline));
        vm.prank(bo);
        escrow.deliver(bid, "head");
    }

    function testFuzz_RevertGiven_ADispute(IEscrowTypes.Bid memory raw, uint32 units, uint96 part) public {
        Case memory c = caseIn(IEscrowTypes.Status.DISPUTED, raw, units, part);
        expectStatusRefusal(c.id, IEscrowTypes.Status.DISPUTED);
        vm.prank(bo);
        escrow.deliver(c.bid, "head");
    }

    function testFuzz_RevertGiven_ItGaveUp(IEscrowTypes.Bid memory raw, uint32 units, uint32 later) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, 0);
        giveUp(c);
        skip(bound(later, 0, c.bid.makeTime));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.AlreadyGivenUp.selector, c.id));
        vm.prank(bo);
        escrow.deliver(c.bid, "head");
        assertStands(c);
    }

    function testFuzz_RevertGiven_AHotKeyThatExpired(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        address key,
        uint40 until
    ) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, 0);
        vm.assume(key != bo);
        vm.warp(START + c.bid.makeTime);
        setAgent(bo, currency, key, uint40(bound(until, 0, block.timestamp - 1)));
        refuse(c, key);
        setAgent(bo, currency, key, uint40(block.timestamp - 1));
        refuse(c, key);
    }

    function testFuzz_RevertGiven_AHotKeyThatWasRevoked(IEscrowTypes.Bid memory raw, uint32 units, address key) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, 0);
        vm.assume(key != bo);
        setAgent(bo, currency, key, type(uint40).max);
        setAgent(bo, currency, key, 0);
        refuse(c, key);
    }

    /// @dev A key is one provider's, and in one currency.
    function testFuzz_RevertGiven_AHotKeyOfAnother(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        address key,
        address token
    ) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, 0);
        vm.assume(key != bo && token != currency);
        setAgent(bo, token, key, type(uint40).max);
        setAgent(ada, currency, key, type(uint40).max);
        refuse(c, key);
    }

    // ------------------------------------------------------------------ successes

    /// @dev The clock restarts, flags and payments stay, no money moves.
    function testFuzz_StartsTheReviewTime(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint32 later,
        bytes32 head
    ) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, part);
        skip(bound(later, 0, c.bid.makeTime));
        _expectLog();
        emit IEscrowTypes.Delivered(c.id, head);
        vm.prank(bo);
        escrow.deliver(c.bid, head);
        (c.status, c.clock) = (IEscrowTypes.Status.DELIVERED, block.timestamp);
        assertStands(c);
        assertNoOtherLogs();
        assertCounters(0, 0);
    }

    /// @dev Also one that may lock no bond any more; its last second is still its own.
    function testFuzz_TakesAHotKeysWord(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        address key,
        uint32 later,
        uint40 until
    ) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, 0);
        skip(bound(later, 0, c.bid.makeTime));
        until = uint40(bound(until, block.timestamp, type(uint40).max));
        setAgent(bo, currency, key, until % 2 == 0 ? uint40(block.timestamp) : until);
        vm.prank(key);
        escrow.deliver(c.bid, "head");
        (c.status, c.clock) = (IEscrowTypes.Status.DELIVERED, block.timestamp);
        assertStands(c);
    }

    /// @dev Nothing signed is needed: what was agreed before a fork can be delivered on both sides.
    function testFuzz_DeliversOnAnotherChain(IEscrowTypes.Bid memory raw, uint32 units, uint64 chain) public {
        vm.assume(chain != 0);
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, 0);
        vm.chainId(chain);
        vm.prank(bo);
        escrow.deliver(c.bid, "head");
        assertEq(uint8(word(c.id).status), uint8(IEscrowTypes.Status.DELIVERED));
    }

    /// @dev The deadline's own second still belongs to the provider.
    function testFuzz_DeliversInTheLastSecond(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bytes32 id = awarded(bid, saneUnits(bid, units));
        skip(bid.makeTime);
        vm.prank(bo);
        escrow.deliver(bid, "head");
        assertEq(uint8(word(id).status), uint8(IEscrowTypes.Status.DELIVERED));
    }

    // ------------------------------------------------------------------ helpers

    function setAgent(address owner, address token, address key, uint40 until) internal {
        vm.prank(owner);
        escrow.setAgent(token, key, until, 0);
    }

    function refuse(Case memory c, address caller) internal {
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotProvider.selector, caller, bo));
        vm.prank(caller);
        escrow.deliver(c.bid, "head");
    }
}
