// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowTest} from "./helpers/EscrowTest.sol";
import {GasBurner, LoudWallet, PickyWallet, PlainWallet, RevertingWallet, Wallet} from "./helpers/Wallets.sol";

/// @notice Push, else credit: what a receiver does can neither hold up nor cost its counterpart anything.
/// @dev The receivers are Bo and Ada themselves, whose accounts come to hold the wallet's code after the award.
contract PushTest is EscrowTest {
    uint256 private constant ENOUGH = 200_000;

    // ------------------------------------------------------------------ refusing receivers are credited

    function testFuzz_CreditsAProviderWhoRefuses(IEscrowTypes.Bid memory raw, uint32 units, uint8 kind) public {
        IEscrowTypes.Bid memory bid = saneNative(raw);
        units = saneUnits(bid, units);
        bytes32 id = awarded(bid, units);
        uint96 price = priceOf(bid, units);
        vm.etch(bo, refusing(kind));
        vm.prank(ada);
        uint256 before = gasleft();
        escrow.release{gas: ENOUGH}(bid, price);
        assertLt(before - gasleft(), ENOUGH);
        assertEq(uint8(word(id).status), uint8(IEscrowTypes.Status.CLOSED));
        assertEq(free(bo), uint256(price) - feeOn(bid, price) + bid.bond);
        assertEq(bo.balance, 0);
    }

    function testFuzz_CreditsADesignerWhoRefuses(IEscrowTypes.Bid memory raw, uint32 units, uint8 kind) public {
        IEscrowTypes.Bid memory bid = saneNative(raw);
        units = saneUnits(bid, units);
        bytes32 id = awarded(bid, units);
        vm.etch(ada, refusing(kind));
        skip(uint256(bid.makeTime) + REDEEM_WINDOW + 1);
        uint256 amount = uint256(priceOf(bid, units)) + bid.bond;
        vm.expectEmit(address(escrow));
        emit IEscrowTypes.Credited(NATIVE, ada, id, uint128(amount));
        escrow.refund{gas: ENOUGH}(bid);
        assertEq(free(ada), amount);
    }

    /// @dev Credited money is not lost: it leaves for another address.
    function testFuzz_LetsARefusingProviderWithdrawElsewhere(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = saneNative(raw);
        units = saneUnits(bid, units);
        delivered(bid, units);
        vm.etch(bo, refusing(0));
        skip(uint256(bid.reviewTime) + 1);
        escrow.claim(bid);
        uint128 amount = uint128(free(bo));
        Wallet(bo).act(address(escrow), 0, abi.encodeCall(escrow.withdraw, (NATIVE, charlie, amount)));
        assertEq(charlie.balance, amount);
        assertEq(free(bo), 0);
    }

    // ------------------------------------------------------------------ willing receivers are paid

    function testFuzz_PaysAWallet(IEscrowTypes.Bid memory raw, uint32 units, bool loud) public {
        IEscrowTypes.Bid memory bid = saneNative(raw);
        bid.toLedger = false;
        units = saneUnits(bid, units);
        awarded(bid, units);
        uint96 price = priceOf(bid, units);
        vm.etch(bo, loud ? address(new LoudWallet(false)).code : address(new PlainWallet()).code);
        vm.prank(ada);
        escrow.release{gas: ENOUGH}(bid, price);
        assertEq(bo.balance, price - feeOn(bid, price));
        assertEq(free(bo), bid.bond);
    }

    /// @dev A stranger's low gas limit must not make a willing receiver seem to refuse.
    function testFuzz_ForwardsItsGasOrReverts(IEscrowTypes.Bid memory raw, uint32 units, uint256 gasLimit) public {
        IEscrowTypes.Bid memory bid = saneNative(raw);
        bid.toLedger = false;
        units = saneUnits(bid, units);
        delivered(bid, units);
        vm.etch(bo, address(new PickyWallet()).code);
        skip(uint256(bid.reviewTime) + 1);
        bytes memory data = abi.encodeCall(escrow.claim, (bid));
        vm.cool(address(escrow));
        vm.cool(bo);
        (bool ok,) = address(escrow).call{gas: bound(gasLimit, 40_000, 160_000)}(data);
        if (ok) assertEq(free(bo), bid.bond, "paid, not credited");
        else assertEq(uint8(word(escrow.idOf(bid)).status), uint8(IEscrowTypes.Status.DELIVERED));
    }

    function testFuzz_RevertWhen_TooLittleGasIsLeftToForward(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = saneNative(raw);
        (bid.toLedger, bid.feeBps, bid.feeTo, bid.bond) = (false, 0, address(0), 0);
        units = saneUnits(bid, units);
        delivered(bid, units);
        skip(uint256(bid.reviewTime) + 1);
        bytes memory data = abi.encodeCall(escrow.claim, (bid));
        (bool ok, bytes memory answer) = address(escrow).call{gas: 75_000}(data);
        assertFalse(ok);
        assertEq(bytes4(answer), IEscrowTypes.GasTooLow.selector);
    }

    // ------------------------------------------------------------------ helpers

    function refusing(uint8 kind) internal returns (bytes memory) {
        if (kind % 3 == 0) return address(new RevertingWallet()).code;
        if (kind % 3 == 1) return address(new GasBurner()).code;
        return address(new LoudWallet(true)).code;
    }
}
