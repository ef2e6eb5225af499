// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowAwarding} from "./helpers/Awarding.sol";
import {PlainWallet} from "./helpers/Wallets.sol";

contract RevokeMandateTest is EscrowAwarding {
    // ------------------------------------------------------------------ refusals

    function testFuzz_RevertWhen_CallerIsNotTheDesigner(IEscrowTypes.Mandate memory mandate, address caller) public {
        vm.assume(caller != mandate.designer);
        refused(mandate, caller);
    }

    function testFuzz_RevertWhen_CallerIsTheDispatcher(IEscrowTypes.Mandate memory mandate) public {
        vm.assume(mandate.dispatcher != mandate.designer);
        refused(mandate, mandate.dispatcher);
    }

    /// @dev A stranger who writes its own name over the designer's revokes a mandate that nobody signed.
    function testFuzz_LeavesTheMandateOfAnother(IEscrowTypes.Bid memory raw, uint32 units, address stranger) public {
        vm.assume(stranger != ada);
        Offer memory o = offered(raw, units);
        fund(ada, o.price);
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
        bytes memory signature = signed(mandate);
        mandate.designer = stranger;
        vm.prank(stranger);
        escrow.revokeMandate(mandate);
        mandate.designer = ada;
        awardUnder(o, mandate, signature);
        assertUse(mandate, o.units, false);
    }

    // ------------------------------------------------------------------ successes

    /// @dev Before it is used, or signed, and again: it is a word of the designer's own.
    function testFuzz_RevokesForEver(IEscrowTypes.Mandate memory mandate, uint8 times) public {
        for (uint256 i = bound(times, 1, 3); i > 0; --i) {
            vm.expectEmit(address(escrow));
            emit IEscrowTypes.MandateRevoked(mandateDigest(mandate), mandate.designer);
            vm.prank(mandate.designer);
            escrow.revokeMandate(mandate);
            assertUse(mandate, 0, true);
        }
    }

    function testFuzz_KeepsWhatIsUsed(IEscrowTypes.Bid memory raw, uint32 units, uint32 left) public {
        Offer memory o = offered(raw, units);
        fund(ada, o.price);
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, uint32(bound(left, o.units, type(uint32).max)));
        awardUnder(o, mandate, signed(mandate));
        vm.prank(ada);
        escrow.revokeMandate(mandate);
        assertUse(mandate, o.units, true);
        assertEq(uint8(word(o.id).status), uint8(IEscrowTypes.Status.AWARDED), "what is awarded stays so");
    }

    function testFuzz_RevokesNoOther(IEscrowTypes.Mandate memory mandate, uint8 which, uint8 bit) public {
        vm.prank(mandate.designer);
        escrow.revokeMandate(mandate);
        bytes memory words = abi.encode(mandate);
        words[uint256(which % 18) * 32 + 31] ^= bytes1(uint8(1 << (bit % 8)));
        assertUse(abi.decode(words, (IEscrowTypes.Mandate)), 0, false);
    }

    function testFuzz_RevokesForAWallet(IEscrowTypes.Mandate memory mandate) public {
        PlainWallet wallet = new PlainWallet();
        mandate.designer = address(wallet);
        wallet.act(address(escrow), 0, abi.encodeCall(escrow.revokeMandate, (mandate)));
        assertUse(mandate, 0, true);
    }

    // ------------------------------------------------------------------ helpers

    function refused(IEscrowTypes.Mandate memory mandate, address caller) internal {
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotDesigner.selector, caller, mandate.designer));
        vm.prank(caller);
        escrow.revokeMandate(mandate);
        assertUse(mandate, 0, false);
    }

    function assertUse(IEscrowTypes.Mandate memory mandate, uint256 units, bool revoked) internal view {
        (uint32 used, bool isRevoked) = escrow.mandates(mandateDigest(mandate));
        assertEq(used, units, "used");
        assertEq(isRevoked, revoked, "revoked");
    }
}
