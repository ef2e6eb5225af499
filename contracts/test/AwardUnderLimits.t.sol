// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowAwarding} from "./helpers/Awarding.sol";

/// @notice `awardUnder`: each limit at its edge, and one beyond it.
contract AwardUnderLimitsTest is EscrowAwarding {
    uint256 private constant TERMS = 13;

    // ------------------------------------------------------------------ refusals

    /// @dev One beyond the edge, whichever limit it is; all others hold exactly.
    function testFuzz_RevertGiven_OneBeyondALimit(IEscrowTypes.Bid memory raw, uint32 units, uint8 which) public {
        refusedBeyond(raw, units, which, 0);
    }

    function testFuzz_RevertGiven_AnythingBeyondALimit(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 which,
        uint256 by
    ) public {
        refusedBeyond(raw, units, which, by);
    }

    function testFuzz_RevertWhen_TheMandateHasExpired(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint40 until,
        uint40 later
    ) public {
        Offer memory o = prepaid(raw, units);
        o.bid.validUntil = type(uint40).max;
        signBy(o, boKey);
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
        mandate.validUntil = uint40(bound(until, 0, type(uint40).max - 1));
        bytes memory signature = signed(mandate);
        vm.warp(bound(later, mandate.validUntil < START ? START : mandate.validUntil + 1, type(uint40).max));
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.SignatureExpired.selector, mandate.validUntil));
        awardUnder(o, mandate, signature);
    }

    function testFuzz_RevertWhen_TheMandateWasGoodASecondAgo(IEscrowTypes.Bid memory raw, uint32 units) public {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
        mandate.validUntil = uint40(START - 1);
        bytes memory signature = signed(mandate);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.SignatureExpired.selector, START - 1));
        awardUnder(o, mandate, signature);
    }

    /// @dev A stranger's own mandate spends nothing of Ada's, however well it fits.
    function testFuzz_RevertGiven_AnotherDesignersMandate(IEscrowTypes.Bid memory raw, uint32 units) public {
        Offer memory o = prepaid(raw, units);
        fund(sam, o.price);
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
        mandate.designer = sam;
        bytes memory signature = sign(samKey, mandateDigest(mandate));
        vm.expectRevert(outside("designer", uint160(ada), uint160(sam)));
        awardUnder(o, mandate, signature);
    }

    // ------------------------------------------------------------------ successes

    /// @dev Every limit at its edge at once.
    function testFuzz_AwardsAtEveryEdge(IEscrowTypes.Bid memory raw, uint32 units) public {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
        awardUnder(o, mandate, signed(mandate));
        assertEq(word(o.id).price, o.price);
    }

    /// @dev Anywhere within them.
    function testFuzz_AwardsWithinTheLimits(IEscrowTypes.Bid memory raw, uint32 units, IEscrowTypes.Mandate memory wide)
        public
    {
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
        mandate.maxUnitPrice = uint96(bound(wide.maxUnitPrice, mandate.maxUnitPrice, type(uint96).max));
        mandate.minBond = uint96(bound(wide.minBond, 0, mandate.minBond));
        mandate.maxDisputeFee = uint96(bound(wide.maxDisputeFee, mandate.maxDisputeFee, type(uint96).max));
        mandate.units = uint32(bound(wide.units, o.units, type(uint32).max));
        mandate.maxMakeTime = uint32(bound(wide.maxMakeTime, mandate.maxMakeTime, type(uint32).max));
        mandate.minReviewTime = uint32(bound(wide.minReviewTime, 0, mandate.minReviewTime));
        mandate.minArbiterTime = uint32(bound(wide.minArbiterTime, 0, mandate.minArbiterTime));
        mandate.maxArbiterTime = uint32(bound(wide.maxArbiterTime, mandate.maxArbiterTime, type(uint32).max));
        mandate.maxGraceTime = uint32(bound(wide.maxGraceTime, mandate.maxGraceTime, type(uint32).max));
        mandate.maxFallbackBps = uint16(bound(wide.maxFallbackBps, mandate.maxFallbackBps, type(uint16).max));
        mandate.validUntil = uint40(bound(wide.validUntil, START, type(uint40).max));
        mandate.salt = wide.salt;
        awardUnder(o, mandate, signed(mandate));
        assertEq(word(o.id).price, o.price);
        assertEq(escrow.mandateOf(o.id), mandateDigest(mandate));
    }

    // ------------------------------------------------------------------ helpers

    function prepaid(IEscrowTypes.Bid memory raw, uint32 units) internal returns (Offer memory o) {
        o = offer(sane(raw), units);
        fund(ada, o.price);
    }

    function outside(bytes32 term, uint256 value, uint256 limit) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IEscrowTypes.OutsideMandate.selector, term, value, limit);
    }

    /// @param by how far beyond: zero is the least there is
    function refusedBeyond(IEscrowTypes.Bid memory raw, uint32 units, uint256 which, uint256 by) internal {
        // Each term that has an upper limit is at least one, so that there is a limit below it.
        (raw.arbiter, raw.disputeFee) = (address(0x1), uint96(bound(raw.disputeFee, 1, MAX_AMOUNT)));
        raw.makeTime = uint32(bound(raw.makeTime, 2, MAX_DURATION));
        raw.graceTime = uint32(bound(raw.graceTime, 1, raw.makeTime - 1));
        raw.fallbackBps = uint16(bound(raw.fallbackBps, 1, 10_000));
        Offer memory o = prepaid(raw, units);
        IEscrowTypes.Mandate memory mandate = mandateFor(o.bid, o.units);
        which %= TERMS;
        bytes memory reason = which < 4
            ? otherParty(mandate, o.bid, which, by)
            : which < 8 ? beyondAmount(mandate, o.bid, which, by) : beyondTime(mandate, o.bid, which, by);
        bytes memory signature = signed(mandate);
        vm.expectRevert(reason);
        awardUnder(o, mandate, signature);
    }

    function otherParty(IEscrowTypes.Mandate memory m, IEscrowTypes.Bid memory bid, uint256 which, uint256 by)
        private
        pure
        returns (bytes memory)
    {
        if (which == 0) m.token = otherThan(m.token, by);
        if (which == 0) return outside("token", uint160(bid.token), uint160(m.token));
        if (which == 1) m.arbiter = otherThan(m.arbiter, by);
        if (which == 1) return outside("arbiter", uint160(bid.arbiter), uint160(m.arbiter));
        if (which == 2) m.arbiter = address(0);
        if (which == 2) return outside("arbiter", uint160(bid.arbiter), 0);
        m.jobDigest = bytes32(uint256(m.jobDigest) ^ (by == 0 ? 1 : by));
        return outside("jobDigest", uint256(bid.jobDigest), uint256(m.jobDigest));
    }

    function otherThan(address one, uint256 by) private pure returns (address) {
        return address(uint160(one) ^ (uint160(by) == 0 ? 1 : uint160(by)));
    }

    function beyondAmount(IEscrowTypes.Mandate memory m, IEscrowTypes.Bid memory bid, uint256 which, uint256 by)
        private
        pure
        returns (bytes memory)
    {
        if (which == 4) {
            m.maxUnitPrice = uint96(below(bid.unitPrice, by));
            return outside("unitPrice", bid.unitPrice, m.maxUnitPrice);
        }
        if (which == 5) {
            m.minBond = uint96(above(bid.bond, by, type(uint96).max));
            return outside("bond", bid.bond, m.minBond);
        }
        if (which == 6) {
            m.maxDisputeFee = uint96(below(bid.disputeFee, by));
            return outside("disputeFee", bid.disputeFee, m.maxDisputeFee);
        }
        m.maxFallbackBps = uint16(below(bid.fallbackBps, by));
        return outside("fallbackBps", bid.fallbackBps, m.maxFallbackBps);
    }

    function beyondTime(IEscrowTypes.Mandate memory m, IEscrowTypes.Bid memory bid, uint256 which, uint256 by)
        private
        pure
        returns (bytes memory)
    {
        if (which == 8) {
            m.maxMakeTime = uint32(below(bid.makeTime, by));
            return outside("makeTime", bid.makeTime, m.maxMakeTime);
        }
        if (which == 9) {
            m.minReviewTime = uint32(above(bid.reviewTime, by, type(uint32).max));
            return outside("reviewTime", bid.reviewTime, m.minReviewTime);
        }
        if (which == 10) {
            m.minArbiterTime = uint32(above(bid.arbiterTime, by, type(uint32).max));
            return outside("arbiterTime", bid.arbiterTime, m.minArbiterTime);
        }
        if (which == 11) {
            m.maxArbiterTime = uint32(below(bid.arbiterTime, by));
            return outside("arbiterTime", bid.arbiterTime, m.maxArbiterTime);
        }
        m.maxGraceTime = uint32(below(bid.graceTime, by));
        return outside("graceTime", bid.graceTime, m.maxGraceTime);
    }

    function below(uint256 value, uint256 by) private pure returns (uint256) {
        return by == 0 ? value - 1 : bound(by, 0, value - 1);
    }

    function above(uint256 value, uint256 by, uint256 most) private pure returns (uint256) {
        return by == 0 ? value + 1 : bound(by, value + 1, most);
    }
}
