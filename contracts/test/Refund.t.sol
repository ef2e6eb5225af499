// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowTest} from "./helpers/EscrowTest.sol";

contract RefundTest is EscrowTest {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertGiven_NoAgreement(IEscrowTypes.Bid memory raw) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        expectStatusRefusal(escrow.idOf(bid), IEscrowTypes.Status.NONE);
        escrow.refund(bid);
    }

    /// @dev After a delivery the designer's silence pays the provider; it cannot take the money back.
    function testFuzz_RevertGiven_ADelivery(IEscrowTypes.Bid memory raw, uint32 units, uint40 late) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bytes32 id = delivered(bid, saneUnits(bid, units));
        vm.warp(bound(late, START, type(uint40).max));
        expectStatusRefusal(id, IEscrowTypes.Status.DELIVERED);
        vm.prank(ada);
        escrow.refund(bid);
    }

    function testFuzz_RevertGiven_AClosedAgreement(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bytes32 id = overdue(bid, saneUnits(bid, units), 0);
        escrow.refund(bid);
        expectStatusRefusal(id, IEscrowTypes.Status.CLOSED);
        escrow.refund(bid);
    }

    /// @dev Not even the designer, until the provider's last vouchers had their time.
    function testFuzz_RevertWhen_TheDeadlineIsNotOver(IEscrowTypes.Bid memory raw, uint32 units, uint32 later) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        awarded(bid, saneUnits(bid, units));
        uint256 deadline = START + bid.makeTime + REDEEM_WINDOW;
        vm.warp(bound(later, START, deadline));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.TooEarly.selector, deadline));
        vm.prank(ada);
        escrow.refund(bid);
    }

    /// @dev Nobody can deny the standby its turn by refunding first.
    function testFuzz_RevertWhen_AStrangerComesBeforeTheStandby(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bytes32 standby,
        uint32 later,
        address caller
    ) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        vm.assume(caller != ada && standby != 0);
        overdue(bid, saneUnits(bid, units), standby);
        uint256 deadline = START + bid.makeTime + 2 * REDEEM_WINDOW;
        vm.warp(bound(later, deadline - REDEEM_WINDOW + 1, deadline));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.StandbyFirst.selector, deadline));
        vm.prank(caller);
        escrow.refund(bid);
    }

    /// @dev The last second of each span still belongs to the one it is for.
    function testFuzz_RevertWhen_ItIsTheLastSecond(IEscrowTypes.Bid memory raw, uint32 units, bytes32 standby) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        vm.assume(standby != 0);
        overdue(bid, saneUnits(bid, units), standby);
        uint256 deadline = START + bid.makeTime + REDEEM_WINDOW;
        vm.warp(deadline);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.TooEarly.selector, deadline));
        vm.prank(ada);
        escrow.refund(bid);
        vm.warp(deadline + REDEEM_WINDOW);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.StandbyFirst.selector, deadline + REDEEM_WINDOW));
        vm.prank(charlie);
        escrow.refund(bid);
    }

    // ------------------------------------------------------------------ successes

    /// @dev AWARDED, provider silent: any stranger makes the designer whole, bond included.
    function testFuzz_ReturnsPriceAndBond(IEscrowTypes.Bid memory raw, uint32 units, uint40 late, address caller)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        bytes32 id = overdue(bid, units, 0);
        vm.warp(bound(late, block.timestamp, type(uint40).max));
        vm.prank(caller);
        escrow.refund(bid);
        assertWord(id, IEscrowTypes.Status.CLOSED, block.timestamp, priceOf(bid, units), 0);
        assertEq(money(ada), uint256(priceOf(bid, units)) + bid.bond);
        assertEq(free(bo), 0);
        assertEq(account(bo).failed, bid.bond == 0 ? 0 : 1);
        assertEq(account(bo).completed, 0);
        assertEq(money(address(escrow)), 0);
    }

    function testFuzz_LeavesTheProviderTheShareOfItsBondThatIsPaid(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part
    ) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.toLedger = false;
        units = saneUnits(bid, units);
        bytes32 id = awarded(bid, units);
        uint96 price = priceOf(bid, units);
        uint96 paid = partlyReleased(bid, units, part);
        uint256 bondBack = uint256(bid.bond) * paid / price;
        skip(uint256(bid.makeTime) + REDEEM_WINDOW + 1);
        escrow.refund(bid);
        assertWord(id, IEscrowTypes.Status.CLOSED, block.timestamp, price, paid);
        assertEq(free(bo), bondBack);
        assertEq(money(bo), paid - feeOn(bid, paid), "paid stays paid");
        assertEq(money(ada), uint256(price) - paid + bid.bond - bondBack);
        assertEq(money(address(escrow)), free(bo) + free(operator));
    }

    function testFuzz_LetsTheDesignerComeBeforeTheStandby(IEscrowTypes.Bid memory raw, uint32 units, bytes32 standby)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        bytes32 id = overdue(bid, saneUnits(bid, units), standby);
        vm.prank(ada);
        escrow.refund(bid);
        assertEq(uint8(word(id).status), uint8(IEscrowTypes.Status.CLOSED));
    }

    function testFuzz_LetsAStrangerComeAfterTheStandby(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bytes32 standby,
        uint40 late
    ) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bytes32 id = overdue(bid, saneUnits(bid, units), standby);
        vm.warp(bound(late, block.timestamp + REDEEM_WINDOW, type(uint40).max));
        vm.prank(charlie);
        escrow.refund(bid);
        assertEq(uint8(word(id).status), uint8(IEscrowTypes.Status.CLOSED));
    }

    function testFuzz_EmitsTheClosing(IEscrowTypes.Bid memory raw, uint32 units, uint96 part) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        bytes32 id = awarded(bid, units);
        uint96 price = priceOf(bid, units);
        uint96 paid = partlyReleased(bid, units, part);
        uint96 bondBack = uint96(uint256(bid.bond) * paid / price);
        skip(uint256(bid.makeTime) + REDEEM_WINDOW + 1);
        vm.expectEmit(address(escrow));
        uint96 toDesigner = price - paid + bid.bond - bondBack;
        emit IEscrowTypes.Closed(id, IEscrowTypes.How.REFUNDED, 0, 0, toDesigner, bondBack);
        if (bondBack != 0) {
            vm.expectEmit(address(escrow));
            emit IEscrowTypes.Credited(NATIVE, bo, id, bondBack);
        }
        escrow.refund(bid);
    }

    // ------------------------------------------------------------------ helpers

    /// @dev In the first second in which a refund is possible.
    function overdue(IEscrowTypes.Bid memory bid, uint32 units, bytes32 standby) internal returns (bytes32 id) {
        id = awarded(bid, units, standby);
        vm.warp(START + bid.makeTime + REDEEM_WINDOW + 1);
    }
}
