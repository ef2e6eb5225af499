"""One agreement as its parties read it: money, deadlines, what happened, and how to check it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from marketplace.bidding.models import Bid
from marketplace.chain.fate import transactions_noted
from marketplace.chain.models import Log, SentTransaction
from marketplace.chain.selectors import chain_now, deployment_current, logs_of
from marketplace.escrow.fates import SUBJECT
from marketplace.escrow.models import Agreement
from marketplace.escrow.rules import Movement, Projection
from marketplace.escrow.selectors import agreement_projection, agreements_of, sides_of
from marketplace.escrow.standings import StepStanding
from marketplace.escrow.steps import steps_standing
from marketplace.evidence.models import Record
from marketplace.evidence.selectors import record_last
from marketplace.jobs.models import Job
from marketplace.monitoring.models import PrinterSample
from marketplace.monitoring.selectors import sample_of_agreement
from marketplace.pages.evidence import Evidence, evidence_of
from marketplace.pages.parcels import Parcel, Said, parcel_of
from marketplace.pages.wording import evidence_text, log_text
from marketplace.providers.models import Printer
from marketplace.providers.selectors import printer_of
from protocol.evidence import Kind
from protocol.statuses import AgreementStatus
from protocol.units import ZERO_DIGEST, Wei, ether_text, hex_of

NODE_PLACEHOLDER = "YOUR_NODE"
MAIN_STEPS = ("release", "claim", "refund", "reaward", "expire")
SENT_SHOWN = 5
OF_A_PARCEL = (Kind.MEASURED, Kind.PACKED, Kind.SHIPPED)
CLICKABLE = (*MAIN_STEPS, "cancel", "dispute", "drop-standby", "give-up")
"""Steps that take no more than a click and a signature."""
ASKING = ("rule", "deliver", "redeem", "settle", "release")
"""Steps that are asked with something: a form each. The last pays a part; its button pays all."""


@dataclass(frozen=True)
class Happening:
    """A log of the escrow or a signed record, told in one line."""

    at: datetime
    actor: str
    text: str
    place: str
    digest: str
    final: bool
    on_chain: bool


@dataclass(frozen=True)
class AgreementCard:
    """Everything a party sees of its agreement."""

    row: Agreement
    viewer: str
    now: datetime
    printer: Printer | None
    projection: Projection | None
    happenings: list[Happening]
    sample: PrinterSample | None
    steps: list[StepStanding]
    head: str

    @property
    def mine(self) -> bool:
        """Whether the reader is the designer, who accepts."""
        return self.viewer == self.row.designer

    @property
    def movements(self) -> tuple[Movement, ...]:
        return self.projection.seen.movements if self.projection else ()

    @property
    def held(self) -> Wei:
        return Wei(self.projection.seen.held if self.projection else 0)

    @property
    def fee(self) -> Wei:
        """What the marketplace takes of the whole price."""
        return Wei(int(self.row.price) * self.fee_bps // 10_000)

    @property
    def fee_bps(self) -> int:
        return int(self.row.bid_terms.fee_bps)

    @property
    def fee_percent(self) -> str:
        return f"{self.fee_bps / 100:g} %"

    @property
    def is_party(self) -> bool:
        """Whether the reader is its designer or provider: an arbiter reads it too."""
        return self.viewer in self.row.parties

    @property
    def id(self) -> str:
        """What tells its parts from those of other agreements on a page."""
        return self.row.pk[:10]

    @property
    def price_help(self) -> str:
        """What an arbiter divides."""
        paid = f"; {ether_text(int(self.row.paid))} of it is paid already" if self.row.paid != "0" else ""
        return f"From 0 to the price, {ether_text(int(self.row.price))}{paid}."

    @property
    def bond_help(self) -> str:
        return f"From 0 to the bond, {ether_text(int(self.row.bid_terms.bond))}."

    @property
    def evidence(self) -> Evidence:
        """All that both sides sent, for an arbiter."""
        return evidence_of(self.row)

    @property
    def parcel(self) -> Parcel:
        """What the provider said of the finished parts."""
        rows = Record.objects.filter(agreement=self.row.pk, actor=self.row.provider, kind__in=OF_A_PARCEL)
        return parcel_of([Said(one.kind, one.observed_at, one.payload) for one in rows.order_by("seq")])

    @property
    def click_steps(self) -> list[StepStanding]:
        return [one for one in self.steps if one.step in CLICKABLE]

    @property
    def forms(self) -> list[StepStanding]:
        """What the reader can do now by filling in a form. A voucher is its provider's to redeem."""
        paid = self.viewer == self.row.provider
        found = {one.step: one for one in self.steps if paid or one.step != "redeem"}
        return [found[name] for name in ASKING if name in found]

    @property
    def main_steps(self) -> list[StepStanding]:
        """What the reader can do now, and most likely wants to."""
        return [one for one in self.click_steps if self._is_main(one.step)]

    @property
    def other_steps(self) -> list[StepStanding]:
        return [one for one in self.click_steps if not self._is_main(one.step)]

    def _is_main(self, step: str) -> bool:
        """Nobody need pay before the delivery."""
        return step in MAIN_STEPS and (step != "release" or self.row.status != AgreementStatus.AWARDED)

    @property
    def can_waive(self) -> bool:
        """Whether the designer can hand the design over before the grace time ends."""
        live = self.row.status == AgreementStatus.AWARDED
        return self.mine and live and not self.row.granted and self.row.grace_until > self.now

    @property
    def bundle_name(self) -> str:
        """The name under which the bundle is downloaded."""
        return f"infill-{self.row.pk[:18]}.zip"

    @property
    def audit_command(self) -> str:
        """The auditor's command. Outside a demo nobody should ask the marketplace's own node."""
        node = settings.RPC_URL if settings.DEMO_WALLET else NODE_PLACEHOLDER
        escrow = deployment_current().escrow
        return (
            f"infill-audit {self.row.pk} --rpc {node} --contract {escrow} "
            f"--from-block {deployment_current().block} --bundle {self.bundle_name}"
        )


