"""compose.yml tells the truth: each command runs, on this machine, with the variables it sets; each variable is read."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.processes import accepts, eventually, free_port, process

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker" / "compose.yml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if "build" in service}
SECRETS = {
    "SECRET_KEY": "x" * 50,
    "DESIGN_KEYS": "A" * 43 + "=",
    "PUBLIC_URL": "https://infill.example.org",
    "ALLOWED_HOSTS": "infill.example.org,127.0.0.1",
    "POSTGRES_PASSWORD": "unused-here",
}
READERS = ["marketplace/config/settings.py", "provider_agent/keystore.py"]


def _filled(value: str) -> str:
    """A compose value as docker would fill it in, given only what has no default."""
    return re.sub(
        r"\$\{(\w+)(?::([?-])([^}]*))?\}", lambda m: SECRETS.get(m[1], m[3] if m[2] == "-" else ""), value
    )


def test_nothing_starts_without_its_secrets():
    environment = OURS["web"]["environment"]
    for name in ("SECRET_KEY", "DESIGN_KEYS", "PUBLIC_URL", "ALLOWED_HOSTS"):
        assert environment[name].startswith("${" + name + ":?")
    assert "${POSTGRES_PASSWORD:?" in environment["DATABASE_URL"]


def test_every_variable_is_read_by_the_code():
    source = "".join((ROOT / reader).read_text() for reader in READERS)
    names = {name for service in OURS.values() for name in service.get("environment", {})}
    assert names
    assert {name for name in names if f'"{name}"' not in source} == set()


def test_every_service_the_issue_of_production_needs_is_there():
    assert {"web", "worker", "beat", "follower", "postgres", "redis", "anvil", "agent"} <= set(
        COMPOSE["services"]
    )


class Host:
    """The compose network on this machine: its host names are local ports, its volumes a folder, its rows
    in the kind of database that the tests run on."""

    def __init__(self, folder: Path, redis_url: str, database_url: str) -> None:
        self.folder, self.database_url = folder, database_url
        self.anvil_port, self.web_port = free_port(), free_port()
        self.redis_url = redis_url

    def env(self, service: str) -> dict[str, str]:
        values = {
            name: self._local(_filled(str(v))) for name, v in OURS[service].get("environment", {}).items()
        }
        if "DATABASE_URL" in values:
            values["DATABASE_URL"] = self.database_url
        bin_folders = [Path(sys.executable).parent, ROOT / "node_modules" / ".bin"]
        path = os.pathsep.join([*map(str, bin_folders), os.environ["PATH"]])
        return {**os.environ, **values, "PATH": path}

    def command(self, service: str) -> list[str]:
        return shlex.split(self._local(_filled(OURS[service]["command"])))

    def _local(self, text: str) -> str:
        pairs = [
            ("redis://redis:6379/0", self.redis_url),
            ("http://anvil:8545", f"http://127.0.0.1:{self.anvil_port}"),
            ("--port 8545", f"--port {self.anvil_port}"),
            ("--port 8000", f"--port {self.web_port}"),
            ("0.0.0.0", "127.0.0.1"),
            ("/deployments", str(self.folder / "deployments")),
            ("/data", str(self.folder / "data")),
        ]
        for name, here in pairs:
            text = text.replace(name, here)
        return text

    def run(self, service: str) -> None:
        done = subprocess.run(
            self.command(service),
            cwd=ROOT,
            env=self.env(service),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

    def running(self, service: str):
        log = self.folder / f"{service}.txt"
        return process(self.command(service), log, cwd=ROOT, env=self.env(service))


@pytest.mark.stack
def test_every_command_runs_natively(tmp_path, redis_url, database_url):
    host = Host(tmp_path, redis_url, database_url)
    (tmp_path / "data").mkdir()
    with host.running("anvil"):
        eventually(lambda: accepts(host.anvil_port))
        host.run("deploy")
        host.run("prepare")
        with (
            host.running("web") as web,
            host.running("worker") as worker,
            host.running("beat") as beat,
            host.running("follower") as follower,
        ):
            eventually(lambda: accepts(host.web_port), seconds=60)
            log = tmp_path / "worker.txt"
            eventually(lambda: "ready" in log.read_text(), seconds=60)
            eventually(lambda: "beat: Starting" in (tmp_path / "beat.txt").read_text(), seconds=60)
            eventually(lambda: "ollow" in (tmp_path / "follower.txt").read_text(), seconds=60)
            for child in (web, worker, beat, follower):
                assert child.poll() is None


def test_the_agent_refuses_to_run_without_a_home_and_says_what_to_do(tmp_path):
    host = Host(tmp_path, "", "")
    done = subprocess.run(
        host.command("agent"),
        cwd=ROOT,
        env=host.env("agent"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode != 0
    assert "infill-agent --home" in done.stderr
    assert "setup" in done.stderr


def _targets() -> list[str]:
    """The stages of the Dockerfile that have a name, in order."""
    return re.findall(r"^FROM \S+ AS (\S+)$", (ROOT / "docker" / "Dockerfile").read_text(), re.MULTILINE)


def test_every_image_is_built_of_a_stage_that_is_there():
    named = {name: service["build"].get("target", _targets()[-1]) for name, service in OURS.items()}
    assert set(named.values()) == {"site", "agent"}
    assert [name for name, target in named.items() if target == "agent"] == ["agent"]
    images = {(service["image"], named[name]) for name, service in OURS.items()}
    assert images == {("infill", "site"), ("infill-agent", "agent")}


def test_the_agents_image_runs_the_agent_on_its_volume():
    text = (ROOT / "docker" / "Dockerfile").read_text()
    stage = text[text.index("AS agent") : text.index("AS site")]
    assert 'CMD ["infill-agent", "run"]' in stage
    assert "ENV INFILL_AGENT_HOME=/data" in stage
    assert "DATA_DIR" not in stage
