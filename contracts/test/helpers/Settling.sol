// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {Cases} from "./Cases.sol";

/// @notice Settlements of a case, by either party.
abstract contract Settling is Cases {
    /// @dev As things stand now, `toProvider` bounded to what there is.
    function settlement(Case memory c, uint96 toProvider) internal view returns (IEscrowTypes.Settlement memory) {
        toProvider = uint96(bound(toProvider, 0, c.price - c.paid + c.bid.bond));
        return IEscrowTypes.Settlement(c.id, toProvider, c.paid, uint8(c.status), uint40(block.timestamp + 3600));
    }

    /// @dev What a settlement means, all in all.
    function split(Case memory c, uint96 toProvider) internal pure returns (Shares memory) {
        uint96 bondBack = toProvider < c.bid.bond ? toProvider : c.bid.bond;
        uint96 toDesigner = c.price - c.paid + c.bid.bond - toProvider;
        if (c.status == IEscrowTypes.Status.DISPUTED) toDesigner += c.bid.disputeFee;
        return Shares(c.paid + toProvider - bondBack, bondBack, toDesigner, 0);
    }

    function settle(Case memory c, IEscrowTypes.Settlement memory s, bool byProvider) internal {
        bytes memory signature = sign(byProvider ? adaKey : boKey, settlementDigest(s));
        vm.prank(byProvider ? bo : ada);
        escrow.settle(c.bid, s, signature);
    }

    /// @dev Rightly signed by the other party: that is not what it fails for.
    function refuse(Case memory c, IEscrowTypes.Settlement memory s, bool byProvider, bytes memory refusal) internal {
        bytes memory signature = sign(byProvider ? adaKey : boKey, settlementDigest(s));
        vm.expectRevert(refusal);
        vm.prank(byProvider ? bo : ada);
        escrow.settle(c.bid, s, signature);
    }

    function refuseSignature(Case memory c, IEscrowTypes.Settlement memory s, bool byProvider, bytes memory signature)
        internal
    {
        bytes32 digest = settlementDigest(s);
        address other = byProvider ? ada : bo;
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.SignatureInvalid.selector, other, digest));
        vm.prank(byProvider ? bo : ada);
        escrow.settle(c.bid, s, signature);
    }

    function stale(Case memory c) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IEscrowTypes.SettlementStale.selector, c.status, c.paid);
    }

    function wrongStatus(Case memory c) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IEscrowTypes.WrongStatus.selector, c.id, c.status);
    }
}
