"""Ada's mandates on the deal's chain, and the marketplace's dispatcher that may use them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from contracts import calls
from contracts.views import Accounts, Mandates, MandateWord
from marketplace.bidding.models import Bid
from marketplace.chain.errors import ContractReverted
from marketplace.chain.models import Intent
from marketplace.chain.nodes import client
from marketplace.chain.sender import sender_step
from marketplace.escrow.dispatching import award_call
from marketplace.escrow.models import Agreement, Dispatch, Mandate
from marketplace.escrow.tasks import dispatch
from protocol.mandate import Mandate as Limits
from protocol.typed import escrow_domain
from protocol.units import ZERO_ADDRESS, ZERO_DIGEST, address_of, digest_of, hex_of
from tests.factories.deal import BOND, GRACE, UNIT_PRICE, Deal
from tests.factories.operator import operated, operator

__all__ = ["operated", "operator"]

DAY = 86_400
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def free(account: LocalAccount) -> int:
    """What somebody's account in the escrow has to spend, in wei."""
    return client().ask(Accounts(ZERO_ADDRESS, address_of(account.address))).free


def limits_of(designer: str, dispatcher: str, job_digest: bytes, until: int) -> Limits:
    """Limits that the usual bid of the deal just keeps."""
    return Limits(
        designer=address_of(designer), dispatcher=address_of(dispatcher), token=ZERO_ADDRESS,
        arbiter=ZERO_ADDRESS, job_digest=job_digest, printers=ZERO_DIGEST, max_unit_price=UNIT_PRICE,
        min_bond=BOND, max_dispute_fee=0, units=2, max_make_time=DAY, min_review_time=DAY,
        min_arbiter_time=DAY, max_arbiter_time=DAY, max_grace_time=GRACE, max_fallback_bps=5_000,
        valid_until=until, salt=secrets.randbits(256),
    )  # fmt: skip


@dataclass
class Office:
    """A marketplace that dispatches."""

    deal: Deal
    dispatcher: LocalAccount

    def limits(self, **changes: Any) -> Limits:
        digest = digest_of(self.deal.job.job_digest)
        until = self.deal.anvil.now() + 30 * DAY
        usual = limits_of(self.deal.ada.address, self.dispatcher.address, digest, until)
        return replace(usual, **changes)

    def body(self, limits: Limits, signer: LocalAccount | None = None, **more: Any) -> dict[str, Any]:
        return {"mandate": limits.to_json(), "signature": self.signed(limits, signer), **more}

    def signed(self, limits: Limits, signer: LocalAccount | None = None) -> str:
        digest = limits.digest(escrow_domain(self.deal.anvil.chain_id, self.deal.escrow))
        return hex_of((signer or self.deal.ada).unsafe_sign_hash(digest).signature)

    def posts(self, limits: Limits, account: LocalAccount | None = None, **more: Any) -> Any:
        return self.deal.asks(account or self.deal.ada, "mandates", self.body(limits, **more))

    def store(
        self, *, deposit: int = 2 * UNIT_PRICE, more: dict[str, Any] | None = None, **changes: Any
    ) -> Mandate:
        """Ada signs, hands in, and deposits."""
        if deposit:
            self.deal.deposit(self.deal.ada, deposit)
        answer = self.posts(self.limits(**changes), **(more or {}))
        assert answer.status_code == 201, answer.json()
        return Mandate.objects.get(pk=answer.json()["id"])

    def read(self, row: Mandate) -> dict[str, Any]:
        return self.deal.reads(self.deal.ada, f"mandates/{row.pk}").json()

    def waits(self, row: Mandate) -> str:
        found = self.read(row)["waiting_for"]
        return found["code"] if found else ""

    def look(self, *, behind: bool = False) -> None:
        """Beat sweeps, and every mandate is due; the follower has read everything, unless it is behind."""
        if not behind:
            self.deal.follow()
        Mandate.objects.update(due_at=LONG_AGO)
        dispatch()

    def turn(self, count: int = 1) -> None:
        """What workers and follower do, so often."""
        for _ in range(count):
            self.look()
            sender_step()
            self.deal.follow()

    def settle(self) -> None:
        """Until what is on its way is final, for the sender and for the follower."""
        for _ in range(2):
            sender_step()
            self.deal.finalise()
        self.look()

    def word(self, row: Mandate) -> MandateWord:
        return client().ask(Mandates(digest_of(row.pk)))

    def takes(self, account: LocalAccount, bid: Bid, step: str, body: Any = None) -> None:
        self.deal.takes(account, f"agreements/{bid.pk}/{step}", body)

    def tries(self, row: Mandate, bid: Bid, units: int = 2, sender: LocalAccount | None = None) -> str:
        """The contract's answer to an award that the dispatcher itself would not want."""
        call = award_call(row, bid, units)
        try:
            who = (sender or self.dispatcher).address
            client().call(sender=who, to=self.deal.escrow, data=hex_of(call.data))
        except ContractReverted as error:
            return error.name
        return ""

    def revokes(self, row: Mandate) -> None:
        self.deal.sends(self.deal.ada, calls.RevokeMandate(row.terms))

    def awarded(self) -> list[str]:
        """The bids that became agreements, in order."""
        return list(Agreement.objects.order_by("award_block").values_list("pk", flat=True))

    def statuses(self) -> list[str]:
        return [str(each) for each in Dispatch.objects.values_list("status", flat=True)]

    def intents(self) -> list[str]:
        return list(Intent.objects.filter(key__startswith="dispatch:").values_list("status", flat=True))


@pytest.fixture
def office(deal, operated) -> Office:
    deal.anvil.fund(operated)
    return Office(deal, operated)
