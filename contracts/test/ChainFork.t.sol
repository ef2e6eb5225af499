// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowTest} from "./helpers/EscrowTest.sol";

/// @notice The chain splits and this side takes another id: nothing signed is accepted, nothing held is stuck.
contract ChainForkTest is EscrowTest {
    uint256 private constant HOME = 31337;

    function testFuzz_RevertWhen_ABidIsAwardedOnTheOtherSide(IEscrowTypes.Bid memory raw, uint32 units, uint64 chainId)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        uint96 price = ready(bid, units);
        bytes memory signature = signed(bid);
        forked(chainId);
        (, bytes4 reason) = escrow.isAwardable(bid, signature, bo, units);
        assertEq(reason, IEscrowTypes.ChainChanged.selector);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.ChainChanged.selector, block.chainid, HOME));
        vm.prank(ada);
        escrow.award{value: sent(price)}(bid, signature, bo, units, 0, 0, false);
    }

    function testFuzz_IdsStay(IEscrowTypes.Bid memory bid, uint64 chainId) public {
        bytes32 id = escrow.idOf(bid);
        forked(chainId);
        assertEq(escrow.idOf(bid), id);
    }

    function testFuzz_RefundStaysOpen(IEscrowTypes.Bid memory raw, uint32 units, uint64 chainId) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        awarded(bid, units);
        forked(chainId);
        skip(uint256(bid.makeTime) + REDEEM_WINDOW + 1);
        escrow.refund(bid);
        assertEq(money(ada), uint256(priceOf(bid, units)) + bid.bond);
    }

    function testFuzz_DeliverClaimAndWithdrawStayOpen(IEscrowTypes.Bid memory raw, uint32 units, uint64 chainId)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.toLedger = true;
        bid.unitPrice = uint96(bound(bid.unitPrice, 2, MAX_AMOUNT / bid.maxUnits + 2));
        units = saneUnits(bid, units);
        awarded(bid, units);
        forked(chainId);
        vm.prank(bo);
        escrow.deliver(bid, "head");
        skip(uint256(bid.reviewTime) + 1);
        escrow.claim(bid);
        uint128 amount = uint128(free(bo));
        vm.prank(bo);
        escrow.withdraw(NATIVE, bo, amount);
        assertEq(money(bo), amount);
    }

    function testFuzz_ReleaseStaysOpen(IEscrowTypes.Bid memory raw, uint32 units, uint64 chainId) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        bytes32 id = awarded(bid, units);
        forked(chainId);
        released(bid, priceOf(bid, units));
        assertEq(uint8(word(id).status), uint8(IEscrowTypes.Status.CLOSED));
    }

    function forked(uint64 chainId) internal {
        vm.assume(chainId != HOME && chainId != 0 && chainId != type(uint64).max);
        vm.chainId(chainId);
    }
}
