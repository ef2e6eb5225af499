"""Two followers and nodes that need longer for a step than a turn lasts."""

from __future__ import annotations

import time
from datetime import timedelta
from threading import Event

import pytest
from django.db import OperationalError
from django.db.models.functions import Now

from marketplace.chain import services, turns
from marketplace.chain.client import NodeClient
from marketplace.chain.errors import CursorMoved
from marketplace.chain.follower import Follower, Step
from marketplace.chain.models import Cursor
from marketplace.chain.nodes import Nodes
from marketplace.chain.services import cursor_get, cursor_take
from marketplace.chain.turns import turn_kept
from tests.chain.conftest import stored
from tests.chain.proxy import Call, Line, line_to
from tests.parallel import at_once

pytestmark = pytest.mark.django_db(transaction=True)
TURN = timedelta(seconds=1.5)


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(services, "TURN", TURN)


def slow(line: Line, calls: list[Call], answers: list[Call]) -> list[Call]:
    """Half a turn for each answer, of which a step needs several."""
    time.sleep(TURN.total_seconds() / 2)
    return answers


def is_held(cursor: Cursor) -> bool:
    return Cursor.objects.filter(pk=cursor.pk, held_until__gte=Now()).exists()


def test_a_turn_is_anothers_once_it_is_over(chain):
    cursor = cursor_get(deployment=chain.deployment)
    assert cursor_take(cursor=cursor, holder="first")
    assert not cursor_take(cursor=cursor, holder="second")
    time.sleep(TURN.total_seconds() * 1.2)
    assert cursor_take(cursor=cursor, holder="second")


def test_a_turn_is_kept_while_the_nodes_are_asked(chain):
    cursor = cursor_get(deployment=chain.deployment)
    assert cursor_take(cursor=cursor, holder="first")
    with turn_kept(cursor):
        time.sleep(TURN.total_seconds() * 2)
        assert not cursor_take(cursor=cursor_get(deployment=chain.deployment), holder="second")


def test_who_reads_for_too_long_loses_it(chain, monkeypatch):
    monkeypatch.setattr(turns, "LONGEST", TURN)
    cursor = cursor_get(deployment=chain.deployment)
    assert cursor_take(cursor=cursor, holder="first")
    with turn_kept(cursor):
        time.sleep(TURN.total_seconds() * 2.2)
        assert cursor_take(cursor=cursor_get(deployment=chain.deployment), holder="second")


def test_what_was_lost_is_not_taken_back(chain):
    cursor = cursor_get(deployment=chain.deployment)
    assert cursor_take(cursor=cursor, holder="first")
    with turn_kept(cursor):
        Cursor.objects.update(holder="second", held_until=Now() + TURN * 9)
        time.sleep(TURN.total_seconds())
    assert Cursor.objects.get().holder == "second"


def test_a_database_that_is_away_for_once_costs_no_turn(chain, monkeypatch):
    cursor, renew, away = cursor_get(deployment=chain.deployment), services.cursor_renew, [True]

    def renewed(**named):
        if away and away.pop():
            raise OperationalError("the server closed the connection")
        return renew(**named)

    monkeypatch.setattr(services, "cursor_renew", renewed)
    assert cursor_take(cursor=cursor, holder="first")
    with turn_kept(cursor):
        time.sleep(TURN.total_seconds() * 1.5)
        assert is_held(cursor)
    assert not away


def test_of_two_followers_on_a_slow_node_one_comes_on(chain, ada):
    for amount in range(1, 4):
        chain.deposit(ada, amount)
    chain.anvil.mine(5)
    done = Event()

    def follow(holder: str) -> int:
        """How many steps were undone."""
        follower, undone = Follower(chain.deployment, Nodes([NodeClient(line.url)]), holder=holder), 0
        step: Step | None = None
        while not done.is_set():
            started = time.monotonic()
            try:
                step = follower.step()
            except CursorMoved:
                undone += time.monotonic() - started > TURN.total_seconds()
                time.sleep(0.05)
            if step and not step.behind:
                done.set()
        return undone

    with line_to(chain.anvil.url) as line:
        line.breaks(slow, times=10_000)
        assert at_once(lambda: follow("first"), lambda: follow("second")) == [0, 0]
    assert len(stored()) == 3
