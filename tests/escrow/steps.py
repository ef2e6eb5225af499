"""What a test of steps needs: a bid with an arbiter, what each side signs, and where an agreement can stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from eth_account.signers.local import LocalAccount

from marketplace.bidding.models import Bid
from marketplace.escrow.models import Agreement
from protocol.terms import REDEEM_WINDOW, Award, Settlement, Voucher
from protocol.typed import TypedStruct, escrow_domain
from protocol.units import ZERO_DIGEST, address_of, digest_of, hex_of
from tests.factories.deal import UNIT_PRICE, Deal

PRICE = 2 * UNIT_PRICE
FEE = 10**14
DAY = 86_400
HEAD = "0x" + "11" * 32
STATUS_NUMBERS = {"NONE": 0, "AWARDED": 1, "DELIVERED": 2, "DISPUTED": 3, "CLOSED": 4}


@dataclass
class Table:
    """One bid of Bo's on Ada's job, with Eve as arbiter and Charlie's bid to stand by."""

    deal: Deal
    ada: LocalAccount
    bo: LocalAccount
    charlie: LocalAccount
    eve: LocalAccount
    bid: Bid
    standby: Bid

    @property
    def row(self) -> Agreement:
        return Agreement.objects.get(pk=self.bid.pk)

    def signed(self, account: LocalAccount, struct: TypedStruct) -> str:
        domain = escrow_domain(self.deal.anvil.chain_id, self.deal.escrow)
        return hex_of(account.unsafe_sign_hash(struct.digest(domain)).signature)

    def ask(self, account: LocalAccount, step: str, body: Any = None) -> Any:
        return self.deal.asks(account, f"agreements/{self.bid.pk}/{step}", body)

    def take(self, account: LocalAccount, step: str, body: Any = None) -> dict[str, Any]:
        """Ask, sign, send, follow: and what was answered."""
        answer = self.ask(account, step, body)
        assert answer.status_code == 200, answer.json()
        assert self.deal.send(account, answer.json()["transaction"]) == 1
        self.deal.follow()
        return answer.json()

    def awarded(self, **body: Any) -> None:
        self.deal.award(self.bid, **body)

    def delivered(self, **body: Any) -> None:
        self.awarded(**body)
        self.take(self.bo, "deliver", {"head": HEAD})

    def disputed(self, **body: Any) -> None:
        self.delivered(**body)
        self.take(self.ada, "dispute", {"head": HEAD})

    def closed(self, **body: Any) -> None:
        self.delivered(**body)
        self.take(self.ada, "release")

    def pass_time(self, seconds: int) -> None:
        self.deal.anvil.advance(seconds)
        self.deal.follow()

    def overdue(self, *, past: int = 1) -> None:
        """Past the making time and the window for vouchers."""
        self.pass_time(DAY + REDEEM_WINDOW + past)

    def voucher(self, cumulative: int) -> dict[str, str]:
        signature = self.signed(self.ada, Voucher(digest_of(self.bid.pk), cumulative))
        return {"cumulative": str(cumulative), "signature": signature}

    def settlement(self, signer: LocalAccount, to_provider: int, **changes: Any) -> dict[str, Any]:
        row = self.row
        members = {
            "agreement": digest_of(row.pk), "to_provider": to_provider, "paid": int(row.paid),
            "status": STATUS_NUMBERS[row.status], "deadline": self.deal.anvil.now() + 600,
        }  # fmt: skip
        split = Settlement(**(members | changes))
        return {"settlement": split.to_json(), "signature": self.signed(signer, split)}

    def consent(self, **changes: Any) -> dict[str, Any]:
        members = {
            "agreement": digest_of(self.bid.pk),
            "units": 2,
            "standby": ZERO_DIGEST,
            "book": ZERO_DIGEST,
        }
        award = Award(**(members | {"deadline": self.deal.anvil.now() + 600} | changes))
        return {"consent": award.to_json(), "signature": self.signed(self.ada, award)}

    def body(self, step: str, account: LocalAccount) -> dict[str, Any]:
        """What a step takes, as would be right if the step were possible."""
        if step == "redeem":
            return self.voucher(PRICE)
        if step == "settle":
            return self.settlement(self.bo if account == self.ada else self.ada, 5)
        bodies: dict[str, Any] = {
            "deliver": {"head": HEAD}, "dispute": {"head": HEAD}, "rule": {"cumulative": "0", "bond_back": "0"},
        }  # fmt: skip
        return bodies.get(step, {})


def table_of(deal: Deal, bo, charlie, eve, settings, **terms: Any) -> Table:
    """The marketplace has Eve as arbiter; everybody has gas."""
    deal.anvil.fund(eve)
    settings.ARBITERS = [eve.address]
    usual = {"arbiter": address_of(eve.address), "dispute_fee": FEE}
    bid = deal.bid(bo, **(usual | terms))
    standby = deal.bid(charlie, **(usual | terms | {"unit_price": UNIT_PRICE - 5}))
    return Table(deal, deal.ada, bo, charlie, eve, bid, standby)


def iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
