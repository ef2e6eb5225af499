// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {AnswerToken} from "../helpers/tokens/AnswerToken.sol";
import {EndlessToken, ResetFirstToken} from "../helpers/tokens/ApprovalTokens.sol";
import {LyingToken, RebasingToken, TwinnedToken, TwinToken} from "../helpers/tokens/BalanceTokens.sol";
import {CallingToken, HookToken} from "../helpers/tokens/CallingTokens.sol";
import {FeeToken, InexactToken, PrintingToken} from "../helpers/tokens/InexactTokens.sol";
import {DaiPermitToken, OddPermitToken, PermitToken, SwallowingToken} from "../helpers/tokens/PermitTokens.sol";
import {DenyListToken, HeavyToken, NarrowToken, RefusingToken} from "../helpers/tokens/RefusingTokens.sol";
import {TetherLikeToken} from "../helpers/tokens/TetherLikeToken.sol";
import {Token} from "../helpers/tokens/Token.sol";
import {HookedWallet} from "../helpers/wallets/HookedWallet.sol";

/// @notice The odd tokens are odd in the way they say: a fixture that behaves would prove nothing.
contract TokenFixturesTest is Test {
    uint256 private constant ENOUGH = 1e6;
    address private immutable _ada = makeAddr("ada");
    address private immutable _bo = makeAddr("bo");

    // ------------------------------------------------------------------ answers

    function test_AnswersSoManyBytes() public {
        uint256[9] memory sizes = [uint256(0), 64, 300_000, 32, 32, 32, 31, 2, 300_000];
        for (uint8 kind; kind < 9; ++kind) {
            AnswerToken token = new AnswerToken(AnswerToken.Answer(kind));
            (bool ok, bytes memory answer) = moved(token, 5);
            assertTrue(ok);
            assertEq(answer.length, sizes[kind]);
            bool still = kind == uint8(AnswerToken.Answer.FALSE) || kind == uint8(AnswerToken.Answer.HUGE_FALSE);
            assertEq(token.balanceOf(_bo), still ? 0 : 5);
            if (answer.length >= 32) assertEq(word(answer), kind == 1 || kind == 2 ? 1 : kind == 5 ? 2 : 0);
        }
    }

    function test_RefusesInEachWay() public {
        uint256[6] memory sizes = [uint256(36), 0, 36, 32, 300_000, 0];
        for (uint8 kind; kind < 6; ++kind) {
            uint256 before = gasleft();
            (bool ok, bytes memory answer) = moved(new RefusingToken(RefusingToken.Refusal(kind)), 5);
            assertFalse(ok);
            assertEq(answer.length, sizes[kind]);
            assertEq(before - gasleft() > ENOUGH, kind == uint8(RefusingToken.Refusal.BURN));
        }
    }

    function test_LiesInEachWay() public {
        uint256[7] memory sizes = [uint256(32), 32, 0, 31, 0, 0, 300_000];
        for (uint8 kind; kind < 7; ++kind) {
            LyingToken token = new LyingToken(LyingToken.Lie(kind));
            (bool ok, bytes memory answer) = address(token).call{gas: ENOUGH}(abi.encodeCall(token.balanceOf, (_ada)));
            assertEq(ok, kind != uint8(LyingToken.Lie.REVERT) && kind != uint8(LyingToken.Lie.BURN));
            assertEq(answer.length, sizes[kind]);
        }
    }

    function test_PermitsNothingInEachWay() public {
        uint256[6] memory sizes = [uint256(0), 32, 300_000, 0, 300_000, 0];
        for (uint8 kind; kind < 6; ++kind) {
            OddPermitToken token = new OddPermitToken(OddPermitToken.Oddity(kind));
            bytes memory data = abi.encodeCall(token.permit, (_ada, _bo, 5, type(uint256).max, 27, 0, 0));
            (bool ok, bytes memory answer) = address(token).call{gas: ENOUGH}(data);
            assertEq(ok, kind < 3);
            assertEq(answer.length, sizes[kind]);
            assertEq(token.allowance(_ada, _bo), 0);
        }
    }

    // ------------------------------------------------------------------ amounts

    function testFuzz_TakesItsFeeFromEitherSide(uint96 amount, uint16 bps, bool onTop) public {
        FeeToken token = new FeeToken();
        token.setFee(bound(bps, 1, 10_000), onTop);
        amount = uint96(bound(amount, 1, type(uint96).max));
        uint256 fee = token.feeOn(amount);
        token.mint(_ada, uint256(amount) * 2);
        moveAs(_ada, token, _bo, amount);
        assertGt(fee, 0);
        assertEq(token.balanceOf(_bo), onTop ? amount : amount - fee);
        assertEq(token.balanceOf(_ada), onTop ? amount - fee : amount);
        assertEq(token.balanceOf(token.ISSUER()), fee);
    }

    function testFuzz_MovesAnotherAmount(uint96 amount, int64 off) public {
        InexactToken token = new InexactToken(off);
        token.mint(_ada, type(uint128).max);
        moveAs(_ada, token, _bo, amount);
        int256 expected = int256(uint256(amount)) + off;
        assertEq(token.balanceOf(_bo), expected < 0 ? 0 : uint256(expected));
    }

    function testFuzz_PrintsMoney(uint96 amount) public {
        PrintingToken token = new PrintingToken();
        moveAs(_ada, token, _bo, amount);
        assertEq(token.balanceOf(_bo), amount);
        assertEq(token.totalSupply(), 0);
    }

    function test_RoundsAShareAway() public {
        RebasingToken token = new RebasingToken();
        token.mint(_ada, 100);
        token.rebase(0.5e18);
        assertEq(token.balanceOf(_ada), 150);
        moveAs(_ada, token, _bo, 100);
        assertEq(token.balanceOf(_bo), 99);
        token.rebase(-0.5e18);
        assertEq(token.balanceOf(_bo), 33);
    }

    function testFuzz_RefusesWideAmounts(uint256 amount) public {
        NarrowToken token = new NarrowToken();
        token.mint(_ada, type(uint256).max);
        (bool ok,) = moved(token, amount);
        assertEq(ok, amount < 2 ** 96);
    }

    function testFuzz_SharesBalancesWithItsTwin(uint96 amount, uint96 part) public {
        TwinnedToken token = new TwinnedToken();
        TwinToken twin = token.twin();
        token.mint(_ada, amount);
        part = uint96(bound(part, 0, amount));
        moveAs(_ada, Token(address(twin)), _bo, part);
        assertEq(token.balanceOf(_bo), part);
        assertEq(twin.balanceOf(_ada), amount - part);
        vm.prank(_bo);
        twin.approve(_ada, part);
        vm.prank(_ada);
        twin.transferFrom(_bo, _ada, part);
        assertEq(token.balanceOf(_ada), amount);
    }

    // ------------------------------------------------------------------ calls

    function test_CallsBothSides() public {
        HookToken token = new HookToken();
        (HookedWallet from, HookedWallet to) = (new HookedWallet(), new HookedWallet());
        from.join(token);
        to.join(token);
        token.mint(address(from), 5);
        to.plan(address(token), abi.encodeCall(token.transfer, (_bo, 2)), true);
        from.plan(address(token), abi.encodeCall(token.mint, (_ada, 3)), true);
        moveAs(address(from), token, address(to), 5);
        assertEq(token.balanceOf(_bo), 2);
        assertEq(token.balanceOf(_ada), 3);
        assertEq(to.outcome(), to.DONE());
        to.plan(address(token), abi.encodeCall(token.transfer, (_bo, 100)), false);
        moveAs(_ada, token, address(to), 3);
        assertEq(to.outcome(), Token.BalanceTooLow.selector);
        to.plan(address(token), abi.encodeCall(token.transfer, (_bo, 100)), true);
        (bool ok,) = moved(token, 0, address(to));
        assertFalse(ok);
    }

    function test_CallsWhomItWasTold() public {
        CallingToken token = new CallingToken();
        Token other = new Token();
        token.plan(address(other), abi.encodeCall(other.mint, (_ada, 5)));
        moveAs(_ada, token, _bo, 0);
        assertEq(other.balanceOf(_ada), 5);
        assertTrue(token.wentThrough());
    }

    // ------------------------------------------------------------------ allowances

    function testFuzz_PermitsOnce(uint256 value, uint256 key) public {
        key = boundPrivateKey(key);
        PermitToken token = new PermitToken();
        address owner = vm.addr(key);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, token.permitDigest(owner, _bo, value, 0, block.timestamp));
        token.permit(owner, _bo, value, block.timestamp, v, r, s);
        assertEq(token.allowance(owner, _bo), value);
        vm.expectRevert(PermitToken.PermitRefused.selector);
        token.permit(owner, _bo, value, block.timestamp, v, r, s);
    }

    function test_KnowsNoErc2612Permit() public {
        bytes memory data = abi.encodeCall(PermitToken.permit, (_ada, _bo, 5, type(uint256).max, 27, 0, 0));
        (bool ok,) = address(new DaiPermitToken()).call(data);
        assertFalse(ok);
        Token swallowing = new SwallowingToken();
        (ok,) = address(swallowing).call(data);
        assertTrue(ok);
        assertEq(swallowing.allowance(_ada, _bo), 0);
    }

    function test_WantsApprovalsReset() public {
        Token token = new ResetFirstToken();
        token.approve(_bo, 5);
        vm.expectRevert(abi.encodeWithSelector(ResetFirstToken.ResetFirst.selector, 5));
        token.approve(_bo, 6);
        token.approve(_bo, 0);
        token.approve(_bo, 6);
        assertEq(token.allowance(address(this), _bo), 6);
    }

    function testFuzz_KeepsAnEndlessApproval(uint96 amount) public {
        Token token = new EndlessToken();
        token.mint(address(this), amount);
        token.approve(_bo, type(uint256).max);
        vm.prank(_bo);
        token.transferFrom(address(this), _bo, amount);
        assertEq(token.allowance(address(this), _bo), type(uint256).max);
    }

    // ------------------------------------------------------------------ together

    /// @dev Oddities add up, each in its own step, and survive the taking over of another token's address.
    function testFuzz_IsOddInSeveralWays(uint96 amount, uint16 bps) public {
        Token good = new Token();
        good.mint(_ada, amount);
        vm.etch(address(good), address(new TetherLikeToken()).code);
        TetherLikeToken token = TetherLikeToken(address(good));
        token.setFee(bound(bps, 1, 10_000), false);
        uint256 fee = token.feeOn(amount);
        vm.assume(fee <= amount);
        (bool ok, bytes memory answer) = moved(token, amount);
        assertTrue(ok);
        assertEq(answer.length, 0);
        assertEq(token.balanceOf(_bo), amount - fee);
        token.deny(_bo, true);
        (, answer) = moved(token, 1);
        assertEq(bytes4(answer), DenyListToken.Denied.selector);
    }

    function testFuzz_WeighsWhatItSays(uint256 weight, uint256 gasLimit, bool picky) public {
        weight = bound(weight, 60_000, 200_000);
        HeavyToken token = new HeavyToken(weight, picky);
        gasLimit = bound(gasLimit, 30_000, 400_000);
        bytes memory data = abi.encodeCall(token.transfer, (_bo, 0));
        uint256 before = gasleft();
        (bool ok,) = address(token).call{gas: gasLimit}(data);
        uint256 used = before - gasleft();
        if (ok) assertGe(used, weight);
        else assertLt(gasLimit, weight + 10_000);
        if (picky && gasLimit < weight) assertLt(used, 10_000);
    }

    // ------------------------------------------------------------------ helpers

    function moveAs(address from, Token token, address to, uint256 amount) private {
        vm.prank(from);
        token.transfer(to, amount);
    }

    function moved(Token token, uint256 amount) private returns (bool ok, bytes memory answer) {
        return moved(token, amount, _bo);
    }

    function moved(Token token, uint256 amount, address to) private returns (bool ok, bytes memory answer) {
        if (token.totalSupply() == 0) token.mint(_ada, 1e30);
        vm.prank(_ada);
        return address(token).call{gas: 4 * ENOUGH}(abi.encodeCall(token.transfer, (to, amount)));
    }

    function word(bytes memory answer) private pure returns (uint256) {
        return uint256(bytes32(answer));
    }
}
