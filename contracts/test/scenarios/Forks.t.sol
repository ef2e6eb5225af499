// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {ScenarioTest} from "./ScenarioTest.sol";

/// @notice The chain forks; and what was signed for one thing is tried on another.
contract ForksTest is ScenarioTest {
    uint256 private constant OTHER_SIDE = 31338;

    /// @dev "Functions that accept a signature revert": an award, a voucher and a settlement that are good on this side of a
    /// fork are worth nothing on the other, where the same contract holds the same coins.
    function testFuzz_OneSignatureDoesNotHoldOnBothSidesOfAFork(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = divisible(raw, units);
        c.price = ready(c.bid, c.units);
        bytes memory signature = signed(c.bid);
        bytes memory call = abi.encodeCall(escrow.award, (c.bid, signature, bo, c.units, 0, 0, false));
        bothSides(call, sent(c.price), ada);

        (c.id, c.clock, c.status) = (escrow.idOf(c.bid), block.timestamp, IEscrowTypes.Status.AWARDED);
        bothSides(abi.encodeCall(escrow.redeem, (c.bid, 1, voucher(c, 1))), 0, charlie);
        IEscrowTypes.Settlement memory split = IEscrowTypes.Settlement(c.id, 0, 1, 1, type(uint40).max);
        bothSides(abi.encodeCall(escrow.settle, (c.bid, split, sign(adaKey, settlementDigest(split)))), 0, bo);
    }

    /// @dev "Timed exits stay usable": an agreement keeps its id, so that what was signed before still closes it.
    function testFuzz_AForkDoesNotLockMoneyIn(IEscrowTypes.Bid memory raw, uint32 units, uint96 part, uint8 which)
        public
    {
        Case memory c = openCase(raw, units, part, which);
        vm.chainId(OTHER_SIDE);
        skip(2 * MAX_DURATION);
        vm.startPrank(charlie);
        if (c.status == IEscrowTypes.Status.AWARDED) escrow.refund(c.bid);
        else if (c.status == IEscrowTypes.Status.DELIVERED) escrow.claim(c.bid);
        else escrow.expire(c.bid);
        vm.stopPrank();
        assertEq(money(address(escrow)), freeOfAll());
    }

    /// @dev "Award { agreement ... }": a consent is to one bid, not to a dearer one.
    function testFuzz_AConsentIsToOneBid(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = divisible(raw, units);
        fund(bo, c.bid.bond);
        fund(ada, 2 * priceOf(c.bid, c.units));
        bytes32 cheap = escrow.idOf(c.bid);
        IEscrowTypes.Award memory consent = IEscrowTypes.Award(cheap, c.units, 0, 0, type(uint40).max);
        bytes memory consented = sign(adaKey, consentDigest(consent));
        c.bid.unitPrice += 1;
        bytes32 dear = escrow.idOf(c.bid);
        bytes memory call = abi.encodeCall(escrow.awardFor, (c.bid, signed(c.bid), bo, consent, consented));
        refusal(call, abi.encodeWithSelector(IEscrowTypes.AgreementMismatch.selector, cheap, dear), charlie);
    }

    /// @dev "uint40 deadline": an old consent does not bind a designer who thought the matter over.
    function testFuzz_AnOldConsentIsNone(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = divisible(raw, units);
        c.bid.validUntil = type(uint40).max;
        fund(bo, c.bid.bond);
        fund(ada, priceOf(c.bid, c.units));
        IEscrowTypes.Award memory consent =
            IEscrowTypes.Award(escrow.idOf(c.bid), c.units, 0, 0, uint40(block.timestamp));
        bytes memory consented = sign(adaKey, consentDigest(consent));
        skip(1);
        bytes memory call = abi.encodeCall(escrow.awardFor, (c.bid, signed(c.bid), bo, consent, consented));
        refusal(call, abi.encodeWithSelector(IEscrowTypes.SignatureExpired.selector, consent.deadline), charlie);
    }

    function bothSides(bytes memory call, uint256 value, address caller) private {
        vm.chainId(OTHER_SIDE);
        vm.prank(caller);
        (bool ok, bytes memory answer) = address(escrow).call{value: value}(call);
        assertFalse(ok, "held on the other side");
        assertEq(answer, abi.encodeWithSelector(IEscrowTypes.ChainChanged.selector, OTHER_SIDE, HOME_CHAIN));
        vm.chainId(HOME_CHAIN);
        vm.prank(caller);
        (ok,) = address(escrow).call{value: value}(call);
        assertTrue(ok, "does not hold at home");
    }
}
