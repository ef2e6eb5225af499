// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {Settling} from "./helpers/Settling.sol";
import {Erc1271Wallet, LiarWallet} from "./helpers/Wallets.sol";

/// @notice `settle`: whose signature it takes.
contract SettleSignedTest is Settling {
    // ------------------------------------------------------------------ refusals

    /// @dev Else one party alone could settle.
    function testFuzz_RevertWhen_ThePartySignedItself(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 which,
        uint96 toProvider,
        bool byProvider
    ) public {
        Case memory c = openCase(raw, units, 0, which);
        IEscrowTypes.Settlement memory s = settlement(c, toProvider);
        refuseSignature(c, s, byProvider, sign(byProvider ? boKey : adaKey, settlementDigest(s)));
    }

    function testFuzz_RevertWhen_SomebodyElseSigned(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 which,
        uint256 key,
        bool byProvider
    ) public {
        Case memory c = openCase(raw, units, 0, which);
        key = boundPrivateKey(key);
        vm.assume(key != (byProvider ? adaKey : boKey));
        IEscrowTypes.Settlement memory s = settlement(c, 0);
        refuseSignature(c, s, byProvider, sign(key, settlementDigest(s)));
    }

    /// @dev A thief of the provider's hot key must not be able to give everything away.
    function testFuzz_RevertWhen_AHotKeySigned(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 which,
        uint256 key,
        bool byProvider
    ) public {
        Case memory c = openCase(raw, units, 0, which);
        key = boundPrivateKey(key);
        vm.assume(key != adaKey && key != boKey);
        vm.prank(byProvider ? ada : bo);
        escrow.setAgent(currency, vm.addr(key), type(uint40).max, type(uint96).max);
        IEscrowTypes.Settlement memory s = settlement(c, 0);
        refuseSignature(c, s, byProvider, sign(key, settlementDigest(s)));
    }

    function testFuzz_RevertWhen_AHotKeyCalls(IEscrowTypes.Bid memory raw, uint32 units, uint8 which, address key)
        public
    {
        Case memory c = openCase(raw, units, 0, which);
        vm.assume(key != ada && key != bo);
        vm.prank(bo);
        escrow.setAgent(currency, key, type(uint40).max, type(uint96).max);
        IEscrowTypes.Settlement memory s = settlement(c, 0);
        bytes memory signature = sign(adaKey, settlementDigest(s));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotParty.selector, key));
        vm.prank(key);
        escrow.settle(c.bid, s, signature);
    }

    /// @dev Every member is signed: the amount that is not checked otherwise, and the deadline.
    function testFuzz_RevertWhen_ItIsAltered(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 which,
        uint96 toProvider,
        bool byProvider
    ) public {
        Case memory c = openCase(raw, units, 0, which);
        IEscrowTypes.Settlement memory s = settlement(c, 0);
        bytes memory signature = sign(byProvider ? adaKey : boKey, settlementDigest(s));
        s.deadline += 1;
        refuseSignature(c, s, byProvider, signature);
        s.deadline -= 1;
        s.toProvider = uint96(bound(toProvider, 1, c.price + c.bid.bond));
        refuseSignature(c, s, byProvider, signature);
    }

    function testFuzz_RevertGiven_AWalletThatDidNotSign(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 which,
        uint8 lie,
        bool byProvider
    ) public {
        Case memory c = openCase(raw, units, 0, which);
        bytes memory code =
            lie % 7 == 6 ? address(new Erc1271Wallet()).code : address(new LiarWallet(LiarWallet.Lie(lie % 7))).code;
        vm.etch(byProvider ? ada : bo, code);
        refuseSignature(c, settlement(c, 0), byProvider, "");
    }

    // ------------------------------------------------------------------ successes

    function testFuzz_TakesAWalletsSignature(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint8 which,
        uint96 toProvider,
        bool byProvider
    ) public {
        Case memory c = openCase(raw, units, part, which);
        IEscrowTypes.Settlement memory s = settlement(c, toProvider);
        address other = byProvider ? ada : bo;
        vm.etch(other, address(new Erc1271Wallet()).code);
        Erc1271Wallet(payable(other)).approve(settlementDigest(s));
        vm.prank(byProvider ? bo : ada);
        escrow.settle(c.bid, s, "");
        assertEnded(c, split(c, s.toProvider));
    }
}
