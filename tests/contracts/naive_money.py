"""The naive variants of the scenarios about splits, forks, amounts and anchors."""

from tests.contracts.naive_variants import (
    AGREEMENTS,
    ANCHOR,
    AWARDS,
    DISPUTES,
    DOMAIN,
    LEDGER,
    MAKING,
    NOTHING,
    PAYMENTS,
    TERMS,
    variant,
)

SPLITS = (
    variant(
        "ASettlementOfADeliveryIsNotOneOfADispute",
        DISPUTES,
        "a settlement holds until its deadline, in any status",
        ("settlement.status != uint8(agreement.status) || ", NOTHING),
    ),
    variant(
        "ASettlementIsNotUsedOnTopOfAPayment",
        DISPUTES,
        "a settlement holds whatever was paid since",
        (" || settlement.paid != agreement.paid", NOTHING),
    ),
    variant(
        "ASettlementDoesNotSplitTheDisputeFee",
        DISPUTES,
        "all the money held is there to be split",
        (
            "uint256(agreement.price) - agreement.paid + bid.bond;",
            "uint256(agreement.price) - agreement.paid + bid.bond + bid.disputeFee;",
        ),
    ),
    variant(
        "ASettlementTakesNoFeeOfTheBond",
        DISPUTES,
        "the price is split first",
        (
            "uint96 bondBack = toProvider < bid.bond ? toProvider : bid.bond;",
            "uint96 unpaid = agreement.price - agreement.paid;\n"
            "        uint96 bondBack = toProvider > unpaid ? toProvider - unpaid : 0;",
        ),
    ),
    variant(
        "AVoucherIsCashedOnce",
        MAKING,
        "a voucher is for an amount",
        (
            "_pay(bid, id, agreement, cumulative, How.REDEEMED)",
            "_pay(bid, id, agreement, agreement.paid + cumulative, How.REDEEMED)",
        ),
    ),
    variant(
        "InstalmentsPayTheFeeOfOnePayment",
        AGREEMENTS,
        "each payment has its fee",
        ("uint96(bid.feeOn(cumulative) - bid.feeOn(before))", "uint96(bid.feeOn(cumulative - before))"),
    ),
    variant(
        "APartyThatTakesTheFeeTakesItOnce",
        AGREEMENTS,
        "the provider's free is read once, at the start",
        (
            "Payout memory payout) private {",
            "Payout memory payout) private {\n        uint128 known = accounts[bid.token][bid.provider].free;",
        ),
        (
            "_credit(bid.token, bid.provider, id, toFree);",
            "accounts[bid.token][bid.provider].free = known + toFree;",
        ),
    ),
    variant(
        "ADisputeFeeComesBackWithTheFullPayment",
        AGREEMENTS,
        "a full payment pays price and bond",
        ("if (agreement.status == Status.DISPUTED) payout.toDesigner = bid.disputeFee;", NOTHING),
    ),
    variant(
        "ADisputeFeeIsPaidOnce",
        AGREEMENTS,
        "a dispute fee goes back whoever decided",
        (" && how != How.RULED", NOTHING),
    ),
    variant(
        "AnArbiterInLeagueTakesNoMoreThanTheDisputedPot",
        DISPUTES,
        "an arbiter rules on what is open",
        (
            "_loadIn(bid, Status.DISPUTED);\n        _requireUntil(",
            "_loadOpen(bid);\n        _requireUntil(",
        ),
    ),
    variant(
        "OnlyTheDesignerDisputes",
        DISPUTES,
        "whoever posts the fee disputes",
        ("_requireDesigner(bid);\n", "\n"),
    ),
)

FORKS = (
    variant(
        "OneSignatureDoesNotHoldOnBothSidesOfAFork",
        DOMAIN,
        "a domain that names the first chain is enough",
        ("if (block.chainid != _chainId) revert ChainChanged(block.chainid, _chainId);", NOTHING),
    ),
    variant(
        "AForkDoesNotLockMoneyIn",
        DOMAIN,
        "the domain follows the chain's id, and every id with it",
        (
            'abi.encodePacked(hex"1901", _domainSeparator, structHash)',
            'abi.encodePacked(hex"1901", block.chainid == _chainId ? _domainSeparator : bytes32(block.chainid), structHash)',
        ),
    ),
    variant(
        "AConsentIsToOneBid",
        AWARDS,
        "a consent is to any bid for the designer",
        (
            "if (consent.agreement != agreement) revert AgreementMismatch(consent.agreement, agreement);",
            NOTHING,
        ),
    ),
    variant(
        "AnOldConsentIsNone",
        AWARDS,
        "a consent holds as long as the bid",
        ("if (block.timestamp > consent.deadline) revert SignatureExpired(consent.deadline);", NOTHING),
    ),
)

MONEY = (
    variant(
        "APotFitsItsWord",
        TERMS,
        "price, bond and fee fit 96 bits each",
        ("if (pot > MAX_POT) revert IEscrowTypes.PotOutOfRange(pot, MAX_POT);", NOTHING),
    ),
    variant(
        "TheLargestPotComesOutWhole",
        DISPUTES,
        "shares are computed as narrow as amounts",
        (
            "uint256(agreement.price - agreement.paid) * bid.fallbackBps / Terms.BPS",
            "(agreement.price - agreement.paid) * bid.fallbackBps / uint96(Terms.BPS)",
        ),
    ),
    variant(
        "ARefusingPayeeBlocksNobody",
        LEDGER,
        "a payment that fails fails the closing",
        (
            "!Payments.push(token, to, amount)) _credit(token, to, id, amount);",
            "!Payments.push(token, to, amount)) revert PushFailed(token, to, amount);",
        ),
    ),
    variant(
        "ValueBesideTheLedgerIsRefused",
        LEDGER,
        "enough value is enough",
        ("if (msg.value != expected)", "if (msg.value < expected)"),
    ),
    variant(
        "MoneyThatDoesNotArriveIsNotCredited",
        PAYMENTS,
        "what a token says moved has moved",
        ("if (received != amount) revert IEscrowTypes.InexactTransfer(token, received, amount);", NOTHING),
    ),
    variant(
        "NobodyWithdrawsIntoTheContract",
        LEDGER,
        "an owner knows where to withdraw to",
        ("if (to == address(this)) revert ReceiverForbidden(to);", NOTHING),
    ),
    variant(
        "SelfDealingWithoutABondCountsNothing",
        AGREEMENTS,
        "every completed agreement counts",
        ("if (payout.bondBack != 0) ++", "if (agreement.status == Status.CLOSED) ++"),
    ),
    variant(
        "AFailureWithoutABondCountsNothing",
        AGREEMENTS,
        "every failed agreement counts",
        ("if (bid.bond != 0) ++", "++"),
    ),
    variant(
        "AnArbiterDoesNotLiveOnTheFee",
        TERMS,
        "whoever is named receives the fee",
        ("} else if (bid.feeTo == arbiter) {", "} else if (false) {"),
    ),
)

ANCHORS = (
    variant(
        "IsNotBlockedByACopy",
        ANCHOR,
        "a root is anchored once, by whoever comes first",
        ("uint256 time = anchoredAt[msg.sender][root];", "uint256 time = anchoredAt[address(0)][root];"),
        (
            "last[msg.sender] = root;",
            "last[msg.sender] = root;\n        anchoredAt[address(0)][root] = block.timestamp;",
        ),
    ),
    variant(
        "RevertWhen_ARootIsLeftOut",
        ANCHOR,
        "roots stand by themselves",
        ("if (previousRoot != newest) revert NotFollowing(previousRoot, newest);", NOTHING),
    ),
)
