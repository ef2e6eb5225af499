"""The whole product as processes, started once for the tests of a folder, with a designer's own client.

A conftest imports these fixtures by name.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo import cast
from demo.designer import Designer
from demo.place import free_port, place_of
from demo.stack import Stack
from tests.end_to_end.job import Market
from tests.parallel import fresh_database


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Chain, broker, site, worker, beat, follower, printers and three agents; every process real."""
    place = place_of(tmp_path_factory.mktemp("stack"), free_port(), free_port())
    with fresh_database(place.home) as url:
        stack = Stack(place, print, url)
        try:
            stack.start(print)
            yield stack
        finally:
            stack.stop()


@pytest.fixture(scope="session")
def market(stack: Stack) -> Market:
    """Designer Ada, signed in, with her model uploaded and measured."""
    ada = Designer(cast.ada(), stack.place.url, stack.node)
    ada.sign_in()
    return Market(stack, ada)
