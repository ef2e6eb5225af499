// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {EscrowSigning} from "../helpers/Consents.sol";

/// @notice I4, from each status by itself: only a stranger acts, from the second on that the terms name, on the
/// deployment's chain or after a fork; then each owner takes out all that is theirs and the escrow is empty.
contract TimeAloneTest is EscrowSigning {
    IEscrowTypes.Bid private _bid;
    bytes32 private _id;
    uint96 private _price;

    /// @dev What the fuzzer chooses beside the terms.
    struct Chance {
        uint32 units;
        uint96 part; // of the price, paid on the way; nothing where it is even
        bytes32 standby;
        bool forked;
        uint32 later; // than the first second in which the stranger may act
    }

    function testFuzz_I4_Awarded(IEscrowTypes.Bid memory raw, Chance memory c) public {
        start(raw, c, false);
        refundedByAStranger(c, START + _bid.makeTime + REDEEM_WINDOW);
    }

    /// @dev The standby's turn first; then a stranger may.
    function testFuzz_I4_AwardedWithAStandby(IEscrowTypes.Bid memory raw, Chance memory c) public {
        start(raw, c, true);
        refundedByAStranger(c, START + _bid.makeTime + 2 * REDEEM_WINDOW);
    }

    function testFuzz_I4_AwardedAndGivenUp(IEscrowTypes.Bid memory raw, Chance memory c) public {
        start(raw, c, false);
        vm.prank(bo);
        escrow.giveUp(_bid);
        refundedByAStranger(c, START - 1);
    }

    function testFuzz_I4_AwardedWithAStandbyAndGivenUp(IEscrowTypes.Bid memory raw, Chance memory c) public {
        start(raw, c, true);
        vm.prank(bo);
        escrow.giveUp(_bid);
        refundedByAStranger(c, START + _bid.makeTime + 2 * REDEEM_WINDOW);
    }

    function testFuzz_I4_Delivered(IEscrowTypes.Bid memory raw, Chance memory c) public {
        start(raw, c, c.units % 2 == 0);
        vm.prank(bo);
        escrow.deliver(_bid, "head");
        waitUntil(START + _bid.reviewTime, c);
        vm.prank(charlie);
        escrow.claim(_bid);
        closedAndEmpty();
    }

    function testFuzz_I4_Disputed(IEscrowTypes.Bid memory raw, Chance memory c) public {
        start(raw, c, c.units % 2 == 0);
        vm.prank(bo);
        escrow.deliver(_bid, "head");
        give(ada, _bid.disputeFee);
        uint256 value = sent(_bid.disputeFee);
        vm.prank(ada);
        escrow.dispute{value: value}(_bid, "head", false);
        waitUntil(START + _bid.arbiterTime, c);
        vm.prank(charlie);
        escrow.expire(_bid);
        closedAndEmpty();
    }

    // ------------------------------------------------------------------ helpers

    function start(IEscrowTypes.Bid memory raw, Chance memory c, bool withStandby) private {
        _bid = sane(raw);
        uint32 units = saneUnits(_bid, c.units);
        _price = priceOf(_bid, units);
        _id = awarded(_bid, units, withStandby ? keccak256(abi.encode(c.standby)) : bytes32(0));
        if (c.part % 2 == 1) partlyReleased(_bid, units, c.part);
    }

    function refundedByAStranger(Chance memory c, uint256 deadline) private {
        waitUntil(deadline, c);
        vm.prank(charlie);
        escrow.refund(_bid);
        closedAndEmpty();
    }

    /// @dev Until any second after the deadline: often the first.
    function waitUntil(uint256 deadline, Chance memory c) private {
        if (c.forked) vm.chainId(HOME_CHAIN + 1);
        vm.warp(deadline + 1 + (c.later % 2 == 0 ? 0 : c.later));
    }

    function closedAndEmpty() private {
        assertEq(uint8(word(_id).status), uint8(IEscrowTypes.Status.CLOSED), "open");
        address[4] memory owners = [ada, bo, eve, operator];
        for (uint256 i; i < owners.length; ++i) {
            uint128 amount = uint128(free(owners[i]));
            if (amount == 0) continue;
            vm.prank(owners[i]);
            escrow.withdraw(currency, makeAddr("elsewhere"), amount);
        }
        assertEq(money(address(escrow)), 0, "something is left");
        uint256 out = money(ada) + money(bo) + money(eve) + money(operator) + money(makeAddr("elsewhere"));
        assertGe(out, uint256(_price) + _bid.bond, "something is lost");
    }
}
