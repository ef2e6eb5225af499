// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowAwarding} from "./helpers/Awarding.sol";

/// @notice Where each value lies in storage: bundles prove these words by `eth_getProof`, so they must not move.
contract WordsTest is EscrowAwarding {
    uint256 private constant ACCOUNTS = 0;
    uint256 private constant AGENTS = 1;
    uint256 private constant AGREEMENTS = 2;
    uint256 private constant STANDBY_OF = 3;
    uint256 private constant MANDATES = 4;
    uint256 private constant MANDATE_OF = 5;

    /// @dev From the low end: status u8, flags u8, clock u40, price u96, paid u96.
    function testFuzz_AnAgreementIsOneWord(IEscrowTypes.Bid memory raw, uint32 units, uint96 part) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        bytes32 id = awarded(bid, units);
        uint256 paid = partlyReleased(bid, units, part);
        uint256 expected = uint256(uint8(IEscrowTypes.Status.AWARDED)) | START << 16 | uint256(priceOf(bid, units))
            << 56 | paid << 152;
        assertEq(at(slotOf(id, AGREEMENTS)), expected);
    }

    /// @dev Bit 0: refunds go to the ledger. Bit 1: given up. No other bit, in any status.
    function testFuzz_FlagsAreTwoBits(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, bool givenUp, uint8 end)
        public
    {
        Offer memory o = offered(raw, units);
        run(readyFor(wayOf(way), o));
        uint256 flags = wayOf(way) == Way.UNDER ? 1 : 0;
        assertEq(flagsOf(o.id), flags);
        if (givenUp) {
            vm.prank(bo);
            escrow.giveUp(o.bid);
            flags |= 2;
        } else if (end % 4 == 1) {
            vm.prank(bo);
            escrow.deliver(o.bid, "head");
        }
        assertEq(flagsOf(o.id), flags);
        if (end % 4 == 2) released(o.bid, o.price);
        if (end % 4 == 3) {
            vm.prank(ada);
            escrow.cancel(o.bid);
        }
        assertEq(flagsOf(o.id), flags);
    }

    /// @dev A tombstone keeps price, final paid and closing time.
    function testFuzz_AClosedAgreementIsOneWord(IEscrowTypes.Bid memory raw, uint32 units, uint96 part, uint40 later)
        public
    {
        Offer memory o = offered(raw, units);
        run(readyFor(Way.AWARD, o));
        uint256 paid = partlyReleased(o.bid, o.units, part);
        toTheStandbysTurn(o);
        vm.warp(bound(later, block.timestamp, type(uint40).max));
        escrow.refund(o.bid);
        uint256 expected =
            uint256(uint8(IEscrowTypes.Status.CLOSED)) | block.timestamp << 16 | uint256(o.price) << 56 | paid << 152;
        assertEq(at(slotOf(o.id, AGREEMENTS)), expected);
    }

    /// @dev From the low end: free u128, epoch u32, completed u32, failed u32.
    function testFuzz_AnAccountIsOneWord(IEscrowTypes.Bid memory raw, uint32 units, uint96 amount, uint8 bumps) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        (bid.bond, bid.toLedger) = (uint96(bound(bid.bond, 1, MAX_AMOUNT)), false);
        awarded(bid, saneUnits(bid, units));
        skip(uint256(bid.makeTime) + REDEEM_WINDOW + 1);
        escrow.refund(bid);
        bid.validUntil = type(uint40).max;
        for (uint256 i; i < 2; ++i) {
            bid.salt = uint256(keccak256(abi.encode(bid.salt)));
            awarded(bid, saneUnits(bid, units));
            released(bid, priceOf(bid, saneUnits(bid, units)));
        }
        uint256 epoch = bound(bumps, 0, 3);
        vm.startPrank(bo);
        for (uint256 i; i < epoch; ++i) {
            escrow.bumpEpoch(currency);
        }
        escrow.withdraw(currency, bo, uint128(free(bo)));
        vm.stopPrank();
        fund(bo, amount);
        uint256 expected = amount | epoch << 128 | uint256(2) << 160 | uint256(1) << 192;
        assertEq(at(slotOf(bo, slotOf(currency, ACCOUNTS))), expected);
    }

    /// @dev From the low end: until u40, bondLeft u96.
    function testFuzz_AHotKeyIsOneWord(address token, address provider, address key, uint40 until, uint96 left) public {
        vm.prank(provider);
        escrow.setAgent(token, key, until, left);
        bytes32 place = slotOf(key, uint256(slotOf(provider, slotOf(token, AGENTS))));
        assertEq(at(place), uint256(until) | uint256(left) << 40);
    }

    function testFuzz_AStandbyIsOneWord(IEscrowTypes.Bid memory raw, uint32 units, bytes32 standby) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bytes32 id = awarded(bid, saneUnits(bid, units), standby);
        assertEq(at(slotOf(id, STANDBY_OF)), uint256(standby));
    }

    /// @dev From the low end: used u32, revoked bool; and the agreement names its mandate.
    function testFuzz_AMandateIsOneWord(IEscrowTypes.Bid memory raw, uint32 units, bool revoked) public {
        Offer memory o = offered(raw, units);
        fund(ada, o.price);
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
        bytes32 digest = mandateDigest(mandate);
        awardUnder(o, mandate, signed(mandate));
        if (revoked) {
            vm.prank(ada);
            escrow.revokeMandate(mandate);
        }
        assertEq(at(slotOf(digest, MANDATES)), uint256(o.units) | (revoked ? 1 << 32 : 0));
        assertEq(at(slotOf(o.id, MANDATE_OF)), uint256(digest));
    }

    /// @dev What is not used is not written: an award touches the agreement's word, its parties' and no other.
    function testFuzz_AnAwardWritesNoMore(IEscrowTypes.Bid memory raw, uint32 units, uint8 way) public {
        Offer memory o = offered(raw, units);
        Call memory c = readyFor(wayOf(way), o);
        vm.record();
        run(c);
        (, bytes32[] memory writes) = vm.accesses(address(escrow));
        for (uint256 i; i < writes.length; ++i) {
            bool known = writes[i] == slotOf(o.id, AGREEMENTS) || writes[i] == slotOf(bo, slotOf(currency, ACCOUNTS))
                || writes[i] == slotOf(ada, slotOf(currency, ACCOUNTS));
            if (wayOf(way) == Way.UNDER) {
                bytes32 digest = mandateDigest(mandateFor(o.bid, o.units));
                known = known || writes[i] == slotOf(o.id, MANDATE_OF) || writes[i] == slotOf(digest, MANDATES);
            }
            assertTrue(known);
        }
    }

    // ------------------------------------------------------------------ helpers

    function at(bytes32 slot) internal view returns (uint256) {
        return uint256(vm.load(address(escrow), slot));
    }

    function flagsOf(bytes32 id) internal view returns (uint256) {
        return at(slotOf(id, AGREEMENTS)) >> 8 & 0xff;
    }

    function slotOf(bytes32 key, uint256 mapping_) internal pure returns (bytes32) {
        return keccak256(abi.encode(key, mapping_));
    }

    function slotOf(address key, uint256 mapping_) internal pure returns (bytes32) {
        return keccak256(abi.encode(key, mapping_));
    }

    function slotOf(address key, bytes32 mapping_) internal pure returns (bytes32) {
        return keccak256(abi.encode(key, mapping_));
    }
}
