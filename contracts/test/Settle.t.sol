// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {Settling} from "./helpers/Settling.sol";

contract SettleTest is Settling {
    // ------------------------------------------------------------------ refusals

    /// @dev Not even the arbiter, or the address next to a party's, whoever signed.
    function testFuzz_RevertWhen_CallerIsNoParty(IEscrowTypes.Bid memory raw, uint32 units, uint8 which, address caller)
        public
    {
        Case memory c = openCase(raw, units, 0, which);
        vm.assume(caller != ada && caller != bo);
        IEscrowTypes.Settlement memory s = settlement(c, 0);
        bytes memory signature = sign(adaKey, settlementDigest(s));
        address[6] memory callers = [caller, eve, operator, charlie, address(uint160(bo) + 1), address(uint160(bo) - 1)];
        for (uint256 i; i < 6; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.NotParty.selector, callers[i]));
            vm.prank(callers[i]);
            escrow.settle(c.bid, s, signature);
        }
    }

    function testFuzz_RevertGiven_NoAgreement(IEscrowTypes.Bid memory raw, bool byProvider) public {
        Case memory c = drawn(raw, 1);
        c.id = escrow.idOf(c.bid);
        refuse(c, settlement(c, 0), byProvider, wrongStatus(c));
    }

    function testFuzz_RevertGiven_AClosedAgreement(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 which,
        bool byProvider
    ) public {
        Case memory c = openCase(raw, units, 0, which);
        IEscrowTypes.Settlement memory s = settlement(c, 0);
        settle(c, s, byProvider);
        c.status = IEscrowTypes.Status.CLOSED;
        refuse(c, s, byProvider, wrongStatus(c));
    }

    function testFuzz_RevertGiven_AnotherChain(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 which,
        uint64 chain,
        bool byProvider
    ) public {
        vm.assume(chain != 0 && chain != HOME_CHAIN);
        Case memory c = openCase(raw, units, 0, which);
        vm.chainId(chain);
        refuse(
            c,
            settlement(c, 0),
            byProvider,
            abi.encodeWithSelector(IEscrowTypes.ChainChanged.selector, chain, HOME_CHAIN)
        );
    }

    function testFuzz_RevertWhen_ItIsForAnotherAgreement(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 which,
        bytes32 other,
        bool byProvider
    ) public {
        Case memory c = openCase(raw, units, 0, which);
        vm.assume(other != c.id);
        IEscrowTypes.Settlement memory s = settlement(c, 0);
        s.agreement = other;
        refuse(c, s, byProvider, abi.encodeWithSelector(IEscrowTypes.AgreementMismatch.selector, other, c.id));
    }

    function testFuzz_RevertWhen_TheDeadlineIsOver(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 which,
        uint40 late,
        bool byProvider
    ) public {
        Case memory c = openCase(raw, units, 0, which);
        IEscrowTypes.Settlement memory s = settlement(c, 0);
        s.deadline = uint40(bound(s.deadline, block.timestamp, type(uint40).max - 1));
        vm.warp(bound(late, uint256(s.deadline) + 1, type(uint40).max));
        bytes memory refusal = abi.encodeWithSelector(IEscrowTypes.SignatureExpired.selector, s.deadline);
        refuse(c, s, byProvider, refusal);
        vm.warp(uint256(s.deadline) + 1);
        refuse(c, s, byProvider, refusal);
    }

    /// @dev What was fair before a delivery or a dispute need not be after it.
    function testFuzz_RevertGiven_AnotherStatus(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint8 which,
        uint8 signed_,
        bool byProvider
    ) public {
        Case memory c = openCase(raw, units, part, which);
        vm.assume(signed_ != uint8(c.status));
        IEscrowTypes.Settlement memory s = settlement(c, 0);
        s.status = signed_;
        refuse(c, s, byProvider, stale(c));
    }

    /// @dev A settlement signed while work went on is dead once it is delivered, and likewise once it is contested.
    function testFuzz_RevertGiven_ItWentOn(IEscrowTypes.Bid memory raw, uint32 units, bool contested, bool byProvider)
        public
    {
        Case memory c = drawn(raw, units);
        bring(c, contested ? IEscrowTypes.Status.DELIVERED : IEscrowTypes.Status.AWARDED, 0);
        IEscrowTypes.Settlement memory s = settlement(c, 0);
        s.deadline = type(uint40).max;
        if (contested) dispute(c);
        else deliver(c);
        refuse(c, s, byProvider, stale(c));
    }

    /// @dev Nobody is paid twice: by a voucher that was cashed after signing, and out of the rest.
    function testFuzz_RevertGiven_APaymentMeanwhile(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 which,
        uint96 part,
        bool byProvider
    ) public {
        (raw.unitPrice, raw.maxUnits) = (uint96(bound(raw.unitPrice, 2, MAX_AMOUNT)), 1);
        Case memory c = openCase(raw, units, 0, which);
        IEscrowTypes.Settlement memory s = settlement(c, c.price);
        pay(c, uint96(bound(part, 1, c.price - 1)));
        refuse(c, s, byProvider, stale(c));
    }

    function testFuzz_RevertGiven_AnotherPayment(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint8 which,
        uint96 paid,
        bool byProvider
    ) public {
        Case memory c = openCase(raw, units, part, which);
        vm.assume(paid != c.paid);
        IEscrowTypes.Settlement memory s = settlement(c, 0);
        s.paid = paid;
        refuse(c, s, byProvider, stale(c));
    }

    /// @dev The dispute fee is no part of what is split.
    function testFuzz_RevertWhen_ItSplitsMoreThanTheRest(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint8 which,
        uint96 toProvider,
        bool byProvider
    ) public {
        Case memory c = openCase(raw, units, part, which);
        uint96 rest = c.price - c.paid + c.bid.bond;
        IEscrowTypes.Settlement memory s = settlement(c, 0);
        s.toProvider = uint96(bound(toProvider, uint256(rest) + 1, type(uint96).max));
        refuse(c, s, byProvider, abi.encodeWithSelector(IEscrowTypes.AboveRest.selector, s.toProvider, rest));
        s.toProvider = rest + 1;
        refuse(c, s, byProvider, abi.encodeWithSelector(IEscrowTypes.AboveRest.selector, rest + 1, rest));
    }

    // ------------------------------------------------------------------ successes

    /// @dev Either party, in any open status: bond first and free of fee, a dispute fee back, and no counter.
    function testFuzz_SplitsAsAgreed(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint8 which,
        uint96 toProvider,
        bool byProvider
    ) public {
        Case memory c = openCase(raw, units, part, which);
        IEscrowTypes.Settlement memory s = settlement(c, toProvider);
        bytes memory signature = sign(byProvider ? adaKey : boKey, settlementDigest(s));
        Shares memory shares = split(c, s.toProvider);
        expectClosed(c, IEscrowTypes.How.SETTLED, shares);
        vm.prank(byProvider ? bo : ada);
        escrow.settle(c.bid, s, signature);
        assertEnded(c, shares);
        assertNoOtherLogs();
        assertCounters(0, 0);
    }

    /// @dev All there is, to either side.
    function testFuzz_GivesAllToOneSide(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 part,
        uint8 which,
        bool toProvider,
        bool byProvider
    ) public {
        Case memory c = openCase(raw, units, part, which);
        IEscrowTypes.Settlement memory s = settlement(c, 0);
        if (toProvider) s.toProvider = c.price - c.paid + c.bid.bond;
        settle(c, s, byProvider);
        assertEnded(c, split(c, s.toProvider));
        assertCounters(0, 0);
    }

    /// @dev Up to the bond the provider is given its own money, on which nobody takes a fee.
    function testFuzz_TakesNoFeeOfTheBond(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 which,
        uint96 toProvider,
        bool byProvider
    ) public {
        Case memory c = openCase(raw, units, 0, which);
        IEscrowTypes.Settlement memory s = settlement(c, 0);
        s.toProvider = uint96(bound(toProvider, 0, c.bid.bond));
        settle(c, s, byProvider);
        assertEq(free(bo), s.toProvider);
        assertEq(free(operator), 0);
        assertEq(word(c.id).paid, 0);
    }

    function testFuzz_SettlesInTheLastSecond(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 which,
        uint40 late,
        bool byProvider
    ) public {
        Case memory c = openCase(raw, units, 0, which);
        IEscrowTypes.Settlement memory s = settlement(c, 0);
        s.deadline = uint40(bound(late, block.timestamp, type(uint40).max));
        vm.warp(s.deadline);
        settle(c, s, byProvider);
        assertEnded(c, split(c, 0));
    }

    /// @dev Agreed is agreed, after giving up too; a mandate's units are spent.
    function testFuzz_SettlesAfterGivingUp(IEscrowTypes.Bid memory raw, uint32 units, uint96 toProvider, bool byBo)
        public
    {
        Case memory c = caseIn(IEscrowTypes.Status.AWARDED, raw, units, 0);
        giveUp(c);
        IEscrowTypes.Settlement memory s = settlement(c, toProvider);
        settle(c, s, byBo);
        assertEnded(c, split(c, s.toProvider));
        assertCounters(0, 0);
        if (c.mandated) assertUsed(c, c.units, false);
    }
}
