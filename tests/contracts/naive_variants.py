"""For each scenario, the escrow that a hurried author would have written: what it says instead, and what that is."""

from dataclasses import dataclass

NOTHING = ""


@dataclass(frozen=True)
class Variant:
    """`scenario` is the test's name after `testFuzz_`; each change is (exact text, its replacement) in `source`."""

    scenario: str
    source: str
    naive: str
    changes: tuple[tuple[str, str], ...]

    @property
    def test(self) -> str:
        return f"testFuzz_{self.scenario}"


AGREEMENTS = "escrow/Agreements.sol"
AWARDS = "escrow/Awards.sol"
DISPUTES = "escrow/Disputes.sol"
DOMAIN = "escrow/Domain.sol"
HOT_KEYS = "escrow/HotKeys.sol"
LEDGER = "escrow/Ledger.sol"
MAKING = "escrow/Making.sol"
PAYMENTS = "libraries/Payments.sol"
TERMS = "libraries/Terms.sol"
ANCHOR = "ProvenanceAnchor.sol"


def variant(scenario: str, source: str, naive: str, *changes: tuple[str, str]) -> Variant:
    return Variant(scenario, source, naive, changes)


_NO_EPOCH = ("if (account.epoch != bid.epoch) revert EpochChanged(bid.epoch, account.epoch);", NOTHING)

RACES = (
    variant(
        "ARulingAndAVoucherRaceToTheSameSplit",
        DISPUTES,
        "a ruling names what is still to be paid",
        (
            "cumulative > paid ? cumulative - paid : 0",
            "cumulative < agreement.price - paid ? cumulative : agreement.price - paid",
        ),
    ),
    variant(
        "ARefundDoesNotOutrunAVoucher",
        AGREEMENTS,
        "the refund opens with the deadline",
        ("REDEEM_WINDOW = 12 hours", "REDEEM_WINDOW = 0"),
    ),
    variant(
        "ADisputeInTheLastSecondIsNotOutrunByAClaim",
        AGREEMENTS,
        "the last second belongs to both sides",
        (
            "if (block.timestamp <= deadline) revert TooEarly",
            "if (block.timestamp < deadline) revert TooEarly",
        ),
    ),
    variant(
        "ALateRulingDoesNotOverturnTheFallback",
        DISPUTES,
        "an arbiter may be late while nobody expired",
        ("_requireUntil(uint256(agreement.clock) + bid.arbiterTime);", NOTHING),
    ),
    variant("ABumpedEpochOutrunsAnAward", AWARDS, "bids cannot be withdrawn", _NO_EPOCH),
    variant(
        "APermitThatSomebodyUsedFirstBlocksNothing",
        AWARDS,
        "a permit must succeed",
        ("try IERC20Permit(", "IERC20Permit("),
        ("permit.r, permit.s) {}\n            catch {}", "permit.r, permit.s);"),
    ),
    variant(
        "NobodyElseAwardsABidItSees",
        AWARDS,
        "whoever pays awards",
        ("_requireDesigner(bid);\n        agreement = idOf(bid);", "agreement = idOf(bid);"),
    ),
    variant(
        "ALowGasLimitDoesNotTurnAPushIntoACredit",
        PAYMENTS,
        "a push is tried with whatever gas is left",
        ("_requireGas(PUSH_GAS_NEEDED);", NOTHING),
    ),
)

GRACE = (
    variant(
        "AGraceIsNeverLongerThanTheMakingTime",
        TERMS,
        "the two times are independent",
        (
            "if (bid.graceTime >= bid.makeTime) revert IEscrowTypes.GraceTooLong(bid.graceTime, bid.makeTime);",
            NOTHING,
        ),
    ),
    variant(
        "OneWeiReleasedDoesNotEndTheGrace",
        MAKING,
        "only what is wholly unpaid is cancelled",
        (
            "_requireUntil(uint256(agreement.clock) + bid.graceTime);",
            "_requireUntil(uint256(agreement.clock) + bid.graceTime);\n"
            "        if (agreement.paid != 0) revert AlreadyPaid(id, agreement.paid);",
        ),
    ),
    variant(
        "OneWeiReleasedDoesNotSaveTheBond",
        MAKING,
        "a provider who was paid anything keeps its bond",
        (
            "uint96(uint256(bid.bond) * agreement.paid / agreement.price)",
            "agreement.paid == 0 ? 0 : bid.bond",
        ),
    ),
    variant(
        "WhoGaveUpDoesNotDeliver",
        MAKING,
        "giving up only opens the refund",
        (
            "if (agreement.flags & GIVEN_UP != 0) revert AlreadyGivenUp(id);\n        _requireUntil(",
            "_requireUntil(",
        ),
    ),
    variant(
        "GivingUpDoesNotRenewTheGrace",
        MAKING,
        "each step starts the clock anew",
        (
            "agreement.flags |= GIVEN_UP;",
            "agreement.flags |= GIVEN_UP;\n        agreement.clock = uint40(block.timestamp);",
        ),
    ),
    variant(
        "ADeliveryInTheGraceIsNotCancelled",
        MAKING,
        "whatever is open can be cancelled in the grace",
        (
            "_loadIn(bid, Status.AWARDED);\n        _requireUntil(uint256(agreement.clock) + bid.graceTime);",
            "_loadOpen(bid);\n        _requireUntil(uint256(agreement.clock) + bid.graceTime);",
        ),
    ),
    variant(
        "AClosedAgreementIsNotAwardedAgain",
        AWARDS,
        "an id is free again once its agreement is closed",
        (
            "if (_exists(id)) revert AgreementExists(id);",
            "Status now_ = _read(id).status;\n"
            "        if (now_ != Status.NONE && now_ != Status.CLOSED) revert AgreementExists(id);",
        ),
    ),
)

