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
    /// @dev As tokens of the first years that stop by an invalid instruction.
    function testFuzz_ClosesThoughTheTokenBurnsAllGas(IEscrowTypes.Bid memory raw, uint32 units, uint8 way) public {
        address token = address(new Token());
        Story memory s = begun(token, raw, units, way);
        arrived(s);
        uint256[5] memory fair = fairShares(s);
        turn(token, new RefusingToken(RefusingToken.Refusal.BURN));
        left(s);
        assertShares(token, fair);
        turn(token, new Token());
        assertAllLeaves(token);
        assertBystandersUnharmed();
    }

    /// @dev A party whose wallet burns what a token with hooks hands it blocks nobody.
    function testFuzz_ClosesThoughPartiesBurnAllGas(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, uint8 who)
        public
    {
        HookToken token = new HookToken();
        Story memory s = begun(address(token), raw, units, way);
        arrived(s);
        uint256[5] memory fair = fairShares(s);
        burning(token, who);
        left(s);
        assertShares(address(token), fair);
        assertAllLeaves(address(token));
        assertBystandersUnharmed();
    }

    /// @dev What a hostile party can add to the gas of a way out is bounded.
    function testFuzz_ABurningPartyCostsOthersLittle(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, uint8 who)
        public
    {
        HookToken token = new HookToken();
        Story memory s = begun(address(token), raw, units, way);
        arrived(s);
        burning(token, uint8(1 << (who % 5)));
        left(s, 2_000_000);
        assertAllLeaves(address(token));
    }

    /// @dev A stranger who sends too little gas cannot make a willing receiver seem to refuse.
    function testFuzz_ForwardsItsGasOrReverts(IEscrowTypes.Bid memory raw, uint32 units, uint32 weight, uint32 gasLimit)
        public
    {
        address token = address(new HeavyToken(bound(weight, 30_000, 270_000), false));
        raw.toLedger = false;
        Story memory s = begun(token, raw, units, uint8(Way.CLAIM));
        arrived(s);
        uint256[5] memory before = [freeOf(token, ada), freeOf(token, bo), 0, 0, 0];
        (, bytes memory data) = lastCall(s);
        vm.cool(address(escrow));
        vm.cool(token);
        (bool ok,) = address(escrow).call{gas: bound(gasLimit, 60_000, 2_000_000)}(data);
        if (ok) assertEq(freeIn(token, bo) - before[1], s.bid.bond, "paid, not credited");
    }

    function freeOf(address token, address who) internal view returns (uint256) {
        return freeIn(token, who);
    }

    function burning(HookToken token, uint8 who) internal {
        bytes memory code = address(new BurningWallet()).code;
        for (uint256 i; i < 5; ++i) {
            if (who >> i & 1 == 0) continue;
            vm.prank(parties()[i]);
            token.hook();
            vm.etch(parties()[i], code);
        }
    }
}
