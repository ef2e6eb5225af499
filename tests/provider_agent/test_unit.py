"""The systemd unit and its watchdog, on the systemd that is there."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from provider_agent.unit import unit_text
from provider_agent.watchdog import watchdog
from tests.provider_agent.test_cli import run

PROGRAM = Path(sys.executable)
SYSTEMD = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")


@pytest.mark.parametrize("place", ["/home/bo/.venv/bin/infill-agent", "/root/x", "/tmp/x"])
def test_a_program_that_the_unit_would_hide_is_refused(tmp_path: Path, place: str, monkeypatch) -> None:
    monkeypatch.setattr(sys, "argv", [place])
    result = run(tmp_path, "unit")
    assert result.exit_code == 1
    assert "install it under /opt" in result.stderr


@SYSTEMD
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    place = tmp_path / "infill-agent.service"
    # What is run is some program that is there, wherever these tests are.
    place.write_text(unit_text(Path("/usr/bin/env"), user="infill-agent"))
    done = subprocess.run(
        ["systemd-analyze", "verify", place], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@SYSTEMD
def test_systemd_calls_its_exposure_ok(tmp_path: Path) -> None:
    place = tmp_path / "infill-agent.service"
    place.write_text(unit_text(Path("/usr/bin/env"), user="infill-agent"))
    command = ["systemd-analyze", "security", "--offline=yes", "--no-pager", str(place)]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout
    found = re.search(r"exposure level for infill-agent.service: ([\d.]+)", told)
    assert found is not None, told
    assert float(found[1]) < 2


def test_the_unit_runs_what_it_was_told_to_with_the_password_as_a_credential() -> None:
    text = unit_text(Path("/opt/infill/bin/infill-agent"), user="bo")
    assert "ExecStart=/opt/infill/bin/infill-agent --home /var/lib/infill-agent run" in text
    assert "LoadCredential=password:/etc/infill-agent/password" in text
    assert "User=bo\n" in text


async def test_without_a_watchdog_nothing_is_said(monkeypatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    before = len(asyncio.all_tasks())
    async with watchdog():
        assert len(asyncio.all_tasks()) == before


async def test_the_watchdog_hears_a_running_loop_and_nothing_after_it(tmp_path: Path, monkeypatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "30000")
        loop = asyncio.get_running_loop()
        async with watchdog():
            heard = [await loop.sock_recv(systemd, 64) for _ in range(3)]
        assert heard == [b"WATCHDOG=1"] * 3