STANDBYS = (
    variant(
        "AStandbyNeverCostsTheDesignerMore",
        AWARDS,
        "what is missing comes from the designer's ledger",
        (
            "if (held < price) revert StandbyTooDear(price, held);",
            "if (held < price) {\n            _debit(bid.token, bid.designer, price - held);\n"
            "            held = price;\n        }",
        ),
    ),
    variant(
        "AStrangerDoesNotRefundBeforeTheStandby",
        MAKING,
        "whoever comes first decides",
        (
            "if (reserved && standbyOf[id] != 0) revert StandbyFirst(standbysTurn);",
            NOTHING,
        ),
    ),
    variant(
        "WhoFailedDoesNotTakeOver",
        AWARDS,
        "any bid can stand by",
        ("standby.provider == bid.provider || standby.designer", "standby.designer"),
    ),
    variant(
        "AStandbyIsPaidInTheSameToken",
        AWARDS,
        "amounts are compared, tokens are not",
        (" || standby.token != bid.token\n", "\n"),
    ),
    variant(
        "AStandbyIsForTheSameDesigner",
        AWARDS,
        "the designer who named it answers for it",
        (" || standby.designer != bid.designer ||", " ||"),
    ),
    variant(
        "WhatIsPartlyPaidIsNotHandedOver",
        AWARDS,
        "the whole price is handed over, whatever is paid",
        ("if (before.paid != 0) revert AlreadyPaid(failed, before.paid);", NOTHING),
    ),
    variant("AStandbyWhoMovedOnIsNotBound", AWARDS, "a standby was checked when it was named", _NO_EPOCH),
    variant(
        "ADroppedStandbyDoesNotTakeOver",
        AWARDS,
        "dropping is a log",
        ("delete standbyOf[id];\n", "\n"),
    ),
)

OTHERS_NAMES = (
    variant(
        "AReturnDoesNotReviveARevokedMandate",
        AGREEMENTS,
        "a return writes the mandate's word anew",
        ("mandates[mandate].used = used;", "mandates[mandate] = MandateUse(used, false);"),
    ),
    variant(
        "CancelLoopsDoNotOverspendAMandate",
        AWARDS,
        "the limit is one of each award",
        (
            "if (used > mandate.units) revert MandateUsedUp(units, mandate.units - use.used);",
            "if (units > mandate.units) revert MandateUsedUp(units, mandate.units);",
        ),
    ),
    variant(
        "APartPaidRefundReturnsNoUnits",
        MAKING,
        "every refund returns the units",
        ("if (agreement.paid == 0) _returnUnits(", "_returnUnits("),
    ),
    variant(
        "ACancelledMandateAwardRefillsTheLedger",
        AGREEMENTS,
        "refunds are pushed to the designer, whoever awarded",
        ("if (flags & REFUND_TO_LEDGER != 0 && payout.toDesigner != 0) {", "if (flags > 3) {"),
    ),
    variant(
        "NobodyElseUsesAMandateItSees",
        AWARDS,
        "the designer's signature is enough",
        (
            "if (msg.sender != mandate.dispatcher) {\n"
            "            revert NotDispatcher(msg.sender, mandate.dispatcher);\n        }",
            NOTHING,
        ),
    ),
    variant(
        "NobodyElseRevokesAMandate",
        AWARDS,
        "whoever shows a mandate revokes it",
        ("if (msg.sender != mandate.designer) revert NotDesigner(msg.sender, mandate.designer);", NOTHING),
    ),
    variant(
        "AStolenHotKeyLosesNoMoreThanItWasGiven",
        HOT_KEYS,
        "the limit is one of each bid",
        (
            "if (signer != bid.provider) agents[bid.token][bid.provider][signer].bondLeft -= bid.bond;",
            NOTHING,
        ),
    ),
    variant(
        "AStolenHotKeyDoesNothingElse",
        MAKING,
        "a hot key speaks for the provider",
        (
            "if (msg.sender != bid.provider) revert NotProvider(msg.sender, bid.provider);",
            "if (msg.sender != bid.provider && !_isLive(bid.token, bid.provider, msg.sender)) {\n"
            "            revert NotProvider(msg.sender, bid.provider);\n        }",
        ),
    ),
    variant(
        "ARevokedHotKeysBidsAreDead",
        HOT_KEYS,
        "a key that once was set can sign",
        (
            "if (!_isLive(bid.token, bid.provider, signer)) revert",
            "if (agents[bid.token][bid.provider][signer].until == 0) revert",
        ),
    ),
)
