// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowAwarding} from "./helpers/Awarding.sol";
import {Erc1271Wallet} from "./helpers/Wallets.sol";
import {FickleWallet} from "./helpers/wallets/SmartWallets.sol";

/// @notice `awardUnder`: who may, what is signed, what is taken. Its limits, printers and units have files of their own.
contract AwardUnderTest is EscrowAwarding {
    // ------------------------------------------------------------------ refusals

    /// @dev Not even the designer: it has `award`.
    function testFuzz_RevertWhen_CallerIsNotTheDispatcher(IEscrowTypes.Bid memory raw, uint32 units, address caller)
        public
    {
        vm.assume(caller != dispatcher);
        if (uint160(caller) % 4 == 0) caller = ada;
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
        Call memory c = callFor(o, mandate, signed(mandate));
        c.caller = caller;
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotDispatcher.selector, caller, dispatcher));
        run(c);
    }

    /// @dev Each of the eighteen members is signed.
    function testFuzz_RevertWhen_TheMandateWasAltered(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint256 salt,
        uint8 which,
        uint8 bit
    ) public {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
        mandate.salt = salt;
        bytes memory signature = signed(mandate);
        bytes memory words = abi.encode(mandate);
        words[uint256(which % 18) * 32 + 31] ^= bytes1(uint8(1 << (bit % 8)));
        mandate = abi.decode(words, (IEscrowTypes.Mandate));
        bytes memory reason =
            abi.encodeWithSelector(IEscrowTypes.SignatureInvalid.selector, mandate.designer, mandateDigest(mandate));
        refused(o, mandate, signature, reason);
    }

    function testFuzz_RevertGiven_AnotherSigner(IEscrowTypes.Bid memory raw, uint32 units, uint256 key) public {
        key = boundPrivateKey(key);
        vm.assume(key != adaKey);
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
        bytes32 digest = mandateDigest(mandate);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.SignatureInvalid.selector, ada, digest);
        refused(o, mandate, sign(key, digest), reason);
    }

    function testFuzz_RevertGiven_AHotKeyOfTheDesigner(IEscrowTypes.Bid memory raw, uint32 units) public {
        Offer memory o = prepaid(raw, units);
        vm.prank(ada);
        escrow.setAgent(currency, hot, type(uint40).max, type(uint96).max);
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
        bytes32 digest = mandateDigest(mandate);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.SignatureInvalid.selector, ada, digest);
        refused(o, mandate, sign(hotKey, digest), reason);
    }

    /// @dev Asked at each use: a wallet that stopped signing has taken its mandate back.
    function testFuzz_RevertGiven_AWalletThatStoppedSigning(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        FickleWallet wallet = new FickleWallet();
        bid.designer = address(wallet);
        Offer memory o = prepaid(bid, units, address(wallet));
        IEscrowTypes.Mandate memory mandate = mandateFor(bid, type(uint32).max);
        awardUnder(o, mandate, "");

        Offer memory next = offeredAgain(o, boKey);
        fund(address(wallet), next.price);
        wallet.sign(false);
        bytes memory reason =
            abi.encodeWithSelector(IEscrowTypes.SignatureInvalid.selector, address(wallet), mandateDigest(mandate));
        refused(next, mandate, "", reason);
    }

    /// @dev The price comes from the designer's ledger alone: not its wallet, not the dispatcher.
    function testFuzz_RevertGiven_TooLittleOnTheLedger(IEscrowTypes.Bid memory raw, uint32 units, uint96 has) public {
        Offer memory o = offered(raw, units);
        has = uint96(bound(has, 0, o.price - 1));
        fund(ada, has);
        fund(dispatcher, o.price);
        give(ada, o.price);
        give(dispatcher, o.price);
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.FreeTooLow.selector, has, o.price);
        refused(o, mandate, signed(mandate), reason);
    }

    function testFuzz_RevertWhen_ValueIsSent(IEscrowTypes.Bid memory raw, uint32 units, uint96 value) public {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
        Call memory c = callFor(o, mandate, signed(mandate));
        c.value = bound(value, 1, type(uint96).max);
        vm.deal(dispatcher, c.value);
        vm.expectRevert(bytes(""));
        run(c);
    }

    /// @dev I3: a mandate with units left awards another bid, never the same.
    function testFuzz_RevertWhen_TheBidIsSentAgain(IEscrowTypes.Bid memory raw, uint32 units, bool closed) public {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, type(uint32).max);
        bytes memory signature = signed(mandate);
        awardUnder(o, mandate, signature);
        if (closed) released(o.bid, o.price);
        fund(ada, o.price);
        fund(bo, o.bid.bond);
        refused(o, mandate, signature, abi.encodeWithSelector(IEscrowTypes.AgreementExists.selector, o.id));
    }

    /// @dev A member wider than its type would be hashed as it stands, and signed so: it must limit nothing else.
    function testFuzz_RevertGiven_AMemberWiderThanItsType(IEscrowTypes.Bid memory raw, uint32 units, uint8 which)
        public
    {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
        uint256 member = [uint256(0), 1, 2, 3, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16][which % 15];
        bytes memory words = abi.encode(mandate);
        words[member * 32] = 0x01;
        bytes32 typeHash = keccak256(
            "Mandate(address designer,address dispatcher,address token,address arbiter,bytes32 jobDigest,bytes32 printers,uint96 maxUnitPrice,uint96 minBond,uint96 maxDisputeFee,uint32 units,uint32 maxMakeTime,uint32 minReviewTime,uint32 minArbiterTime,uint32 maxArbiterTime,uint32 maxGraceTime,uint16 maxFallbackBps,uint40 validUntil,uint256 salt)"
        );
        Call memory c = callFor(o, mandate, sign(adaKey, typedDigest(bytes.concat(typeHash, words))));
        uint256 mandateAt = 4 + 22 * 32 + 4 * 32; // after the bid, its signature's place, its signer, units and book
        c.data[mandateAt + member * 32] = 0x01;
        vm.expectRevert(bytes(""));
        run(c);
    }

    // ------------------------------------------------------------------ successes

    /// @dev Exactly the price, of the designer's `free`; the word says that refunds go back there.
    function testFuzz_TakesThePriceFromTheDesignersLedger(IEscrowTypes.Bid memory raw, uint32 units, uint96 spare)
        public
    {
        Offer memory o = prepaid(raw, units);
        fund(ada, spare);
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
        bytes memory signature = signed(mandate);
        vm.prank(dispatcher);
        bytes32 id = escrow.awardUnder(o.bid, o.signature, bo, o.units, 0, mandate, signature, new bytes32[](0));
        assertEq(id, o.id);
        IEscrowTypes.Agreement memory expected =
            IEscrowTypes.Agreement(IEscrowTypes.Status.AWARDED, 1, uint40(START), o.price, 0);
        assertEq(abi.encode(word(id)), abi.encode(expected));
        assertEq(free(ada), spare);
        assertEq(free(bo), 0);
        assertEq(money(address(escrow)), uint256(o.price) + o.bid.bond + spare);
    }

    /// @dev The use of the mandate is told before the award, which has no standby: Ada named none.
    function testFuzz_NotesTheMandate(IEscrowTypes.Bid memory raw, uint32 units, uint32 left, bytes32 book) public {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, uint32(bound(left, o.units, type(uint32).max)));
        bytes32 digest = mandateDigest(mandate);
        bytes memory data = underData(o, book, mandate, signed(mandate), new bytes32[](0));
        vm.expectEmit(address(escrow));
        emit IEscrowTypes.MandateUsed(digest, o.id, o.units);
        vm.expectEmit(address(escrow));
        emit IEscrowTypes.Awarded(o.id, ada, bo, o.bid, o.units, 0, book);
        run(Call(dispatcher, 0, data));
        assertEq(escrow.mandateOf(o.id), digest);
        assertEq(escrow.standbyOf(o.id), 0);
        (uint32 used, bool revoked) = escrow.mandates(digest);
        assertEq(used, o.units);
        assertFalse(revoked);
    }

    function testFuzz_AwardsInTheMandatesLastSecond(IEscrowTypes.Bid memory raw, uint32 units, uint40 until) public {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
        mandate.validUntil = uint40(bound(until, START, o.bid.validUntil));
        bytes memory signature = signed(mandate);
        vm.warp(mandate.validUntil);
        awardUnder(o, mandate, signature);
        assertEq(word(o.id).clock, mandate.validUntil);
    }

    function testFuzz_AcceptsAWalletThatSigns(IEscrowTypes.Bid memory raw, uint32 units, bytes memory signature)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        Erc1271Wallet wallet = new Erc1271Wallet();
        bid.designer = address(wallet);
        Offer memory o = prepaid(bid, units, address(wallet));
        IEscrowTypes.Mandate memory mandate = mandateFor(bid, o.units);
        wallet.approve(mandateDigest(mandate));
        awardUnder(o, mandate, signature);
        assertEq(free(address(wallet)), 0);
        assertEq(uint8(word(o.id).status), uint8(IEscrowTypes.Status.AWARDED));
    }

    /// @dev What is awarded stays awarded when the wallet that allowed it signs no more.
    function testFuzz_KeepsWhatAWalletAllowed(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        FickleWallet wallet = new FickleWallet();
        bid.designer = address(wallet);
        Offer memory o = prepaid(bid, units, address(wallet));
        awardUnder(o, mandateFor(bid, o.units), "");
        wallet.sign(false);
        vm.prank(bo);
        escrow.deliver(o.bid, "head");
        skip(uint256(bid.reviewTime) + 1);
        escrow.claim(o.bid);
        assertEq(word(o.id).paid, o.price);
    }

    // ------------------------------------------------------------------ successes: where refunds go

    /// @dev Whatever comes back comes back to the ledger, for the next award under the mandate; nothing to the wallet.
    function testFuzz_ReturnsMoneyToTheLedger(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, uint96 part)
        public
    {
        raw.arbiter = address(0x1); // odd: Eve
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
        awardUnder(o, mandate, signed(mandate));
        uint96 paid = partlyReleased(o.bid, o.units, part);
        uint256 all = uint256(o.price) - paid + o.bid.bond;
        uint256 toBo = closeIn(way % 6, o, paid);
        assertEq(uint8(word(o.id).status), uint8(IEscrowTypes.Status.CLOSED));
        assertEq(word(o.id).flags & 1, 1);
        assertEq(free(ada), all - toBo + (way % 6 > 3 ? o.bid.disputeFee : 0));
        assertEq(money(ada), 0);
    }

    /// @dev Closes in one of the ways that give something back; returns what the provider had of rest and bond.
    function closeIn(uint8 way, Offer memory o, uint96 paid) private returns (uint256 toBo) {
        if (way == 0) {
            vm.prank(ada);
            escrow.cancel(o.bid);
            return o.bid.bond;
        }
        if (way < 3) {
            if (way == 1) toTheStandbysTurn(o);
            vm.prank(bo);
            if (way == 2) escrow.giveUp(o.bid);
            escrow.refund(o.bid);
            return uint256(o.bid.bond) * paid / o.price;
        }
        if (way == 3) {
            IEscrowTypes.Settlement memory settlement = IEscrowTypes.Settlement(o.id, 0, paid, 1, type(uint40).max);
            bytes memory signature = sign(boKey, settlementDigest(settlement));
            vm.prank(ada);
            escrow.settle(o.bid, settlement, signature);
            return 0;
        }
        return closeDisputed(way, o, paid);
    }

    /// @dev By fallback, or with the whole released: then the dispute fee alone comes back.
    function closeDisputed(uint8 way, Offer memory o, uint96 paid) private returns (uint256 toBo) {
        vm.prank(bo);
        escrow.deliver(o.bid, "head");
        give(ada, o.bid.disputeFee);
        vm.prank(ada);
        escrow.dispute{value: sent(o.bid.disputeFee)}(o.bid, "head", false);
        if (way == 5) {
            released(o.bid, o.price);
            return uint256(o.price) - paid + o.bid.bond;
        }
        skip(uint256(o.bid.arbiterTime) + 1);
        escrow.expire(o.bid);
        return o.bid.bond + uint256(o.price - paid) * o.bid.fallbackBps / 10_000;
    }

    // ------------------------------------------------------------------ helpers

    /// @dev Ready to be awarded: the bond is covered, and the designer prepaid exactly the price.
    function prepaid(IEscrowTypes.Bid memory raw, uint32 units) internal returns (Offer memory) {
        return prepaid(sane(raw), units, ada);
    }

    function prepaid(IEscrowTypes.Bid memory bid, uint32 units, address designer) internal returns (Offer memory o) {
        o = offer(bid, units);
        fund(designer, o.price);
    }

    function callFor(Offer memory o, IEscrowTypes.Mandate memory mandate, bytes memory signature)
        internal
        view
        returns (Call memory)
    {
        return Call(mandate.dispatcher, 0, underData(o, 0, mandate, signature, new bytes32[](0)));
    }

    function refused(Offer memory o, IEscrowTypes.Mandate memory mandate, bytes memory signature, bytes memory reason)
        internal
    {
        Call memory c = callFor(o, mandate, signature);
        vm.expectRevert(reason);
        run(c);
    }
}
