"""Why a step is refused. A custom error of the contract keeps its name, as a code, and gets words."""

import re
from http import HTTPStatus
from typing import Any

from protocol.errors import InfillError

# What a person can do about each error the escrow may revert with.
ADVICE = {
    "AboveBond": "At most the bond can go back: name a lower amount.",
    "AbovePrice": "More than the price cannot be released: name a lower cumulative amount.",
    "AboveRest": "At most what is unpaid and the bond can be split: name a lower amount.",
    "AgentBondTooLow": "The bid's signing key may not lock so much bond: choose another bid, or ask the "
    "provider to renew it.",
    "AgreementExists": "This bid was awarded before: an id is used once. Ask for a new bid.",
    "AgreementMismatch": "What was signed is about another agreement: sign for this one.",
    "AlreadyGivenUp": "The provider gave up: the agreement can only be refunded or pass to its standby.",
    "AlreadyPaid": "Something is paid already, so no standby can take over: refund instead.",
    "AmountZero": "The amount must not be zero.",
    "BidExpired": "The bid's time is over on chain: choose another, or ask the provider to bid again.",
    "BondUncovered": "The provider's free balance no longer covers the bond: choose another bid, or ask the "
    "provider to deposit.",
    "ChainChanged": "The chain's id is not that of the deployment: nothing signed is accepted there.",
    "CheckIncomplete": "The node ran out of gas while checking the bid: ask one that allows more.",
    "DepositTooLarge": "The free balance would become too large for the escrow: deposit less.",
    "EpochChanged": "The provider withdrew all its bids of that epoch: choose another bid.",
    "FreeTooLow": "The free balance in the escrow is smaller than this amount.",
    "GasTooLow": "Send the transaction again with a higher gas limit.",
    "InexactTransfer": "The token moves another amount than asked, which the escrow refuses: use another "
    "token.",
    "Locked": "The escrow is in the middle of moving money: send this as a transaction of its own.",
    "MandateUsedUp": "The mandate has fewer units left: award fewer, or sign another.",
    "NotArbiter": "Only the agreement's arbiter may do this.",
    "NotDesigner": "Only the agreement's designer may do this.",
    "NotDispatcher": "Only the dispatcher that the mandate names may use it.",
    "NotParty": "Only the agreement's designer or provider may do this.",
    "NotProvider": "Only the agreement's provider may do this.",
    "NotRising": "The cumulative amount must be more than what is paid already.",
    "NotStandby": "The agreement names another standby, or none.",
    "OutsideMandate": "A term of the bid is outside the mandate's limit: choose another bid, or sign "
    "another mandate.",
    "PotOutOfRange": "Price, bond and dispute fee together are too large for the escrow.",
    "PriceOutOfRange": "The price of that many units is zero or too large for the escrow.",
    "PrinterNotAccepted": "The mandate does not accept the bid's printer: choose another bid.",
    "PullFailed": "The token did not move the amount: look at its balance and at what it allows the escrow "
    "to take.",
    "PushFailed": "The receiver refused the money, which stays free: withdraw to another address.",
    "ReceiverForbidden": "Money cannot be withdrawn to this address: name another.",
    "RevokedMandate": "The mandate was revoked for ever: sign another.",
    "SettlementStale": "Status or payment changed since the settlement was signed: sign it again.",
    "SignatureExpired": "The time to use what was signed is over: sign it again.",
    "SignatureInvalid": "A signature does not hold on chain: ask its signer to sign again, or choose another "
    "bid.",
    "SignerNotAllowed": "The bid's signer may not sign for the provider on chain: ask for a new bid.",
    "StandbyFirst": "The standby may take over first: only the designer may refund yet.",
    "StandbyTooDear": "The standby costs more than the price and the lost bond together: refund instead.",
    "StandbyUnfit": "The standby must be another provider's bid for the same designer, job and token.",
    "TokenUnsupported": "This address is no token that the escrow can hold: use another.",
    "TooEarly": "This is possible later: see the agreement's deadlines.",
    "TooLate": "The deadline is over: see the agreement's deadlines.",
    "UnitsOutOfRange": "The bid is for another number of units.",
    "ValueMismatch": "The value sent must be exactly the amount.",
    "WrongStatus": "The agreement is in a status that does not allow this.",
}
TERMS_ADVICE = "The escrow refuses the bid's terms: ask for a new bid."


class StepRefused(InfillError):
    """The escrow would revert. `code` is its custom error's name in kebab-case, `extra` has its values."""

    code = "step-refused"
    http_status = HTTPStatus.CONFLICT

    def __init__(self, name: str, values: dict[str, Any] | None = None) -> None:
        super().__init__(ADVICE.get(name, TERMS_ADVICE))
        self.code = re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
        self.extra = {"error": {"name": name, "args": values or {}}}


class FundsTooLow(InfillError):
    """The wallet cannot pay the value and the gas."""

    code = "funds-too-low"
    http_status = HTTPStatus.CONFLICT


class StandbyUnknown(InfillError):
    """The standby cannot be named, or its bid is not known here."""

    code = "standby-unknown"
    http_status = HTTPStatus.CONFLICT


class PermitUnsupported(InfillError):
    """The token takes no permits that can be built here."""

    code = "permit-unsupported"
    http_status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            "This token takes no permit (EIP-2612) whose domain it tells (EIP-5267): award by allowance "
            "instead."
        )


class AwardNotFinal(InfillError):
    """A reorganisation could still take the award back."""

    code = "award-not-final"
    http_status = HTTPStatus.CONFLICT


class BidNotAwardable(InfillError):
    """The bid or its job is not open here."""

    code = "bid-not-awardable"
    http_status = HTTPStatus.CONFLICT


class NoDispatcher(InfillError):
    """This marketplace sends nothing."""

    code = "no-dispatcher"
    http_status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            "This marketplace has no dispatcher: its operator set no OPERATOR_KEY. Award a bid yourself."
        )


class MandateOtherDispatcher(InfillError):
    """The mandate is for somebody else to use."""

    code = "mandate-other-dispatcher"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, named: str, here: str) -> None:
        super().__init__(
            f"The mandate names the dispatcher {named}, this marketplace's is {here}: sign one that names it."
        )


class MandateOver(InfillError):
    """The mandate, or what it is for, is over."""

    code = "mandate-over"
    http_status = HTTPStatus.CONFLICT


class MandateTerms(InfillError):
    """No bid here could be awarded within these limits, or too many; `fields` names the members to change."""

    code = "mandate-terms"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, fields: dict[str, list[str]]) -> None:
        told = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in fields.items())
        super().__init__(f"The mandate cannot be used here: {told}")
        self.extra = {"fields": {f"mandate.{name}": texts for name, texts in fields.items()}}


class DesignNotGranted(InfillError):
    """The designs of an agreement are not (or not yet) the caller's to see."""

    code = "design-not-granted"
    http_status = HTTPStatus.FORBIDDEN


class NotYourSide(InfillError):
    """Only the other party may do this."""

    code = "not-your-side"
    http_status = HTTPStatus.FORBIDDEN
