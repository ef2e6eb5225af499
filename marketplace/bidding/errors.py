"""Why a bid is turned away, a class for each. 422: send another bid. 409: the world moved on. 429: later."""

from http import HTTPStatus

from protocol.errors import InfillError


class BidRefused(InfillError):
    """Base of all refusals; `fields` names the members to change, with why."""

    code = "bid-refused"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, message: str, fields: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.extra = {"fields": fields} if fields else {}


class BidWrongSigner(BidRefused):
    """The signature is another key's, or a term was altered after signing: the two look the same."""

    code = "bid-wrong-signer"


class BidForeignChain(BidRefused):
    """The signature is right, for another chain."""

    code = "bid-foreign-chain"


class BidOtherDesigner(BidRefused):
    """The bid is addressed to somebody who did not post this job."""

    code = "bid-other-designer"


class BidWrongJob(BidRefused):
    """The bid commits to another spec than this job's."""

    code = "bid-wrong-job"


class BidExpired(BidRefused):
    """The bid's time is over."""

    code = "bid-expired"


class BidTerms(BidRefused):
    """The escrow would refuse these terms, or this marketplace does not deal in them."""

    code = "bid-terms"


class BidUnknownPrinter(BidRefused):
    """The printer is not registered, not the bidder's, or registered anew since."""

    code = "bid-unknown-printer"


class BidPrinterUnfit(BidRefused):
    """The printer cannot make the job."""

    code = "bid-printer-unfit"


class BidKeyNotSet(BidRefused):
    """The key that signed is no live hot key of the provider, as far as the chain was read."""

    code = "bid-key-not-set"
    http_status = HTTPStatus.CONFLICT


class BidKeyBond(BidRefused):
    """The hot key that signed may not lock the bid's bond."""

    code = "bid-key-bond"
    http_status = HTTPStatus.CONFLICT


class BidEpoch(BidRefused):
    """The bid is of another epoch than its provider is in."""

    code = "bid-epoch"
    http_status = HTTPStatus.CONFLICT


class BidReplayed(BidRefused):
    """The id was used up: this very bid was awarded, or is closed."""

    code = "bid-replayed"
    http_status = HTTPStatus.CONFLICT


class BidJobClosed(BidRefused):
    """The job takes no bids (any more)."""

    code = "bid-job-closed"
    http_status = HTTPStatus.CONFLICT


class BidOverRate(BidRefused):
    """Too many bids from one provider."""

    code = "bid-over-rate"
    http_status = HTTPStatus.TOO_MANY_REQUESTS


class NoReceipt(InfillError):
    """There is no receipt for the bid: nobody signs any here, or did not yet."""

    code = "no-receipt"
    http_status = HTTPStatus.NOT_FOUND
