"""`manage.py follow` as the process it is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contracts.artifacts import Deployment, deployment_write
from contracts.deploy import deploy
from demo.binaries import foundry_path
from tests.anvil import Anvil, running_anvil
from tests.parallel import fresh_database
from tests.processes import accepts, eventually, free_port, process

ROOT = Path(__file__).resolve().parents[2]
# The follower waits up to 10 s between looks at a node that is away, and test machines are slow.
BACK_SECONDS = 60


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    """A fresh database, of the kind that the tests run on."""
    with fresh_database(tmp_path) as url:
        yield url


@pytest.fixture
def environment(tmp_path: Path, database_url: str) -> dict[str, str]:
    """A fresh database's environment, migrated; RPC_URL leads nowhere yet."""
    variables = {
        **os.environ,
        "DATABASE_URL": database_url,
        "DATA_DIR": str(tmp_path / "data"),
        "DEPLOYMENTS_DIR": str(tmp_path),
        "RPC_URL": f"http://127.0.0.1:{free_port()}",
    }
    done = manage("migrate", variables)
    assert done.returncode == 0, done.stderr
    return variables


def manage(command: str, variables: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "manage.py", command, *options]
    return subprocess.run(
        line, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=60, check=False
    )


@contextmanager
def anvil_at(url: str, folder: Path) -> Iterator[Anvil]:
    """A node that keeps its chain on disk while it is away, so that it never answers without the contracts."""
    port, chain = int(url.rsplit(":", 1)[1]), str(folder / "chain.json")
    command = [str(foundry_path("anvil")), "--port", str(port), "--state", chain, "--silent"]
    with process(command, folder / "anvil.txt"):
        eventually(lambda: accepts(port))
        yield Anvil(url)


def test_a_chain_without_deployment_ends_it_with_the_command_that_helps(environment):
    done = manage("follow", environment)
    assert done.returncode == 1
    assert "run python -m contracts.deploy" in done.stderr
    assert "Traceback" not in done.stderr


def test_another_chain_ends_it_with_what_to_correct(environment, tmp_path):
    with running_anvil(tmp_path, "--chain-id", "5") as anvil:
        deployment_write(Deployment(31337, "0x" + "11" * 20, "0x" + "22" * 20, 1), tmp_path)
        done = manage("follow", environment | {"RPC_URL": anvil.url})
    assert done.returncode == 1
    assert "serves chain 5, but CHAIN_ID is 31337" in done.stderr


def test_an_address_without_code_ends_it_with_what_to_do(environment, tmp_path):
    with running_anvil(tmp_path) as anvil:
        deployment_write(Deployment(31337, "0x" + "11" * 20, "0x" + "22" * 20, 1), tmp_path)
        done = manage("follow", environment | {"RPC_URL": anvil.url})
    assert done.returncode == 1
    assert "There is no contract at 0x1111" in done.stderr


def test_once_reads_to_the_head_and_ends(environment, tmp_path):
    with running_anvil(tmp_path) as anvil:
        deploy(anvil.web3, anvil.web3.eth.accounts[0], tmp_path)
        anvil.mine(5)
        done = manage("follow", environment | {"RPC_URL": anvil.url}, "--once")
        assert (done.returncode, done.stdout) == (
            0,
            f"follower: read up to block {anvil.web3.eth.block_number}\n",
        )


def test_a_node_that_is_away_is_waited_for_and_sigterm_ends_it(environment, tmp_path):
    url, log = environment["RPC_URL"], tmp_path / "follow.txt"
    with anvil_at(url, tmp_path) as anvil:
        deploy(anvil.web3, anvil.web3.eth.accounts[0], tmp_path)
    command = [sys.executable, "-u", "manage.py", "follow", "--interval", "0.1"]
    with process(command, log, cwd=ROOT, env=environment) as follower:
        eventually(lambda: f"No Ethereum node answers at {url}" in log.read_text())
        with anvil_at(url, tmp_path):
            eventually(lambda: "following 0x" in log.read_text(), BACK_SECONDS)
        eventually(lambda: log.read_text().count("No Ethereum node answers") == 2, BACK_SECONDS)
        with anvil_at(url, tmp_path):
            eventually(lambda: log.read_text().count("following 0x") == 2, BACK_SECONDS)
        follower.send_signal(signal.SIGTERM)
        assert follower.wait(20) == 0
    assert log.read_text().splitlines()[-1] == "follower: stopped"
    assert "Traceback" not in log.read_text()
