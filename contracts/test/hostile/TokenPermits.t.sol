// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {CallingToken} from "../helpers/tokens/CallingTokens.sol";
import {DaiPermitToken, OddPermitToken, PermitToken, SwallowingToken} from "../helpers/tokens/PermitTokens.sol";
import {Token} from "../helpers/tokens/Token.sol";
import {Doors} from "./Doors.sol";

/// @notice A permit is a favour, never a condition: only the allowance it leads to counts, and only the caller's own.
contract TokenPermitsTest is Doors {
    // ------------------------------------------------------------------ refusals

    /// @dev None, one of another kind, one that says nothing, lies, reverts or burns: without an allowance, no money.
    function testFuzz_RevertGiven_NoPermitAndNoAllowance(IEscrowTypes.Bid memory raw, uint32 units, uint8 kind) public {
        Knock memory k = standing(address(new Token()), raw, units, uint8(Door.PERMIT));
        allow(k.token, ada, 0);
        turn(k.token, odd(kind));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.PullFailed.selector, k.token, ada, k.amount));
        knock(k);
        assertEq(statusOf(k.story.bid), uint8(IEscrowTypes.Status.NONE));
        assertBystandersUnharmed();
    }

    /// @dev Another's key, amount, deadline: the token refuses it, and the escrow finds no allowance.
    function testFuzz_RevertWhen_ThePermitIsNotForThis(IEscrowTypes.Bid memory raw, uint32 units, uint8 what) public {
        PermitToken token = new PermitToken();
        Knock memory k = standing(address(token), raw, units, uint8(Door.PERMIT));
        allow(k.token, ada, 0);
        what %= 3;
        uint256 key = what == 0 ? boKey : adaKey;
        uint256 amount = what == 1 ? uint256(k.amount) + 1 : k.amount;
        permitted(k, key, amount, what == 2 ? START - 1 : START);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.PullFailed.selector, k.token, ada, k.amount));
        knock(k);
        assertBystandersUnharmed();
    }

    /// @dev Tokens that swallow calls made others' allowances free for the taking, where a permit was trusted.
    function testFuzz_RevertWhen_ItIsAnothersAllowance(IEscrowTypes.Bid memory raw, uint32 units, uint8 kind) public {
        Knock memory k = standing(address(new Token()), raw, units, uint8(Door.PERMIT));
        allow(k.token, ada, type(uint256).max);
        turn(k.token, odd(kind));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotDesigner.selector, charlie, ada));
        vm.prank(charlie);
        (bool ok,) = address(escrow).call(k.data);
        assertTrue(ok, "the cheatcode's");
        k.story.bid.designer = charlie;
        bytes memory signature = signed(k.story.bid);
        IEscrowTypes.Permit memory permit;
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.PullFailed.selector, k.token, charlie, k.amount));
        vm.prank(charlie);
        escrow.awardWithPermit{gas: TRANSACTION_GAS}(k.story.bid, signature, bo, k.story.units, 0, 0, permit);
        assertEq(Token(k.token).balanceOf(ada), k.amount);
    }

    function testFuzz_RevertWhen_ThePermitCallsBack(IEscrowTypes.Bid memory raw, uint32 units, uint96 amount) public {
        CallingToken token = new CallingToken();
        Knock memory k = standing(address(token), raw, units, uint8(Door.PERMIT));
        token.plan(address(escrow), abi.encodeCall(escrow.withdraw, (address(coin), charlie, amount)));
        assertLetIn(k);
        assertEq(token.outcome(), abi.encodeWithSelector(IEscrowTypes.Locked.selector));
        assertBystandersUnharmed();
    }

    // ------------------------------------------------------------------ successes

    function testFuzz_TakesThePriceByPermit(IEscrowTypes.Bid memory raw, uint32 units, uint32 time) public {
        PermitToken token = new PermitToken();
        Knock memory k = standing(address(token), raw, units, uint8(Door.PERMIT));
        allow(k.token, ada, 0);
        permitted(k, adaKey, k.amount, START + uint256(time));
        assertLetIn(k);
        assertEq(token.allowance(ada, address(escrow)), 0);
        assertBystandersUnharmed();
    }

    /// @dev Whoever sees the permit on its way may use it first: the allowance is there all the same.
    function testFuzz_TakesThePriceThoughThePermitIsFrontRun(IEscrowTypes.Bid memory raw, uint32 units, address who)
        public
    {
        PermitToken token = new PermitToken();
        Knock memory k = standing(address(token), raw, units, uint8(Door.PERMIT));
        allow(k.token, ada, 0);
        IEscrowTypes.Permit memory p = permitted(k, adaKey, k.amount, START);
        vm.prank(who);
        token.permit(ada, address(escrow), k.amount, p.deadline, p.v, p.r, p.s);
        assertLetIn(k);
        assertBystandersUnharmed();
    }

    /// @dev A permit that does not work blocks nobody who has allowed the price before.
    function testFuzz_TakesThePriceThoughThePermitIsOdd(IEscrowTypes.Bid memory raw, uint32 units, uint8 kind) public {
        Knock memory k = standing(address(new Token()), raw, units, uint8(Door.PERMIT));
        turn(k.token, odd(kind));
        assertLetIn(k);
        assertBystandersUnharmed();
    }

    // ------------------------------------------------------------------ helpers

    function odd(uint256 kind) private returns (Token) {
        kind %= 9;
        if (kind < 6) return new OddPermitToken(OddPermitToken.Oddity(kind));
        if (kind == 6) return new DaiPermitToken();
        return kind == 7 ? new SwallowingToken() : new Token();
    }

    function knock(Knock memory k) private {
        vm.prank(k.caller);
        (bool ok,) = address(escrow).call{gas: TRANSACTION_GAS}(k.data);
        assertTrue(ok, "the cheatcode's");
    }

    /// @dev Puts a permit into the call.
    function permitted(Knock memory k, uint256 key, uint256 amount, uint256 deadline)
        private
        view
        returns (IEscrowTypes.Permit memory permit)
    {
        bytes32 digest = PermitToken(k.token).permitDigest(ada, address(escrow), amount, 0, deadline);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        permit = IEscrowTypes.Permit(deadline, v, r, s);
        bytes memory signature = signed(k.story.bid);
        k.data = abi.encodeCall(escrow.awardWithPermit, (k.story.bid, signature, bo, k.story.units, 0, 0, permit));
    }
}
