// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowTest} from "./helpers/EscrowTest.sol";
import {Erc1271Wallet} from "./helpers/Wallets.sol";

/// @dev Takes all the gas it is given before it says yes.
contract SlowWallet is Erc1271Wallet {
    function isValidSignature(bytes32, bytes calldata) external view override returns (bytes4) {
        for (uint256 i; gasleft() > 20_000; ++i) {}
        return this.isValidSignature.selector;
    }
}

contract IsAwardableTest is EscrowTest {
    // ------------------------------------------------------------------ refusals

    /// @dev A check that ran out of gas has no reason to give; no reason would mean yes.
    function testFuzz_RevertWhen_TheGasRunsOut(IEscrowTypes.Bid memory raw, uint32 units, uint256 gasLimit) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        fund(bo, bid.bond);
        bytes memory question = abi.encodeCall(escrow.isAwardable, (bid, signed(bid), bo, units));
        (bool ok, bytes memory answer) = address(escrow).staticcall{gas: bound(gasLimit, 0, 60_000)}(question);
        if (ok) {
            (, bytes4 reason) = abi.decode(answer, (bytes32, bytes4));
            assertEq(reason, bytes4(0), "a sane bid has no reason");
        } else if (answer.length != 0) {
            assertEq(bytes4(answer), IEscrowTypes.CheckIncomplete.selector);
        }
    }

    function test_RevertWhen_TheCheckGetsTooLittleGas() public {
        IEscrowTypes.Bid memory raw;
        IEscrowTypes.Bid memory bid = sane(raw);
        bytes memory question = abi.encodeCall(escrow.isAwardable, (bid, signed(bid), bo, 1));
        bool seen;
        for (uint256 gasLimit = 5000; gasLimit < 20_000; gasLimit += 100) {
            (bool ok, bytes memory answer) = address(escrow).staticcall{gas: gasLimit}(question);
            assertTrue(ok || answer.length < 4 || bytes4(answer) == IEscrowTypes.CheckIncomplete.selector);
            seen = seen || (!ok && answer.length == 4);
        }
        assertTrue(seen);
    }

    // ------------------------------------------------------------------ answers

    function testFuzz_SaysYesToASaneBid(IEscrowTypes.Bid memory raw, uint32 units, address asker) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        units = saneUnits(bid, units);
        fund(bo, bid.bond);
        bytes memory signature = signed(bid);
        vm.prank(asker);
        (bytes32 id, bytes4 reason) = escrow.isAwardable(bid, signature, bo, units);
        assertEq(id, escrow.idOf(bid));
        assertEq(reason, bytes4(0));
    }

    function testFuzz_SaysYesToAWalletThatSigns(IEscrowTypes.Bid memory raw, uint32 units) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        Erc1271Wallet wallet = new SlowWallet();
        bid.provider = address(wallet);
        fund(bid.provider, bid.bond);
        (, bytes4 reason) = escrow.isAwardable{gas: 500_000}(bid, "", address(wallet), saneUnits(bid, units));
        assertEq(reason, bytes4(0));
    }

    /// @dev What it says is what award does, for bids that are spoilt in any one way, or in none.
    function testFuzz_AgreesWithAward(IEscrowTypes.Bid memory raw, uint32 units, uint8 spoil, uint256 with) public {
        IEscrowTypes.Bid memory bid = spoilt(sane(raw), spoil, with);
        fund(bo, bid.bond - (spoil % 24 == 20 && bid.bond != 0 ? 1 : 0));
        if (spoil % 24 < 21) units = saneUnits(bid, units);
        uint256 price = uint256(bid.unitPrice) * units;
        give(bid.designer, price);
        bytes memory signature = spoil % 24 == 19 ? sign(adaKey, escrow.idOf(bid)) : signed(bid);
        address signer = spoil % 24 == 18 ? ada : bid.provider;

        (bytes32 id, bytes4 reason) = escrow.isAwardable(bid, signature, signer, units);
        vm.prank(bid.designer);
        try escrow.award{value: sent(price)}(bid, signature, signer, units, 0, 0, false) returns (bytes32 agreement) {
            assertEq(reason, bytes4(0));
            assertEq(agreement, id);
            (, reason) = escrow.isAwardable(bid, signature, signer, units);
            assertEq(reason, IEscrowTypes.AgreementExists.selector, "once, ever");
        } catch (bytes memory answer) {
            assertEq(reason, bytes4(answer));
        }
    }

    /// @dev The raw values that the random bid had before it was made sane are spread over the members again, one each.
    function spoilt(IEscrowTypes.Bid memory bid, uint8 spoil, uint256 with)
        internal
        pure
        returns (IEscrowTypes.Bid memory)
    {
        spoil = spoil % 24;
        if (spoil == 0) bid.provider = address(uint160(with));
        if (spoil == 1) bid.provider = bid.designer;
        if (spoil == 2) bid.token = address(uint160(with));
        if (spoil == 3) bid.arbiter = bid.provider;
        if (spoil == 4) bid.arbiter = address(uint160(with));
        if (spoil == 5) bid.feeTo = bid.arbiter;
        if (spoil == 6) bid.feeTo = address(0);
        if (spoil == 7) bid.disputeFee = uint96(with);
        if (spoil == 8) bid.unitPrice = uint96(with % 3);
        if (spoil == 9) bid.makeTime = uint32(with);
        if (spoil == 10) bid.reviewTime = uint32(with);
        if (spoil == 11) bid.arbiterTime = uint32(with);
        if (spoil == 12) bid.graceTime = uint32(with);
        if (spoil == 13) bid.fallbackBps = uint16(with);
        if (spoil == 14) bid.feeBps = uint16(with);
        if (spoil == 15) bid.epoch = uint32(with % 2);
        if (spoil == 16) bid.validUntil = uint40(with % START);
        if (spoil == 17) bid.reviewTime = 0;
        return bid;
    }
}
