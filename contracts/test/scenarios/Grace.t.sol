// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {ScenarioTest} from "./ScenarioTest.sol";

/// @notice Cancelling free of charge, giving up, and what neither may be turned into.
contract GraceTest is ScenarioTest {
    /// @dev "graceTime < makeTime": else a provider could keep the money for the whole making time, and then still cancel
    /// with its bond whole.
    function testFuzz_AGraceIsNeverLongerThanTheMakingTime(IEscrowTypes.Bid memory raw, uint32 units, uint32 graceTime)
        public
    {
        Case memory c = drawn(raw, units);
        c.bid.graceTime = uint32(bound(graceTime, c.bid.makeTime, type(uint32).max));
        ready(c.bid, c.units);
        (, bytes4 reason) = escrow.isAwardable(c.bid, signed(c.bid), bo, c.units);
        assertEq(reason, IEscrowTypes.GraceTooLong.selector);
    }

    /// @dev "Paid stays paid, the rest to the designer, the whole bond back": a designer who releases one wei does not
    /// take the provider's grace away, and a provider who cashes one does not take the designer's.
    function testFuzz_OneWeiReleasedDoesNotEndTheGrace(IEscrowTypes.Bid memory raw, uint32 units, bool byDesigner)
        public
    {
        Case memory c = divisible(raw, units);
        award(c);
        pay(c, 1);
        vm.prank(byDesigner ? ada : bo);
        escrow.cancel(c.bid);
        assertEnded(c, Shares(1, c.bid.bond, c.price - 1, 0));
    }

    /// @dev "The provider keeps floor(bond x paid / price)": one wei that was released does not save a failed bond.
    function testFuzz_OneWeiReleasedDoesNotSaveTheBond(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = divisible(raw, units);
        c.bid.bond = uint96(bound(c.bid.bond, 2, MAX_AMOUNT));
        award(c);
        pay(c, 1);
        vm.warp(failedAt(c) + 1);
        escrow.refund(c.bid);
        uint96 share = c.bid.bond / c.price;
        assertEnded(c, Shares(1, share, c.price - 1 + c.bid.bond - share, 0));
    }

    /// @dev "deliver: AWARDED, not given up": the designer may rely on it and take the standby.
    function testFuzz_WhoGaveUpDoesNotDeliver(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = drawn(raw, units);
        award(c);
        giveUp(c);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.AlreadyGivenUp.selector, c.id);
        refusal(abi.encodeCall(escrow.deliver, (c.bid, "head")), reason, bo);
    }

    /// @dev "The clock does not move": giving up is no way back into the grace, where the bond would be saved.
    function testFuzz_GivingUpDoesNotRenewTheGrace(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = drawn(raw, units);
        award(c);
        vm.warp(c.clock + c.bid.graceTime + 1);
        giveUp(c);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.TooLate.selector, c.clock + c.bid.graceTime);
        refusal(abi.encodeCall(escrow.cancel, (c.bid)), reason, bo);
    }

    /// @dev "cancel: AWARDED": who has the goods cannot have the money back, though the grace still runs.
    function testFuzz_ADeliveryInTheGraceIsNotCancelled(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = drawn(raw, units);
        c.bid.makeTime = uint32(bound(c.bid.makeTime, 2, MAX_DURATION));
        c.bid.graceTime = c.bid.makeTime - 1;
        award(c);
        vm.prank(bo);
        escrow.deliver(c.bid, "head");
        bytes memory reason =
            abi.encodeWithSelector(IEscrowTypes.WrongStatus.selector, c.id, IEscrowTypes.Status.DELIVERED);
        refusal(abi.encodeCall(escrow.cancel, (c.bid)), reason, ada);
    }

    /// @dev "An id is used once, ever": the same signature does not bind the provider again.
    function testFuzz_AClosedAgreementIsNotAwardedAgain(IEscrowTypes.Bid memory raw, uint32 units) public {
        Case memory c = drawn(raw, units);
        plain(c);
        c.bid.validUntil = type(uint40).max;
        award(c);
        close(c);
        uint96 price = ready(c.bid, c.units);
        bytes memory signature = signed(c.bid);
        uint256 value = sent(price);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.AgreementExists.selector, c.id));
        vm.prank(ada);
        escrow.award{value: value}(c.bid, signature, bo, c.units, 0, 0, false);
    }
}
