// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowAwarding} from "./helpers/Awarding.sol";
import {FeeToken} from "./helpers/tokens/InexactTokens.sol";
import {OddPermitToken, PermitToken, SwallowingToken} from "./helpers/tokens/PermitTokens.sol";
import {Token} from "./helpers/tokens/Token.sol";

/// @notice Permits, and taking fees.
contract FeePermitToken is PermitToken, FeeToken {
    function _transfer(address from, address to, uint256 amount) internal override(Token, FeeToken) {
        super._transfer(from, to, amount);
    }
}

contract AwardWithPermitTest is EscrowAwarding {
    PermitToken internal token;

    function setUp() public override {
        super.setUp();
        token = new PermitToken();
    }

    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertWhen_CallerIsNotTheDesigner(IEscrowTypes.Bid memory raw, uint32 units, address caller)
        public
    {
        vm.assume(caller != ada);
        Offer memory o = rich(raw, units);
        bytes memory data = permitData(o, permitted(o.price, START));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotDesigner.selector, caller, ada));
        run(Call(caller, 0, data));
    }

    /// @dev There is nothing to permit in the native coin, and no value comes with this call.
    function testFuzz_RevertGiven_TheNativeCoin(IEscrowTypes.Bid memory raw, uint32 units) public {
        Offer memory o = offer(saneNative(raw), units);
        vm.deal(ada, o.price);
        bytes memory data = permitData(o, IEscrowTypes.Permit(START, 27, 0, 0));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.TokenUnsupported.selector, NATIVE));
        run(Call(ada, 0, data));
    }

    function testFuzz_RevertWhen_ValueIsSent(IEscrowTypes.Bid memory raw, uint32 units, uint96 value) public {
        Offer memory o = rich(raw, units);
        Call memory c = Call(ada, bound(value, 1, type(uint96).max), permitData(o, permitted(o.price, START)));
        vm.deal(ada, c.value);
        vm.expectRevert(bytes(""));
        run(c);
    }

    function testFuzz_RevertGiven_ATokenWithoutCode(IEscrowTypes.Bid memory raw, uint32 units, address other) public {
        vm.assume(other != NATIVE && other.code.length == 0);
        Offer memory o = rich(raw, units);
        o.bid.token = other;
        signBy(o, boKey);
        bytes memory data = permitData(o, permitted(o.price, START));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.TokenUnsupported.selector, other));
        run(Call(ada, 0, data));
    }

    /// @dev A permit that is not Ada's over this price, for this contract, now, permits nothing.
    function testFuzz_RevertGiven_APermitThatFails(IEscrowTypes.Bid memory raw, uint32 units, uint8 fault, uint256 with)
        public
    {
        Offer memory o = rich(raw, units);
        bytes memory data = permitData(o, faulty(o.price, fault, with));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.PullFailed.selector, currency, ada, o.price));
        run(Call(ada, 0, data));
    }

    /// @dev The other side of passing a failed permit over: what was allowed before decides, to the last unit.
    function testFuzz_RevertGiven_APermitThatFailsAndTooSmallAnAllowance(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 fault,
        uint96 allowed
    ) public {
        Offer memory o = rich(raw, units);
        allow(bound(allowed, 0, o.price - 1));
        bytes memory data = permitData(o, faulty(o.price, fault, allowed));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.PullFailed.selector, currency, ada, o.price));
        run(Call(ada, 0, data));
    }

    function testFuzz_RevertGiven_TooLittleInTheWallet(IEscrowTypes.Bid memory raw, uint32 units, uint96 has) public {
        Offer memory o = rich(raw, units);
        has = uint96(bound(has, 0, o.price - 1));
        vm.prank(ada);
        token.transfer(charlie, o.price - has);
        bytes memory data = permitData(o, permitted(o.price, START));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.PullFailed.selector, currency, ada, o.price));
        run(Call(ada, 0, data));
    }

    function testFuzz_RevertGiven_ATokenThatTakesAFee(IEscrowTypes.Bid memory raw, uint32 units, uint16 fee) public {
        FeePermitToken greedy = new FeePermitToken();
        token = greedy;
        Offer memory o = rich(raw, units);
        greedy.setFee(bound(fee, 1, 10_000), false);
        bytes memory data = permitData(o, permitted(o.price, START));
        vm.expectRevert(
            abi.encodeWithSelector(
                IEscrowTypes.InexactTransfer.selector, currency, o.price - greedy.feeOn(o.price), o.price
            )
        );
        run(Call(ada, 0, data));
    }

    /// @dev WETH takes any call it does not know: a permit that seems to succeed has not permitted anything.
    function testFuzz_RevertGiven_APermitThatOnlySeemsToSucceed(IEscrowTypes.Bid memory raw, uint32 units, uint8 kind)
        public
    {
        currency = kind % 4 == 3
            ? address(new SwallowingToken())
            : address(new OddPermitToken(OddPermitToken.Oddity(kind % 4)));
        Offer memory o = offer(saneTerms(raw), units);
        Token(currency).mint(ada, o.price);
        bytes memory data = permitData(o, IEscrowTypes.Permit(START, 27, 0, 0));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.PullFailed.selector, currency, ada, o.price));
        run(Call(ada, 0, data));
    }

    /// @dev A permit pays once: it cannot pay another bid of the same price.
    function testFuzz_RevertWhen_ThePermitIsUsedAgain(IEscrowTypes.Bid memory raw, uint32 units) public {
        Offer memory o = rich(raw, units);
        IEscrowTypes.Permit memory permit = permitted(o.price, START);
        run(Call(ada, 0, permitData(o, permit)));
        token.mint(ada, o.price);
        Offer memory other = offeredAgain(o, boKey);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.PullFailed.selector, currency, ada, o.price));
        run(Call(ada, 0, permitData(other, permit)));
    }

    function testFuzz_RevertWhen_TheAwardIsSentAgain(IEscrowTypes.Bid memory raw, uint32 units) public {
        Offer memory o = rich(raw, units);
        bytes memory data = permitData(o, permitted(o.price, START));
        run(Call(ada, 0, data));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.AgreementExists.selector, o.id));
        run(Call(ada, 0, data));
    }

    // ------------------------------------------------------------------ successes

    /// @dev One transaction, no approval before it, and none left after it.
    function testFuzz_TakesThePriceByThePermit(IEscrowTypes.Bid memory raw, uint32 units, uint96 spare, uint40 deadline)
        public
    {
        Offer memory o = rich(raw, units);
        token.mint(ada, spare);
        run(Call(ada, 0, permitData(o, permitted(o.price, bound(deadline, START, type(uint40).max)))));
        assertAwarded(o, spare);
        assertEq(token.allowance(ada, address(escrow)), 0);
        assertEq(token.nonces(ada), 1);
    }

    function testFuzz_KeepsTheStandbyAndEmitsTheWholeBid(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bytes32 standby,
        bytes32 book
    ) public {
        Offer memory o = rich(raw, units);
        IEscrowTypes.Permit memory permit = permitted(o.price, START);
        vm.expectEmit(address(escrow));
        emit IEscrowTypes.Awarded(o.id, ada, bo, o.bid, o.units, standby, book);
        vm.prank(ada);
        bytes32 id = escrow.awardWithPermit(o.bid, o.signature, bo, o.units, standby, book, permit);
        assertEq(id, o.id);
        assertEq(escrow.standbyOf(id), standby);
    }

    /// @dev Whoever sees the permit on its way and uses it first has only saved Ada the gas.
    function testFuzz_AwardsAfterAFrontRunPermit(IEscrowTypes.Bid memory raw, uint32 units, address thief) public {
        Offer memory o = rich(raw, units);
        IEscrowTypes.Permit memory p = permitted(o.price, START);
        vm.prank(thief);
        token.permit(ada, address(escrow), o.price, p.deadline, p.v, p.r, p.s);
        assertEq(token.nonces(ada), 1, "the permit is used up");
        run(Call(ada, 0, permitData(o, p)));
        assertAwarded(o, 0);
        assertEq(token.allowance(ada, address(escrow)), 0);
    }

    /// @dev A permit that fails is passed over: the allowance pays, and no more of it than the price.
    function testFuzz_TakesThePriceByTheAllowance(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 fault,
        uint256 with,
        uint96 more
    ) public {
        Offer memory o = rich(raw, units);
        allow(uint256(o.price) + more);
        run(Call(ada, 0, permitData(o, faulty(o.price, fault, with))));
        assertAwarded(o, 0);
        assertEq(token.allowance(ada, address(escrow)), more);
    }

    /// @dev Tokens without permits can be paid this way too, where they were allowed before.
    function testFuzz_TakesATokenThatHasNoPermits(IEscrowTypes.Bid memory raw, uint32 units, bytes32 noise) public {
        Offer memory o = offer(saneToken(raw), units);
        give(ada, o.price);
        run(Call(ada, 0, permitData(o, IEscrowTypes.Permit(START, 27, noise, noise))));
        assertAwarded(o, 0);
    }

    /// @dev The wallet pays; what is free on the ledger stays there.
    function testFuzz_LeavesTheLedgerAlone(IEscrowTypes.Bid memory raw, uint32 units, uint96 prepaid) public {
        Offer memory o = rich(raw, units);
        fund(ada, prepaid);
        run(Call(ada, 0, permitData(o, permitted(o.price, START))));
        assertEq(free(ada), prepaid);
        assertEq(money(ada), 0);
    }

    // ------------------------------------------------------------------ helpers

    /// @dev An offer in the token with permits; Ada has its price, and allows nothing.
    function rich(IEscrowTypes.Bid memory raw, uint32 units) internal returns (Offer memory o) {
        currency = address(token);
        o = offer(saneTerms(raw), units);
        token.mint(ada, o.price);
    }

    function allow(uint256 amount) internal {
        vm.prank(ada);
        token.approve(address(escrow), amount);
    }

    function permitted(uint256 amount, uint256 deadline) internal view returns (IEscrowTypes.Permit memory) {
        return permitFor(address(escrow), amount, deadline, adaKey, token.nonces(ada));
    }

    function permitFor(address spender, uint256 amount, uint256 deadline, uint256 key, uint256 nonce)
        internal
        view
        returns (IEscrowTypes.Permit memory)
    {
        bytes32 digest = token.permitDigest(ada, spender, amount, nonce, deadline);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return IEscrowTypes.Permit(deadline, v, r, s);
    }

    /// @dev Wrong in one of the ways a permit can be.
    function faulty(uint96 price, uint8 fault, uint256 with) internal view returns (IEscrowTypes.Permit memory) {
        fault = fault % 6;
        if (fault == 0) return permitted(price, bound(with, 0, START - 1));
        if (fault == 1) return permitted(bound(with, 0, price - 1), START);
        if (fault == 2) return permitted(bound(with, uint256(price) + 1, type(uint256).max), START);
        if (fault == 3) return permitFor(address(escrow), price, START, boKey, 0);
        if (fault == 4) return permitFor(charlie, price, START, adaKey, 0);
        return permitFor(address(escrow), price, START, adaKey, bound(with, 1, type(uint256).max));
    }

    function assertAwarded(Offer memory o, uint256 spare) internal view {
        assertWord(o.id, IEscrowTypes.Status.AWARDED, START, o.price, 0);
        assertEq(money(ada), spare);
        assertEq(free(bo), 0);
        assertEq(money(address(escrow)), uint256(o.price) + o.bid.bond);
    }
}
