// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {Proof} from "./Proof.sol";

/// @notice I3: whatever the bid, the caller, the time and the storage, an id that has a word is not awarded again, and
/// nothing but an award does anything with an id that is closed or was never awarded.
/// @dev That a call changes no other id's word, and what it makes of its own, is asserted with the money (`forward`).
contract IdProof is Proof {
    /// @dev What the other proofs read as an agreement's word is its word.
    function check_I3_TheWordIsWhereItIsRead(bytes32 id) public view {
        IEscrowTypes.Agreement memory a = word(id);
        uint256 read = uint256(a.status) | uint256(a.flags) << 8 | uint256(a.clock) << 16 | uint256(a.price) << 56;
        assert(raw(id) << 8 == (read | uint256(a.paid) << 152) << 8);
    }

    function check_I3_Award(
        IEscrowTypes.Bid memory bid,
        Signature memory signature,
        uint32 units,
        uint96 value,
        bool fromLedger,
        uint40 time
    ) public {
        assumeUsed(bid);
        vm.warp(time);
        vm.deal(bid.designer, value);
        vm.prank(bid.designer);
        (bool ok,) = address(escrow).call{value: value}(
            abi.encodeCall(escrow.award, (bid, packed(signature), signature.signer, units, 0, 0, fromLedger))
        );
        assert(!ok);
    }

    function check_I3_AwardWithPermit(
        IEscrowTypes.Bid memory bid,
        Signature memory signature,
        uint32 units,
        IEscrowTypes.Permit memory permit,
        uint40 time
    ) public {
        assumeUsed(bid);
        bytes memory call =
            abi.encodeCall(escrow.awardWithPermit, (bid, packed(signature), signature.signer, units, 0, 0, permit));
        assertRefused(call, bid.designer, time);
    }

    function check_I3_AwardFor(
        IEscrowTypes.Bid memory bid,
        Signature memory signature,
        IEscrowTypes.Award memory consent,
        Signature memory designers,
        address caller,
        uint40 time
    ) public {
        assumeUsed(bid);
        bytes memory call =
            abi.encodeCall(escrow.awardFor, (bid, packed(signature), signature.signer, consent, packed(designers)));
        assertRefused(call, caller, time);
    }

    function check_I3_AwardUnder(
        IEscrowTypes.Bid memory bid,
        Signature memory signature,
        uint32 units,
        IEscrowTypes.Mandate memory mandate,
        Signature memory designers,
        uint40 time
    ) public {
        assumeUsed(bid);
        bytes memory call = abi.encodeCall(
            escrow.awardUnder,
            (bid, packed(signature), signature.signer, units, 0, mandate, packed(designers), new bytes32[](0))
        );
        assertRefused(call, mandate.dispatcher, time);
    }

    /// @dev A standby does not take over under an id that has a word.
    function check_I3_ReawardTo(
        IEscrowTypes.Bid memory failed,
        IEscrowTypes.Bid memory bid,
        Signature memory signature,
        address caller,
        uint40 time
    ) public {
        assumeUsed(bid);
        bytes memory call = abi.encodeCall(escrow.reaward, (failed, bid, packed(signature), signature.signer));
        assertRefused(call, caller, time);
    }

    function check_I3_ReawardFrom(
        IEscrowTypes.Bid memory bid,
        IEscrowTypes.Bid memory standby,
        Signature memory signature,
        address caller,
        uint40 time
    ) public {
        assumeNotOpen(bid);
        bytes memory call = abi.encodeCall(escrow.reaward, (bid, standby, packed(signature), signature.signer));
        assertRefused(call, caller, time);
    }

    function check_I3_Release(IEscrowTypes.Bid memory bid, uint96 cumulative, address caller, uint40 time) public {
        assumeNotOpen(bid);
        assertRefused(abi.encodeCall(escrow.release, (bid, cumulative)), caller, time);
    }

    function check_I3_Redeem(
        IEscrowTypes.Bid memory bid,
        uint96 cumulative,
        Signature memory signature,
        address caller,
        uint40 time
    ) public {
        assumeNotOpen(bid);
        assertRefused(abi.encodeCall(escrow.redeem, (bid, cumulative, packed(signature))), caller, time);
    }

    function check_I3_Settle(
        IEscrowTypes.Bid memory bid,
        IEscrowTypes.Settlement memory settlement,
        Signature memory signature,
        address caller,
        uint40 time
    ) public {
        assumeNotOpen(bid);
        assertRefused(abi.encodeCall(escrow.settle, (bid, settlement, packed(signature))), caller, time);
    }

    function check_I3_Rule(IEscrowTypes.Bid memory bid, uint96 cumulative, uint96 bondBack, address caller, uint40 time)
        public
    {
        assumeNotOpen(bid);
        assertRefused(abi.encodeCall(escrow.rule, (bid, cumulative, bondBack)), caller, time);
    }

    function check_I3_Dispute(IEscrowTypes.Bid memory bid, bool fromLedger, address caller, uint40 time) public {
        assumeNotOpen(bid);
        assertRefused(abi.encodeCall(escrow.dispute, (bid, 0, fromLedger)), caller, time);
    }

    function check_I3_Deliver(IEscrowTypes.Bid memory bid, bytes32 head, address caller, uint40 time) public {
        assumeNotOpen(bid);
        assertRefused(abi.encodeCall(escrow.deliver, (bid, head)), caller, time);
    }

    function check_I3_GiveUp(IEscrowTypes.Bid memory bid, address caller, uint40 time) public {
        assumeNotOpen(bid);
        assertRefused(abi.encodeCall(escrow.giveUp, (bid)), caller, time);
    }

    function check_I3_DropStandby(IEscrowTypes.Bid memory bid, address caller, uint40 time) public {
        assumeNotOpen(bid);
        assertRefused(abi.encodeCall(escrow.dropStandby, (bid)), caller, time);
    }

    function check_I3_Claim(IEscrowTypes.Bid memory bid, address caller, uint40 time) public {
        assumeNotOpen(bid);
        assertRefused(abi.encodeCall(escrow.claim, (bid)), caller, time);
    }

    function check_I3_Refund(IEscrowTypes.Bid memory bid, address caller, uint40 time) public {
        assumeNotOpen(bid);
        assertRefused(abi.encodeCall(escrow.refund, (bid)), caller, time);
    }

    function check_I3_Cancel(IEscrowTypes.Bid memory bid, address caller, uint40 time) public {
        assumeNotOpen(bid);
        assertRefused(abi.encodeCall(escrow.cancel, (bid)), caller, time);
    }

    function check_I3_Expire(IEscrowTypes.Bid memory bid, address caller, uint40 time) public {
        assumeNotOpen(bid);
        assertRefused(abi.encodeCall(escrow.expire, (bid)), caller, time);
    }

    function assumeUsed(IEscrowTypes.Bid memory bid) private view {
        vm.assume(word(escrow.idOf(bid)).status != IEscrowTypes.Status.NONE);
    }

    function assumeNotOpen(IEscrowTypes.Bid memory bid) private view {
        IEscrowTypes.Status status = word(escrow.idOf(bid)).status;
        vm.assume(either(status == IEscrowTypes.Status.NONE, status == IEscrowTypes.Status.CLOSED));
    }

    function assertRefused(bytes memory call, address caller, uint40 time) private {
        vm.warp(time);
        vm.prank(caller);
        (bool ok,) = address(escrow).call(call);
        assert(!ok);
    }
}
