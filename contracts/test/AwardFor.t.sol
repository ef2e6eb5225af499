// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowAwarding} from "./helpers/Awarding.sol";
import {Erc1271Wallet} from "./helpers/Wallets.sol";
import {FickleWallet} from "./helpers/wallets/SmartWallets.sol";

contract AwardForTest is EscrowAwarding {
    // ------------------------------------------------------------------ refusals: the consent

    /// @dev A consent names one bid, also where another has the same terms.
    function testFuzz_RevertGiven_TheConsentToAnotherBid(IEscrowTypes.Bid memory raw, uint32 units, bytes32 other)
        public
    {
        Offer memory o = prepaid(raw, units);
        vm.assume(other != o.id);
        IEscrowTypes.Award memory consent = consentTo(o, 0, 0);
        consent.agreement = other;
        refused(o, consent, abi.encodeWithSelector(IEscrowTypes.AgreementMismatch.selector, other, o.id));
    }

    function testFuzz_RevertGiven_TheConsentToATwin(IEscrowTypes.Bid memory raw, uint32 units) public {
        Offer memory o = prepaid(raw, units);
        Offer memory twin = offeredAgain(o, boKey);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.AgreementMismatch.selector, o.id, twin.id);
        refused(twin, consentTo(o, 0, 0), reason);
    }

    function testFuzz_RevertWhen_TheDeadlineIsOver(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint40 deadline,
        uint40 later
    ) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.validUntil = type(uint40).max;
        Offer memory o = prepaid(bid, units, ada);
        IEscrowTypes.Award memory consent = consentTo(o, 0, 0);
        consent.deadline = uint40(bound(deadline, 0, type(uint40).max - 1));
        vm.warp(bound(later, consent.deadline < START ? START : consent.deadline + 1, type(uint40).max));
        refused(o, consent, abi.encodeWithSelector(IEscrowTypes.SignatureExpired.selector, consent.deadline));
    }

    function testFuzz_RevertWhen_TheDeadlineWasASecondAgo(IEscrowTypes.Bid memory raw, uint32 units) public {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Award memory consent = consentTo(o, 0, 0);
        consent.deadline = uint40(START - 1);
        refused(o, consent, abi.encodeWithSelector(IEscrowTypes.SignatureExpired.selector, START - 1));
    }

    /// @dev The relayer fixes nothing: not how many, nor who stands by, nor which book, nor until when.
    function testFuzz_RevertWhen_TheRelayerAltersTheConsent(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 which,
        bytes32 with
    ) public {
        Offer memory o = prepaid(raw, units);
        fund(ada, MAX_AMOUNT);
        IEscrowTypes.Award memory consent = consentTo(o, "standby", "book");
        consent.deadline = uint40(START);
        bytes memory signature = signed(consent);
        if (which % 4 == 0) consent.units = saneUnits(o.bid, uint32(uint256(with)));
        if (which % 4 == 1) consent.standby = with;
        if (which % 4 == 2) consent.book = with;
        if (which % 4 == 3) consent.deadline = uint40(bound(uint256(with), START, type(uint40).max));
        bytes32 digest = consentDigest(consent);
        vm.assume(keccak256(signature) != keccak256(sign(adaKey, digest)));
        refused(o, consent, signature, abi.encodeWithSelector(IEscrowTypes.SignatureInvalid.selector, ada, digest));
    }

    /// @dev Nor may it lay one designer's consent beside a bid that names another.
    function testFuzz_RevertGiven_AnotherDesignersConsent(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.designer = charlie;
        Offer memory o = prepaid(bid, units, charlie);
        IEscrowTypes.Award memory consent = consentTo(o, 0, 0);
        bytes memory reason =
            abi.encodeWithSelector(IEscrowTypes.SignatureInvalid.selector, charlie, consentDigest(consent));
        refused(o, consent, reason);
    }

    function testFuzz_RevertGiven_AnotherSigner(IEscrowTypes.Bid memory raw, uint32 units, uint256 key) public {
        key = boundPrivateKey(key);
        vm.assume(key != adaKey);
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Award memory consent = consentTo(o, 0, 0);
        bytes32 digest = consentDigest(consent);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.SignatureInvalid.selector, ada, digest);
        refused(o, consent, sign(key, digest), reason);
    }

    /// @dev Hot keys sign bids, nothing else: a designer's consent is the designer's own.
    function testFuzz_RevertGiven_AHotKeyOfTheDesigner(IEscrowTypes.Bid memory raw, uint32 units) public {
        Offer memory o = prepaid(raw, units);
        vm.prank(ada);
        escrow.setAgent(currency, hot, type(uint40).max, type(uint96).max);
        IEscrowTypes.Award memory consent = consentTo(o, 0, 0);
        bytes32 digest = consentDigest(consent);
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.SignatureInvalid.selector, ada, digest);
        refused(o, consent, sign(hotKey, digest), reason);
    }

    /// @dev The bid's own signature, or one for another purpose, is no consent.
    function testFuzz_RevertGiven_AVoucherForAConsent(IEscrowTypes.Bid memory raw, uint32 units, bool voucher) public {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Award memory consent = consentTo(o, 0, 0);
        bytes memory signature = sign(adaKey, voucher ? voucherDigest(o.id, o.price) : o.id);
        bytes memory reason =
            abi.encodeWithSelector(IEscrowTypes.SignatureInvalid.selector, ada, consentDigest(consent));
        refused(o, consent, signature, reason);
    }

    /// @dev Asked at use: a wallet that stopped signing has taken its consent back.
    function testFuzz_RevertGiven_AWalletThatDoesNotSign(IEscrowTypes.Bid memory raw, uint32 units, bool fickle)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.designer = fickle ? address(new FickleWallet()) : address(new Erc1271Wallet());
        if (fickle) FickleWallet(payable(bid.designer)).sign(false);
        Offer memory o = prepaid(bid, units, bid.designer);
        IEscrowTypes.Award memory consent = consentTo(o, 0, 0);
        bytes memory reason =
            abi.encodeWithSelector(IEscrowTypes.SignatureInvalid.selector, bid.designer, consentDigest(consent));
        refused(o, consent, reason);
    }

    /// @dev A member wider than its type would be hashed as it stands, and signed so: it must consent to nothing.
    function testFuzz_RevertGiven_AMemberWiderThanItsType(IEscrowTypes.Bid memory raw, uint32 units, bool inUnits)
        public
    {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Award memory consent = consentTo(o, 0, 0);
        bytes memory words = abi.encode(consent);
        words[inUnits ? 32 : 128] = 0x01;
        bytes32 typeHash =
            keccak256("Award(bytes32 agreement,uint32 units,bytes32 standby,bytes32 book,uint40 deadline)");
        bytes memory signature = sign(adaKey, typedDigest(bytes.concat(typeHash, words)));
        Call memory c = callFor(o, consent, signature);
        uint256 consentAt = 4 + 22 * 32 + 2 * 32; // after the bid, the place of its signature, and its signer
        c.data[consentAt + (inUnits ? 32 : 128)] = 0x01;
        vm.expectRevert(bytes(""));
        run(c);
    }

    // ------------------------------------------------------------------ refusals: the rest

    /// @dev I3: no consent works twice, to the same agreement or after it closed.
    function testFuzz_RevertWhen_TheConsentIsUsedAgain(IEscrowTypes.Bid memory raw, uint32 units, bool closed) public {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Award memory consent = consentTo(o, 0, 0);
        run(callFor(o, consent, signed(consent)));
        if (closed) released(o.bid, o.price);
        fund(ada, o.price);
        fund(bo, o.bid.bond);
        refused(o, consent, abi.encodeWithSelector(IEscrowTypes.AgreementExists.selector, o.id));
    }

    /// @dev The price comes from the ledger, whatever the designer has and allows elsewhere.
    function testFuzz_RevertGiven_TooLittleOnTheLedger(IEscrowTypes.Bid memory raw, uint32 units, uint96 has) public {
        Offer memory o = offered(raw, units);
        has = uint96(bound(has, 0, o.price - 1));
        fund(ada, has);
        fund(charlie, o.price);
        give(ada, o.price);
        give(charlie, o.price);
        refused(o, consentTo(o, 0, 0), abi.encodeWithSelector(IEscrowTypes.FreeTooLow.selector, has, o.price));
    }

    function testFuzz_RevertWhen_UnitsAreOutOfRange(IEscrowTypes.Bid memory raw, uint32 units, uint32 other) public {
        Offer memory o = prepaid(raw, units);
        vm.assume(other < o.bid.minUnits || other > o.bid.maxUnits);
        IEscrowTypes.Award memory consent = consentTo(o, 0, 0);
        consent.units = other;
        bytes memory reason =
            abi.encodeWithSelector(IEscrowTypes.UnitsOutOfRange.selector, other, o.bid.minUnits, o.bid.maxUnits);
        refused(o, consent, reason);
    }

    function testFuzz_RevertWhen_ValueIsSent(IEscrowTypes.Bid memory raw, uint32 units, uint96 value) public {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Award memory consent = consentTo(o, 0, 0);
        Call memory c = callFor(o, consent, signed(consent));
        c.value = bound(value, 1, type(uint96).max);
        vm.deal(c.caller, c.value);
        vm.expectRevert(bytes(""));
        run(c);
    }

    // ------------------------------------------------------------------ successes

    /// @dev Anybody sends it; nobody but the designer pays, to the last unit.
    function testFuzz_TakesThePriceFromTheDesignersLedger(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 spare,
        address relayer
    ) public {
        vm.assume(relayer != ada && relayer != bo);
        Offer memory o = prepaid(raw, units);
        fund(ada, spare);
        IEscrowTypes.Award memory consent = consentTo(o, 0, 0);
        bytes memory signature = signed(consent);
        (uint256 had, uint256 hadFree) = (money(relayer), free(relayer));
        vm.prank(relayer);
        bytes32 id = escrow.awardFor(o.bid, o.signature, bo, consent, signature);
        assertEq(id, o.id);
        assertWord(id, IEscrowTypes.Status.AWARDED, START, o.price, 0);
        assertEq(free(ada), spare);
        assertEq(free(bo), 0);
        assertEq(money(address(escrow)), uint256(o.price) + o.bid.bond + spare);
        if (relayer != address(escrow)) assertEq(money(relayer), had);
        assertEq(free(relayer), hadFree);
    }

    function testFuzz_KeepsWhatTheDesignerFixed(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bytes32 standby,
        bytes32 book
    ) public {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Award memory consent = consentTo(o, standby, book);
        Call memory c = callFor(o, consent, signed(consent));
        vm.expectEmit(address(escrow));
        emit IEscrowTypes.Awarded(o.id, ada, bo, o.bid, o.units, standby, book);
        run(c);
        assertEq(escrow.standbyOf(o.id), standby);
        assertEq(escrow.mandateOf(o.id), 0);
    }

    function testFuzz_AwardsInTheLastSecond(IEscrowTypes.Bid memory raw, uint32 units, uint40 deadline) public {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Award memory consent = consentTo(o, 0, 0);
        consent.deadline = uint40(bound(deadline, START, o.bid.validUntil));
        Call memory c = callFor(o, consent, signed(consent));
        vm.warp(consent.deadline);
        run(c);
        assertWord(o.id, IEscrowTypes.Status.AWARDED, consent.deadline, o.price, 0);
    }

    function testFuzz_AcceptsAShortSignature(IEscrowTypes.Bid memory raw, uint32 units) public {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Award memory consent = consentTo(o, 0, 0);
        (bytes32 r, bytes32 vs) = vm.signCompact(adaKey, consentDigest(consent));
        run(callFor(o, consent, abi.encodePacked(r, vs)));
        assertWord(o.id, IEscrowTypes.Status.AWARDED, START, o.price, 0);
    }

    function testFuzz_AcceptsAWalletThatSigns(IEscrowTypes.Bid memory raw, uint32 units, bytes memory signature)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        Erc1271Wallet wallet = new Erc1271Wallet();
        bid.designer = address(wallet);
        Offer memory o = prepaid(bid, units, address(wallet));
        IEscrowTypes.Award memory consent = consentTo(o, 0, 0);
        wallet.approve(consentDigest(consent));
        run(callFor(o, consent, signature));
        assertWord(o.id, IEscrowTypes.Status.AWARDED, START, o.price, 0);
        assertEq(free(address(wallet)), 0);
    }

    /// @dev Both sides wallets, both asked.
    function testFuzz_AcceptsTwoWallets(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        (bid.designer, bid.provider) = (address(new FickleWallet()), address(new FickleWallet()));
        Offer memory o = prepaid(bid, units, bid.designer);
        (o.signer, o.signature) = (bid.provider, "");
        run(callFor(o, consentTo(o, 0, 0), ""));
        assertWord(o.id, IEscrowTypes.Status.AWARDED, START, o.price, 0);
    }

    /// @dev Prepaid from the ledger, but a refund is pushed to the wallet: only a mandate's goes back to the ledger.
    function testFuzz_RefundsToTheWallet(IEscrowTypes.Bid memory raw, uint32 units, bool cancelled) public {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Award memory consent = consentTo(o, 0, 0);
        run(callFor(o, consent, signed(consent)));
        if (!cancelled) toTheStandbysTurn(o);
        vm.prank(ada);
        if (cancelled) escrow.cancel(o.bid);
        else escrow.refund(o.bid);
        assertEq(money(ada), uint256(o.price) + (cancelled ? 0 : o.bid.bond));
        assertEq(free(ada), 0);
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

    function callFor(Offer memory o, IEscrowTypes.Award memory consent, bytes memory signature)
        internal
        view
        returns (Call memory)
    {
        return Call(charlie, 0, abi.encodeCall(escrow.awardFor, (o.bid, o.signature, o.signer, consent, signature)));
    }

    function refused(Offer memory o, IEscrowTypes.Award memory consent, bytes memory reason) internal {
        refused(o, consent, signed(consent), reason);
    }

    function refused(Offer memory o, IEscrowTypes.Award memory consent, bytes memory signature, bytes memory reason)
        internal
    {
        Call memory c = callFor(o, consent, signature);
        vm.expectRevert(reason);
        run(c);
    }
}
