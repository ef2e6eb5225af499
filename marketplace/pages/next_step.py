"""What the reader of a job's page can do next, in one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.pages.agreements import AgreementCard
from marketplace.pages.selectors import JobPage
from protocol.statuses import AgreementStatus, JobStatus


@dataclass(frozen=True)
class NextStep:
    """A heading, a sentence, and a tone (a CSS class)."""

    title: str
    text: str
    tone: str = "calm"


MEASURING = NextStep(
    "Measuring the model", "This takes seconds. The job opens for bids as soon as it is measured.", "active"
)
REFUSED = NextStep(
    "This job cannot be made as it is",
    "The reasons are below. Upload a corrected model and post again.",
    "bad",
)
WAITING = NextStep(
    "Waiting for bids", "Agents have the job and answer by themselves, usually within seconds.", "active"
)
_OF_JOB = {
    JobStatus.DRAFT: MEASURING,
    JobStatus.MEASURING: MEASURING,
    JobStatus.REFUSED: REFUSED,
    JobStatus.WITHDRAWN: NextStep("Withdrawn", "The designer took this job back."),
    JobStatus.EXPIRED: NextStep("Expired", "The deadline passed before a bid was awarded."),
}
OPEN_TO_PROVIDERS = NextStep("Open for bids", "Your agent decides by your policy whether to bid.", "open")
LOST = NextStep("Decided", "The designer chose a bid for this job.")


def next_step(page: JobPage, cards: Sequence[AgreementCard], bids: int) -> NextStep:
    """What comes next for this reader; `bids` are those that can be awarded."""
    status = JobStatus(page.job.status)
    if status is JobStatus.OPEN:
        return _of_open(page, bids)
    if cards:
        return _of_agreement(cards[0])
    return _OF_JOB.get(status, LOST)


def _of_open(page: JobPage, bids: int) -> NextStep:
    if not page.own:
        return OPEN_TO_PROVIDERS
    return _choose(bids) if bids else WAITING


def _choose(bids: int) -> NextStep:
    count = "One bid is" if bids == 1 else f"{bids} bids are"
    return NextStep(
        f"{count} in: award the one you like",
        "Your wallet pays the price into the escrow contract. It is released when you accept the print.",
        "open",
    )


def _of_agreement(card: AgreementCard) -> NextStep:
    status = AgreementStatus(card.row.status)
    if status is AgreementStatus.CLOSED:
        return _closed(card)
    if status is AgreementStatus.DISPUTED:
        return NextStep("In dispute", "The arbiter divides the money within the signed time.", "bad")
    if card.row.given_up_at:
        return _GIVEN_UP[card.mine]
    steps = _DESIGNER if card.mine else _PROVIDER
    return steps[status]


def _closed(card: AgreementCard) -> NextStep:
    if card.row.is_made:
        return NextStep(
            "Done: made, accepted and paid", "Anyone with the bundle can check all of it.", "good"
        )
    return NextStep("Closed", "The money went where the signed terms say; see below.")


_GIVEN_UP = {
    True: NextStep(
        "The provider gave up", "Refund yourself: price and bond come back, and the job opens again.", "bad"
    ),
    False: NextStep("You gave up", "The designer can take price and bond back at any time.", "bad"),
}
_DESIGNER = {
    AgreementStatus.AWARDED: NextStep(
        "Awarded: the printer is at work",
        "The price is held by the escrow contract. Once the award is final the provider gets your design.",
        "active",
    ),
    AgreementStatus.DELIVERED: NextStep(
        "Delivered: look at it, then accept",
        "Accepting pays the provider. If you do nothing, the provider can claim it after the review time.",
        "open",
    ),
}
_PROVIDER = {
    AgreementStatus.AWARDED: NextStep(
        "You won: your agent makes it", "Deliver before the deadline to be paid.", "active"
    ),
    AgreementStatus.DELIVERED: NextStep(
        "Delivered: the designer is looking at it",
        "If the designer does nothing, you can claim the price after the review time.",
        "active",
    ),
}
