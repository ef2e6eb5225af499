// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {ScenarioTest} from "./ScenarioTest.sol";

/// @notice What others may do in somebody's name: a dispatcher under a mandate, a hot key, and who stole one.
contract MandatesAndKeysTest is ScenarioTest {
    /// @dev "A return never un-revokes."
    function testFuzz_AReturnDoesNotReviveARevokedMandate(IEscrowTypes.Bid memory raw, uint32 units, bool cancelled)
        public
    {
        Case memory c = mandated(raw, units);
        award(c);
        IEscrowTypes.Mandate memory mandate = mandateFor(c);
        vm.prank(ada);
        escrow.revokeMandate(mandate);
        if (cancelled) {
            vm.prank(bo);
            escrow.cancel(c.bid);
        } else {
            giveUp(c);
            escrow.refund(c.bid);
        }
        again(c);
        fund(bo, c.bid.bond);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.RevokedMandate.selector, mandateDigest(mandate));
        refusal(awardUnder(c, mandate), reason, charlie);
    }

    /// @dev "Units left": loops of awarding and cancelling never hold more units at once than were mandated.
    function testFuzz_CancelLoopsDoNotOverspendAMandate(IEscrowTypes.Bid memory raw, uint8 loops) public {
        Case memory c = mandated(raw, 1);
        (c.bid.minUnits, c.bid.maxUnits, c.units) = (1, 1, 1);
        IEscrowTypes.Mandate memory mandate = mandateFor(c);
        mandate.units = 2;
        for (uint256 i; i < bound(loops, 1, 5); ++i) {
            awardedUnder(c, mandate);
            vm.prank(bo);
            escrow.cancel(c.bid);
            again(c);
        }
        for (uint256 i; i < 2; ++i) {
            awardedUnder(c, mandate);
            again(c);
        }
        fund(bo, c.bid.bond);
        fund(ada, priceOf(c.bid, 1));
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.MandateUsedUp.selector, 1, 0);
        refusal(awardUnder(c, mandate), reason, charlie);
    }

    /// @dev "Units return only on ... a refund with nothing paid": what was paid for is spent.
    function testFuzz_APartPaidRefundReturnsNoUnits(IEscrowTypes.Bid memory raw, uint32 units, uint96 part) public {
        Case memory c = mandated(raw, units);
        IEscrowTypes.Mandate memory mandate = mandateFor(c);
        awardedUnder(c, mandate);
        pay(c, uint96(bound(part, 1, c.price - 1)));
        giveUp(c);
        escrow.refund(c.bid);
        (uint32 used,) = escrow.mandates(mandateDigest(mandate));
        assertEq(used, c.units);
    }

    /// @dev "Refunds go back there": a dispatcher in league with a provider moves no money out of the ledger.
    function testFuzz_ACancelledMandateAwardRefillsTheLedger(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = mandated(raw, units);
        awardedUnder(c, mandateFor(c));
        vm.prank(bo);
        escrow.cancel(c.bid);
        assertEq(free(ada), c.price);
        assertEq(money(ada), 0);
    }

    /// @dev "The mandate's dispatcher" alone.
    function testFuzz_NobodyElseUsesAMandateItSees(IEscrowTypes.Bid memory raw, uint32 units, address thief) public {
        Case memory c = mandated(raw, units);
        vm.assume(thief != charlie);
        IEscrowTypes.Mandate memory mandate = mandateFor(c);
        fund(bo, c.bid.bond);
        fund(ada, priceOf(c.bid, c.units));
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.NotDispatcher.selector, thief, charlie);
        refusal(awardUnder(c, mandate), reason, thief);
    }

    /// @dev "A designer revokes only its own mandates."
    function testFuzz_NobodyElseRevokesAMandate(IEscrowTypes.Bid memory raw, uint32 units, address rival) public {
        Case memory c = mandated(raw, units);
        vm.assume(rival != ada);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.NotDesigner.selector, rival, ada);
        refusal(abi.encodeCall(escrow.revokeMandate, (mandateFor(c))), reason, rival);
    }

    /// @dev "So each bond such a bid locks is taken from bondLeft": a thief who wins bids against itself and fails them
    /// takes no more than the key was given.
    function testFuzz_AStolenHotKeyLosesNoMoreThanItWasGiven(IEscrowTypes.Bid memory raw, uint96 given) public {
        Case memory c = stolen(raw);
        given = uint96(bound(given, 0, 3 * uint256(c.bid.bond)));
        vm.prank(bo);
        escrow.setAgent(currency, charlie, type(uint40).max, given);
        fund(bo, 10 * uint256(c.bid.bond));
        uint256 before = free(bo);
        for (uint256 i; i < 4; ++i) {
            stealBond(c);
            again(c);
        }
        assertLe(before - free(bo), given);
    }

    /// @dev "Accepted only as signer of a Bid and caller of deliver."
    function testFuzz_AStolenHotKeyDoesNothingElse(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = divisible(raw, units);
        award(c);
        vm.prank(bo);
        escrow.setAgent(currency, charlie, type(uint40).max, type(uint96).max);
        bytes memory notProvider = abi.encodeWithSelector(IEscrowTypes.NotProvider.selector, charlie, bo);
        bytes memory notParty = abi.encodeWithSelector(IEscrowTypes.NotParty.selector, charlie);
        IEscrowTypes.Settlement memory split = IEscrowTypes.Settlement(c.id, 0, 0, 1, uint40(block.timestamp));
        bytes memory agreed = sign(adaKey, settlementDigest(split));
        refusal(abi.encodeCall(escrow.giveUp, (c.bid)), notProvider, charlie);
        refusal(abi.encodeCall(escrow.cancel, (c.bid)), notParty, charlie);
        refusal(abi.encodeCall(escrow.settle, (c.bid, split, agreed)), notParty, charlie);
    }

    /// @dev "Revoking it kills its unawarded bids."
    function testFuzz_ARevokedHotKeysBidsAreDead(IEscrowTypes.Bid memory raw, uint32 units, uint40 ago) public {
        (address hank, uint256 hankKey) = makeAddrAndKey("hank");
        Case memory c = divisible(raw, units);
        vm.startPrank(bo);
        escrow.setAgent(c.bid.token, hank, type(uint40).max, c.bid.bond);
        escrow.setAgent(c.bid.token, hank, uint40(bound(ago, 0, block.timestamp - 1)), c.bid.bond);
        vm.stopPrank();
        ready(c.bid, c.units);
        bytes memory signature = sign(hankKey, escrow.idOf(c.bid));
        (, bytes4 reason) = escrow.isAwardable(c.bid, signature, hank, c.units);
        assertEq(reason, IEscrowTypes.SignerNotAllowed.selector);
    }

    // ------------------------------------------------------------------ helpers

    function mandated(IEscrowTypes.Bid memory raw, uint32 units) private returns (Case memory c) {
        c = divisible(raw, units);
        c.mandated = true;
        c.bid.validUntil = type(uint40).max;
    }

    /// @dev The same bid once more: another salt, another id.
    function again(Case memory c) private pure {
        unchecked {
            ++c.bid.salt;
        }
    }

    function awardUnder(Case memory c, IEscrowTypes.Mandate memory mandate) private view returns (bytes memory) {
        bytes memory consented = sign(adaKey, mandateDigest(mandate));
        bytes32[] memory proof = new bytes32[](0);
        return abi.encodeCall(escrow.awardUnder, (c.bid, signed(c.bid), bo, c.units, 0, mandate, consented, proof));
    }

    function awardedUnder(Case memory c, IEscrowTypes.Mandate memory mandate) private {
        (c.price, c.id, c.clock) = (priceOf(c.bid, c.units), escrow.idOf(c.bid), block.timestamp);
        fund(bo, c.bid.bond);
        fund(ada, c.price - free(ada));
        bytes memory call = awardUnder(c, mandate);
        vm.prank(charlie);
        (bool ok,) = address(escrow).call(call);
        assertTrue(ok);
        c.flags = REFUND_TO_LEDGER;
    }

    /// @dev A bid of Bo's that who holds its hot key makes up, with itself behind the designer.
    function stolen(IEscrowTypes.Bid memory raw) private returns (Case memory c) {
        c = divisible(raw, 1);
        (charlie, charlieKey) = makeAddrAndKey("charlie");
        (c.bid.minUnits, c.bid.maxUnits, c.units, c.bid.unitPrice) = (1, 1, 1, 1);
        c.bid.bond = uint96(bound(c.bid.bond, 1, MAX_AMOUNT / 10));
        c.bid.validUntil = type(uint40).max;
    }

    uint256 private charlieKey;

    function stealBond(Case memory c) private {
        give(ada, 1);
        bytes memory signature = sign(charlieKey, escrow.idOf(c.bid));
        uint256 value = sent(1);
        vm.prank(ada);
        (bool ok,) = address(escrow).call{value: value}(
            abi.encodeCall(escrow.award, (c.bid, signature, charlie, 1, 0, 0, false))
        );
        if (!ok) return;
        skip(uint256(c.bid.makeTime) + REDEEM_WINDOW + 1);
        escrow.refund(c.bid);
    }
}
