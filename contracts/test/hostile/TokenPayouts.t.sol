// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {AnswerToken} from "../helpers/tokens/AnswerToken.sol";
import {FeeToken} from "../helpers/tokens/InexactTokens.sol";
import {DenyListToken, PausableToken, RefusingToken} from "../helpers/tokens/RefusingTokens.sol";
import {TetherLikeToken} from "../helpers/tokens/TetherLikeToken.sol";
import {Parrot} from "../helpers/tokens/Parrot.sol";
import {Token} from "../helpers/tokens/Token.sol";
import {WaysOut} from "./WaysOut.sol";

/// @notice A token that lets money in and then does not let it out: every way out still closes, everybody is credited what
/// an honest token would have paid, and takes it once the token works again, or elsewhere.
contract TokenPayoutsTest is WaysOut {
    // ------------------------------------------------------------------ refusals

    /// @dev What cannot be sent stays the owner's.
    function testFuzz_RevertWhen_TheTokenRefusesAWithdrawal(uint96 amount, uint8 kind, address to) public {
        vm.assume(to != address(escrow));
        amount = uint96(bound(amount, 1, type(uint96).max));
        address token = address(new Token());
        prepay(token, bo, amount);
        turn(token, refusing(kind));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.PushFailed.selector, token, to, amount));
        vm.prank(bo);
        escrow.withdraw{gas: TRANSACTION_GAS}(token, to, amount);
        assertEq(freeIn(token, bo), amount);
        turn(token, new Token());
        assertAllLeaves(token);
        assertBystandersUnharmed();
    }

    // ------------------------------------------------------------------ every way out, every refusal

    function testFuzz_CreditsWhatTheTokenRefusesToPay(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, uint8 kind)
        public
    {
        address token = address(new Token());
        Story memory s = begun(token, raw, units, way);
        arrived(s);
        uint256[5] memory fair = fairShares(s);
        uint256 pot = has(token, address(escrow));
        turn(token, refusing(kind));
        left(s);
        assertShares(token, fair);
        assertEq(freeOfAll(token), pot, "all is credited");
        turn(token, new Token());
        assertAllLeaves(token);
        assertBystandersUnharmed();
    }

    function testFuzz_ClosesWhileTheTokenIsPaused(IEscrowTypes.Bid memory raw, uint32 units, uint8 way) public {
        PausableToken token = new PausableToken();
        Story memory s = begun(address(token), raw, units, way);
        arrived(s);
        uint256[5] memory fair = fairShares(s);
        token.pause(true);
        left(s);
        assertShares(address(token), fair);
        token.pause(false);
        assertAllLeaves(address(token));
        assertBystandersUnharmed();
    }

    /// @dev One party shut out blocks no other party, and takes its money to an address that is not.
    function testFuzz_ClosesWhilePartiesAreDenied(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, uint8 who)
        public
    {
        DenyListToken token = new DenyListToken();
        Story memory s = begun(address(token), raw, units, way);
        arrived(s);
        uint256[5] memory fair = fairShares(s);
        uint256[5] memory before;
        for (uint256 i; i < 5; ++i) {
            before[i] = token.balanceOf(parties()[i]);
            token.deny(parties()[i], who >> i & 1 == 1);
        }
        left(s);
        assertShares(address(token), fair);
        for (uint256 i; i < 5; ++i) {
            if (who >> i & 1 == 1) assertEq(token.balanceOf(parties()[i]), before[i]);
        }
        assertAllLeaves(address(token));
        assertBystandersUnharmed();
    }

    /// @dev The issuer freezes all that the escrow holds of its token: agreements close, in this token money waits.
    function testFuzz_ClosesWhileTheEscrowIsDenied(IEscrowTypes.Bid memory raw, uint32 units, uint8 way) public {
        DenyListToken token = new DenyListToken();
        Story memory s = begun(address(token), raw, units, way);
        arrived(s);
        uint256[5] memory fair = fairShares(s);
        token.deny(address(escrow), true);
        left(s);
        assertShares(address(token), fair);
        token.deny(address(escrow), false);
        assertAllLeaves(address(token));
        assertBystandersUnharmed();
    }

    /// @dev What an answer leaves out must not be read from what lay in memory: here, the last byte of the id or of a party.
    function test_CreditsWhereMemoryWouldCompleteTheAnswer() public {
        (ada, adaKey) = endingInOne("ada");
        (bo, boKey) = endingInOne("bo");
        IEscrowTypes.Bid memory raw;
        address token = address(new Token());
        Story memory s = told(token, raw, 1, uint8(Way.RELEASE));
        while (uint8(uint256(s.id)) != 1) {
            ++s.bid.salt;
            s.id = escrow.idOf(s.bid);
        }
        funded(s.bid, s.units);
        award(s.bid, s.units, boKey, 0);
        turn(token, new AnswerToken(AnswerToken.Answer.SHORT));
        left(s);
        assertEq(freeIn(token, bo), s.price);
    }

    // ------------------------------------------------------------------ odd, but paid

    /// @dev No answer, a long one, a huge one: the money moved.
    function testFuzz_PaysWithTokensThatAnswerOddly(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, uint8 kind)
        public
    {
        address token = address(new AnswerToken(AnswerToken.Answer(kind % 3)));
        Story memory s = begun(token, raw, units, way);
        arrived(s);
        turn(token, new Token());
        uint256[5] memory fair = fairShares(s);
        turn(token, new AnswerToken(AnswerToken.Answer(kind % 3)));
        left(s);
        assertShares(token, fair);
        assertAllLeaves(token);
        assertBystandersUnharmed();
    }

    /// @dev A fee switched on in the meantime is the receiver's loss, and nobody else's.
    function testFuzz_PaysWithTokensThatComeToChargeTheReceiver(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way,
        uint16 bps
    ) public {
        TetherLikeToken token = new TetherLikeToken();
        Story memory s = begun(address(token), raw, units, way);
        arrived(s);
        uint256[5] memory fair = fairShares(s);
        token.setFee(bound(bps, 1, 10_000), false);
        left(s);
        for (uint256 i; i < 5; ++i) {
            assertLe(owns(address(token), parties()[i]), fair[i]);
        }
        assertAllLeaves(address(token));
        assertBystandersUnharmed();
    }

    /// @dev A fee on top is refused by a balance that does not cover it: the last to leave wait in `free`, others' tokens
    /// are not touched.
    function testFuzz_CreditsWhereTheTokenComesToChargeTheEscrow(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way,
        uint16 bps
    ) public {
        FeeToken token = new FeeToken();
        Story memory s = begun(address(token), raw, units, way);
        arrived(s);
        uint256[5] memory fair = fairShares(s);
        token.setFee(bound(bps, 1, 10_000), true);
        left(s);
        assertShares(address(token), fair);
        assertBystandersUnharmed();
    }

    // ------------------------------------------------------------------ helpers

    function endingInOne(string memory name) private returns (address who, uint256 key) {
        for (uint256 i; uint8(uint160(who)) != 1; ++i) {
            (who, key) = makeAddrAndKey(string.concat(name, vm.toString(i)));
        }
    }

    /// @dev All but burning, which TokenGas.t.sol is about.
    function refusing(uint256 kind) internal returns (Token) {
        kind %= 7;
        if (kind < 5) return new RefusingToken(RefusingToken.Refusal(kind));
        return new AnswerToken(kind == 5 ? AnswerToken.Answer.FALSE : AnswerToken.Answer.HUGE_FALSE);
    }

    /// @dev 31 zero bytes are no answer, whatever byte of the receiver's address would complete them.
    function testFuzz_RevertWhen_MemoryWouldCompleteTheAnswer(uint96 amount, address to) public {
        amount = uint96(bound(amount, 1, type(uint96).max));
        to = address((uint160(to) & ~uint160(0xff << 32)) | uint160(1 << 32)); // its 16th byte is one
        address token = address(new Token());
        prepay(token, bo, amount);
        vm.etch(token, address(new Parrot(0, 31)).code);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.PushFailed.selector, token, to, amount));
        vm.prank(bo);
        escrow.withdraw(token, to, amount);
        assertEq(freeIn(token, bo), amount);
    }
}
