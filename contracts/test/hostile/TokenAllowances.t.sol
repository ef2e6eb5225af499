// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {Terms} from "../../src/libraries/Terms.sol";
import {CarelessToken, EndlessToken, ResetFirstToken} from "../helpers/tokens/ApprovalTokens.sol";
import {NarrowToken} from "../helpers/tokens/RefusingTokens.sol";
import {Token} from "../helpers/tokens/Token.sol";
import {Doors} from "./Doors.sol";

/// @notice Allowances: only the caller's is ever used, only for what the caller pays, and to the last unit.
contract TokenAllowancesTest is Doors {
    // ------------------------------------------------------------------ refusals

    /// @dev What pays from the ledger never helps itself from a wallet, however much that allows.
    function testFuzz_RevertWhen_TheLedgerIsShortThoughTheWalletIsNot(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        bool careless
    ) public {
        address token = allowing(careless);
        Story memory s = told(token, raw, units, 0);
        part = uint96(bound(part, 0, s.price - 1));
        prepay(token, bo, s.bid.bond);
        prepay(token, ada, part);
        give(token, ada, s.price);
        bytes memory signature = signed(s.bid);
        IEscrowTypes.Award memory consent = IEscrowTypes.Award(s.id, s.units, 0, 0, type(uint40).max);
        bytes memory consentSignature = sign(adaKey, digestOf(keccak256(abi.encode(Terms.AWARD_TYPEHASH, consent))));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.FreeTooLow.selector, part, s.price));
        escrow.awardFor(s.bid, signature, bo, consent, consentSignature);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.FreeTooLow.selector, part, s.price));
        vm.prank(ada);
        escrow.award(s.bid, signature, bo, s.units, 0, 0, true);
        assertEq(Token(token).balanceOf(ada), s.price);
    }

    function testFuzz_RevertWhen_TheAllowanceIsShort(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 door,
        uint96 allowance
    ) public {
        Knock memory k = standing(address(new Token()), raw, units, door);
        allow(k.token, k.caller, bound(allowance, 0, k.amount - 1));
        vm.prank(k.caller);
        (bool ok, bytes memory answer) = address(escrow).call(k.data);
        assertFalse(ok);
        assertEq(answer, abi.encodeWithSelector(IEscrowTypes.PullFailed.selector, k.token, k.caller, k.amount));
    }

    // ------------------------------------------------------------------ successes

    /// @dev Of no party's wallet is anything taken on the way out, even by a token that would let anybody take it.
    function testFuzz_NeverTakesFromPartiesOnTheWayOut(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way,
        uint96[5] memory wallets,
        bool careless
    ) public {
        address token = allowing(careless);
        Story memory s = begun(token, raw, units, way);
        arrived(s);
        for (uint256 i; i < 5; ++i) {
            give(token, parties()[i], wallets[i]);
        }
        left(s);
        for (uint256 i; i < 5; ++i) {
            assertGe(Token(token).balanceOf(parties()[i]), wallets[i]);
        }
        assertAllLeaves(token);
        assertBystandersUnharmed();
    }

    /// @dev A stranger's deposit comes out of its own wallet, whoever it is for.
    function testFuzz_TakesADepositFromItsCaller(uint96 amount, uint96 others, bool careless) public {
        amount = uint96(bound(amount, 1, type(uint96).max));
        address token = allowing(careless);
        give(token, ada, others);
        prepay(token, ada, amount);
        assertEq(Token(token).balanceOf(ada), others);
        assertEq(Token(token).balanceOf(charlie), 0);
        assertEq(freeIn(token, ada), amount);
    }

    /// @dev Used to the last unit, an allowance leaves nothing that had to be reset before the next.
    function testFuzz_LeavesNoAllowance(IEscrowTypes.Bid memory raw, uint32 units, uint8 door, uint96 next) public {
        Knock memory k = standing(address(new ResetFirstToken()), raw, units, door);
        vm.prank(k.caller);
        (bool ok,) = address(escrow).call(k.data);
        assertTrue(ok);
        assertEq(Token(k.token).allowance(k.caller, address(escrow)), 0);
        allow(k.token, k.caller, next);
    }

    function testFuzz_TakesOnlyThePriceOfAnEndlessAllowance(IEscrowTypes.Bid memory raw, uint32 units, uint8 door)
        public
    {
        Knock memory k = standing(address(new EndlessToken()), raw, units, door);
        allow(k.token, k.caller, type(uint256).max);
        give(k.token, k.caller, type(uint96).max);
        assertLetIn(k);
        assertEq(Token(k.token).balanceOf(k.caller), type(uint96).max);
        assertBystandersUnharmed();
    }

    /// @dev A token that moves less than 2^96 at a time: what has piled up leaves in parts.
    function testFuzz_LetsOutInParts(uint96 first, uint96 second) public {
        address token = address(new NarrowToken());
        prepay(token, bo, uint256(first));
        prepay(token, bo, uint256(second));
        uint256 sum = uint256(first) + second;
        if (sum > type(uint96).max) {
            vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.PushFailed.selector, token, dee, sum));
            vm.prank(bo);
            escrow.withdraw(token, dee, uint128(sum));
            vm.prank(bo);
            escrow.withdraw(token, dee, type(uint96).max);
        }
        takeOut(token, bo, dee);
        assertEq(Token(token).balanceOf(dee), sum);
        assertBystandersUnharmed();
    }

    // ------------------------------------------------------------------ helpers

    /// @dev A token in which the parties allow everything, or that does not even ask.
    function allowing(bool careless) private returns (address token) {
        token = careless ? address(new CarelessToken()) : address(new EndlessToken());
        for (uint256 i; i < 5; ++i) {
            allow(token, parties()[i], type(uint256).max);
        }
    }
}
