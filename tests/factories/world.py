"""One of everything: Ada's design, job, token and agreement with Bo, and Bo's printer, bid, decline, evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from marketplace.accounts.models import Person
from marketplace.accounts.services import token_create
from marketplace.bidding.models import Bid
from marketplace.bidding.services import decline_record
from marketplace.chain.models import Cursor, Log
from marketplace.designs.models import Design
from marketplace.escrow.models import Agreement
from marketplace.escrow.rules import project
from marketplace.escrow.selectors import columns_of
from marketplace.evidence.services import evidence_append
from marketplace.jobs.models import Job
from marketplace.jobs.tasks import settle
from marketplace.providers.models import Printer
from protocol.evidence import SignedEvidence
from protocol.units import time_of
from tests.escrow.histories import AGREEMENT, History, a_bid
from tests.evidence.conftest import SALT, Pen
from tests.factories.logs import encoded
from tests.factories.market import ESCROW, INFILL, bid_body, bid_on, profile_body, received, registered
from tests.jobs.factories import posting

DESIGN_NAME = "adas-secret-bracket.stl"
JOB_TITLE = "Ada's secret bracket"
DECLINE_REASON = "Bo's secret reason"
TOKEN_NAME = "Ada's secret token"


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

    def parameters(self) -> dict[str, Any]:
        """A real value for each name in a route."""
        return {
            "design": self.design.pk,
            "job": self.job.pk,
            "digest": self.printer.digest,
            "bid": self.bid.pk,
            "agreement": self.agreement.pk,
            "token_id": self.token_id,
            "number": 1,
        }

    def secrets(self) -> list[str]:
        """Texts that no stranger may read."""
        rows = [self.design.pk, self.job.pk, self.bid.pk, self.agreement.pk, self.ada.address]
        texts = [
            DESIGN_NAME,
            JOB_TITLE,
            DECLINE_REASON,
            TOKEN_NAME,
            SALT,
            self.design.digest,
            self.job.job_digest,
        ]
        return [*map(str, rows), *texts, self.job.salt_text]

    def bodies(self) -> dict[str, Any]:
        """What each route takes, as those would send it whose it is; of other routes, nothing."""
        return {
            "jobs": posting(self.design.pk),
            "printers": profile_body(self.bo, seq=9),
            "jobs/<uuid:job>/bids": bid_body(self.bo, bid_on(self.job, self.printer)),
            "jobs/<uuid:job>/books/<int:number>/check": {"receipt": {}, "signature": "0x" + "11" * 65},
            "jobs/<uuid:job>/declines": {"reason": "too small", "printer": self.printer.digest},
            "agreements/<str:agreement>/evidence": self.evidence.to_json(),
            "agreements/<str:agreement>/deliver": {"head": "0x" + "11" * 32},
            "agreements/<str:agreement>/release": {"cumulative": "1"},
            "escrow/deposit": {"amount": "1"},
            "escrow/withdraw": {"amount": "1"},
        }


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
    return World(ada, bo, design, job, printer, bid, agreement, token.pk, pen.write())
