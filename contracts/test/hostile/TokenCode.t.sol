// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {Parrot} from "../helpers/tokens/Parrot.sol";
import {Token} from "../helpers/tokens/Token.sol";
import {Doors} from "./Doors.sol";

/// @notice Addresses whose code comes and goes: a token not deployed yet, one destroyed, one replaced by something else.
contract TokenCodeTest is Doors {
    // ------------------------------------------------------------------ refusals

    /// @dev A call to no code succeeds, and moves nothing: it must not count as paid.
    function testFuzz_RevertWhen_AWithdrawalMeetsNoCode(uint96 amount, address to) public {
        vm.assume(to != address(escrow));
        amount = uint96(bound(amount, 1, type(uint96).max));
        address token = address(new Token());
        prepay(token, bo, amount);
        vm.etch(token, "");
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.PushFailed.selector, token, to, amount));
        vm.prank(bo);
        escrow.withdraw(token, to, amount);
        assertEq(freeIn(token, bo), amount);
    }

    function testFuzz_RevertWhen_TheCodeIsGoneAtTheDoor(IEscrowTypes.Bid memory raw, uint32 units, uint8 door) public {
        Knock memory k = standing(address(new Token()), raw, units, door);
        vm.etch(k.token, "");
        assertRefused(k, abi.encodeWithSelector(IEscrowTypes.TokenUnsupported.selector, k.token));
    }

    /// @dev No agreement begins in what is no token; the designer's money has its other way out.
    function testFuzz_RevertWhen_AStandbyIsToTakeOverWithoutCode(IEscrowTypes.Bid memory raw, uint32 units) public {
        address token = address(new Token());
        Story memory s = begun(token, raw, units, uint8(Way.REAWARD));
        arrived(s);
        vm.etch(token, "");
        (, bytes memory data) = lastCall(s);
        (bool ok, bytes memory answer) = address(escrow).call(data);
        assertFalse(ok);
        assertEq(answer, abi.encodeWithSelector(IEscrowTypes.TokenUnsupported.selector, token));
        skip(REDEEM_WINDOW);
        s.way = Way.REFUND;
        left(s);
        assertEq(freeIn(token, ada), uint256(s.price) + s.bid.bond);
        turn(token, new Token());
        assertAllLeaves(token);
        assertBystandersUnharmed();
    }

    // ------------------------------------------------------------------ successes

    /// @dev The code is gone: all is credited. It comes back: all is paid.
    function testFuzz_CreditsWhileThereIsNoCode(IEscrowTypes.Bid memory raw, uint32 units, uint8 way) public {
        address token = address(new Token());
        Story memory s = begun(token, raw, units, way % uint8(Way.REAWARD));
        arrived(s);
        uint256[5] memory fair = fairShares(s);
        uint256 pot = has(token, address(escrow));
        vm.etch(token, "");
        left(s);
        assertEq(freeOfAll(token), pot);
        turn(token, new Token());
        assertShares(token, fair);
        assertAllLeaves(token);
        assertBystandersUnharmed();
    }

    /// @dev What was credited before a token existed would be a claim on whoever pays in later.
    function testFuzz_KnowsNothingOfATokenBeforeItExists(address token, uint96 amount) public {
        assumeAddressIsNot(token, AddressType.ForgeAddress, AddressType.Precompile, AddressType.ZeroAddress);
        vm.assume(token.code.length == 0 && amount != 0);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.TokenUnsupported.selector, token));
        vm.prank(charlie);
        escrow.deposit(token, charlie, amount);
        turn(token, new Token());
        prepay(token, bo, amount);
        assertEq(freeIn(token, charlie), 0);
        takeOut(token, bo, dee);
        assertEq(Token(token).balanceOf(dee), amount);
        assertBystandersUnharmed();
    }

    /// @dev Replaced by what says yes to everything: the token's own users are deceived, nobody else.
    function testFuzz_HarmsNobodyElseByLyingAboutPayments(IEscrowTypes.Bid memory raw, uint32 units, uint8 way) public {
        address token = address(new Token());
        Story memory s = begun(token, raw, units, way);
        arrived(s);
        vm.etch(token, address(new Parrot(bytes32(uint256(1)), 32)).code);
        left(s);
        assertBystandersUnharmed();
    }
}
