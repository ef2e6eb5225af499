// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowAwarding} from "./helpers/Awarding.sol";
import {Erc1271Wallet, PlainWallet} from "./helpers/Wallets.sol";
import {Token} from "./helpers/tokens/Token.sol";
import {FeeToken, InexactToken} from "./helpers/tokens/InexactTokens.sol";
import {FickleWallet} from "./helpers/wallets/SmartWallets.sol";

/// @notice `award`: who may, what is taken, what is kept. The terms it refuses are in `AwardTerms.t.sol`.
contract AwardTest is EscrowAwarding {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertWhen_CallerIsNotTheDesigner(IEscrowTypes.Bid memory raw, uint32 units, address caller)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        vm.assume(caller != ada);
        units = saneUnits(bid, units);
        uint96 price = ready(bid, units);
        bytes memory signature = signed(bid);
        give(caller, price);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotDesigner.selector, caller, ada));
        vm.prank(caller);
        escrow.award{value: sent(price)}(bid, signature, bo, units, 0, 0, false);
    }

    function testFuzz_RevertGiven_TheBidWasAwardedBefore(IEscrowTypes.Bid memory raw, uint32 units, uint32 again)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        bytes32 id = awarded(bid, saneUnits(bid, units));
        refused(bid, saneUnits(bid, again), abi.encodeWithSelector(IEscrowTypes.AgreementExists.selector, id));
    }

    /// @dev I3: a closed agreement keeps its id used.
    function testFuzz_RevertGiven_TheAgreementIsClosed(IEscrowTypes.Bid memory raw, uint32 units, uint32 again) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        bytes32 id = awarded(bid, units);
        released(bid, priceOf(bid, units));
        refused(bid, saneUnits(bid, again), abi.encodeWithSelector(IEscrowTypes.AgreementExists.selector, id));
    }

    function testFuzz_RevertWhen_TheSignerIsNotTheProvider(IEscrowTypes.Bid memory raw, uint32 units, uint256 key)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        key = boundPrivateKey(key);
        address signer = vm.addr(key);
        vm.assume(signer != bo);
        units = saneUnits(bid, units);
        uint96 price = ready(bid, units);
        bytes memory signature = sign(key, escrow.idOf(bid));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.SignerNotAllowed.selector, signer, bo));
        vm.prank(ada);
        escrow.award{value: sent(price)}(bid, signature, signer, units, 0, 0, false);
    }

    /// @dev Each member is signed: change one and the signature is another bid's.
    function testFuzz_RevertWhen_AMemberWasAltered(IEscrowTypes.Bid memory raw, uint32 units, uint8 which) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        bytes memory signature = signed(bid);
        if (which % 8 == 0) bid.jobDigest = keccak256(abi.encode(bid.jobDigest));
        if (which % 8 == 1) bid.printer = keccak256(abi.encode(bid.printer));
        if (which % 8 == 2) bid.bond = bid.bond == 0 ? 1 : bid.bond - 1;
        if (which % 8 == 3) bid.makeTime = bid.makeTime == MAX_DURATION ? bid.graceTime + 1 : bid.makeTime + 1;
        if (which % 8 == 4) bid.toLedger = !bid.toLedger;
        if (which % 8 == 5) bid.fallbackBps = 10_000 - bid.fallbackBps;
        if (which % 8 == 6) bid.reviewTime = uint32(MAX_DURATION) + 1 - bid.reviewTime;
        if (which % 8 == 7) bid.epoch = bid.epoch + 1;
        bytes32 id = escrow.idOf(bid);
        vm.assume(keccak256(signature) != keccak256(signed(bid)));
        uint96 price = ready(bid, units);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.SignatureInvalid.selector, bo, id));
        vm.prank(ada);
        escrow.award{value: sent(price)}(bid, signature, bo, units, 0, 0, false);
    }

    function testFuzz_RevertGiven_AnotherEpoch(IEscrowTypes.Bid memory raw, uint32 units, uint32 epoch) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.epoch = uint32(bound(epoch, 1, type(uint32).max));
        bytes memory reason = abi.encodeWithSelector(IEscrowTypes.EpochChanged.selector, bid.epoch, 0);
        refused(bid, saneUnits(bid, units), reason);
    }

    function testFuzz_RevertGiven_ABondThatIsNotCovered(IEscrowTypes.Bid memory raw, uint32 units, uint96 held) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.bond = uint96(bound(bid.bond, 1, MAX_AMOUNT));
        held = uint96(bound(held, 0, bid.bond - 1));
        units = saneUnits(bid, units);
        bytes memory signature = signed(bid);
        fund(bo, held);
        give(ada, priceOf(bid, units));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.BondUncovered.selector, bid.bond, held));
        vm.prank(ada);
        escrow.award{value: sent(priceOf(bid, units))}(bid, signature, bo, units, 0, 0, false);
    }

    /// @dev One bond cannot back two agreements.
    function testFuzz_RevertGiven_TheBondIsLockedElsewhere(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.bond = uint96(bound(bid.bond, 1, MAX_AMOUNT));
        units = saneUnits(bid, units);
        awarded(bid, units);
        unchecked {
            ++bid.salt;
        }
        bytes memory signature = signed(bid);
        give(ada, priceOf(bid, units));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.BondUncovered.selector, bid.bond, 0));
        vm.prank(ada);
        escrow.award{value: sent(priceOf(bid, units))}(bid, signature, bo, units, 0, 0, false);
    }

    function testFuzz_RevertWhen_TheValueIsNotThePrice(IEscrowTypes.Bid memory raw, uint32 units, uint96 value) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        uint96 price = ready(bid, units);
        vm.assume(value != sent(price));
        bytes memory signature = signed(bid);
        vm.deal(ada, value);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.ValueMismatch.selector, value, sent(price)));
        vm.prank(ada);
        escrow.award{value: value}(bid, signature, bo, units, 0, 0, false);
    }

    function testFuzz_RevertWhen_ValueComesWithAnAwardFromTheLedger(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 value
    ) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        fund(ada, ready(bid, units));
        value = uint96(bound(value, 1, type(uint96).max));
        bytes memory signature = signed(bid);
        vm.deal(ada, value);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.ValueMismatch.selector, value, 0));
        vm.prank(ada);
        escrow.award{value: value}(bid, signature, bo, units, 0, 0, true);
    }

    function testFuzz_RevertGiven_TooLittleOnTheLedger(IEscrowTypes.Bid memory raw, uint32 units, uint96 held) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        uint96 price = ready(bid, units);
        held = uint96(bound(held, 0, price - 1));
        fund(ada, held);
        bytes memory signature = signed(bid);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.FreeTooLow.selector, held, price));
        vm.prank(ada);
        escrow.award(bid, signature, bo, units, 0, 0, true);
    }

    /// @dev The wallet is asked for no more than it allows, and no more than it has.
    function testFuzz_RevertGiven_TheTokenDoesNotMove(IEscrowTypes.Bid memory raw, uint32 units, uint96 less, bool poor)
        public
    {
        Offer memory o = offer(saneToken(raw), units);
        less = uint96(bound(less, 0, o.price - 1));
        Token(currency).mint(ada, poor ? less : o.price);
        allow(poor ? o.price : less);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.PullFailed.selector, currency, ada, o.price));
        run(Call(ada, 0, awardData(o, 0, 0, false)));
    }

    /// @dev Fee on transfer: the price would not be there for whom it is due.
    function testFuzz_RevertGiven_ATokenThatTakesAFee(IEscrowTypes.Bid memory raw, uint32 units, uint16 fee) public {
        FeeToken token = new FeeToken();
        currency = address(token);
        Offer memory o = offer(saneTerms(raw), units);
        give(ada, o.price);
        token.setFee(bound(fee, 1, 10_000), false);
        uint256 received = o.price - token.feeOn(o.price);
        vm.expectRevert(
            abi.encodeWithSelector(IEscrowTypes.InexactTransfer.selector, currency, received, uint256(o.price))
        );
        run(Call(ada, 0, awardData(o, 0, 0, false)));
    }

    /// @dev Not even one unit of the token more: it would be nobody's.
    function testFuzz_RevertGiven_ATokenThatMovesMoreOrLess(IEscrowTypes.Bid memory raw, uint32 units, int64 off)
        public
    {
        vm.assume(off != 0);
        currency = address(new InexactToken(off));
        IEscrowTypes.Bid memory bid = saneTerms(raw);
        bid.bond = 0;
        Offer memory o = offer(bid, units);
        give(ada, uint256(o.price) + type(uint64).max);
        int256 moved = int256(uint256(o.price)) + off;
        vm.expectRevert(
            abi.encodeWithSelector(
                IEscrowTypes.InexactTransfer.selector, currency, moved < 0 ? 0 : uint256(moved), uint256(o.price)
            )
        );
        run(Call(ada, 0, awardData(o, 0, 0, false)));
    }

    /// @dev Asked at use: what a wallet signed and signs no more binds it no more.
    function testFuzz_RevertGiven_AWalletThatStoppedSigning(IEscrowTypes.Bid memory raw, uint32 units) public {
        Offer memory o = offeredBy(new FickleWallet(), sane(raw), units);
        assertEq(objection(o).length, 0);
        FickleWallet(payable(o.signer)).sign(false);
        give(ada, o.price);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.SignatureInvalid.selector, o.signer, o.id));
        run(Call(ada, sent(o.price), awardData(o, 0, 0, false)));
    }

    /// @dev Whatever bit of a signed bid is turned, it is no longer what was signed.
    function testFuzz_RevertWhen_AnyMemberWasAltered(IEscrowTypes.Bid memory raw, uint32 units, uint8 which, uint8 bit)
        public
    {
        Offer memory o = offered(raw, units);
        give(ada, o.price);
        bytes memory words = abi.encode(o.bid);
        uint256 place = uint256(which % 22) * 32 + 31;
        words[place] ^= which % 22 == 20 ? bytes1(0x01) : bytes1(uint8(1 << (bit % 8)));
        o.bid = abi.decode(words, (IEscrowTypes.Bid));
        assertNotEq(objection(o).length, 0);
        bytes memory reason = o.bid.designer == ada
            ? objection(o)
            : abi.encodeWithSelector(IEscrowTypes.NotDesigner.selector, ada, o.bid.designer);
        vm.expectRevert(reason);
        run(Call(ada, sent(o.price), awardData(o, 0, 0, false)));
    }

    /// @dev A member wider than its type would be hashed as it stands: even with the provider's signature it binds nobody.
    function testFuzz_RevertGiven_AMemberWiderThanItsType(IEscrowTypes.Bid memory raw, uint32 units, uint8 which)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        uint96 price = ready(bid, units);
        uint256 place =
            4 + [uint256(0), 1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20][which % 19] * 32;
        bytes memory question = abi.encodeCall(escrow.idOf, (bid));
        question[place] = 0x01;
        (bool ok, bytes memory answer) = address(escrow).call(question);
        bytes memory signature = sign(boKey, ok ? abi.decode(answer, (bytes32)) : bytes32(0));
        bytes memory data = abi.encodeCall(escrow.award, (bid, signature, bo, units, 0, 0, false));
        data[place] = 0x01;
        vm.prank(ada);
        (ok,) = address(escrow).call{value: sent(price)}(data);
        assertFalse(ok);
    }

    // ------------------------------------------------------------------ successes

    function testFuzz_TakesThePriceAndLocksTheBond(IEscrowTypes.Bid memory raw, uint32 units, uint96 spare) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        fund(bo, spare);
        bytes32 id = awarded(bid, units);
        assertEq(id, escrow.idOf(bid));
        assertWord(id, IEscrowTypes.Status.AWARDED, START, priceOf(bid, units), 0);
        assertEq(free(bo), spare);
        assertEq(money(ada), 0);
        assertEq(money(address(escrow)), uint256(spare) + bid.bond + priceOf(bid, units));
        assertEq(escrow.standbyOf(id), 0);
    }

    function testFuzz_TakesThePriceFromTheLedger(IEscrowTypes.Bid memory raw, uint32 units, uint96 spare) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        uint96 price = ready(bid, units);
        fund(ada, uint256(price) + spare);
        bytes memory signature = signed(bid);
        vm.prank(ada);
        bytes32 id = escrow.award(bid, signature, bo, units, 0, 0, true);
        assertWord(id, IEscrowTypes.Status.AWARDED, START, price, 0);
        assertEq(free(ada), spare);
        assertEq(money(ada), price, "the wallet is not touched");
    }

    function testFuzz_KeepsTheNamedStandby(IEscrowTypes.Bid memory raw, uint32 units, bytes32 standby) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        assertEq(escrow.standbyOf(awarded(bid, saneUnits(bid, units), standby)), standby);
    }

    function testFuzz_EmitsTheWholeBid(IEscrowTypes.Bid memory raw, uint32 units, bytes32 standby, bytes32 book)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        uint96 price = ready(bid, units);
        bytes memory signature = signed(bid);
        vm.expectEmit(address(escrow));
        emit IEscrowTypes.Awarded(escrow.idOf(bid), ada, bo, bid, units, standby, book);
        vm.prank(ada);
        escrow.award{value: sent(price)}(bid, signature, bo, units, standby, book, false);
    }

    /// @dev The designer may be a contract: it calls, nothing of it is signed.
    function testFuzz_AwardsForAWallet(IEscrowTypes.Bid memory raw, uint32 units) public {
        PlainWallet wallet = new PlainWallet();
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.designer = address(wallet);
        Offer memory o = offer(bid, units);
        give(address(wallet), o.price);
        wallet.act(address(escrow), sent(o.price), awardData(o, 0, 0, false));
        assertWord(o.id, IEscrowTypes.Status.AWARDED, START, o.price, 0);
    }

    function testFuzz_AwardsToAWallet(IEscrowTypes.Bid memory raw, uint32 units) public {
        Offer memory o = offeredBy(new Erc1271Wallet(), sane(raw), units);
        Erc1271Wallet(payable(o.signer)).approve(o.id);
        give(ada, o.price);
        run(Call(ada, sent(o.price), awardData(o, 0, 0, false)));
        assertWord(o.id, IEscrowTypes.Status.AWARDED, START, o.price, 0);
        assertEq(free(o.signer), 0, "its bond is locked");
    }

    /// @dev No more than the price leaves the allowance.
    function testFuzz_LeavesTheRestOfTheAllowance(IEscrowTypes.Bid memory raw, uint32 units, uint96 spare) public {
        Offer memory o = offer(saneToken(raw), units);
        Token(currency).mint(ada, uint256(o.price) + spare);
        allow(uint256(o.price) + spare);
        run(Call(ada, 0, awardData(o, 0, 0, false)));
        assertEq(Token(currency).allowance(ada, address(escrow)), spare);
        assertEq(money(ada), spare);
    }

    // ------------------------------------------------------------------ helpers

    function allow(uint256 amount) internal {
        vm.prank(ada);
        (bool ok,) = currency.call(abi.encodeCall(Token.approve, (address(escrow), amount)));
        assertTrue(ok);
    }

    /// @dev A wallet's offer; it signs by what it answers, so the bytes mean nothing.
    function offeredBy(PlainWallet wallet, IEscrowTypes.Bid memory bid, uint32 units)
        internal
        returns (Offer memory o)
    {
        bid.provider = address(wallet);
        o = offer(bid, units);
        (o.signer, o.signature) = (address(wallet), "");
    }

    function refused(IEscrowTypes.Bid memory bid, uint32 units, bytes memory reason) internal {
        refusedAt(bid, units, bid.unitPrice * units, reason);
    }

    function refusedAt(IEscrowTypes.Bid memory bid, uint32 units, uint256 price, bytes memory reason) internal {
        fund(bid.provider, bid.bond);
        give(ada, price);
        bytes memory signature = signed(bid);
        vm.expectRevert(reason);
        vm.prank(ada);
        escrow.award{value: sent(price)}(bid, signature, bid.provider, units, 0, 0, false);
    }
}
