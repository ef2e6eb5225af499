// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowSpoiling} from "./helpers/Spoiling.sol";
import {Erc1271Wallet} from "./helpers/Wallets.sol";

/// @dev Takes all the gas it is given before it says yes.
contract SlowWallet is Erc1271Wallet {
    function isValidSignature(bytes32, bytes calldata) external view override returns (bytes4) {
        for (uint256 i; gasleft() > 20_000; ++i) {}
        return this.isValidSignature.selector;
    }
}

contract IsAwardableTest is EscrowSpoiling {
    // ------------------------------------------------------------------ refusals

    /// @dev A check that ran out of gas has no reason to give; no reason would mean yes.
    function testFuzz_RevertWhen_TheGasRunsOut(IEscrowTypes.Bid memory raw, uint32 units, uint256 gasLimit) public {
        Offer memory o = offered(raw, units);
        bytes memory question = abi.encodeCall(escrow.isAwardable, (o.bid, o.signature, bo, o.units));
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
        Offer memory o = offered(raw, units);
        vm.prank(asker);
        (bytes32 id, bytes4 reason) = escrow.isAwardable(o.bid, o.signature, bo, o.units);
        assertEq(id, o.id);
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

    function testFuzz_SaysYesToALiveHotKey(IEscrowTypes.Bid memory raw, uint32 units, uint96 left) public {
        Offer memory o = offered(raw, units);
        signBy(o, hotKey);
        setAgent(START, bound(left, o.bid.bond, type(uint96).max));
        assertReason(o, 0);
    }

    function testFuzz_SaysWhyAHotKeyIsRefused(IEscrowTypes.Bid memory raw, uint32 units, uint96 left, uint40 until)
        public
    {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.bond = uint96(bound(bid.bond, 1, MAX_AMOUNT));
        Offer memory o = offer(bid, units);
        signBy(o, hotKey);
        assertReason(o, IEscrowTypes.SignerNotAllowed.selector);
        setAgent(START, bound(left, 0, bid.bond - 1));
        assertReason(o, IEscrowTypes.AgentBondTooLow.selector);
        setAgent(bound(until, 0, START - 1), bid.bond);
        assertReason(o, IEscrowTypes.SignerNotAllowed.selector);
    }

    /// @dev A provider looks before it prints: that the designer is broke today is none of the bid's faults.
    function testFuzz_DoesNotLookAtTheDesignersMoney(IEscrowTypes.Bid memory raw, uint32 units, uint96 has) public {
        Offer memory o = offered(raw, units);
        fund(ada, has);
        assertReason(o, 0);
    }

    function testFuzz_SaysNoOnceAwarded(IEscrowTypes.Bid memory raw, uint32 units, uint8 way) public {
        Offer memory o = offered(raw, units);
        run(readyFor(wayOf(way), o));
        assertReason(o, IEscrowTypes.AgreementExists.selector);
    }

    /// @dev The reason is the selector of what `checkAwardable` reverts with, and the id the bid's, whatever is wrong.
    function testFuzz_AgreesWithTheCheck(IEscrowTypes.Bid memory raw, uint32 units, uint8 spoil, uint256 with) public {
        Offer memory o = spoiltOffer(raw, units, spoil, with);
        bytes memory said = objection(o);
        assertReason(o, said.length == 0 ? bytes4(0) : bytes4(said));
    }

    /// @dev What it says is what award does, for bids that are spoilt in any one way, or in none.
    function testFuzz_AgreesWithAward(IEscrowTypes.Bid memory raw, uint32 units, uint8 spoil, uint256 with) public {
        Offer memory o = spoiltOffer(raw, units, spoil, with);
        give(ada, o.price);
        bytes memory data = awardData(o, 0, 0, false);
        (bytes32 id, bytes4 reason) = escrow.isAwardable(o.bid, o.signature, o.signer, o.units);
        vm.prank(ada);
        (bool ok, bytes memory answer) = address(escrow).call{value: sent(o.price)}(data);
        assertEq(reason, ok ? bytes4(0) : bytes4(answer));
        assertEq(id, o.id);
        if (ok) assertReason(o, IEscrowTypes.AgreementExists.selector);
    }

    // ------------------------------------------------------------------ helpers

    function assertReason(Offer memory o, bytes4 expected) internal view {
        (bytes32 id, bytes4 reason) = escrow.isAwardable(o.bid, o.signature, o.signer, o.units);
        assertEq(id, o.id);
        assertEq(reason, expected);
    }
}
