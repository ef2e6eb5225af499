"""A job of Ada's with a real file, bids on it by Bo and Charlie, a chain of its own, and who does what there."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from eth_account.signers.local import LocalAccount
from rest_framework.test import APIClient

from contracts.artifacts import Deployment
from contracts.calls import Transaction
from contracts.deploy import deploy
from contracts.views import Agreements, AgreementWord
from marketplace.accounts.models import Person
from marketplace.bidding.models import Bid as BidRow
from marketplace.bidding.selectors import market
from marketplace.bidding.services import bid_submit
from marketplace.chain.follower import Step, follow_to_head
from marketplace.chain.nodes import client
from marketplace.designs import store
from marketplace.designs.mesh.measurement import Measurement
from marketplace.designs.models import Design
from marketplace.designs.rules import DesignStatus
from marketplace.escrow.models import Agreement
from marketplace.escrow.tasks import grant
from marketplace.jobs.models import Job
from marketplace.jobs.rules import PartAsked, Posting
from marketplace.jobs.services import job_post, job_settle
from marketplace.providers.models import Printer
from marketplace.providers.services import printer_register
from protocol.profiles import PrinterProfile, capability_digest
from protocol.recipients import Recipient
from protocol.terms import Bid
from protocol.typed import escrow_domain, infill_domain
from protocol.units import ZERO_ADDRESS, address_of, digest_of, hex_of
from tests.anvil import Anvil, running_anvil
from tests.factories.market import PLA_PRINTER

MODEL = b"solid bracket\nendsolid bracket\n"
BOND = 10**15
UNIT_PRICE = 10**16
GRACE = 60


MEASURED = Measurement(
    volume_mm3=8000.0,
    area_mm2=2400.0,
    size_um=(20_000, 20_000, 20_000),
    triangles=12,
    watertight=True,
    winding_consistent=True,
    bodies=1,
    overhang_mm2=0.0,
    bed_contact_mm2=400.0,
    wall_mm2=1600.0,
    top_mm2=400.0,
    bottom_mm2=400.0,
    degenerate_triangles=0,
    inside_out=False,
)


@dataclass
class Deal:
    """The market, the chain under it and its people."""

    anvil: Anvil
    deployment: Deployment
    ada: LocalAccount
    job: Job = field(init=False)
    printers: dict[str, Printer] = field(default_factory=dict)

    @property
    def escrow(self) -> Any:
        return address_of(self.deployment.escrow)

    def api(self, account: LocalAccount | None) -> APIClient:
        api = APIClient()
        if account:
            api.force_login(Person.objects.get_or_create(address=account.address)[0])
        return api

    def post_job(self, quantity: int = 2) -> Job:
        owner, _ = Person.objects.get_or_create(address=self.ada.address)
        digest = hex_of(store.bytes_save(MODEL))
        design, _ = Design.objects.get_or_create(
            owner=owner, digest=digest, name="bracket.stl", bytes=len(MODEL), status=DesignStatus.MEASURED,
            measurement=MEASURED.to_json(),
        )  # fmt: skip
        now = timezone.now()
        posting = Posting(
            title="Bracket", parts=[PartAsked(design.pk, 1, "PLA", "black", 200, 20)],
            quantity=quantity, deadline=now + timedelta(days=9), bids_close_at=now + timedelta(days=8),
            budget_wei=10**18, ship_to_zone="any", licence="print only",
        )  # fmt: skip
        self.job = job_post(designer=owner, posting=posting, now=now)
        assert job_settle(job=self.job, now=now)
        return self.job

    def printer(self, provider: LocalAccount) -> Printer:
        if provider.address not in self.printers:
            Person.objects.get_or_create(address=provider.address)
            domain = infill_domain(self.anvil.chain_id, self.escrow)
            profile = PrinterProfile(
                provider.address, "MK4", capability_digest(PLA_PRINTER), 0, 1_700_000_000
            )
            signature = bytes(provider.unsafe_sign_hash(profile.digest(domain)).signature)
            self.printers[provider.address], _ = printer_register(
                profile=profile,
                capability=PLA_PRINTER,
                signature=signature,
                person=provider.address,
                domain=domain,
            )
        return self.printers[provider.address]

    def bid(
        self, provider: LocalAccount, *, bonded: bool = True, key: LocalAccount | None = None, **changes: Any
    ) -> BidRow:
        """A bid as the marketplace keeps it, signed by the provider or its hot key; its bond is deposited."""
        signer = key or provider
        printer = self.printer(provider)
        terms: dict[str, Any] = {
            "provider": provider.address, "designer": self.ada.address, "token": ZERO_ADDRESS,
            "arbiter": ZERO_ADDRESS, "fee_to": ZERO_ADDRESS, "job_digest": digest_of(self.job.job_digest),
            "printer": digest_of(printer.digest), "unit_price": UNIT_PRICE, "bond": BOND, "dispute_fee": 0,
            "min_units": 1, "max_units": 10, "valid_until": self.anvil.now() + 7 * 86_400,
            "make_time": 86_400, "review_time": 86_400, "arbiter_time": 86_400, "grace_time": GRACE,
            "fallback_bps": 5_000, "fee_bps": 0, "epoch": 0, "to_ledger": False, "salt": secrets.randbits(256),
        }  # fmt: skip
        bid = Bid(**(terms | changes))
        if bonded and bid.bond:
            self.deposit(provider, int(bid.bond))
        domain = escrow_domain(self.anvil.chain_id, self.escrow)
        row, _ = bid_submit(
            job=self.job.pk, bid=bid, person=provider.address, signer=address_of(signer.address),
            signature=bytes(signer.unsafe_sign_hash(bid.digest(domain)).signature),
            market=market(), now=timezone.now(),
        )  # fmt: skip
        return row

    def deposit(self, account: LocalAccount, amount: int) -> None:
        transaction = self.asks(account, "escrow/deposit", {"amount": str(amount)}).json()["transaction"]
        assert self.send(account, transaction) == 1

    def asks(self, account: LocalAccount | None, path: str, body: Any = None) -> Any:
        return self.api(account).post(f"/api/v1/{path}", body or {}, format="json")

    def reads(self, account: LocalAccount | None, path: str) -> Any:
        return self.api(account).get(f"/api/v1/{path}")

    def names(self, account: LocalAccount, agreement: str, recipient: str, **changed: Any) -> Any:
        """Name the age recipient of an agreement's files, signed by `key`, else by who asks; the response."""
        key, about = changed.get("key", account), changed.get("about", agreement)
        domain = infill_domain(self.anvil.chain_id, self.escrow)
        digest = Recipient(digest_of(about), recipient).digest(domain)
        body = {"recipient": recipient, "signature": hex_of(key.unsafe_sign_hash(digest).signature)}
        return self.asks(account, f"agreements/{agreement}/designs", body)

    def send(self, account: LocalAccount, transaction: dict[str, Any]) -> int:
        """Sign what the API handed out with the account's own key, send it, and say how it went."""
        return self.anvil.send(account, transaction)["status"]

    def sends(self, account: LocalAccount, call: Transaction, value: int = 0) -> None:
        """A call of the escrow with the account's own key, which the API does not hand out; follow the chain."""
        transaction = {"to": self.deployment.escrow, "data": hex_of(call.data), "value": value}
        assert self.send(account, transaction) == 1
        self.follow()

    def takes(self, account: LocalAccount, path: str, body: Any = None) -> None:
        """Ask for a step's transaction, sign and send it, and follow the chain."""
        answer = self.asks(account, path, body)
        assert answer.status_code == 200, answer.json()
        assert self.send(account, answer.json()["transaction"]) == 1
        self.follow()

    def award(self, bid: BidRow, **body: Any) -> Agreement:
        self.takes(self.ada, f"bids/{bid.pk}/award", body)
        return Agreement.objects.get(pk=bid.pk)

    def follow(self) -> Step:
        return follow_to_head()

    def finalise(self) -> None:
        self.anvil.finalise()
        self.follow()

    def end_grace(self) -> None:
        """Time passes, blocks become final, beat sweeps."""
        self.anvil.advance(GRACE + 1)
        self.follow()
        self.finalise()
        grant()

    def word(self, agreement: str) -> AgreementWord:
        return client().ask(Agreements(digest_of(agreement)))


@pytest.fixture
def deal(db, tmp_path, settings, ada, bo, charlie) -> Iterator[Deal]:
    with running_anvil(tmp_path) as anvil:
        yield deal_on(anvil, tmp_path, settings, ada, bo, charlie)


def deal_on(anvil: Anvil, folder: Path, settings: Any, ada: LocalAccount, *others: LocalAccount) -> Deal:
    """The contracts and the market on a chain of its own, with a job of Ada's."""
    deployment = deploy(anvil.web3, anvil.web3.eth.accounts[0], folder)
    anvil.fund(ada, *others)
    settings.RPC_URL, settings.DEPLOYMENTS_DIR, settings.CHAIN_ID = anvil.url, folder, anvil.chain_id
    settings.ARBITERS, settings.FEE_BPS, settings.FEE_TO = [], 0, ZERO_ADDRESS
    designs = settings.STORAGES["designs"] | {"OPTIONS": {"location": folder / "designs"}}
    settings.STORAGES = settings.STORAGES | {"designs": designs}
    cache.clear()
    made = Deal(anvil, deployment, ada)
    made.post_job()
    return made
