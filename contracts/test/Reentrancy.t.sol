// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {Endings} from "./helpers/Endings.sol";
import {Reentrant} from "./helpers/Wallets.sol";
import {HookToken} from "./helpers/tokens/CallingTokens.sol";
import {HookedWallet} from "./helpers/wallets/HookedWallet.sol";

/// @notice Receivers, and payers in a token with hooks, that call back while money moves.
contract ReentrancyTest is Endings {
    uint256 private constant LOCKED_FUNCTIONS = 16;
    /// @dev Calls that take money from Ada's wallet, and so call her in a token with hooks.
    uint256 private constant INTAKES = 4;

    address private immutable _data = makeAddr("calldata");

    // ------------------------------------------------------------------ refusals

    /// @dev Each party that an ending pays, into each function that moves money; the ending itself is not disturbed.
    function testFuzz_RevertWhen_AReceiverCallsBack(IEscrowTypes.Bid memory raw, uint8 which, uint8 who) public {
        Case memory c = sharedNative(raw);
        Last memory l = bring(c, endingOf(which));
        address receiver = paid(l, who);
        vm.etch(receiver, address(new Reentrant(escrow, _data)).code);
        uint256 snapshot = vm.snapshotState();
        for (uint256 i; i < LOCKED_FUNCTIONS; ++i) {
            vm.etch(_data, moving(c.bid, i));
            vm.store(receiver, 0, "untried");
            run(l);
            assertEq(bytes4(Reentrant(payable(receiver)).outcome()), IEscrowTypes.Locked.selector);
            assertEnded(c, l.shares);
            vm.revertToState(snapshot);
        }
    }

    function testFuzz_RevertWhen_AReceiverOfAWithdrawalCallsBack(IEscrowTypes.Bid memory raw, uint96 amount) public {
        Case memory c = sharedNative(raw);
        amount = uint96(bound(amount, 1, type(uint96).max));
        fund(bo, amount);
        vm.etch(eve, address(new Reentrant(escrow, _data)).code);
        uint256 snapshot = vm.snapshotState();
        for (uint256 i; i < LOCKED_FUNCTIONS; ++i) {
            vm.etch(_data, moving(c.bid, i));
            vm.store(eve, 0, "untried");
            vm.prank(bo);
            escrow.withdraw(NATIVE, eve, amount);
            assertEq(bytes4(Reentrant(payable(eve)).outcome()), IEscrowTypes.Locked.selector);
            assertEq(eve.balance, amount);
            vm.revertToState(snapshot);
        }
    }

    /// @dev The surplus of an agreement that a standby takes over goes to the designer.
    function testFuzz_RevertWhen_AReceiverOfASurplusCallsBack(IEscrowTypes.Bid memory raw) public {
        Case memory c = sharedNative(raw);
        IEscrowTypes.Bid memory standby = abi.decode(abi.encode(c.bid), (IEscrowTypes.Bid));
        (address sam, uint256 samKey) = makeAddrAndKey("sam");
        (standby.provider, standby.unitPrice, standby.validUntil) = (sam, c.bid.unitPrice / 2, type(uint40).max);
        bytes32 standbyId = escrow.idOf(standby);
        fund(sam, standby.bond);
        award(c, standbyId);
        giveUp(c);
        vm.etch(ada, address(new Reentrant(escrow, _data)).code);
        uint256 snapshot = vm.snapshotState();
        for (uint256 i; i < LOCKED_FUNCTIONS; ++i) {
            vm.etch(_data, moving(c.bid, i));
            vm.store(ada, 0, "untried");
            escrow.reaward(c.bid, standby, sign(samKey, standbyId), sam);
            assertEq(bytes4(Reentrant(payable(ada)).outcome()), IEscrowTypes.Locked.selector);
            assertEq(ada.balance, c.price + c.bid.bond - standby.unitPrice);
            vm.revertToState(snapshot);
        }
    }

    /// @dev The same in a token that calls its receivers, with all gas there is.
    function testFuzz_RevertWhen_ATokensReceiverCallsBack(IEscrowTypes.Bid memory raw, uint8 which, uint8 who) public {
        Case memory c = hooked(raw);
        Last memory l = bring(c, endingOf(which));
        HookedWallet receiver = hook(paid(l, who));
        uint256 snapshot = vm.snapshotState();
        for (uint256 i; i < LOCKED_FUNCTIONS; ++i) {
            receiver.plan(address(escrow), moving(c.bid, i), false);
            run(l);
            assertEq(receiver.outcome(), IEscrowTypes.Locked.selector);
            assertEnded(c, l.shares);
            vm.revertToState(snapshot);
        }
    }

    /// @dev While money comes in, between the two looks at the balance.
    function testFuzz_RevertWhen_ATokensPayerCallsBack(IEscrowTypes.Bid memory raw, uint8 which) public {
        Case memory c = hooked(raw);
        (address caller, bytes memory data) = intake(c, which);
        HookedWallet payer = hook(ada);
        uint256 held = money(ada);
        uint256 snapshot = vm.snapshotState();
        for (uint256 i; i < LOCKED_FUNCTIONS; ++i) {
            payer.plan(address(escrow), moving(c.bid, i), false);
            run(caller, data);
            assertEq(payer.outcome(), IEscrowTypes.Locked.selector);
            assertLt(money(ada), held);
            vm.revertToState(snapshot);
        }
    }

    /// @dev Money that comes in by another way while it is counted is not counted twice.
    function testFuzz_RevertWhen_AnotherPaysInTheMiddle(IEscrowTypes.Bid memory raw, uint96 amount) public {
        hooked(raw);
        amount = uint96(bound(amount, 1, type(uint96).max));
        give(ada, amount);
        HookedWallet payer = hook(ada);
        HookToken(currency).mint(ada, amount);
        payer.plan(currency, abi.encodeCall(HookToken(currency).transfer, (address(escrow), amount)), true);
        bytes4 inexact = IEscrowTypes.InexactTransfer.selector;
        vm.expectRevert(abi.encodeWithSelector(inexact, currency, uint256(amount) * 2, amount));
        vm.prank(ada);
        escrow.deposit(currency, ada, amount);
    }

    // ------------------------------------------------------------------ what moves no money is open

    /// @dev And finds the payment already booked.
    function testFuzz_DeliversWhileItIsPaid(IEscrowTypes.Bid memory raw) public {
        Case memory c = sharedNative(raw);
        award(c);
        partlyPaid(c, abi.encodeCall(escrow.deliver, (c.bid, "head")));
        c.status = IEscrowTypes.Status.DELIVERED;
        assertStands(c);
    }

    /// @dev What is said in the middle of a payment is not written over after it.
    function testFuzz_GivesUpWhileItIsPaid(IEscrowTypes.Bid memory raw) public {
        Case memory c = sharedNative(raw);
        award(c);
        partlyPaid(c, abi.encodeCall(escrow.giveUp, (c.bid)));
        c.flags |= GIVEN_UP;
        assertStands(c);
    }

    function testFuzz_BumpsItsEpochWhileItIsPaid(IEscrowTypes.Bid memory raw) public {
        Case memory c = sharedNative(raw);
        award(c);
        partlyPaid(c, abi.encodeCall(escrow.bumpEpoch, (NATIVE)));
        assertStands(c);
        assertEq(account(bo).epoch, 1);
    }

    /// @dev The account's other members are not written over where a deposit ends.
    function testFuzz_BumpsItsEpochWhileItPays(IEscrowTypes.Bid memory raw, uint96 amount) public {
        hooked(raw);
        amount = uint96(bound(amount, 1, type(uint96).max));
        give(ada, amount);
        HookedWallet payer = hook(ada);
        payer.plan(address(escrow), abi.encodeCall(escrow.bumpEpoch, (currency)), true);
        vm.prank(ada);
        escrow.deposit(currency, ada, amount);
        assertEq(account(ada).epoch, 1);
        assertEq(free(ada), amount);
    }

    /// @dev The agreement stands before its price is taken: what the designer says meanwhile is about it.
    function testFuzz_DropsTheStandbyWhileItPays(IEscrowTypes.Bid memory raw, bytes32 standby) public {
        vm.assume(standby != 0);
        Case memory c = hooked(raw);
        ready(c.bid, 1);
        HookedWallet payer = hook(ada);
        payer.plan(address(escrow), abi.encodeCall(escrow.dropStandby, (c.bid)), true);
        bytes memory signature = signed(c.bid);
        vm.prank(ada);
        bytes32 id = escrow.award(c.bid, signature, bo, 1, standby, 0, false);
        assertEq(escrow.standbyOf(id), 0);
        assertWord(id, IEscrowTypes.Status.AWARDED, START, priceOf(c.bid, 1), 0);
    }

    /// @dev The lock is open again after each call, within one transaction too.
    function testFuzz_UnlocksAfterEachCall(uint96 first, uint96 second, uint8 kind) public {
        drawCurrency(kind);
        fund(bo, uint256(first) + 1);
        fund(bo, uint256(second) + 1);
        assertEq(free(bo), uint256(first) + second + 2);
    }

    /// @dev And after one that failed.
    function testFuzz_UnlocksAfterARefusal(uint96 amount, uint8 kind) public {
        drawCurrency(kind);
        vm.expectRevert(IEscrowTypes.AmountZero.selector);
        escrow.withdraw(currency, bo, 0);
        fund(bo, uint256(amount) + 1);
        assertEq(free(bo), uint256(amount) + 1);
    }

    // ------------------------------------------------------------------ helpers

    /// @dev A case in a token with hooks.
    function hooked(IEscrowTypes.Bid memory raw) internal returns (Case memory c) {
        raw.arbiter = address(1);
        currency = address(new HookToken());
        c.bid = saneTerms(raw);
        shared(c);
    }

    /// @dev Somebody's account comes to hold the code of a wallet that the token calls.
    function hook(address who) internal returns (HookedWallet wallet) {
        vm.etch(who, address(new HookedWallet()).code);
        wallet = HookedWallet(payable(who));
        wallet.join(HookToken(currency));
    }

    /// @dev One of those whom the last call pays.
    function paid(Last memory l, uint8 who) internal view returns (address) {
        if (l.shares.toArbiter != 0 && who % 3 == 0) return eve;
        if (l.shares.toProvider == 0) return ada;
        return l.shares.toDesigner == 0 || who % 2 == 0 ? bo : ada;
    }

    function run(Last memory l) internal {
        run(l.caller, l.data);
    }

    function run(address caller, bytes memory data) internal {
        vm.prank(caller);
        (bool ok,) = address(escrow).call(data);
        assertTrue(ok);
    }

    /// @dev Pays half the price to Bo, whose wallet answers with the call, which must go through.
    function partlyPaid(Case memory c, bytes memory data) internal {
        vm.etch(_data, data);
        vm.etch(bo, address(new Reentrant(escrow, _data)).code);
        vm.store(bo, 0, "untried");
        pay(c, c.price / 2);
        assertEq(Reentrant(payable(bo)).outcome(), "went through");
    }

    /// @dev A call that takes money from Ada's wallet, everything ready for it.
    function intake(Case memory c, uint8 which) internal returns (address caller, bytes memory data) {
        if (which % INTAKES == 0) {
            give(ada, c.bid.bond);
            return (ada, abi.encodeCall(escrow.deposit, (currency, bo, c.bid.bond)));
        }
        if (which % INTAKES == 1) {
            bring(c, IEscrowTypes.Status.DELIVERED, 0);
            give(ada, c.bid.disputeFee);
            return (ada, abi.encodeCall(escrow.dispute, (c.bid, "head", false)));
        }
        ready(c.bid, 1);
        bytes memory signature = signed(c.bid);
        if (which % INTAKES == 2) {
            return (ada, abi.encodeCall(escrow.award, (c.bid, signature, bo, 1, 0, 0, false)));
        }
        IEscrowTypes.Permit memory permit;
        return (ada, abi.encodeCall(escrow.awardWithPermit, (c.bid, signature, bo, 1, 0, 0, permit)));
    }

    /// @dev Every function that moves money.
    function moving(IEscrowTypes.Bid memory bid, uint256 which) internal view returns (bytes memory) {
        if (which < 5) return awarding(bid, which);
        if (which == 5) return abi.encodeCall(escrow.release, (bid, 1));
        if (which == 6) return abi.encodeCall(escrow.redeem, (bid, 1, ""));
        if (which == 7) return abi.encodeCall(escrow.claim, (bid));
        if (which == 8) return abi.encodeCall(escrow.refund, (bid));
        if (which == 9) return abi.encodeCall(escrow.cancel, (bid));
        if (which == 10) return abi.encodeCall(escrow.dispute, (bid, "head", true));
        if (which == 11) return abi.encodeCall(escrow.rule, (bid, 1, 0));
        if (which == 12) {
            return abi.encodeCall(escrow.settle, (bid, IEscrowTypes.Settlement(0, 0, 0, 0, 0), ""));
        }
        if (which == 13) return abi.encodeCall(escrow.expire, (bid));
        if (which == 14) return abi.encodeCall(escrow.deposit, (bid.token, bo, 1));
        return abi.encodeCall(escrow.withdraw, (bid.token, bo, 1));
    }

    function awarding(IEscrowTypes.Bid memory bid, uint256 which) internal view returns (bytes memory) {
        if (which == 0) return abi.encodeCall(escrow.award, (bid, "", bo, 1, 0, 0, false));
        if (which == 1) {
            return abi.encodeCall(escrow.awardWithPermit, (bid, "", bo, 1, 0, 0, IEscrowTypes.Permit(0, 0, 0, 0)));
        }
        if (which == 2) return abi.encodeCall(escrow.awardFor, (bid, "", bo, IEscrowTypes.Award(0, 1, 0, 0, 0), ""));
        if (which == 3) return abi.encodeCall(escrow.reaward, (bid, bid, "", bo));
        IEscrowTypes.Mandate memory mandate;
        return abi.encodeCall(escrow.awardUnder, (bid, "", bo, 1, 0, mandate, "", new bytes32[](0)));
    }
}
