// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../../src/interfaces/IEscrowTypes.sol";
import {BurningWallet} from "../helpers/wallets/HookedWallet.sol";
import {DeafWallet, HungryWallet, Martyr} from "../helpers/wallets/OddWallets.sol";
import {OwnedWallet, ProxyWallet} from "../helpers/wallets/SmartWallets.sol";
import {GasBurner, LoudWallet, PickyWallet, PlainWallet, RevertingWallet} from "../helpers/Wallets.sol";
import {WaysOut} from "./WaysOut.sol";

/// @notice Native coin on every way out, to parties whose wallets do what they like: who takes money is paid, who does not
/// is credited, and neither is in anybody's way.
contract WalletPayoutsTest is WaysOut {
    bytes32 private constant IMPLEMENTATION = bytes32(uint256(keccak256("eip1967.proxy.implementation")) - 1);
    /// @dev Three pushes, each with all it may use.
    uint256 private constant ENOUGH = 500_000;

    // ------------------------------------------------------------------ refusing wallets

    function testFuzz_CreditsPartiesWhoRefuse(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way,
        uint8 who,
        uint8[5] memory kinds
    ) public {
        Story memory s = begun(NATIVE, raw, units, way);
        arrived(s);
        uint256[5] memory fair = fairShares(s);
        uint256[5] memory before;
        for (uint256 i; i < 5; ++i) {
            before[i] = parties()[i].balance;
            if (who >> i & 1 == 1) becomeRefusing(parties()[i], kinds[i]);
        }
        left(s, ENOUGH);
        assertShares(NATIVE, fair);
        for (uint256 i; i < 5; ++i) {
            if (who >> i & 1 == 1) assertEq(parties()[i].balance, before[i], "not pushed");
        }
        assertAllLeaves(NATIVE);
        assertBystandersUnharmed();
    }

    /// @dev A wallet that refuses its own withdrawal keeps what it has, and can name another receiver.
    function testFuzz_RevertWhen_TheReceiverRefuses(uint96 amount, uint8 kind) public {
        amount = uint96(bound(amount, 1, type(uint96).max));
        prepay(NATIVE, bo, amount);
        becomeRefusing(bo, kind);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.PushFailed.selector, NATIVE, bo, amount));
        vm.prank(bo);
        escrow.withdraw{gas: ENOUGH}(NATIVE, bo, amount);
        assertEq(freeIn(NATIVE, bo), amount);
        assertAllLeaves(NATIVE);
        assertBystandersUnharmed();
    }

    // ------------------------------------------------------------------ willing wallets

    /// @dev Smart wallets, also behind a proxy and as an account's delegated code: pushed, as to a plain account.
    function testFuzz_PaysPartiesWhoTakeIt(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, uint8[5] memory kinds)
        public
    {
        Story memory s = begun(NATIVE, raw, units, way);
        arrived(s);
        (uint256[5] memory fair, uint256[5] memory free) = fairWallets(s);
        for (uint256 i; i < 5; ++i) {
            becomeWilling(parties()[i], kinds[i]);
        }
        left(s, ENOUGH);
        for (uint256 i; i < 5; ++i) {
            assertEq(parties()[i].balance, fair[i], "pushed");
            assertEq(freeIn(NATIVE, parties()[i]), free[i], "credited");
        }
        assertAllLeaves(NATIVE);
        assertBystandersUnharmed();
    }

    /// @dev No caller can choose its gas so that a willing wallet, of any party, is credited in place of being paid: with the
    /// least gas that a call can do with, everybody is paid.
    /// forge-config: default.isolate = true
    function testFuzz_PaysInFullOrReverts(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, bool delegated) public {
        Story memory s = begun(NATIVE, raw, units, way % uint8(Way.REAWARD));
        arrived(s);
        (uint256[5] memory fair, uint256[5] memory free) = fairWallets(s);
        address picky = address(new PickyWallet());
        for (uint256 i; i < 5; ++i) {
            delegated ? delegate(parties()[i], picky) : vm.etch(parties()[i], picky.code);
        }
        left(s, leastGas(s));
        for (uint256 i; i < 5; ++i) {
            assertEq(parties()[i].balance, fair[i], "pushed");
            assertEq(freeIn(NATIVE, parties()[i]), free[i], "credited");
        }
    }

    // ------------------------------------------------------------------ wallets that change

    /// @dev From one payment to the next a wallet turns from taking to refusing, or back: each payment is one or the other.
    function testFuzz_PaysOrCreditsAsTheWalletChanges(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96[3] memory parts,
        bool[4] memory refuses
    ) public {
        raw.toLedger = false;
        Story memory s = begun(NATIVE, raw, units, uint8(Way.RELEASE));
        (uint256 pushed, uint96 paid) = (0, 0);
        for (uint256 i; i < 3; ++i) {
            uint96 next = uint96(bound(parts[i], paid, s.price - 1));
            if (next == paid) continue;
            refuses[i] ? becomeRefusing(bo, uint8(parts[i])) : becomeWilling(bo, uint8(parts[i]));
            if (!refuses[i]) pushed += next - feeOn(s.bid, next) - (paid - feeOn(s.bid, paid));
            released(s.bid, next);
            paid = next;
            assertEq(bo.balance, pushed);
            assertEq(freeIn(NATIVE, bo), paid - feeOn(s.bid, paid) - pushed);
        }
        refuses[3] ? becomeRefusing(bo, 0) : becomeWilling(bo, 0);
        left(s, ENOUGH);
        assertEq(owns(NATIVE, bo), uint256(s.price) - feeOn(s.bid, s.price) + s.bid.bond);
        assertAllLeaves(NATIVE);
        assertBystandersUnharmed();
    }

    // ------------------------------------------------------------------ forced money

    /// @dev Ether that nobody can refuse is nobody's: it pays for nothing and blocks nothing.
    function testFuzz_GivesForcedEtherToNobody(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way,
        uint96[2] memory gifts
    ) public {
        vm.deal(address(this), uint256(gifts[0]) + gifts[1]);
        new Martyr{value: gifts[0]}(payable(address(escrow)));
        Story memory s = begun(NATIVE, raw, units, way);
        arrived(s);
        uint256[5] memory fair = fairShares(s);
        new Martyr{value: gifts[1]}(payable(address(escrow)));
        left(s);
        assertShares(NATIVE, fair);
        for (uint256 i; i < 5; ++i) {
            takeOut(NATIVE, parties()[i], dee);
        }
        assertEq(address(escrow).balance, held(NATIVE) + gifts[0] + gifts[1]);
        assertBystandersUnharmed();
    }

    // ------------------------------------------------------------------ helpers

    function fairWallets(Story memory s) private returns (uint256[5] memory wallets, uint256[5] memory free) {
        uint256 snapshot = vm.snapshotState();
        left(s);
        for (uint256 i; i < 5; ++i) {
            (wallets[i], free[i]) = (parties()[i].balance, freeIn(NATIVE, parties()[i]));
        }
        vm.revertToState(snapshot);
    }

    function becomeRefusing(address who, uint8 kind) private {
        kind %= 7;
        if (kind == 0) vm.etch(who, address(new RevertingWallet()).code);
        if (kind == 1) vm.etch(who, address(new GasBurner()).code);
        if (kind == 2) vm.etch(who, address(new LoudWallet(true)).code);
        if (kind == 3) vm.etch(who, address(new HungryWallet(60_000)).code);
        if (kind == 4) vm.etch(who, address(new BurningWallet()).code);
        if (kind == 5) vm.etch(who, address(new DeafWallet()).code);
        if (kind == 6) delegate(who, address(new GasBurner()));
    }

    function becomeWilling(address who, uint8 kind) private {
        kind %= 6;
        if (kind == 0) vm.etch(who, address(new PlainWallet()).code);
        if (kind == 1) vm.etch(who, address(new LoudWallet(false)).code);
        if (kind == 2) vm.etch(who, address(new HungryWallet(45_000)).code);
        if (kind == 3) vm.etch(who, "");
        if (kind == 4) delegate(who, address(new OwnedWallet()));
        if (kind == 5) {
            vm.etch(who, address(new ProxyWallet(address(0))).code);
            vm.store(who, IMPLEMENTATION, bytes32(uint256(uint160(address(new OwnedWallet())))));
        }
    }

    /// @dev As an account does that hands its calls to a contract's code (EIP-7702).
    function delegate(address who, address code) private {
        vm.etch(who, abi.encodePacked(hex"ef0100", code));
    }
}
