"""An agreement between Ada and Bo that stands on its logs alone, and records signed for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount
from rest_framework.test import APIClient

from contracts.artifacts import Deployment, deployment_write
from marketplace.accounts.models import Person
from marketplace.escrow.models import Agreement
from marketplace.escrow.rules import project
from marketplace.escrow.selectors import columns_of
from protocol.canonical import json_digest
from protocol.evidence import Evidence, Kind, SignedEvidence
from protocol.typed import Domain, infill_domain
from protocol.units import ZERO_DIGEST, Address, Digest, digest_of
from tests.escrow.histories import AGREEMENT, History, a_bid
from tests.factories.deal import deal

__all__ = ["deal"]

ESCROW = Address("0x5FbDB2315678afecb367f032d93F642f64180aa3")
OBSERVED_AT = 1_700_000_100
SALT = "0x" + "5a" * 32


@pytest.fixture
def network(settings, tmp_path) -> Domain:
    """A deployment on paper: evidence needs the domain, not the chain."""
    deployment_write(Deployment(31337, ESCROW, ESCROW, 1), tmp_path)
    settings.CHAIN_ID, settings.DEPLOYMENTS_DIR = 31337, tmp_path
    return infill_domain(31337, ESCROW)


@pytest.fixture
def agreement(db, network, ada, bo) -> Agreement:
    history = History(a_bid(designer=ada.address, provider=bo.address), 2)
    return Agreement.objects.create(pk=AGREEMENT, **columns_of(project(history.entries)))


@pytest.fixture
def api(db) -> Callable[[LocalAccount | None], APIClient]:
    """An API client signed in as somebody, or as nobody."""

    def signed_in(account: LocalAccount | None) -> APIClient:
        client = APIClient()
        if account:
            client.force_login(Person.objects.get_or_create(address=account.address)[0])
        return client

    return signed_in


@dataclass
class Pen:
    """Writes an actor's evidence log, and whatever a liar would write."""

    actor: LocalAccount
    domain: Domain
    last: SignedEvidence | None = None
    agreement: str = AGREEMENT

    def record(self, payload: dict[str, Any] | None = None, **changes: Any) -> Evidence:
        payload = payload or {"salt": SALT}
        members: dict[str, Any] = {
            "agreement": digest_of(self.agreement),
            "actor": Address(self.actor.address),
            "seq": self.last.record.seq + 1 if self.last else 0,
            "kind": Kind.PRINT_STARTED.value,
            "payload": json_digest(payload),
            "previous": self.last.record.digest(self.domain) if self.last else ZERO_DIGEST,
            "observed_at": OBSERVED_AT,
        }
        return Evidence(**(members | changes))

    def sign(self, record: Evidence, payload: dict[str, Any] | None = None, by: LocalAccount | None = None,
             domain: Domain | None = None) -> SignedEvidence:  # fmt: skip
        digest = record.digest(domain or self.domain)
        signature = bytes((by or self.actor).unsafe_sign_hash(digest).signature)
        return SignedEvidence(record, payload or {"salt": SALT}, signature)

    def write(self, payload: dict[str, Any] | None = None, **changes: Any) -> SignedEvidence:
        """The next record, which the log then ends with."""
        self.last = self.sign(self.record(payload, **changes), payload)
        return self.last

    def head(self) -> Digest:
        return self.last.record.digest(self.domain) if self.last else ZERO_DIGEST


@pytest.fixture
def pen(network, bo) -> Pen:
    return Pen(bo, network)
