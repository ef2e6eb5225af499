"""A new provider comes to the running product with nothing, and is listed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import requests

from demo import agents, cast
from demo.place import HOST
from tests.processes import eventually

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]


def test_from_nothing_to_listed(stack, market, tmp_path) -> None:
    """With a printer of the demo's host: nobody minds who else lists it."""
    (tmp_path / "password").write_text("correct horse\n")
    url = f"http://{HOST}:{stack.place.printers_port}/printers/{cast.PROVIDERS[0].printers[0].serial}"
    eventually(lambda: requests.get(f"{url}/identify", timeout=5).ok, 60)
    printer = f"virtual,{url},name=newcomers,material=PLA:pink"
    command = [sys.executable, "-m", "provider_agent", "--home", str(tmp_path / "home"), "setup", "--yes"]
    network = ("--marketplace", stack.place.url, "--rpc-url", stack.place.rpc_url)
    result = subprocess.run(
        [*command, *network, "--printer", printer],
        env={**os.environ, "INFILL_AGENT_PASSWORD_FILE": str(tmp_path / "password")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Listed: newcomers." in result.stdout
    assert f"decided by {cast.eve().address}" in result.stdout
    shown = requests.get(f"{stack.place.url}/printers", timeout=10).text
    assert "newcomers" in shown
    listed = [one for one in market.ada.get("printers") if one["serial"] == "newcomers"]
    assert [one["capability"]["bed_um"] for one in listed] == [list(cast.PROVIDERS[0].printers[0].bed_um)]
    assert agents.address(stack.place, cast.PROVIDERS[0]) not in result.stdout
