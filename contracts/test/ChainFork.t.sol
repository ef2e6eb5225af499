// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrowTypes} from "../src/interfaces/IEscrowTypes.sol";
import {EscrowAwarding} from "./helpers/Awarding.sol";
import {FickleWallet} from "./helpers/wallets/SmartWallets.sol";

/// @notice The chain splits and this side takes another id: nothing signed is accepted, nothing held is stuck.
contract ChainForkTest is EscrowAwarding {
    string private constant BID_TYPE =
        "Bid(address provider,address designer,address token,address arbiter,address feeTo,bytes32 jobDigest,bytes32 printer,uint96 unitPrice,uint96 bond,uint96 disputeFee,uint32 minUnits,uint32 maxUnits,uint40 validUntil,uint32 makeTime,uint32 reviewTime,uint32 arbiterTime,uint32 graceTime,uint16 fallbackBps,uint16 feeBps,uint32 epoch,bool toLedger,uint256 salt)";

    // ------------------------------------------------------------------ refusals: all that is signed

    function testFuzz_RevertWhen_ABidIsAwardedOnTheOtherSide(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way,
        uint64 chainId
    ) public {
        Offer memory o = offered(raw, units);
        Call memory c = readyFor(wayOf(way), o);
        forked(chainId);
        (, bytes4 reason) = escrow.isAwardable(o.bid, o.signature, bo, o.units);
        assertEq(reason, IEscrowTypes.ChainChanged.selector);
        vm.expectRevert(changed());
        run(c);
    }

    /// @dev A wallet would sign anything, on either side: it is not even asked.
    function testFuzz_RevertWhen_AWalletsBidIsAwardedOnTheOtherSide(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint8 way,
        uint64 chainId
    ) public {
        IEscrowTypes.Bid memory bid = sane(raw);
        bid.provider = address(new FickleWallet());
        Offer memory o = offer(bid, units);
        (o.signer, o.signature) = (bid.provider, "");
        Call memory c = readyFor(wayOf(way), o);
        forked(chainId);
        vm.expectRevert(changed());
        run(c);
    }

    function testFuzz_RevertWhen_AStandbyTakesOverOnTheOtherSide(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Bid memory rawStandby,
        uint64 chainId
    ) public {
        Offer memory o = offered(raw, units);
        Offer memory s = standbyFor(o, rawStandby);
        awardedWith(o, s.id);
        toTheStandbysTurn(o);
        forked(chainId);
        vm.expectRevert(changed());
        reaward(o, s);
    }

    function testFuzz_RevertWhen_AVoucherIsRedeemedOnTheOtherSide(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        uint96 cumulative,
        uint64 chainId
    ) public {
        Offer memory o = awardedOffer(raw, units);
        cumulative = uint96(bound(cumulative, 1, o.price));
        bytes memory signature = sign(adaKey, voucherDigest(o.id, cumulative));
        forked(chainId);
        vm.expectRevert(changed());
        escrow.redeem(o.bid, cumulative, signature);
    }

    function testFuzz_RevertWhen_ASettlementIsUsedOnTheOtherSide(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bool designer,
        uint64 chainId
    ) public {
        Offer memory o = awardedOffer(raw, units);
        IEscrowTypes.Settlement memory settlement = IEscrowTypes.Settlement(o.id, 0, 0, 1, type(uint40).max);
        bytes memory signature = sign(designer ? boKey : adaKey, settlementDigest(settlement));
        forked(chainId);
        vm.expectRevert(changed());
        vm.prank(designer ? ada : bo);
        escrow.settle(o.bid, settlement, signature);
    }

    /// @dev Nor what is signed anew in the other side's domain: the escrow has one domain, for ever.
    function testFuzz_RevertWhen_ABidIsSignedForTheOtherSide(IEscrowTypes.Bid memory raw, uint32 units, uint64 chainId)
        public
    {
        Offer memory o = offered(raw, units);
        assumeOther(chainId);
        bytes32 domainType =
            keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        bytes32 domain = keccak256(
            abi.encode(domainType, keccak256("PrintEscrow"), keccak256("1"), uint256(chainId), address(escrow))
        );
        bytes32 structDigest = vm.eip712HashStruct(BID_TYPE, abi.encode(o.bid));
        o.signature = sign(boKey, keccak256(abi.encodePacked(hex"1901", domain, structDigest)));
        Call memory c = readyFor(Way.AWARD, o);
        vm.expectRevert(abi.encodeWithSelector(IEscrowTypes.SignatureInvalid.selector, bo, o.id));
        run(c);
        vm.chainId(chainId);
        vm.expectRevert(changed());
        run(c);
    }

    // ------------------------------------------------------------------ what stays

    function testFuzz_IdsAndDomainStay(IEscrowTypes.Bid memory bid, uint64 chainId) public {
        (bytes32 id, bytes32 domain) = (escrow.idOf(bid), escrow.domainSeparator());
        forked(chainId);
        assertEq(escrow.idOf(bid), id);
        assertEq(escrow.domainSeparator(), domain);
    }

    /// @dev The side that keeps the id keeps everything.
    function testFuzz_TheHomeSideGoesOn(IEscrowTypes.Bid memory raw, uint32 units, uint8 way, uint64 chainId) public {
        Offer memory o = offered(raw, units);
        Call memory c = readyFor(wayOf(way), o);
        forked(chainId);
        vm.chainId(HOME_CHAIN);
        run(c);
        assertEq(uint8(word(o.id).status), uint8(IEscrowTypes.Status.AWARDED));
    }

    // ------------------------------------------------------------------ exits

    function testFuzz_RefundStaysOpen(IEscrowTypes.Bid memory raw, uint32 units, bool givenUp, uint64 chainId) public {
        Offer memory o = awardedOffer(raw, units);
        forked(chainId);
        if (givenUp) {
            vm.prank(bo);
            escrow.giveUp(o.bid);
        } else {
            toTheStandbysTurn(o);
        }
        escrow.refund(o.bid);
        assertEq(money(ada), uint256(o.price) + o.bid.bond);
    }

    function testFuzz_CancelStaysOpen(IEscrowTypes.Bid memory raw, uint32 units, bool designer, uint64 chainId) public {
        Offer memory o = awardedOffer(raw, units);
        forked(chainId);
        vm.prank(designer ? ada : bo);
        escrow.cancel(o.bid);
        assertEq(money(ada), o.price);
        assertEq(free(bo), o.bid.bond);
    }

    /// @dev To the last step: the money leaves the contract.
    function testFuzz_DeliverClaimAndWithdrawStayOpen(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        bool byHotKey,
        uint64 chainId
    ) public {
        raw.toLedger = true;
        Offer memory o = awardedOffer(raw, units);
        setAgent(type(uint40).max, 0);
        forked(chainId);
        vm.prank(byHotKey ? hot : bo);
        escrow.deliver(o.bid, "head");
        skip(uint256(o.bid.reviewTime) + 1);
        escrow.claim(o.bid);
        uint256 amount = uint256(o.price) - feeOn(o.bid, o.price) + o.bid.bond;
        assertEq(free(bo), amount);
        vm.prank(bo);
        escrow.withdraw(currency, bo, uint128(amount));
        assertEq(money(bo), amount);
    }

    function testFuzz_ReleaseStaysOpen(IEscrowTypes.Bid memory raw, uint32 units, uint64 chainId) public {
        Offer memory o = awardedOffer(raw, units);
        forked(chainId);
        released(o.bid, o.price);
        assertWord(o.id, IEscrowTypes.Status.CLOSED, START, o.price, o.price);
    }

    function testFuzz_DisputeAndExpireStayOpen(IEscrowTypes.Bid memory raw, uint32 units, uint64 chainId) public {
        Offer memory o = awardedOffer(raw, units);
        forked(chainId);
        disputed(o);
        skip(uint256(o.bid.arbiterTime) + 1);
        escrow.expire(o.bid);
        uint256 share = uint256(o.price) * o.bid.fallbackBps / 10_000;
        assertWord(o.id, IEscrowTypes.Status.CLOSED, block.timestamp, o.price, share);
        assertEq(money(ada), o.price - share + o.bid.disputeFee);
    }

    function testFuzz_RuleStaysOpen(IEscrowTypes.Bid memory raw, uint32 units, uint96 cumulative, uint64 chainId)
        public
    {
        raw.arbiter = address(0x1); // odd: Eve
        Offer memory o = awardedOffer(raw, units);
        cumulative = uint96(bound(cumulative, 0, o.price));
        forked(chainId);
        disputed(o);
        vm.prank(eve);
        escrow.rule(o.bid, cumulative, 0);
        assertWord(o.id, IEscrowTypes.Status.CLOSED, START, o.price, cumulative);
        assertEq(money(eve), o.bid.disputeFee);
    }

    function testFuzz_DepositAndWithdrawStayOpen(IEscrowTypes.Bid memory raw, uint96 amount, uint64 chainId) public {
        sane(raw);
        amount = uint96(bound(amount, 1, type(uint96).max));
        forked(chainId);
        fund(ada, amount);
        vm.prank(ada);
        escrow.withdraw(currency, sam, amount);
        assertEq(money(sam), amount);
    }

    /// @dev What takes something back works above all: keys, mandates, standbys, epochs.
    function testFuzz_RevokingStaysOpen(
        IEscrowTypes.Bid memory raw,
        uint32 units,
        IEscrowTypes.Mandate memory mandate,
        bytes32 standby,
        uint64 chainId
    ) public {
        vm.assume(standby != 0);
        Offer memory o = offered(raw, units);
        awardedWith(o, standby);
        setAgent(type(uint40).max, 1);
        forked(chainId);

        setAgent(0, 0);
        assertEq(abi.encode(agent(currency, bo, hot)), abi.encode(IEscrowTypes.Agent(0, 0)));
        vm.prank(bo);
        escrow.bumpEpoch(currency);
        assertEq(account(bo).epoch, 1);
        vm.prank(ada);
        escrow.dropStandby(o.bid);
        assertEq(escrow.standbyOf(o.id), 0);
        vm.prank(mandate.designer);
        escrow.revokeMandate(mandate);
        (, bool revoked) = escrow.mandates(mandateDigest(mandate));
        assertTrue(revoked);
    }

    // ------------------------------------------------------------------ helpers

    function forked(uint64 chainId) internal {
        assumeOther(chainId);
        vm.chainId(chainId);
    }

    function assumeOther(uint64 chainId) internal pure {
        vm.assume(chainId != HOME_CHAIN && chainId != 0 && chainId != type(uint64).max);
    }

    function changed() internal view returns (bytes memory) {
        return abi.encodeWithSelector(IEscrowTypes.ChainChanged.selector, block.chainid, HOME_CHAIN);
    }

    function awardedOffer(IEscrowTypes.Bid memory raw, uint32 units) internal returns (Offer memory o) {
        o = offered(raw, units);
        awardedWith(o, 0);
    }

    function disputed(Offer memory o) internal {
        vm.prank(bo);
        escrow.deliver(o.bid, "head");
        give(ada, o.bid.disputeFee);
        vm.prank(ada);
        escrow.dispute{value: sent(o.bid.disputeFee)}(o.bid, "head", false);
        assertEq(uint8(word(o.id).status), uint8(IEscrowTypes.Status.DISPUTED));
    }
}
