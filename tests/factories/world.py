"""One of everything: Ada's design, job, token and agreement with Bo, and Bo's printer, bid, decline, evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone
from eth_account.signers.local import LocalAccount

from marketplace.accounts.models import Person
from marketplace.accounts.services import token_create
from marketplace.bidding.models import Bid
from marketplace.bidding.services import decline_record
from marketplace.chain.fate import transaction_note
from marketplace.chain.models import Cursor, Log, SentTransaction
from marketplace.designs.models import Delivery, Design, Grant, Upload
from marketplace.designs.resumable import upload_create
from marketplace.escrow.models import Agreement, Mandate
from marketplace.escrow.rules import project
from marketplace.escrow.selectors import columns_of
from marketplace.evidence.services import evidence_append
from marketplace.jobs.models import Job
from marketplace.jobs.tasks import settle
from marketplace.providers.models import Printer
from protocol.evidence import SignedEvidence
from protocol.mandate import Mandate as Limits
from protocol.terms import Award, Settlement, Voucher
from protocol.units import ZERO_ADDRESS, ZERO_DIGEST, Wei, address_of, digest_of, time_of
from tests.escrow.histories import AGREEMENT, History, a_bid
from tests.evidence.conftest import SALT, Pen
from tests.factories.logs import encoded
from tests.factories.market import ESCROW, INFILL, bid_body, bid_on, profile_body, received, registered
from tests.jobs.factories import posting

DESIGN_NAME = "adas-secret-bracket.stl"
JOB_TITLE = "Ada's secret bracket"
DECLINE_REASON = "Bo's secret reason"
UPLOAD_NAME = "adas-secret-upload.stl"
TOKEN_NAME = "Ada's secret token"
HEAD = "0x" + "11" * 32


@dataclass
class World:
    """Rows of Ada's and Bo's, and what a thief would send."""

    ada: LocalAccount
    bo: LocalAccount
    design: Design
    job: Job
    printer: Printer
    bid: Bid
    agreement: Agreement
    token_id: int
    evidence: SignedEvidence
    sent: SentTransaction
    mandate: Mandate
    upload: Upload
    delivery: Delivery

    def parameters(self) -> dict[str, Any]:
        """A real value for each name in a route."""
        return {
            "design": self.design.pk,
            "job": self.job.pk,
            "digest": self.printer.digest,
            "bid": self.bid.pk,
            "agreement": self.agreement.pk,
            "token_id": self.token_id,
            "hash": self.sent.digest,
            "mandate": self.mandate.pk,
            "delivery": self.delivery.pk,
            "number": 1,
            "upload": self.upload.pk,
        }

    def secrets(self) -> list[str]:
        """Texts that no stranger may read."""
        rows = [self.upload.pk, self.design.pk, self.job.pk, self.bid.pk, self.agreement.pk, self.ada.address]
        texts = [
            DESIGN_NAME,
            JOB_TITLE,
            DECLINE_REASON,
            TOKEN_NAME,
            UPLOAD_NAME,
            SALT,
            self.design.digest,
            self.job.job_digest,
        ]
        return [*map(str, rows), *texts, self.job.salt_text]

    def bodies(self) -> dict[str, Any]:
        """What each route takes, as those would send it whose it is; of other routes, nothing."""
        return (
            self._steps()
            | self._typed_data()
            | {
                "transactions": {"hash": self.sent.digest, "step": "release", "agreement": self.agreement.pk},
                "mandates": {"mandate": self.mandate.limits, "signature": "0x" + "11" * 65},
                "jobs": posting(self.design.pk),
                "printers": profile_body(self.bo, seq=9),
                "jobs/<uuid:job>/bids": bid_body(self.bo, bid_on(self.job, self.printer)),
                "jobs/<uuid:job>/books/<int:number>/check": {"receipt": {}, "signature": "0x" + "11" * 65},
                "jobs/<uuid:job>/declines": {"reason": "too small", "printer": self.printer.digest},
                "agreements/<str:agreement>/evidence": self.evidence.to_json(),
                "agreements/<str:agreement>/designs": {"recipient": "age1me", "signature": "0x" + "11" * 65},
            }
        )

    def _steps(self) -> dict[str, Any]:
        about, by = "agreements/<str:agreement>/", "bids/<str:bid>/"
        agreement, signature = digest_of(self.agreement.pk), "0x" + "11" * 65
        consent, split = (
            Award(agreement, 1, ZERO_DIGEST, ZERO_DIGEST, 1),
            Settlement(agreement, Wei(1), Wei(0), 1, 1),
        )
        return {
            about + "deliver": {"head": HEAD},
            about + "dispute": {"head": HEAD},
            about + "release": {"cumulative": "1"},
            about + "redeem": {"cumulative": "1", "signature": signature},
            about + "rule": {"cumulative": "1", "bond_back": "0"},
            about + "settle": {"settlement": split.to_json(), "signature": signature},
            by + "award-with-permit": {"deadline": 1, "signature": signature},
            by + "award-for": {"consent": consent.to_json(), "signature": signature},
            "escrow/deposit": {"amount": "1"},
            "escrow/withdraw": {"amount": "1"},
            "escrow/set-agent": {"key": self.bo.address, "until": "2030-01-01T00:00Z", "bond_left": "1"},
            "escrow/revoke-mandate": {"mandate": self.mandate.limits},
        }

    def _typed_data(self) -> dict[str, Any]:
        voucher = Voucher(digest_of(self.agreement.pk), Wei(1)).to_json()
        return {
            "typed-data/consent": {"bid": self.bid.pk},
            "typed-data/permit": {"bid": self.bid.pk},
            "typed-data/voucher": {"agreement": self.agreement.pk},
            "typed-data/settlement": {"agreement": self.agreement.pk, "to_provider": "1"},
            "typed-data/mandate": {"job": str(self.job.pk), "dispatcher": self.bo.address},
            "typed-data/signer": {"voucher": voucher, "signature": "0x" + "11" * 65},
        }


def mandate_of(job: Job, designer: LocalAccount, dispatcher: LocalAccount) -> Mandate:
    """Limits that a designer signed, with everything in them one."""
    who = [address_of(designer.address), address_of(dispatcher.address), ZERO_ADDRESS, ZERO_ADDRESS]
    limits, now = Limits(*who, digest_of(job.job_digest), ZERO_DIGEST, *([1] * 12)), timezone.now()
    times = {"valid_until": now, "stored_at": now, "looked_at": now, "due_at": now}
    return Mandate.objects.create(
        pk="0x" + "3a" * 32, job=job, designer=designer.address, limits=limits.to_json(),
        signature="0x" + "11" * 65, free="0", **times,
    )  # fmt: skip


def delivery_of(design: Design, provider: LocalAccount) -> Delivery:
    """What was once encrypted to a provider's agent, for an agreement that is over."""
    grant = Grant.objects.create(
        design=design, provider=provider.address, agreement="0x" + "0d" * 32, revoked_at=timezone.now()
    )
    return Delivery.objects.create(
        grant=grant, recipient="age1over", statement="0x", digest="0x" + "0d" * 32, bytes=1
    )


