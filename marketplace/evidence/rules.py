"""How much evidence one actor may send, and why a record is turned away. Pure."""

from http import HTTPStatus

from protocol.canonical import canonical_bytes
from protocol.errors import InfillError
from protocol.evidence import SignedEvidence

# Together at most 32 MiB a log, which is what an auditor takes as one file of a bundle.
PAYLOAD_LIMIT_BYTES = 15 * 1024
RECORDS_LIMIT = 2_000
CLOCK_TOLERANCE = 24 * 60 * 60
"""Seconds by which an actor's clock may be ahead."""


class EvidenceRefused(InfillError):
    """Base of the refusals that only a server has."""

    code = "evidence-refused"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


class EvidenceNotActor(EvidenceRefused):
    """Somebody else than the record's actor sends it."""

    code = "evidence-not-actor"
    http_status = HTTPStatus.FORBIDDEN


class EvidenceNotNext(EvidenceRefused):
    """A gap, or a step back: the log continues elsewhere."""

    code = "evidence-out-of-order"
    http_status = HTTPStatus.CONFLICT

    def __init__(self, expected_seq: int, message: str) -> None:
        super().__init__(message)
        self.expected_seq = expected_seq
        self.extra = {"expected_seq": expected_seq}


class EvidenceConflict(EvidenceRefused):
    """Another record already has this sequence number."""

    code = "evidence-conflict"
    http_status = HTTPStatus.CONFLICT


class EvidenceTooLarge(EvidenceRefused):
    """The payload or the log is too large."""

    code = "evidence-too-large"
    http_status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class EvidenceFromFuture(EvidenceRefused):
    """The record says it was observed at a time that has not come."""

    code = "evidence-from-future"


class BundleIncomplete(InfillError):
    """Something the bundle must hold is not on record here."""

    code = "bundle-incomplete"
    http_status = HTTPStatus.CONFLICT


def payload_text(signed: SignedEvidence) -> str:
    """The payload's canonical text. Raises Malformed, EvidenceTooLarge."""
    data = canonical_bytes(signed.payload)
    if len(data) > PAYLOAD_LIMIT_BYTES:
        raise EvidenceTooLarge(
            f"The payload has {len(data)} bytes, {PAYLOAD_LIMIT_BYTES} are allowed: "
            "send a digest of the data and keep the data itself."
        )
    return data.decode()


def time_check(observed_at: int, *, now: int) -> None:
    """Raises EvidenceFromFuture; later records could never be observed before this one. Epoch seconds."""
    if observed_at > now + CLOCK_TOLERANCE:
        raise EvidenceFromFuture(
            f"observedAt is {observed_at}, it is {now} now: set the clock and sign again."
        )


def seq_check(seq: int) -> None:
    """Raises EvidenceTooLarge where a log grew beyond what one making can explain."""
    if seq >= RECORDS_LIMIT:
        raise EvidenceTooLarge(
            f"An evidence log holds at most {RECORDS_LIMIT} records: join samples into segments."
        )
