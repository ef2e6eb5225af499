"""Whatever happens, in whatever order: never beyond a mandate, never more than the job, rows as the chain has it."""

from __future__ import annotations

import random
from io import StringIO

import pytest
from django.core.management import call_command

from marketplace.bidding.models import Bid
from marketplace.chain.models import Block, Cursor, Log
from marketplace.escrow.models import Agreement, Dispatch, Mandate
from marketplace.jobs.models import Job
from tests.escrow.mandates import Office, office, operated, operator
from tests.factories.deal import BOND, UNIT_PRICE

__all__ = ["office", "operated", "operator"]

QUANTITY = 3


def bound(office: Office) -> int:
    """Units of the job that the chain itself holds under agreements, or that were paid for."""
    words = {row: office.deal.word(row.pk) for row in Bid.objects.all()}
    held = [(row, word) for row, word in words.items() if word.price]
    live = [(row, word) for row, word in held if word.status != "CLOSED" or word.paid == word.price]
    return sum(int(word.price) // int(row.unit_price) for row, word in live)


def checked(office: Office) -> None:
    for row in Mandate.objects.all():
        assert office.word(row).used <= row.terms.units
    assert bound(office) <= QUANTITY


@pytest.mark.parametrize("seed", range(4))
def test_never_beyond_the_mandates_and_rows_follow_the_chain(office, ada, bo, charlie, dee, eve, seed):
    chance, deal = random.Random(seed), office.deal
    providers = {each.address: each for each in (bo, charlie, dee, eve)}
    deal.anvil.fund(*providers.values())
    deal.post_job(quantity=QUANTITY)
    rows = [office.store(units=2, deposit=20 * UNIT_PRICE), office.store(units=QUANTITY, deposit=0)]
    deal.anvil.mine(6)
    deal.follow()

    def end(step: str) -> None:
        """A party ends an agreement, where the chain lets it."""
        live = [each for each in Agreement.objects.all() if each.is_live]
        if live:
            row = chance.choice(live)
            who = ada if step == "refund" else providers[row.provider]
            answer = deal.asks(who, f"agreements/{row.pk}/{step}")
            if answer.status_code == 200:
                deal.send(who, answer.json()["transaction"])

    def bids() -> None:
        if Job.objects.get(pk=deal.job.pk).status == "OPEN":
            deal.bid(
                chance.choice(list(providers.values())),
                unit_price=UNIT_PRICE - chance.randrange(9),
                bond=BOND,
            )

    acts = {
        "bid": bids, "turn": office.turn, "look": office.look, "settle": office.settle, "follow": deal.follow,
        "cancel": lambda: end("cancel"), "give-up": lambda: end("give-up"), "refund": lambda: end("refund"),
        "reorganise": lambda: deal.anvil.rpc("anvil_reorg", chance.randrange(1, 3), []),
        "revoke": lambda: chance.random() < 0.2 and office.revokes(rows[0]),
    }  # fmt: skip
    weighed = [*acts, "turn", "turn", "turn", "bid", "settle"]
    for _ in range(60):
        acts[chance.choice(weighed)]()
        checked(office)
    office.turn(2)
    office.settle()
    office.settle()
    checked(office)
    call_command("chain_check", stdout=StringIO())
    for row in Mandate.objects.all():
        word = office.word(row)
        assert (row.used, row.revoked) == (word.used, word.revoked)
    assert not Dispatch.objects.filter(
        status="WANTED", intent__status__in=["FINAL", "FAILED", "EXPIRED"]
    ).exists()
    equals_a_fresh_follow(office)


def equals_a_fresh_follow(office: Office) -> None:
    """All that the logs decide is dropped, and the chain followed from its first block."""

    def followed() -> list[tuple]:
        return sorted(Mandate.objects.values_list("pk", "used", "revoked"))

    before = followed()
    for model in (Agreement, Log, Block, Cursor):
        model.objects.all().delete()
    Mandate.objects.update(used=0, revoked=False)
    office.deal.follow()
    assert followed() == before
