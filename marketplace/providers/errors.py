"""Why a printer is not registered."""

from http import HTTPStatus

from protocol.errors import InfillError


class PrinterWrongSigner(InfillError):
    """The profile is not the signed-in person's own word about their printer."""

    code = "printer-wrong-signer"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


class PrinterCapabilityDiffers(InfillError):
    """The signed profile commits to another capability than the one sent."""

    code = "printer-capability-differs"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


class PrinterSeqStale(InfillError):
    """A profile as new or newer is already known for this serial."""

    code = "printer-seq-stale"
    http_status = HTTPStatus.CONFLICT

    def __init__(self, latest: int) -> None:
        super().__init__(f"This printer's profile is at seq {latest}: sign the new one with a higher seq.")
        self.extra = {"latest_seq": latest}
