"""Why a step is refused. A custom error of the contract keeps its name, as a code, and gets words."""

import re
from http import HTTPStatus
from typing import Any

from protocol.errors import InfillError

# What a person can do about each error the escrow may revert with.
ADVICE = {
    "AbovePrice": "More than the price cannot be released: name a lower cumulative amount.",
    "AgreementExists": "This bid was awarded before: an id is used once. Ask for a new bid.",
    "AmountZero": "The amount must not be zero.",
    "BidExpired": "The bid's time is over on chain: choose another, or ask the provider to bid again.",
    "BondUncovered": "The provider's free balance no longer covers the bond: choose another bid, or ask the "
    "provider to deposit.",
    "ChainChanged": "The chain's id is not that of the deployment: nothing signed is accepted there.",
    "EpochChanged": "The provider withdrew all its bids of that epoch: choose another bid.",
    "FreeTooLow": "The free balance in the escrow is smaller than this amount.",
    "GasTooLow": "Send the transaction again with a higher gas limit.",
    "NotDesigner": "Only the agreement's designer may do this.",
    "NotProvider": "Only the agreement's provider may do this.",
    "NotRising": "The cumulative amount must be more than what is paid already.",
    "PotOutOfRange": "Price, bond and dispute fee together are too large for the escrow.",
    "PriceOutOfRange": "The price of that many units is zero or too large for the escrow.",
    "PushFailed": "The receiver refused the money, which stays free: withdraw to another address.",
    "ReceiverForbidden": "Money cannot be withdrawn to this address: name another.",
    "SignatureInvalid": "The bid's signature does not hold on chain: ask for a new bid.",
    "SignerNotAllowed": "The bid's signer may not sign for the provider on chain: ask for a new bid.",
    "StandbyFirst": "The standby may take over first: only the designer may refund yet.",
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


class BidNotAwardable(InfillError):
    """The bid or its job is not open here."""

    code = "bid-not-awardable"
    http_status = HTTPStatus.CONFLICT


class DesignNotGranted(InfillError):
    """The designs of an agreement are not (or not yet) the caller's to see."""

    code = "design-not-granted"
    http_status = HTTPStatus.FORBIDDEN


class NotYourSide(InfillError):
    """Only the other party may do this."""

    code = "not-your-side"
    http_status = HTTPStatus.FORBIDDEN
