"""A demo's place: one demo a folder, one program a port, and each refusal says what to do."""

from __future__ import annotations

import os
import socket

import pytest

from demo.place import PlaceTaken, only_one, place_of
from tests.processes import free_port


@pytest.fixture
def taken():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_taken_port_is_refused_with_the_command_that_helps(tmp_path, taken):
    with pytest.raises(PlaceTaken, match=f"Port {taken} is taken(.|\n)*make demo PORT={taken + 1}"):
        place_of(tmp_path, taken, free_port())


def test_a_taken_node_port_is_refused_with_the_command_that_helps(tmp_path, taken):
    with pytest.raises(PlaceTaken, match=f"make demo RPC_PORT={taken + 1}"):
        place_of(tmp_path, free_port(), taken)


def test_a_second_demo_in_the_same_folder_is_refused_and_names_the_first(tmp_path):
    with only_one(tmp_path), pytest.raises(PlaceTaken, match=f"running already .process {os.getpid()}."):
        only_one(tmp_path).__enter__()


def test_the_lock_is_free_again_after_the_demo(tmp_path):
    with only_one(tmp_path):
        pass
    with only_one(tmp_path):
        assert (tmp_path / "lock").read_text() == str(os.getpid())
