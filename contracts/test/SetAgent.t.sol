// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowAwarding} from "./helpers/Awarding.sol";
import {PlainWallet} from "./helpers/Wallets.sol";

/// @notice `setAgent`: a word of the provider's own. What a hot key may do with it is in `AwardHotKey.t.sol`.
contract SetAgentTest is EscrowAwarding {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertWhen_ValueIsSent(address token, address key, uint40 until, uint96 left, uint96 value)
        public
    {
        value = uint96(bound(value, 1, type(uint96).max));
        vm.deal(bo, value);
        bytes memory data = abi.encodeCall(escrow.setAgent, (token, key, until, left));
        vm.expectRevert(bytes(""));
        run(Call(bo, value, data));
    }

    // ------------------------------------------------------------------ successes

    function testFuzz_SetsTheKey(address token, address provider, address key, uint40 until, uint96 left) public {
        vm.expectEmit(address(escrow));
        emit IEscrowTypes.AgentSet(token, provider, key, until, left);
        vm.prank(provider);
        escrow.setAgent(token, key, until, left);
        assertAgent(token, provider, key, until, left);
    }

    /// @dev The last word counts, up or down: what was left before is not added.
    function testFuzz_RenewsAndRevokes(address token, address key, uint40[2] memory until, uint96[2] memory left)
        public
    {
        for (uint256 i; i < 2; ++i) {
            vm.prank(bo);
            escrow.setAgent(token, key, until[i], left[i]);
            assertAgent(token, bo, key, until[i], left[i]);
        }
    }

    /// @dev Another token, provider or key is another word.
    function testFuzz_LeavesOtherKeys(address[2] memory tokens, address[2] memory providers, address[2] memory keys)
        public
    {
        for (uint256 i; i < 2; ++i) {
            vm.prank(providers[i]);
            escrow.setAgent(tokens[i], keys[i], uint40(i + 1), uint96(i + 1));
        }
        bool same = tokens[0] == tokens[1] && providers[0] == providers[1] && keys[0] == keys[1];
        uint256 first = same ? 2 : 1;
        assertAgent(tokens[0], providers[0], keys[0], first, first);
        assertAgent(tokens[1], providers[1], keys[1], 2, 2);
        bool mixed = tokens[0] == tokens[1] || (providers[0] == providers[1] && keys[0] == keys[1]);
        if (!mixed) assertAgent(tokens[0], providers[1], keys[1], 0, 0);
    }

    /// @dev A provider may keep several keys, each with its own rest.
    function testFuzz_CountsEachKeyAlone(IEscrowTypes.Bid memory raw, uint32 units, uint96 left, uint256 key) public {
        Offer memory o = offered(raw, units);
        key = boundPrivateKey(key);
        vm.assume(key != hotKey && key != boKey);
        left = uint96(bound(left, o.bid.bond, type(uint96).max));
        setAgent(START, left);
        vm.prank(bo);
        escrow.setAgent(currency, vm.addr(key), uint40(START), left);
        signBy(o, key);
        run(readyFor(Way.AWARD, o));
        assertAgent(currency, bo, vm.addr(key), START, left - o.bid.bond);
        assertEq(bondLeft(), left);
    }

    function testFuzz_SetsTheKeyOfAWallet(address token, address key, uint40 until, uint96 left) public {
        PlainWallet wallet = new PlainWallet();
        wallet.act(address(escrow), 0, abi.encodeCall(escrow.setAgent, (token, key, until, left)));
        assertAgent(token, address(wallet), key, until, left);
    }

    // ------------------------------------------------------------------ helpers

    function assertAgent(address token, address provider, address key, uint256 until, uint256 left) internal view {
        IEscrowTypes.Agent memory seen = agent(token, provider, key);
        assertEq(seen.until, until, "until");
        assertEq(seen.bondLeft, left, "bondLeft");
    }
}
