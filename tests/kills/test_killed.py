"""Killed at any point of their work, while the chain goes on: what is started again makes it up.

A seed is three kills. On SQLite there is no connection that could be killed: the kill of the process is that of its connection.
"""

from __future__ import annotations

import threading
from functools import partial

import pytest
from django.db import connection

from tests.kills.children import KILLED, die, disconnect, follows, forked, stop, sweeps, sweeps_until
from tests.kills.seeds import KILLS, seeds

pytestmark = pytest.mark.django_db(transaction=True)
with_a_server = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="no server that ends connections"
)


FOLLOWS, SWEEPS = 150, 600
"""About as many points as half a dozen steps of each have."""


@seeds(1)
def test_a_follower(scene, seed):
    for _ in range(KILLS):
        scene.go_on()
        acts = scene.acts(die, scene.market.any, most=FOLLOWS)
        assert forked(follows, acts)() == KILLED
        scene.is_clean()


@seeds(1)
def test_a_worker(scene, seed):
    for _ in range(KILLS):
        scene.go_on()
        acts = scene.acts(die, scene.market.any, most=SWEEPS)
        assert forked(sweeps, acts)() == KILLED
        scene.is_clean()


@seeds(1)
def test_a_follower_and_a_worker_at_once(scene, seed):
    """Both write. The chain goes on in one of them alone: two would use one nonce, or mine while it is asked for."""
    for _ in range(KILLS):
        scene.go_on()
        following = scene.acts(die, scene.market.any, most=FOLLOWS)
        sweeping = scene.acts(die, most=SWEEPS)
        killed = [forked(follows, following), forked(sweeps, sweeping)]
        assert [wait() for wait in killed] == [KILLED, KILLED]
        scene.is_clean()


@with_a_server
@seeds(1)
def test_the_connection_of_a_follower_that_goes_on_by_itself(scene, seed):
    for _ in range(KILLS):
        scene.go_on()
        acts = scene.acts(stop, scene.market.any, disconnect, most=FOLLOWS)
        assert forked(follows, acts)() == 0
        scene.is_clean()


@with_a_server
@seeds(1)
def test_the_connection_of_a_worker_that_goes_on_by_itself(scene, seed):
    for _ in range(KILLS):
        scene.go_on()
        well = threading.Event()
        acts = scene.acts(well.set, scene.market.any, disconnect, most=SWEEPS)
        assert forked(partial(sweeps_until, well), acts)() == 0
        scene.is_clean()
