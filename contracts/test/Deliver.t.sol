// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowTest} from "./helpers/EscrowTest.sol";

contract DeliverTest is EscrowTest {
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

    // ------------------------------------------------------------------ successes

    function testFuzz_StartsTheReviewTime(IEscrowTypes.Bid memory raw, uint32 units, uint96 part, uint32 later) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        bytes32 id = awarded(bid, units);
        uint96 paid = partlyReleased(bid, units, part);
        uint256 balance = money(address(escrow));
        later = uint32(bound(later, 0, bid.makeTime));
        skip(later);
        vm.prank(bo);
        escrow.deliver(bid, "head");
        assertWord(id, IEscrowTypes.Status.DELIVERED, START + later, priceOf(bid, units), paid);
        assertEq(money(address(escrow)), balance, "no money moves");
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

    function testFuzz_EmitsTheHead(IEscrowTypes.Bid memory raw, uint32 units, bytes32 head) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bytes32 id = awarded(bid, saneUnits(bid, units));
        vm.expectEmit(address(escrow));
        emit IEscrowTypes.Delivered(id, head);
        vm.prank(bo);
        escrow.deliver(bid, head);
    }
}
