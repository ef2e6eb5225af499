"""What settings refuse to start with, in words that say what to do."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from eth_account import Account

from marketplace.config.guards import DEMO_ADDRESSES, DEVELOPMENT_SECRET_KEY
from marketplace.config.master_keys import design_keys

ROOT = Path(__file__).resolve().parents[2]
DEMO = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
# The first key of the mnemonic that every local chain starts with.
DEMO_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
SOUND = {
    "INFILL_ENV": "production",
    "SECRET_KEY": "x" * 40 + "0123456789",
    "DESIGN_KEYS": "A" * 43 + "=",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "CHAIN_ID": "10",
    "ALLOWED_HOSTS": "infill.example",
    "PUBLIC_URL": "https://infill.example",
}
READ = "from django.conf import settings; print(settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE)"


def started(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A process that reads the settings, as every process of ours first does."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "marketplace.config.settings",
        **variables,
    }
    return subprocess.run(
        [sys.executable, "-c", READ],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"DEBUG": "1"}, "DEBUG is refused in production: unset it"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is the development key or shorter"),
        ({"SECRET_KEY": DEVELOPMENT_SECRET_KEY}, "openssl rand -base64 48"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is the development key or shorter"),
        ({"DESIGN_KEYS": ""}, "DESIGN_KEYS is missing: designs are encrypted under it"),
        ({"DESIGN_KEYS": "too short"}, "DESIGN_KEYS has what is no key"),
        ({"DEMO_WALLET": "1"}, "DEMO_WALLET is refused in production: unset it"),
        ({"DEMO_WALLET": "1", "CHAIN_ID": "31337"}, "DEMO_WALLET is refused in production"),
        ({"FEE_TO": DEMO}, f"{DEMO} is a demo key, refused in production"),
        ({"ARBITERS": f"0x{'1' * 40},{DEMO}", "CHAIN_ID": "31337"}, f"{DEMO} is a demo key"),
        ({"ARBITERS": DEMO.lower()}, f"{DEMO} is a demo key"),
        ({"REDIS_URL": ""}, "REDIS_URL is missing"),
        ({"OPERATOR_KEY": DEMO_KEY}, f"{DEMO} is a demo key, refused in production"),
        ({"OPERATOR_KEY": DEMO_KEY.removeprefix("0x").upper()}, f"{DEMO} is a demo key"),
    ],
)
def test_production_refuses(tmp_path, change, says):
    done = started(tmp_path, **(SOUND | change))
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
    assert says in done.stderr


def test_every_reason_is_given_at_once(tmp_path):
    done = started(tmp_path, INFILL_ENV="production", DEBUG="1", DEMO_WALLET="1")
    for name in (
        "DEBUG is refused",
        "SECRET_KEY is the development key",
        "DEMO_WALLET is refused",
        "REDIS_URL",
    ):
        assert name in done.stderr


@pytest.mark.parametrize("change", [{"DEMO_WALLET": "1"}, {"FEE_TO": DEMO}, {"OPERATOR_KEY": DEMO_KEY}])
def test_demo_keys_are_refused_on_every_chain_but_the_demo_one(tmp_path, change):
    done = started(tmp_path, CHAIN_ID="10", **change)
    assert "on chain 10" in done.stderr
    assert started(tmp_path, CHAIN_ID="31337", **change).returncode == 0


@pytest.mark.parametrize("change", [{"FEE_TO": "0x12"}, {"ARBITERS": "eve"}])
def test_an_operator_address_that_is_none_is_refused(tmp_path, change):
    done = started(tmp_path, **change)
    assert done.returncode != 0
    assert next(iter(change)) in done.stderr


@pytest.mark.parametrize("key", ["not-a-key", "0x5ec4e7", "00" * 32, "ff" * 32, f"{DEMO_KEY}00"])
def test_an_operator_key_that_is_none_is_refused_and_not_shown(tmp_path, key):
    done = started(tmp_path, OPERATOR_KEY=key)
    assert done.returncode != 0
    assert "OPERATOR_KEY is no private key: set it to 64 hex digits" in done.stderr
    assert key.removeprefix("0x") not in done.stderr + done.stdout
    assert str(int("ff" * 32, 16)) not in done.stderr


def test_production_makes_no_master_key_by_itself(tmp_path):
    started(tmp_path, **SOUND | {"DESIGN_KEYS": ""})
    assert not (tmp_path / "design.keys").exists()


def test_ones_own_machine_makes_a_private_master_key_once_however_many_start(tmp_path):
    with ThreadPoolExecutor(3) as threads:
        done = [each.result() for each in [threads.submit(started, tmp_path) for _ in range(3)]]
    assert [each.returncode for each in done] == [0, 0, 0]
    path = tmp_path / "design.keys"
    made = path.read_text()
    assert (len(design_keys("", kept=path)), stat.S_IMODE(path.stat().st_mode)) == (1, 0o600)
    assert path.read_text() == made
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith("tmp")] == []


def test_a_master_key_that_is_none_is_refused_and_not_shown(tmp_path):
    done = started(tmp_path, DESIGN_KEYS="hunter2")
    assert "DESIGN_KEYS has what is no key" in done.stderr
    assert "hunter2" not in done.stderr


def test_an_unknown_environment_is_refused(tmp_path):
    assert "set it to dev or production" in started(tmp_path, INFILL_ENV="staging").stderr


def test_production_starts_with_sound_settings_and_secure_cookies(tmp_path):
    done = started(tmp_path, **SOUND, OPERATOR_KEY="5e" * 32)
    assert (done.returncode, done.stdout) == (0, "True True\n"), done.stderr


def test_the_demo_addresses_are_those_of_the_well_known_mnemonic():
    Account.enable_unaudited_hdwallet_features()
    words = "test test test test test test test test test test test junk"
    paths = [f"m/44'/60'/0'/0/{number}" for number in range(10)]
    assert {Account.from_mnemonic(words, account_path=path).address for path in paths} == DEMO_ADDRESSES
