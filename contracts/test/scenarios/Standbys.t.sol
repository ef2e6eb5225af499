// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {Token} from "../helpers/tokens/Token.sol";
import {ScenarioTest} from "./ScenarioTest.sol";

/// @notice A standby takes over by anybody's call: so it must never cost anybody who did not agree to it.
contract StandbysTest is ScenarioTest {
    /// @dev "Reverts unless price + lost bond >= its price; never draws on the designer's ledger."
    function testFuzz_AStandbyNeverCostsTheDesignerMore(IEscrowTypes.Bid memory raw, uint32 units, uint96 more) public {
        Case memory c = divisible(raw, units);
        (c.bid.minUnits, c.bid.maxUnits, c.units) = (1, 1, 1);
        IEscrowTypes.Bid memory standby = standbyFor(c, 1);
        standby.unitPrice = uint96(uint256(priceOf(c.bid, 1)) + c.bid.bond + bound(more, 1, MAX_AMOUNT));
        award(c, escrow.idOf(standby));
        giveUp(c);
        fund(burt, standby.bond);
        fund(ada, 10 * MAX_AMOUNT);
        bytes memory signature = sign(burtKey, escrow.idOf(standby));
        bytes memory reason = abi.encodeWithSelector(
            IEscrowTypes.StandbyTooDear.selector, standby.unitPrice, uint256(c.price) + c.bid.bond
        );
        refusal(abi.encodeCall(escrow.reaward, (c.bid, standby, signature, burt)), reason, charlie);
        assertEq(free(ada), 10 * MAX_AMOUNT);
    }

    /// @dev "So that nobody can deny the standby its turn."
    function testFuzz_AStrangerDoesNotRefundBeforeTheStandby(IEscrowTypes.Bid memory raw, uint32 units, bool gaveUp)
        public
    {
        (Case memory c, IEscrowTypes.Bid memory standby) = withStandby(raw, units);
        if (gaveUp) giveUp(c);
        else vm.warp(failedAt(c) + 1);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.StandbyFirst.selector, failedAt(c) + REDEEM_WINDOW);
        refusal(abi.encodeCall(escrow.refund, (c.bid)), reason, charlie);
        refusal(abi.encodeCall(escrow.refund, (c.bid)), reason, bo);
        fund(burt, standby.bond);
        takeOver(c, standby);
    }

    /// @dev "Another provider": else who failed would start anew, with its own lost bond for the price.
    function testFuzz_WhoFailedDoesNotTakeOver(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = divisible(raw, units);
        IEscrowTypes.Bid memory standby = standbyFor(c, priceOf(c.bid, c.units));
        standby.provider = bo;
        bytes32 id = escrow.idOf(standby);
        award(c, id);
        giveUp(c);
        fund(bo, standby.bond);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.StandbyUnfit.selector, id);
        bytes memory call = abi.encodeCall(escrow.reaward, (c.bid, standby, sign(boKey, id), bo));
        refusal(call, reason, charlie);
    }

    /// @dev "Same token": else worthless money would become money of another token's users.
    function testFuzz_AStandbyIsPaidInTheSameToken(IEscrowTypes.Bid memory raw, uint32 units) public {
        Token worthless = new Token();
        Case memory c = divisible(raw, units);
        address dear = c.bid.token;
        IEscrowTypes.Bid memory standby = standbyFor(c, priceOf(c.bid, c.units));
        fund(burt, standby.bond);
        fund(charlie, 10 * MAX_AMOUNT); // somebody else's money, of the dear kind
        (currency, c.bid.token) = (address(worthless), address(worthless));
        bytes32 id = escrow.idOf(standby);
        award(c, id);
        giveUp(c);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.StandbyUnfit.selector, id);
        bytes memory call = abi.encodeCall(escrow.reaward, (c.bid, standby, sign(burtKey, id), burt));
        refusal(call, reason, charlie);
        currency = dear;
        assertGe(money(address(escrow)), 10 * MAX_AMOUNT);
    }

    /// @dev "Same designer": else a designer's failed agreement would pay for another's.
    function testFuzz_AStandbyIsForTheSameDesigner(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = divisible(raw, units);
        IEscrowTypes.Bid memory standby = standbyFor(c, priceOf(c.bid, c.units));
        standby.designer = charlie;
        bytes32 id = escrow.idOf(standby);
        award(c, id);
        giveUp(c);
        fund(burt, standby.bond);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.StandbyUnfit.selector, id);
        bytes memory call = abi.encodeCall(escrow.reaward, (c.bid, standby, sign(burtKey, id), burt));
        refusal(call, reason, charlie);
    }

    /// @dev "paid = 0": what the first provider was paid is not there for the second.
    function testFuzz_WhatIsPartlyPaidIsNotHandedOver(IEscrowTypes.Bid memory raw, uint32 units, uint96 part) public {
        (Case memory c, IEscrowTypes.Bid memory standby) = withStandby(raw, units);
        pay(c, uint96(bound(part, 1, c.price - 1)));
        giveUp(c);
        fund(burt, standby.bond);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.AlreadyPaid.selector, c.id, c.paid);
        bytes memory signature = sign(burtKey, escrow.idOf(standby));
        refusal(abi.encodeCall(escrow.reaward, (c.bid, standby, signature, burt)), reason, charlie);
    }

    /// @dev "Every check of award at that moment": a standby whose provider withdrew its bids is not bound.
    function testFuzz_AStandbyWhoMovedOnIsNotBound(IEscrowTypes.Bid memory raw, uint32 units) public {
        (Case memory c, IEscrowTypes.Bid memory standby) = withStandby(raw, units);
        giveUp(c);
        fund(burt, standby.bond);
        vm.prank(burt);
        escrow.bumpEpoch(currency);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.EpochChanged.selector, 0, 1);
        bytes memory signature = sign(burtKey, escrow.idOf(standby));
        refusal(abi.encodeCall(escrow.reaward, (c.bid, standby, signature, burt)), reason, charlie);
    }

    /// @dev "The standby is no longer named": dropped is dropped.
    function testFuzz_ADroppedStandbyDoesNotTakeOver(IEscrowTypes.Bid memory raw, uint32 units) public {
        (Case memory c, IEscrowTypes.Bid memory standby) = withStandby(raw, units);
        vm.prank(ada);
        escrow.dropStandby(c.bid);
        giveUp(c);
        fund(burt, standby.bond);
        bytes32 id = escrow.idOf(standby);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.NotStandby.selector, id, 0);
        bytes memory call = abi.encodeCall(escrow.reaward, (c.bid, standby, sign(burtKey, id), burt));
        refusal(call, reason, charlie);
        vm.prank(charlie);
        escrow.refund(c.bid);
    }
}
