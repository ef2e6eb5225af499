// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {Endings} from "./helpers/Endings.sol";
import {GasBurner, LoudWallet, PickyWallet, PlainWallet, RevertingWallet, Wallet} from "./helpers/Wallets.sol";
import {HungryWallet} from "./helpers/wallets/OddWallets.sol";
import {OwnedWallet, ProxyWallet} from "./helpers/wallets/SmartWallets.sol";

/// @notice Push, else credit: what a receiver does can neither hold up nor cost its counterpart anything.
/// @dev The receivers are Bo, Ada and Eve themselves, whose accounts come to hold a wallet's code before the last call.
/// Isolated, so that each call is a transaction of its own, and finds all accounts cold: `vm.cool` leaves them warm.
/// forge-config: default.isolate = true
contract PushTest is Endings {
    uint256 private constant ENOUGH = 400_000;
    uint256 private constant PUSH_GAS_NEEDED = 66_000;
    /// @dev What a wallet sees of the 50,000 forwarded and the 2,300 that come with any value.
    uint256 private constant PROMISED = 52_200;

    // ------------------------------------------------------------------ refusals

    /// @dev The last push has the least gas left to it: at one less than the least that is enough, all is undone.
    function testFuzz_RevertWhen_TooLittleGasIsLeftToForward(IEscrowTypes.Bid memory raw, uint8 which) public {
        Case memory c = sharedNative(raw);
        Last memory l = bring(c, endingOf(which));
        wallets(address(new HungryWallet(PROMISED)).code);
        uint256 enough = leastGas(l);
        (bool ok, bytes memory answer) = tried(l, enough - 1);
        assertFalse(ok);
        assertEq(bytes4(answer), IEscrowTypes.GasTooLow.selector);
        (uint256 gasLeft, uint256 needed) = abi.decode(this.members(answer), (uint256, uint256));
        assertLt(gasLeft, needed);
        assertEq(needed, PUSH_GAS_NEEDED);
        assertKept(c);
        (ok,) = tried(l, enough);
        assertTrue(ok);
        assertEnded(c, l.shares);
    }

    /// @dev Cold accounts, two or three pushes, receivers that use up all they are promised: whatever gas a stranger
    /// sends along, all of them get what they are promised, or all is undone.
    function testFuzz_ForwardsItsGasOrReverts(IEscrowTypes.Bid memory raw, uint8 which, uint256 gasLimit, bool picky)
        public
    {
        Case memory c = sharedNative(raw);
        Last memory l = bring(c, endingOf(which));
        wallets(picky ? address(new PickyWallet()).code : address(new HungryWallet(PROMISED)).code);
        (bool ok,) = tried(l, bound(gasLimit, 30_000, 330_000));
        if (ok) assertEnded(c, l.shares);
        else assertKept(c);
    }

    /// @dev An account that delegates to another's code (EIP-7702) costs one more cold access.
    /// forge-config: default.evm_version = "prague"
    /// forge-config: default.isolate = true
    function testFuzz_ForwardsItsGasToADelegate(IEscrowTypes.Bid memory raw, uint8 which) public {
        Case memory c = sharedNative(raw);
        Last memory l = bring(c, endingOf(which));
        address[3] memory parties = [bo, ada, eve];
        for (uint256 i; i < 3; ++i) {
            vm.etch(parties[i], abi.encodePacked(hex"ef0100", new HungryWallet(PROMISED)));
        }
        uint256 enough = leastGas(l);
        (bool ok, bytes memory answer) = tried(l, enough - 1);
        assertFalse(ok);
        assertEq(bytes4(answer), IEscrowTypes.GasTooLow.selector);
        (ok,) = tried(l, enough);
        assertTrue(ok);
        assertEnded(c, l.shares);
    }

    // ------------------------------------------------------------------ refusing receivers are credited

    /// @dev Any of the parties, or all of them, in any ending: it closes all the same, and each has its share.
    function testFuzz_CreditsWhoRefuses(IEscrowTypes.Bid memory raw, uint8 which, uint8 kind, uint8 who) public {
        Case memory c = sharedNative(raw);
        Last memory l = bring(c, endingOf(which));
        bytes memory code = refusing(kind);
        if (who & 1 != 0) vm.etch(bo, code);
        if (who & 2 != 0) vm.etch(ada, code);
        if (who & 4 != 0) vm.etch(eve, code);
        (bool ok,) = tried(l, ENOUGH);
        assertTrue(ok);
        assertEq(uint8(word(c.id).status), uint8(IEscrowTypes.Status.CLOSED));
        uint256 net = l.shares.toProvider - feeOn(c.bid, l.shares.toProvider);
        assertGot(bo, who & 1 != 0, net, l.shares.bondBack);
        assertGot(ada, who & 2 != 0, l.shares.toDesigner, 0);
        assertGot(eve, who & 4 != 0, l.shares.toArbiter, 0);
    }

    /// @dev A credit for a failed push comes in addition to the log of the closing.
    function testFuzz_EmitsTheCredits(IEscrowTypes.Bid memory raw, uint8 kind) public {
        Case memory c = sharedNative(raw);
        Last memory l = bring(c, Ending.RULE);
        wallets(refusing(kind));
        uint96 net = l.shares.toProvider - uint96(feeOn(c.bid, l.shares.toProvider));
        expectClosed(c, IEscrowTypes.How.RULED, l.shares);
        expectCredited(bo, c.id, net);
        expectCredited(ada, c.id, l.shares.toDesigner);
        expectCredited(eve, c.id, l.shares.toArbiter);
        vm.prank(l.caller);
        escrow.rule(c.bid, l.shares.toProvider, 0);
        assertNoOtherLogs();
    }

    /// @dev Neither can a refusal be made dear: what comes back is not even copied.
    function testFuzz_CostsNoMoreThanIsForwarded(IEscrowTypes.Bid memory raw, uint8 which, uint8 kind) public {
        Case memory c = sharedNative(raw);
        Last memory l = bring(c, endingOf(which));
        uint256 snapshot = vm.snapshotState();
        uint256 plain = gasOf(l);
        vm.revertToState(snapshot);
        wallets(refusing(kind));
        // For each of three: the gas forwarded, and a fresh credit with its log instead of a new balance.
        assertLt(gasOf(l), plain + 3 * (50_000 + 30_000));
    }

    /// @dev Credited money is not lost: it leaves for another address.
    function testFuzz_LetsARefusingProviderWithdrawElsewhere(IEscrowTypes.Bid memory raw, uint8 kind) public {
        Case memory c = sharedNative(raw);
        Last memory l = bring(c, Ending.CLAIM);
        vm.etch(bo, refusing(kind));
        tried(l, ENOUGH);
        uint128 amount = uint128(free(bo));
        Wallet(bo).act(address(escrow), 0, abi.encodeCall(escrow.withdraw, (NATIVE, charlie, amount)));
        assertEq(charlie.balance, c.price - feeOn(c.bid, c.price) + c.bid.bond);
        assertEq(free(bo), 0);
    }

    /// @dev Whoever is paid into the ledger is not called at all.
    function testFuzz_CallsNobodyWhereTheLedgerIsWanted(IEscrowTypes.Bid memory raw, uint32 units, uint8 which) public {
        Case memory c = drawnNative(raw, units);
        (c.bid.toLedger, c.mandated) = (true, true);
        bring(c, openStatus(which), 0);
        uint96 feeBack = c.status == IEscrowTypes.Status.DISPUTED ? c.bid.disputeFee : 0;
        Last memory l = last(c, Ending.REDEEM);
        wallets(address(new GasBurner()).code);
        (bool ok,) = tried(l, 110_000); // too little for a push
        assertTrue(ok);
        assertEnded(c, Shares(c.price, c.bid.bond, feeBack, 0));
    }

    // ------------------------------------------------------------------ willing receivers are paid

    function testFuzz_PaysWallets(IEscrowTypes.Bid memory raw, uint8 which, uint8 kind) public {
        Case memory c = sharedNative(raw);
        Last memory l = bring(c, endingOf(which));
        wallets(willing(kind));
        (bool ok,) = tried(l, ENOUGH);
        assertTrue(ok);
        assertEnded(c, l.shares);
    }

    /// @dev A smart wallet behind a proxy, that notes and logs what it is paid, is what the promised gas is for.
    function testFuzz_PaysAProxy(IEscrowTypes.Bid memory raw, uint8 which) public {
        Case memory c = sharedNative(raw);
        Last memory l = bring(c, endingOf(which));
        address implementation = address(new OwnedWallet());
        ProxyWallet proxy = new ProxyWallet(implementation);
        address[3] memory parties = [bo, ada, eve];
        bytes32 slot = bytes32(uint256(keccak256("eip1967.proxy.implementation")) - 1);
        for (uint256 i; i < 3; ++i) {
            vm.etch(parties[i], address(proxy).code);
            vm.store(parties[i], slot, bytes32(uint256(uint160(implementation))));
        }
        (bool ok,) = tried(l, ENOUGH);
        assertTrue(ok);
        assertEnded(c, l.shares);
    }

    // ------------------------------------------------------------------ helpers

    /// @dev Everybody who is paid becomes a wallet of this code.
    function wallets(bytes memory code) internal {
        vm.etch(bo, code);
        vm.etch(ada, code);
        vm.etch(eve, code);
    }

    /// @dev The last call with a gas limit.
    function tried(Last memory l, uint256 gasLimit) internal returns (bool ok, bytes memory answer) {
        vm.prank(l.caller);
        (ok, answer) = address(escrow).call{gas: gasLimit}(l.data);
    }

    /// @dev The least gas with which the last call goes through, found by halving.
    function leastGas(Last memory l) internal returns (uint256 enough) {
        uint256 tooLittle = 21_000;
        enough = ENOUGH;
        while (enough - tooLittle > 1) {
            uint256 middle = (enough + tooLittle) / 2;
            uint256 snapshot = vm.snapshotState();
            (bool ok,) = tried(l, middle);
            vm.revertToState(snapshot);
            if (ok) enough = middle;
            else tooLittle = middle;
        }
    }

    function gasOf(Last memory l) internal returns (uint256) {
        uint256 before = gasleft();
        (bool ok,) = tried(l, ENOUGH);
        assertTrue(ok);
        return before - gasleft();
    }

    function assertGot(address who, bool refuses, uint256 pushed, uint256 credited) internal view {
        assertEq(who.balance, refuses ? 0 : pushed);
        assertEq(free(who), refuses ? credited + pushed : credited);
    }

    /// @dev An error's members, without its selector.
    function members(bytes calldata answer) external pure returns (bytes memory) {
        return answer[4:];
    }

    function refusing(uint8 kind) internal returns (bytes memory) {
        if (kind % 3 == 0) return address(new RevertingWallet()).code;
        if (kind % 3 == 1) return address(new GasBurner()).code;
        return address(new LoudWallet(true)).code;
    }

    function willing(uint8 kind) internal returns (bytes memory) {
        if (kind % 4 == 0) return "";
        if (kind % 4 == 1) return address(new PlainWallet()).code;
        if (kind % 4 == 2) return address(new LoudWallet(false)).code;
        return address(new OwnedWallet()).code;
    }
}
