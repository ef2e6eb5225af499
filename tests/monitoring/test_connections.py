"""Sockets live for days, connections to the database do not."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from django.db import connection

from marketplace.monitoring.models import PrinterSample
from tests.factories.market import bearer, opened, registered
from tests.factories.sockets import socket
from tests.monitoring.test_agent import sample
from tests.parallel import sessions_end, sessions_here

pytestmark = pytest.mark.django_db(transaction=True)
make_printer, make_job, make_token = map(database_sync_to_async, (registered, opened, bearer))


@sync_to_async
def is_connected() -> bool:
    """Whether the thread in which sockets ask holds a connection."""
    return connection.connection is not None


async def test_a_socket_holds_no_connection_between_its_questions(place, ada, bo):
    printer = await make_printer(bo)
    await make_job(ada)
    assert not await is_connected()
    async with socket("/ws/agent", authorization=await make_token(bo, "bids")) as agent:
        await agent.hear("job.open")
        await agent.say(sample(printer))
        assert await agent.receive_nothing(timeout=0.2)
        assert not await is_connected()
    assert not await is_connected()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="no server that ends connections")
async def test_a_socket_goes_on_after_the_database_ended_every_connection(place, ada, bo):
    printer = await make_printer(bo)
    async with socket("/ws/agent", authorization=await make_token(bo, "bids")) as agent:
        await agent.hear("hello")
        kept = connection.connection.info.backend_pid if connection.connection else 0
        await sync_to_async(lambda: sessions_end(*sessions_here() - {kept}))()
        await agent.say(sample(printer))
        assert await agent.receive_nothing(timeout=0.5)
    assert await database_sync_to_async(PrinterSample.objects.count)() == 1
