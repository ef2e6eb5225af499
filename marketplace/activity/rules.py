"""The shape of activity. Pure."""

import re

from protocol.errors import InfillError

KIND = re.compile(r"[a-z][a-z_]*(\.[a-z][a-z_]*)+")
SUBJECT = re.compile(r"[a-z][a-z_]*:\S+")


class ActivityIsAppendOnly(InfillError):
    """An activity row was about to be changed or deleted."""

    code = "activity-append-only"

    def __init__(self) -> None:
        super().__init__("Activity is never changed or deleted: record what happened next as a new row.")


class ActivityMalformed(InfillError):
    """A kind or subject has the wrong shape."""

    code = "activity-malformed"


class ActivityOutsideAtomicBlock(InfillError):
    """An activity row was about to be written apart from the change it tells of."""

    code = "activity-outside-atomic-block"

    def __init__(self) -> None:
        super().__init__("Record activity in the atomic block of the change it tells of.")


def check_words(kind: str, subject: str) -> None:
    """Raises ActivityMalformed unless kind is like `job.opened` and subject like `job:<id>`."""
    if not KIND.fullmatch(kind):
        raise ActivityMalformed(f"{kind!r} is no kind: write it like job.opened")
    if not SUBJECT.fullmatch(subject):
        raise ActivityMalformed(f"{subject!r} is no subject: write it like job:<id>")
