// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowAwarding} from "./helpers/Awarding.sol";
import {Erc1271Wallet} from "./helpers/Wallets.sol";

/// @notice Every award of a bid that a provider's hot key signed: while it lives, and up to what is left to it.
contract AwardHotKeyTest is EscrowAwarding {
    // ------------------------------------------------------------------ refusals: the key

    function testFuzz_RevertGiven_AKeyThatIsNobodys(IEscrowTypes.Bid memory raw, uint32 units, uint8 way) public {
        Offer memory o = hotOffer(raw, units);
        refused(o, way, notAllowed());
    }

    function testFuzz_RevertWhen_TheKeysTimeIsOver(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way,
        uint40 until,
        uint40 later
    ) public {
        Offer memory o = hotOffer(raw, units);
        until = uint40(bound(until, 0, type(uint40).max - 1));
        setAgent(until, type(uint96).max);
        o.bid.validUntil = type(uint40).max;
        signBy(o, hotKey);
        vm.warp(bound(later, until < START ? START : until + 1, type(uint40).max));
        refused(o, way, notAllowed());
    }

    /// @dev Revoking a hot key kills what it signed and nobody awarded yet.
    function testFuzz_RevertGiven_ARevokedKey(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, uint40 past)
        public
    {
        Offer memory o = hotOffer(raw, units);
        setAgent(type(uint40).max, type(uint96).max);
        assertEq(objection(o).length, 0);
        setAgent(bound(past, 0, START - 1), type(uint96).max);
        refused(o, way, notAllowed());
    }

    /// @dev A key is set for one token: what it signs in another binds nobody.
    function testFuzz_RevertGiven_AKeyForAnotherToken(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way,
        address token
    ) public {
        Offer memory o = hotOffer(raw, units);
        vm.assume(token != currency);
        vm.prank(bo);
        escrow.setAgent(token, hot, type(uint40).max, type(uint96).max);
        refused(o, way, notAllowed());
    }

    /// @dev Whoever names Bo's hot key, or any key, as its own cannot bid in Bo's name.
    function testFuzz_RevertGiven_AKeyOfAnotherProvider(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way,
        address other
    ) public {
        Offer memory o = hotOffer(raw, units);
        vm.assume(other != bo);
        vm.prank(other);
        escrow.setAgent(currency, hot, type(uint40).max, type(uint96).max);
        refused(o, way, notAllowed());
    }

    /// @dev The signer that is named is the one who must have signed.
    function testFuzz_RevertWhen_TheOtherKeySigned(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, bool hotSigned)
        public
    {
        Offer memory o = hotOffer(raw, units);
        setAgent(type(uint40).max, type(uint96).max);
        o.signature = sign(hotSigned ? hotKey : boKey, o.id);
        o.signer = hotSigned ? bo : hot;
        refused(o, way, abi.encodeWithSelector(IEscrowTypes.SignatureInvalid.selector, o.signer, o.id));
    }

    /// @dev Recovery answers zero for what it cannot read: a provider who named zero must not be anybody's.
    function testFuzz_RevertGiven_TheZeroAddressAsKey(IEscrowTypes.Bid memory raw, uint32 units, bytes32 r, bytes32 s)
        public
    {
        Offer memory o = offered(raw, units);
        vm.prank(bo);
        escrow.setAgent(currency, address(0), type(uint40).max, type(uint96).max);
        (o.signer, o.signature) = (address(0), abi.encodePacked(r, s, uint8(0)));
        refused(o, 0, abi.encodeWithSelector(IEscrowTypes.SignatureInvalid.selector, address(0), o.id));
    }

    // ------------------------------------------------------------------ refusals: the bond

    function testFuzz_RevertGiven_TooLittleLeftForTheBond(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way,
        uint96 left
    ) public {
        Offer memory o = bonded(raw, units);
        left = uint96(bound(left, 0, o.bid.bond - 1));
        setAgent(type(uint40).max, left);
        refused(o, way, abi.encodeWithSelector(IEscrowTypes.AgentBondTooLow.selector, o.bid.bond, left));
    }

    function testFuzz_RevertGiven_OneLessThanTheBond(IEscrowTypes.Bid memory raw, uint32 units, uint8 way) public {
        Offer memory o = bonded(raw, units);
        setAgent(type(uint40).max, o.bid.bond - 1);
        refused(o, way, abi.encodeWithSelector(IEscrowTypes.AgentBondTooLow.selector, o.bid.bond, o.bid.bond - 1));
    }

    /// @dev What the first bid locked is not there for the second, even after the first paid out and gave it back.
    function testFuzz_RevertGiven_ABondThatCameBack(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way,
        bool cancelled
    ) public {
        Offer memory o = bonded(raw, units);
        setAgent(type(uint40).max, o.bid.bond);
        run(readyFor(wayOf(way), o));
        vm.prank(ada);
        if (cancelled) escrow.cancel(o.bid);
        else escrow.release(o.bid, o.price);
        assertGe(free(bo), o.bid.bond);
        refused(
            offeredAgain(o, hotKey), way, abi.encodeWithSelector(IEscrowTypes.AgentBondTooLow.selector, o.bid.bond, 0)
        );
    }

    /// @dev What the provider leaves to its key is no bond: it must also have one.
    function testFuzz_RevertGiven_ABondThatIsNotCovered(IEscrowTypes.Bid memory raw, uint32 units, uint8 way) public {
        Offer memory o = bonded(raw, units);
        setAgent(type(uint40).max, type(uint96).max);
        vm.prank(bo);
        escrow.withdraw(currency, bo, 1);
        refused(o, way, abi.encodeWithSelector(IEscrowTypes.BondUncovered.selector, o.bid.bond, o.bid.bond - 1));
    }

    // ------------------------------------------------------------------ refusals: what else a key may do

    /// @dev Signing bids and saying deliveries is all: money and agreement stay the provider's.
    function testFuzz_RevertWhen_TheKeyActsAsTheProvider(IEscrowTypes.Bid memory raw, uint32 units, uint96 spare)
        public
    {
        Offer memory o = hotOffer(raw, units);
        setAgent(type(uint40).max, type(uint96).max);
        run(readyFor(Way.AWARD, o));
        spare = uint96(bound(spare, 1, type(uint96).max));
        fund(bo, spare);

        vm.startPrank(hot);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotProvider.selector, hot, bo));
        escrow.giveUp(o.bid);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotParty.selector, hot));
        escrow.cancel(o.bid);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotParty.selector, hot));
        escrow.settle(o.bid, IEscrowTypes.Settlement(o.id, 0, 0, 1, type(uint40).max), "");
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.FreeTooLow.selector, 0, spare));
        escrow.withdraw(currency, hot, spare);
        vm.stopPrank();
    }

    /// @dev A key that renews itself renews a key of its own.
    function testFuzz_DoesNotLetTheKeyRenewItself(IEscrowTypes.Bid memory raw, uint32 units, uint40 until, uint96 left)
        public
    {
        Offer memory o = hotOffer(raw, units);
        setAgent(START, o.bid.bond);
        vm.startPrank(hot);
        escrow.setAgent(currency, hot, type(uint40).max, type(uint96).max);
        escrow.bumpEpoch(currency);
        vm.stopPrank();
        assertEq(abi.encode(agent(currency, bo, hot)), abi.encode(IEscrowTypes.Agent(uint40(START), o.bid.bond)));
        assertEq(account(bo).epoch, 0);
        setAgent(until, left);
        assertEq(abi.encode(agent(currency, bo, hot)), abi.encode(IEscrowTypes.Agent(until, left)));
    }

    // ------------------------------------------------------------------ successes

    function testFuzz_AwardsInTheKeysLastSecond(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, uint40 until)
        public
    {
        Offer memory o = hotOffer(raw, units);
        until = uint40(bound(until, START, o.bid.validUntil));
        setAgent(until, o.bid.bond);
        vm.warp(until);
        run(readyFor(wayOf(way), o));
        assertWordOf(o, way);
    }

    /// @dev Exactly the bond, of what is left to the key and of what is free of the provider.
    function testFuzz_TakesTheBondFromWhatIsLeft(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way,
        uint96 left,
        uint96 spare
    ) public {
        Offer memory o = hotOffer(raw, units);
        left = uint96(bound(left, o.bid.bond, type(uint96).max));
        setAgent(type(uint40).max, left);
        fund(bo, spare);
        run(readyFor(wayOf(way), o));
        assertEq(
            abi.encode(agent(currency, bo, hot)), abi.encode(IEscrowTypes.Agent(type(uint40).max, left - o.bid.bond))
        );
        assertEq(free(bo), spare);
    }

    /// @dev Whatever its address: above its provider's, or below.
    function testFuzz_TakesTheBondFromWhicheverKeySigned(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way,
        uint256 key
    ) public {
        hotKey = boundPrivateKey(key);
        hot = vm.addr(hotKey);
        vm.assume(hot != bo);
        Offer memory o = hotOffer(raw, units);
        setAgent(START, o.bid.bond);
        run(readyFor(wayOf(way), o));
        assertEq(bondLeft(), 0);
    }

    /// @dev A key with nothing left still signs bids that lock nothing.
    function testFuzz_AwardsWithoutABond(IEscrowTypes.Bid memory raw, uint32 units, uint8 way) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.bond = 0;
        Offer memory o = offer(bid, units);
        signBy(o, hotKey);
        setAgent(START, 0);
        run(readyFor(wayOf(way), o));
        assertWordOf(o, way);
        assertEq(bondLeft(), 0);
    }

    /// @dev The provider itself locks what it has, also where it named itself a key with nothing left.
    function testFuzz_LeavesTheKeyAloneWhereTheProviderSigned(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way,
        uint96 left
    ) public {
        Offer memory o = offered(raw, units);
        setAgent(START, left);
        vm.prank(bo);
        escrow.setAgent(currency, bo, 0, 0);
        run(readyFor(wayOf(way), o));
        assertEq(bondLeft(), left);
        assertWordOf(o, way);
    }

    /// @dev Renewed, its old bids live again: whoever revokes for good lets the epoch rise.
    function testFuzz_AwardsAfterARenewal(IEscrowTypes.Bid memory raw, uint32 units, uint8 way) public {
        Offer memory o = bonded(raw, units);
        setAgent(0, 0);
        assertEq(objection(o), notAllowed());
        setAgent(START, o.bid.bond);
        run(readyFor(wayOf(way), o));
        assertEq(bondLeft(), 0);
    }

    /// @dev A hot key may be a contract.
    function testFuzz_AwardsWhatAWalletSigned(IEscrowTypes.Bid memory raw, uint32 units, uint8 way) public {
        Offer memory o = offered(raw, units);
        Erc1271Wallet wallet = new Erc1271Wallet();
        wallet.approve(o.id);
        (o.signer, o.signature) = (address(wallet), "");
        vm.prank(bo);
        escrow.setAgent(currency, address(wallet), uint40(START), o.bid.bond);
        run(readyFor(wayOf(way), o));
        assertWordOf(o, way);
        assertEq(agent(currency, bo, address(wallet)).bondLeft, 0);
    }

    // ------------------------------------------------------------------ the worst case

    /// @dev A thief who holds the key awards bids to itself and lets all of them fail: it takes `bondLeft`, no more,
    /// however large the provider's balance.
    function testFuzz_AThiefTakesAtMostWhatIsLeft(
        IEscrowTypes.Bid memory raw,
        uint96[5] memory bonds,
        uint96 left,
        uint96 spare
    ) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        (bid.designer, bid.makeTime, bid.graceTime, bid.validUntil) = (charlie, 1, 0, type(uint40).max);
        left = uint96(bound(left, 0, 3 * MAX_AMOUNT));
        setAgent(type(uint40).max, left);
        uint256 whole = 5 * MAX_AMOUNT + spare;
        fund(bo, whole);
        uint256 stolen;
        for (uint256 i; i < bonds.length; ++i) {
            bid.bond = uint96(bound(bonds[i], 1, MAX_AMOUNT));
            bid.salt = i;
            if (stolenBy(bid)) stolen += bid.bond;
        }
        assertEq(free(bo), whole - stolen);
        assertEq(bondLeft(), left - stolen);
    }

    /// @dev Awards a bid of the stolen key to the thief, and refunds it; says whether that worked.
    function stolenBy(IEscrowTypes.Bid memory bid) private returns (bool ok) {
        Offer memory o;
        (o.bid, o.units) = (bid, saneUnits(bid, 1));
        signBy(o, hotKey);
        uint256 price = priceOf(bid, o.units);
        give(charlie, price);
        bytes memory data = awardData(o, 0, 0, false);
        vm.prank(charlie);
        (ok,) = address(escrow).call{value: sent(price)}(data);
        if (!ok) return false;
        skip(REDEEM_WINDOW + 2);
        uint256 before = money(charlie);
        escrow.refund(bid);
        assertEq(money(charlie) - before, price + bid.bond);
    }

    // ------------------------------------------------------------------ helpers

    function hotOffer(IEscrowTypes.Bid memory raw, uint32 units) internal returns (Offer memory o) {
        o = offered(raw, units);
        signBy(o, hotKey);
    }

    /// @dev With a bond.
    function bonded(IEscrowTypes.Bid memory raw, uint32 units) internal returns (Offer memory o) {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.bond = uint96(bound(bid.bond, 1, MAX_AMOUNT));
        o = offer(bid, units);
        signBy(o, hotKey);
    }

    function notAllowed() internal view returns (bytes memory) {
        return abi.encodeWithSelector(IEscrowTypes.SignerNotAllowed.selector, hot, bo);
    }

    function refused(Offer memory o, uint8 way, bytes memory reason) internal {
        Call memory c = readyFor(wayOf(way), o);
        vm.expectRevert(reason);
        run(c);
    }

    function assertWordOf(Offer memory o, uint8 way) internal view {
        IEscrowTypes.Agreement memory a = word(o.id);
        assertEq(uint8(a.status), uint8(IEscrowTypes.Status.AWARDED));
        assertEq(a.flags, wayOf(way) == Way.UNDER ? 1 : 0);
        assertEq(a.price, o.price);
        assertEq(a.clock, block.timestamp);
    }
}
