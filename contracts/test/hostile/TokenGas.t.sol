// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {HookToken} from "../helpers/tokens/CallingTokens.sol";
import {HeavyToken, RefusingToken} from "../helpers/tokens/RefusingTokens.sol";
import {Token} from "../helpers/tokens/Token.sol";
import {BurningWallet} from "../helpers/wallets/HookedWallet.sol";
import {WaysOut} from "./WaysOut.sol";

/// @notice Gas as a weapon: of a token, of a party that a token calls, of a stranger who sends too little.
contract TokenGasTest is WaysOut {
    /// @dev Three pushes, each with all it may use.
    uint256 private constant ENOUGH = 1_200_000;

    // ------------------------------------------------------------------ what burns

    /// @dev As tokens of the first years that stop by an invalid instruction.
    function testFuzz_ClosesThoughTheTokenBurnsAllGas(IEscrowTypes.Bid memory raw, uint32 units, uint8 way) public {
        address token = address(new Token());
        Story memory s = begun(token, raw, units, way);
        arrived(s);
        uint256[5] memory fair = fairShares(s);
        turn(token, new RefusingToken(RefusingToken.Refusal.BURN));
        left(s, ENOUGH);
        assertShares(token, fair);
        turn(token, new Token());
        assertAllLeaves(token);
        assertBystandersUnharmed();
    }

    /// @dev Parties whose wallets burn what a token with hooks hands them block nobody, at a bounded price.
    function testFuzz_ClosesThoughPartiesBurnAllGas(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, uint8 who)
        public
    {
        HookToken token = new HookToken();
        Story memory s = begun(address(token), raw, units, way);
        arrived(s);
        uint256[5] memory fair = fairShares(s);
        burning(token, who);
        left(s, ENOUGH);
        assertShares(address(token), fair);
        assertAllLeaves(address(token));
        assertBystandersUnharmed();
    }

    // ------------------------------------------------------------------ what is paid

    /// @dev No caller can choose its gas so that a party is credited in place of being paid: with the least gas that a call
    /// can do with, a token that uses most of what it may, and sees at once whether it is there, pays.
    /// forge-config: default.isolate = true
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_PaysInFullOrReverts(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, uint32 weight) public {
        HeavyToken token = new HeavyToken(bound(weight, 200_000, 299_000), true);
        raw.toLedger = false;
        Story memory s = begun(address(token), raw, units, way % uint8(Way.REAWARD));
        arrived(s);
        uint256 snapshot = vm.snapshotState();
        turn(address(token), new Token());
        left(s);
        uint256[5] memory fair = pushedIn(address(token));
        vm.revertToState(snapshot);
        left(s, leastGas(s));
        assertEq(keccak256(abi.encode(pushedIn(address(token)))), keccak256(abi.encode(fair)), "paid, not credited");
    }

    // ------------------------------------------------------------------ what is not paid

    /// @dev A token that needs more than a closing hands it is credited, and leaves with all the gas its owner has.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_LetsOutWhatWasTooHeavyToPush(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, uint32 weight)
        public
    {
        address token = address(new HeavyToken(bound(weight, 300_000, 800_000), false));
        Story memory s = begun(token, raw, units, way);
        arrived(s);
        uint256 pot = has(token, address(escrow));
        uint256[5] memory before = pushedIn(token);
        left(s);
        assertEq(keccak256(abi.encode(pushedIn(token))), keccak256(abi.encode(before)));
        assertEq(freeOfAll(token), pot);
        assertAllLeaves(token);
        assertBystandersUnharmed();
    }

    // ------------------------------------------------------------------ helpers

    function pushedIn(address token) private view returns (uint256[5] memory wallets) {
        for (uint256 i; i < 5; ++i) {
            wallets[i] = Token(token).balanceOf(parties()[i]);
        }
    }

    function burning(HookToken token, uint8 who) private {
        bytes memory code = address(new BurningWallet()).code;
        for (uint256 i; i < 5; ++i) {
            if (who >> i & 1 == 0) continue;
            vm.prank(parties()[i]);
            token.hook();
            vm.etch(parties()[i], code);
        }
    }
}
