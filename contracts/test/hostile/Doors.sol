// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {Token} from "../helpers/tokens/Token.sol";
import {WaysOut} from "./WaysOut.sol";

/// @notice The doors through which a token's money comes in, each with all that is needed to open it.
abstract contract Doors is WaysOut {
    enum Door {
        DEPOSIT,
        AWARD,
        PERMIT,
        DISPUTE
    }

    /// @dev Somebody who stands before a door with the money in hand, and the escrow's allowance given.
    struct Knock {
        address token;
        address caller;
        bytes data;
        uint96 amount;
        Story story;
    }

    /// @dev The token must behave until here.
    function standing(address token, IEscrowTypes.Bid memory raw, uint32 units, uint256 door)
        internal
        returns (Knock memory k)
    {
        Door which = Door(door % 4);
        raw.arbiter = address(1);
        if (raw.disputeFee == 0) raw.disputeFee = 1;
        k.token = token;
        k.story = told(token, raw, units, uint8(Way.CLAIM));
        k.caller = which == Door.DEPOSIT ? charlie : ada;
        if (which == Door.DISPUTE) _delivered(k.story);
        else prepay(token, bo, k.story.bid.bond);
        k.amount = which == Door.DISPUTE ? k.story.bid.disputeFee : k.story.price;
        k.data = _knocking(which, k.story);
        give(token, k.caller, k.amount);
        allow(token, k.caller, k.amount);
    }

    /// @dev Knocks while the token is bad: refused with this error, and nothing changes; with a good one, let in.
    function assertRefused(Knock memory k, Token bad, bytes memory refusal) internal {
        turn(k.token, bad);
        assertRefused(k, refusal);
    }

    function assertRefused(Knock memory k, bytes memory refusal) internal {
        uint8 status = statusOf(k.story.bid);
        uint256 free = freeOfAll(k.token);
        vm.prank(k.caller);
        (bool ok, bytes memory answer) = address(escrow).call{gas: TRANSACTION_GAS}(k.data);
        assertFalse(ok, "let in");
        assertEq(answer, refusal);
        assertEq(statusOf(k.story.bid), status, "status");
        assertEq(freeOfAll(k.token), free, "free");
        turn(k.token, new Token());
        assertLetIn(k);
        assertBystandersUnharmed();
    }

    function assertLetIn(Knock memory k) internal {
        uint256 before = Token(k.token).balanceOf(address(escrow));
        vm.prank(k.caller);
        (bool ok, bytes memory answer) = address(escrow).call{gas: TRANSACTION_GAS}(k.data);
        assertTrue(ok, vm.toString(answer));
        assertEq(Token(k.token).balanceOf(address(escrow)), before + k.amount, "exactly");
    }

    function _delivered(Story memory s) private {
        funded(s.bid, s.units);
        award(s.bid, s.units, boKey, 0);
        vm.prank(bo);
        escrow.deliver(s.bid, "head");
    }

    function _knocking(Door door, Story memory s) private view returns (bytes memory) {
        if (door == Door.DEPOSIT) return abi.encodeCall(escrow.deposit, (s.bid.token, dee, s.price));
        if (door == Door.DISPUTE) return abi.encodeCall(escrow.dispute, (s.bid, "head", false));
        bytes memory signature = signed(s.bid);
        if (door == Door.AWARD) {
            return abi.encodeCall(escrow.award, (s.bid, signature, bo, s.units, 0, 0, false));
        }
        IEscrowTypes.Permit memory permit;
        return abi.encodeCall(escrow.awardWithPermit, (s.bid, signature, bo, s.units, 0, 0, permit));
    }
}
