"""`chain_rebuild` while the site serves: what is damaged is swapped, and nobody sees anything else of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from io import StringIO
from random import Random
from threading import Event
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from marketplace.chain import rederivation
from marketplace.chain.models import Log
from marketplace.escrow.models import Agreement
from marketplace.escrow.selectors import agreement_projection, refusal_now
from marketplace.escrow.tasks import grant
from protocol.statuses import JobStatus
from tests.factories.moves import Market, market_on
from tests.factories.projected import equals_a_fresh_follow, follow, projected
from tests.parallel import at_once

pytestmark = pytest.mark.django_db(transaction=True)
REBUILDS = 4


@pytest.fixture
def market(deal, bo, charlie, dee) -> Market:
    """Some agreements at all kinds of places, with everything final."""
    market = market_on(deal, Random(1), bo, charlie, dee)
    market.more(jobs=4)
    for _ in range(30):
        market.block(2)
    market.anvil.finalise()
    follow()
    assert Agreement.objects.count() > 4
    return market


def rebuild() -> str:
    said = StringIO()
    call_command("chain_rebuild", stdout=said)
    return said.getvalue()


def check() -> str:
    said = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("chain_check", stdout=said, stderr=said)
    return said.getvalue() + str(refusal.value)


def tables(*, besides: str) -> dict[str, str]:
    """The digest of each table's rows, but of one."""
    names = sorted(set(connection.introspection.table_names()) - {besides})
    with connection.cursor() as cursor:
        return {name: _digest(cursor, name) for name in names}


def _digest(cursor: Any, name: str) -> str:
    cursor.execute(f'SELECT * FROM "{name}"')
    return hashlib.sha256("\n".join(sorted(map(repr, cursor.fetchall()))).encode()).hexdigest()


def damage() -> None:
    """Values that are wrong, a row that is missing, and one of which no log says anything."""
    first, second, third, *_ = Agreement.objects.order_by("pk")
    Agreement.objects.filter(pk=first.pk).update(paid="7", status="DISPUTED")
    Agreement.objects.create(**Agreement.objects.values().get(pk=second.pk) | {"id": "0x" + "ee" * 32})
    Agreement.objects.filter(pk=third.pk).delete()


def test_what_is_whole_is_not_written(market):
    before = tables(besides="")
    assert rebuild() == "0 rows swapped\n"
    assert tables(besides="") == before


def test_what_is_damaged_is_swapped_and_nothing_else_is_touched(market):
    rows, others = projected(), tables(besides=Agreement._meta.db_table)
    damage()
    assert "3 rows swapped" in rebuild()
    assert projected() == rows
    assert tables(besides=Agreement._meta.db_table) == others
    assert rebuild() == "0 rows swapped\n"


@pytest.mark.parametrize("link", ["job", "bid"])
def test_an_agreement_of_the_wrong_job_or_bid_is_named_and_put_right(market, link):
    rows = projected()
    row = Agreement.objects.exclude(**{link: None}).first()
    Agreement.objects.filter(pk=row.pk).update(**{link: None})
    assert f"{row.pk} {link}_id: stored None" in check()
    rebuild()
    assert projected() == rows


def test_designs_given_too_early_are_named_and_taken_back(market):
    refused = [row for row in Agreement.objects.all() if refusal_now(agreement_projection(row.pk))]
    Agreement.objects.filter(pk=refused[0].pk).update(granted=True)
    assert f"{refused[0].pk} granted: stored True" in check()
    rebuild()
    assert not Agreement.objects.get(pk=refused[0].pk).granted


def test_what_a_damaged_row_brought_about_is_put_right(market):
    job = Agreement.objects.filter(job__status=JobStatus.AWARDED).first().job
    rows = projected()
    damage()
    type(job).objects.filter(pk=job.pk).update(status=JobStatus.OPEN)
    Agreement.objects.filter(job=job).update(units=0)
    rebuild()
    assert projected() == rows


def test_logs_that_come_between_comparing_and_swapping_are_kept(market, monkeypatch):
    """The follower's step changes the very rows that are about to be swapped."""
    damage()
    compared = rederivation.projections

    def then_followed() -> Any:
        monkeypatch.undo()
        found = compared()
        differences = [list(each.differences()) for each in found]
        for _ in range(6):
            market.block()
        follow()
        return [Compared(each, some) for each, some in zip(found, differences, strict=True)]

    logs = Log.objects.count()
    monkeypatch.setattr(rederivation, "projections", then_followed)
    assert "rows swapped" in rebuild()
    assert Log.objects.count() > logs
    equals_a_fresh_follow()


class Compared:
    """A projection that was compared a while ago."""

    def __init__(self, projection: Any, differences: list[Any]) -> None:
        self.rebuild: Callable[..., None] = projection.rebuild
        self.differences = lambda: differences


def test_readers_never_miss_a_row_while_it_is_damaged_mended_and_followed(market, ada):
    """One rebuilds, one follows a chain that goes on, and one reads rows and the API all the while."""
    whole, done, seen = {*Agreement.objects.values_list("pk", flat=True)}, Event(), list[set[str]]()
    damaged = Agreement.objects.order_by("pk").first().pk

    def rebuilds() -> None:
        try:
            for _ in range(REBUILDS):
                Agreement.objects.filter(pk=damaged).update(paid="7", units=0)
                rebuild()
        finally:
            done.set()

    def follows() -> None:
        while not done.is_set():
            market.block()
            follow()

    def reads() -> None:
        while not done.is_set():
            answer = market.deal.reads(ada, "agreements?mine").json()
            seen.append({each["id"] for each in answer} & whole)
            rows = Agreement.objects.filter(pk__in=whole)
            assert all((row.paid == "7") == (row.units == 0) for row in rows)

    at_once(rebuilds, follows, reads)
    assert seen
    assert all(ids == whole for ids in seen)
    grant()
    equals_a_fresh_follow()