def agreement_cards(job: Job, viewer: str, now: datetime) -> list[AgreementCard]:
    """The agreements on a job that the viewer is a party of, newest first."""
    rows: QuerySet[Agreement] = agreements_of(viewer).filter(job=job).order_by("-awarded_at", "pk")
    return [agreement_card(row, viewer, now) for row in rows]


def agreement_card(row: Agreement, viewer: str, now: datetime) -> AgreementCard:
    """One agreement for one of its parties. Raises LogsInconsistent."""
    return AgreementCard(
        row=row,
        viewer=viewer,
        now=now,
        printer=printer_of(row.terms["printer"]),
        projection=agreement_projection(row.pk),
        happenings=happenings_of(row),
        sample=sample_of_agreement(row.pk),
        steps=_steps(row, viewer, now),
        head=_head(row, viewer),
    )


def _steps(row: Agreement, viewer: str, now: datetime) -> list[StepStanding]:
    """The steps that the viewer can take now."""
    standings = steps_standing(row, sides_of(row, viewer), max(now, chain_now()))
    return [one for one in standings if one.available]


def _head(row: Agreement, viewer: str) -> str:
    """The head of the reader's own evidence log, for a delivery or dispute; zero for an empty one."""
    newest = record_last(row.pk, viewer)
    return newest.digest if newest else hex_of(ZERO_DIGEST)


def sent_about(job: Job, viewer: str) -> list[SentTransaction]:
    """The newest transactions that a viewer sent about a job's bids and agreements."""
    subjects = [f"{SUBJECT}{bid}" for bid in Bid.objects.filter(job=job).values_list("pk", flat=True)]
    return list(transactions_noted(viewer).filter(subject__in=subjects)[:SENT_SHOWN])


def happenings_of(row: Agreement) -> list[Happening]:
    """Logs and records together, oldest first."""
    return sorted((*_chain(row), *_records(row)), key=lambda one: (one.at, not one.on_chain))


def _chain(row: Agreement) -> Iterator[Happening]:
    for log in logs_of(row.pk):
        yield Happening(
            at=log.time,
            actor=_sender(row, log),
            text=log_text(log.name, log.args),
            place=f"block {log.block}",
            digest=log.transaction,
            final=log.final,
            on_chain=True,
        )


def _sender(row: Agreement, log: Log) -> str:
    return {"Awarded": "designer", "Delivered": "provider"}.get(log.name, "escrow")


def _records(row: Agreement) -> Iterator[Happening]:
    for record in Record.objects.filter(agreement=row.pk):
        yield Happening(
            at=record.observed_at,
            actor="designer" if record.actor == row.designer else "provider",
            text=evidence_text(record.kind, record.payload),
            place=f"record {record.seq}",
            digest=record.digest,
            final=True,
            on_chain=False,
        )