@pytest.fixture
def world(place, measured, client_of, ada, bo) -> World:
    design = measured(ada, name=DESIGN_NAME)
    posted = client_of(ada).post("/api/v1/jobs", posting(design.pk, title=JOB_TITLE))
    assert (posted.status_code, settle()) == (201, 1)
    job, printer = Job.objects.get(), registered(bo)
    bid = received(bo, job, printer)
    decline_record(job=job, provider=bo.address, printer="", reason=DECLINE_REASON)
    history = History(a_bid(designer=ada.address, provider=bo.address), 2)
    agreement = Agreement.objects.create(pk=AGREEMENT, job=job, **columns_of(project(history.entries)))
    cursor = Cursor.objects.create(chain_id=31337, escrow=ESCROW, seen=history.block, final=0)
    for entry in history.entries:
        topics, data = encoded(entry.name, dict(entry.args))
        Log.objects.create(
            cursor=cursor, agreement=AGREEMENT, block_digest="0x" + "22" * 32, address=ESCROW, topics=topics,
            data=data, name=entry.name, block=entry.block, log_index=entry.log_index,
            transaction=entry.transaction, time=time_of(entry.time),
        )  # fmt: skip
    pen = Pen(bo, INFILL)
    evidence_append(agreement=agreement, person=bo.address, signed=pen.write())
    owner = Person.objects.get(address=ada.address)
    token, _ = token_create(person=owner, name=TOKEN_NAME, scopes=["read"], days=1)
    sent = transaction_note(digest="0x" + "5e" * 32, person=ada.address, now=timezone.now(), label="release")
    file = {"name": UPLOAD_NAME, "length": 100, "unit": "", "now": timezone.now()}
    return World(
        ada, bo, design, job, printer, bid, agreement, token.pk, pen.write(), sent, mandate_of(job, ada, bo),
        upload_create(owner=owner, **file), delivery_of(design, bo),
    )  # fmt: skip
