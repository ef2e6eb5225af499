"""The cast of every test, and the real servers they meet."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from eth_account import Account
from eth_account.signers.local import LocalAccount
from hypothesis import settings

os.environ.setdefault("INFILL_ENV", "dev")

from contracts.artifacts import Deployment
from contracts.deploy import deploy
from demo.binaries import valkey_path
from tests.anvil import Anvil, running_anvil
from tests.parallel import fresh_database
from tests.processes import accepts, eventually, free_port, process

# Who asks for one of these touches the site's rows; so do tests marked django_db.
DATABASE_FIXTURES = {"db", "transactional_db", "database_url", "stack"}

# How long an example takes says something of the machine, nothing of the code.
settings.register_profile("infill", deadline=None)
settings.load_profile("infill")


def _key(number: int) -> LocalAccount:
    return Account.from_key(number.to_bytes(32))


@pytest.fixture(scope="session")
def ada() -> LocalAccount:
    """The designer."""
    return _key(0xADA)


@pytest.fixture(scope="session")
def bo() -> LocalAccount:
    """The provider."""
    return _key(0xB0)


@pytest.fixture(scope="session")
def charlie() -> LocalAccount:
    """The stranger."""
    return _key(0xC4A)


@pytest.fixture(scope="session")
def dee() -> LocalAccount:
    """The auditor."""
    return _key(0xDEE)


@pytest.fixture(scope="session")
def eve() -> LocalAccount:
    """The arbiter."""
    return _key(0xE5E)


@pytest.fixture(scope="session")
def anvil_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anvil]:
    """One Anvil for all tests of a session; use `anvil`."""
    with running_anvil(tmp_path_factory.mktemp("anvil")) as anvil:
        yield anvil


@pytest.fixture(scope="session")
def deployed(anvil_session: Anvil, tmp_path_factory: pytest.TempPathFactory) -> tuple[Deployment, Path]:
    """The contracts on that Anvil, and the folder of their deployment file; use `deployment`."""
    folder = tmp_path_factory.mktemp("deployments")
    sender = anvil_session.web3.eth.accounts[0]
    return deploy(anvil_session.web3, sender, folder), folder


@pytest.fixture
def anvil(anvil_session: Anvil, deployed: object, ada, bo, charlie, eve) -> Iterator[Anvil]:
    """A real chain with the contracts on it and money for the cast; left as it was found."""
    snapshot = anvil_session.rpc("evm_snapshot")
    anvil_session.fund(ada, bo, charlie, eve)
    yield anvil_session
    anvil_session.rpc("evm_revert", snapshot)


@pytest.fixture
def deployment(anvil: Anvil, deployed: tuple[Deployment, Path]) -> Deployment:
    """Where the contracts stand on `anvil`."""
    return deployed[0]


@pytest.fixture
def deployments_dir(anvil: Anvil, deployed: tuple[Deployment, Path]) -> Path:
    """The folder for DEPLOYMENTS_DIR."""
    return deployed[1]


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis-compatible server."""
    folder, port = tmp_path_factory.mktemp("redis"), free_port()
    command = [
        str(valkey_path()),
        "--port",
        str(port),
        "--save",
        "",
        "--dir",
        str(folder),
        "--bind",
        "127.0.0.1",
    ]
    with process(command, folder / "log.txt"):
        eventually(lambda: accepts(port))
        yield f"redis://127.0.0.1:{port}/0"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite's test database is a file: in memory its connections would not wait for one another as on a site."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("rows") / "rows.sqlite3")


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    """An empty database for processes of the test's own, of the kind that the tests run on."""
    with fresh_database(tmp_path) as url:
        yield url


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what touches the site's rows, in this process or in others."""
    fixtures = set(getattr(item, "fixturenames", ()))
    if fixtures & DATABASE_FIXTURES or item.get_closest_marker("django_db"):
        item.add_marker("database")
