// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {HostileHandler} from "./HostileHandler.sol";
import {Invariants} from "./Invariants.sol";

/// @notice An invariant says nothing about what its handlers never do: so each of them is seen to do it.
contract ReachTest is Invariants {
    HostileHandler private _hostile;

    function setUp() public override {
        super.setUp();
        _hostile = new HostileHandler(escrow);
        _world = _hostile;
    }

    /// forge-config: default.fuzz.runs = 32
    /// @dev Whatever the seed: no action passes by without its call to the escrow.
    function testFuzz_EveryActionActs(uint256 seed) public {
        string[25] memory actions = _world.actions();
        for (uint256 i; i < actions.length; ++i) {
            uint256 before = _world.calls(actions[i]);
            act(actions[i], uint256(keccak256(abi.encode(seed, i))));
            assertGt(_world.calls(actions[i]), before, actions[i]);
        }
    }

    /// forge-config: default.fuzz.runs = 8
    /// @dev As many actions as in five sequences of the default profile.
    function testFuzz_EveryStatusIsReachedAlsoPartPaid(uint256 seed) public {
        string[25] memory actions = _world.actions();
        for (uint256 i; i < 320; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            act(actions[seed % actions.length], seed);
        }
        for (uint8 status = 1; status < 5; ++status) {
            assertGt(_world.reached(IEscrowTypes.Status(status)), 0, "status");
            assertGt(_world.partPaid(status), 0, "part paid");
        }
        assertGt(_world.calls("deliver by hot key"), 0, "hot key");
    }

    /// forge-config: default.fuzz.runs = 4
    /// @dev Every function that changes anything is struck, and some strikes are somebody's right.
    function testFuzz_EveryFunctionIsStruck(uint256 seed) public {
        act("award", seed);
        for (uint256 i; i < 640; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _hostile.strike(seed);
        }
        bytes4[22] memory functions = changing();
        for (uint256 i; i < functions.length; ++i) {
            assertGt(_hostile.struck(functions[i]), 0, vm.toString(abi.encodePacked(functions[i])));
        }
        assertGt(_world.calls("strike that went through"), 0);
        assertGt(_world.calls("strike"), 0);
    }

    // ------------------------------------------------------------------ helpers

    function act(string memory action, uint256 seed) private {
        (bool ok,) = address(_world).call(abi.encodeWithSelector(_world.selectorOf(action), seed));
        assertTrue(ok, action);
    }

    function changing() private view returns (bytes4[22] memory) {
        return [
            escrow.award.selector,
            escrow.awardWithPermit.selector,
            escrow.awardFor.selector,
            escrow.awardUnder.selector,
            escrow.reaward.selector,
            escrow.dropStandby.selector,
            escrow.revokeMandate.selector,
            escrow.release.selector,
            escrow.redeem.selector,
            escrow.deliver.selector,
            escrow.claim.selector,
            escrow.refund.selector,
            escrow.cancel.selector,
            escrow.giveUp.selector,
            escrow.dispute.selector,
            escrow.rule.selector,
            escrow.settle.selector,
            escrow.expire.selector,
            escrow.deposit.selector,
            escrow.withdraw.selector,
            escrow.bumpEpoch.selector,
            escrow.setAgent.selector
        ];
    }
}
