// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {Cases} from "./helpers/Cases.sol";
import {Erc1271Wallet, LiarWallet} from "./helpers/Wallets.sol";

contract RedeemTest is Cases {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertGiven_NoAgreement(IEscrowTypes.Bid memory raw, uint96 cumulative) public {
        Case memory c = drawn(raw, 1);
        c.id = escrow.idOf(c.bid);
        bytes memory signature = voucher(c, cumulative);
        expectStatusRefusal(c.id, IEscrowTypes.Status.NONE);
        escrow.redeem(c.bid, cumulative, signature);
    }

    function testFuzz_RevertGiven_AClosedAgreement(IEscrowTypes.Bid memory raw, uint32 units, uint8 which) public {
        Case memory c = openCase(raw, units, 0, which);
        bytes memory signature = voucher(c, c.price);
        escrow.redeem(c.bid, c.price, signature);
        expectStatusRefusal(c.id, IEscrowTypes.Status.CLOSED);
        escrow.redeem(c.bid, c.price, signature);
    }

    /// @dev Who holds a voucher must use it before the money is gone.
    function testFuzz_RevertGiven_ARefund(IEscrowTypes.Bid memory raw, uint32 units, uint96 part) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, part);
        bytes memory signature = voucher(c, c.price);
        giveUp(c);
        escrow.refund(c.bid);
        expectStatusRefusal(c.id, IEscrowTypes.Status.CLOSED);
        escrow.redeem(c.bid, c.price, signature);
    }

    /// @dev After a fork the same voucher would be good on both sides.
    function testFuzz_RevertGiven_AnotherChain(IEscrowTypes.Bid memory raw, uint32 units, uint8 which, uint64 chain)
        public
    {
        vm.assume(chain != 0 && chain != HOME_CHAIN);
        Case memory c = openCase(raw, units, 0, which);
        bytes memory signature = voucher(c, c.price);
        vm.chainId(chain);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.ChainChanged.selector, chain, HOME_CHAIN));
        escrow.redeem(c.bid, c.price, signature);
    }

    function testFuzz_RevertWhen_TheVoucherIsForAnotherAgreement(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 which,
        bytes32 other
    ) public {
        Case memory c = openCase(raw, units, 0, which);
        vm.assume(other != c.id);
        refuse(c, c.price, sign(adaKey, voucherDigest(other, c.price)));
    }

    function testFuzz_RevertWhen_TheCumulativeIsAltered(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 which,
        uint96 signed_,
        uint96 cumulative
    ) public {
        Case memory c = openCase(raw, units, 0, which);
        vm.assume(signed_ != cumulative);
        refuse(c, cumulative, voucher(c, signed_));
    }

    function testFuzz_RevertWhen_SomebodyElseSigned(IEscrowTypes.Bid memory raw, uint32 units, uint8 which, uint256 key)
        public
    {
        Case memory c = openCase(raw, units, 0, which);
        key = boundPrivateKey(key);
        vm.assume(key != adaKey);
        refuse(c, c.price, sign(key, voucherDigest(c.id, c.price)));
        refuse(c, c.price, sign(boKey, voucherDigest(c.id, c.price)));
    }

    /// @dev A hot key signs bids, and nothing else: not even one of the designer's own.
    function testFuzz_RevertWhen_AHotKeySigned(IEscrowTypes.Bid memory raw, uint32 units, uint8 which, uint256 key)
        public
    {
        Case memory c = openCase(raw, units, 0, which);
        key = boundPrivateKey(key);
        vm.assume(key != adaKey);
        vm.prank(ada);
        escrow.setAgent(currency, vm.addr(key), type(uint40).max, type(uint96).max);
        refuse(c, c.price, sign(key, voucherDigest(c.id, c.price)));
    }

    function testFuzz_RevertWhen_TheBytesAreNoSignature(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 which,
        bytes memory noise
    ) public {
        Case memory c = openCase(raw, units, 0, which);
        refuse(c, c.price, noise);
    }

    /// @dev A wallet's signature is what the wallet says now, whatever it said before.
    function testFuzz_RevertGiven_AWalletThatDidNotSign(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 which,
        bytes32 other
    ) public {
        Case memory c = openCase(raw, units, 0, which);
        vm.etch(ada, address(new Erc1271Wallet()).code);
        vm.assume(other != voucherDigest(c.id, c.price));
        Erc1271Wallet(payable(ada)).approve(other);
        refuse(c, c.price, "");
    }

    function testFuzz_RevertGiven_AWalletThatLies(IEscrowTypes.Bid memory raw, uint32 units, uint8 which, uint8 lie)
        public
    {
        Case memory c = openCase(raw, units, 0, which);
        vm.etch(ada, address(new LiarWallet(LiarWallet.Lie(lie % 6))).code);
        refuse(c, c.price, "");
    }

    function testFuzz_RevertWhen_TheCumulativeDoesNotRise(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint8 which,
        uint96 cumulative
    ) public {
        Case memory c = openCase(raw, units, part, which);
        cumulative = uint96(bound(cumulative, 0, c.paid));
        bytes memory signature = voucher(c, cumulative);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotRising.selector, cumulative, c.paid));
        escrow.redeem(c.bid, cumulative, signature);
    }

    /// @dev A later voucher stands for all before it.
    function testFuzz_RevertWhen_ItIsRedeemedAgain(IEscrowTypes.Bid memory raw, uint32 units, uint96 part, uint8 which)
        public
    {
        raw.unitPrice = uint96(bound(raw.unitPrice, 2, MAX_AMOUNT));
        raw.maxUnits = 1;
        Case memory c = openCase(raw, units, 0, which);
        part = uint96(bound(part, 1, c.price - 1));
        bytes memory signature = voucher(c, part);
        escrow.redeem(c.bid, part, signature);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotRising.selector, part, part));
        escrow.redeem(c.bid, part, signature);
    }

    function testFuzz_RevertWhen_TheCumulativeIsAboveThePrice(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 which,
        uint96 cumulative
    ) public {
        Case memory c = openCase(raw, units, 0, which);
        cumulative = uint96(bound(cumulative, c.price + 1, type(uint96).max));
        bytes memory signature = voucher(c, cumulative);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.AbovePrice.selector, cumulative, c.price));
        escrow.redeem(c.bid, cumulative, signature);
    }

    // ------------------------------------------------------------------ successes

    function testFuzz_PaysPartForAnyCaller(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint8 which,
        address caller
    ) public {
        raw.unitPrice = uint96(bound(raw.unitPrice, 3, MAX_AMOUNT));
        raw.maxUnits = 1;
        Case memory c = openCase(raw, units, part, which);
        part = uint96(bound(uint256(part) * 7, c.paid, c.price - 1));
        vm.assume(part > c.paid);
        bytes memory signature = voucher(c, part);
        expectPaid(c, part, IEscrowTypes.How.OPEN);
        vm.prank(caller);
        escrow.redeem(c.bid, part, signature);
        c.paid = part;
        assertStands(c);
        assertNoOtherLogs();
        assertCounters(0, 0);
    }

    /// @dev Bond and dispute fee go back: what is paid in full is contested by nobody.
    function testFuzz_ClosesAtTheFullPrice(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint8 which,
        address caller
    ) public {
        Case memory c = openCase(raw, units, part, which);
        bytes memory signature = voucher(c, c.price);
        uint96 feeBack = c.status == IEscrowTypes.Status.DISPUTED ? c.bid.disputeFee : 0;
        skip(part % 1000);
        expectPaid(c, c.price, IEscrowTypes.How.REDEEMED);
        vm.prank(caller);
        escrow.redeem(c.bid, c.price, signature);
        assertEnded(c, Shares(c.price, c.bid.bond, feeBack, 0));
        assertNoOtherLogs();
        assertCounters(c.bid.bond == 0 ? 0 : 1, 0);
    }

    /// @dev However late: in each status a voucher is good until another exit is taken.
    function testFuzz_PaysAfterEachDeadline(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint8 which,
        uint40 late
    ) public {
        Case memory c = openCase(raw, units, part, which);
        vm.warp(bound(late, block.timestamp + MAX_DURATION + REDEEM_WINDOW + 1, type(uint40).max));
        uint96 feeBack = c.status == IEscrowTypes.Status.DISPUTED ? c.bid.disputeFee : 0;
        escrow.redeem(c.bid, c.price, voucher(c, c.price));
        assertEnded(c, Shares(c.price, c.bid.bond, feeBack, 0));
    }

    /// @dev A refund waits for this.
    function testFuzz_PaysInTheRedeemWindow(IEscrowTypes.Bid memory raw, uint32 units, uint96 part, uint32 later)
        public
    {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, part);
        skip(bound(later, uint256(c.bid.makeTime) + 1, uint256(c.bid.makeTime) + REDEEM_WINDOW));
        escrow.redeem(c.bid, c.price, voucher(c, c.price));
        assertEnded(c, Shares(c.price, c.bid.bond, 0, 0));
    }

    function testFuzz_PaysAProviderWhoGaveUp(IEscrowTypes.Bid memory raw, uint32 units, uint96 part) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, part);
        giveUp(c);
        escrow.redeem(c.bid, c.price, voucher(c, c.price));
        assertEnded(c, Shares(c.price, c.bid.bond, 0, 0));
    }

    function testFuzz_TakesAWalletsVoucher(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint8 which,
        bytes memory noise
    ) public {
        Case memory c = openCase(raw, units, part, which);
        vm.etch(ada, address(new Erc1271Wallet()).code);
        Erc1271Wallet(payable(ada)).approve(voucherDigest(c.id, c.price));
        uint96 feeBack = c.status == IEscrowTypes.Status.DISPUTED ? c.bid.disputeFee : 0;
        escrow.redeem(c.bid, c.price, noise);
        assertEnded(c, Shares(c.price, c.bid.bond, feeBack, 0));
    }

    function testFuzz_TakesACompactSignature(IEscrowTypes.Bid memory raw, uint32 units, uint96 part) public {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, part);
        (bytes32 r, bytes32 vs) = vm.signCompact(adaKey, voucherDigest(c.id, c.price));
        escrow.redeem(c.bid, c.price, abi.encodePacked(r, vs));
        assertEnded(c, Shares(c.price, c.bid.bond, 0, 0));
    }

    /// @dev Rounding down at each step cannot be used to avoid the fee, nor who takes the step.
    function testFuzz_TakesTheSameFeeInManySteps(IEscrowTypes.Bid memory raw, uint8 steps, uint256 whose) public {
        raw.unitPrice = uint96(bound(raw.unitPrice, 1, 1000));
        raw.maxUnits = 1;
        raw.feeBps = 999;
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, 1, 0);
        steps = uint8(bound(steps, 1, 40));
        for (uint256 i = 1; i <= steps; ++i) {
            uint96 cumulative = uint96(c.price * i / steps);
            if (cumulative == c.paid) continue;
            if (whose >> i & 1 == 0) released(c.bid, cumulative);
            else escrow.redeem(c.bid, cumulative, voucher(c, cumulative));
            c.paid = cumulative;
        }
        assertEnded(c, Shares(c.price, c.bid.bond, 0, 0));
    }

    // ------------------------------------------------------------------ helpers

    function refuse(Case memory c, uint96 cumulative, bytes memory signature) internal {
        bytes32 digest = voucherDigest(c.id, cumulative);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.SignatureInvalid.selector, ada, digest));
        escrow.redeem(c.bid, cumulative, signature);
    }
}
