"""Every process of a running Infill, as children of the demo, in the order in which they need one another."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

import requests

from demo import agents, cast
from demo.binaries import foundry_path
from demo.cast import Provider
from demo.children import Children, Spec
from demo.node import DEMO_CHAIN_ID, Node
from demo.place import HOST, Place, accepts
from demo.programs import broker, manage, python, web

FEE_BPS = 250
SECONDS_A_BLOCK = 1


class Stack:
    """Starts and owns all of it; `children` can be killed, and comes back.

    Rows are kept in the place's folder, or at `database_url`; never where the caller's own environment says.
    The providers' printers run `speed_up` times as fast as real ones.
    """

    def __init__(
        self,
        place: Place,
        tell: Callable[[str], None],
        database_url: str = "",
        *,
        providers: Sequence[Provider] = cast.PROVIDERS,
        speed_up: float = agents.SPEED_UP,
    ) -> None:
        self.place = place
        self.node = Node(place.rpc_url)
        self.children = Children(place.home / "logs", tell)
        self._env = _site_env(place, database_url)
        self._providers = providers
        self._speed_up = speed_up

    def start(self, step: Callable[[str], None]) -> None:
        """Start everything; `step` is called with the name of each stage. Raises ChildFailed."""
        self.start_site(step)
        step("three provider agents")
        self._start_agents()

    def start_site(self, step: Callable[[str], None]) -> None:
        """Everything but the agents, which have homes then. Raises ChildFailed."""
        step("the chain and the message broker")
        self.children.start(_anvil(self.place), broker(self.place.redis_port, self.place.home))
        step("the contracts and the tables")
        self._prepare()
        step("the site, its worker, and the follower of the chain")
        agents.define_printers(self.place, self._providers)
        self.children.start(*_site(self.place, self._env), _printers(self.place, self._speed_up))

    @property
    def names(self) -> dict[str, str]:
        """Address -> name of the providers."""
        return {
            agents.address(self.place, provider): provider.name.capitalize() for provider in self._providers
        }

    def stop(self) -> None:
        """End every process."""
        self.children.stop()

    def _prepare(self) -> None:
        deploy = ("-m", "contracts.deploy", "--rpc", self.place.rpc_url, "--unlocked")
        out = ("--out", str(self.place.deployments), "--publisher", cast.operator().address)
        self.children.run_all(
            Spec("deploy", python(*deploy, *out)),
            Spec("migrate", manage("migrate", "--verbosity", "1"), self._env),
        )
        new = agents.new(self.place, self._providers)
        self.children.run_all(*(agents.init(self.place, provider, self._escrow()) for provider in new))

    def _escrow(self) -> str:
        deployment = self.place.deployments / f"{DEMO_CHAIN_ID}.json"
        return str(json.loads(deployment.read_text())["escrow"])

    def _start_agents(self) -> None:
        self.make_ready(*self._providers)
        self.children.start(*(agents.run(self.place, provider) for provider in self._providers))

    def make_ready(self, *providers: Provider) -> None:
        """Write agents' settings, give them ether for gas, register their printers. Raises ChildFailed."""
        for provider in providers:
            agents.configure(self.place, provider, self._escrow())
            self.node.give(agents.address(self.place, provider), agents.GAS_MONEY)
        self.children.run_all(*(agents.register(self.place, provider) for provider in providers))


def _site_env(place: Place, database_url: str) -> dict[str, str]:
    """The site's settings. Its secret key is made once a demo, and stays in the demo's folder."""
    data = place.home / "site"
    return {
        "DATA_DIR": str(data),
        "DATABASE_URL": database_url or f"sqlite:///{data / 'infill.sqlite3'}",
        "SECRET_KEY": _kept_secret(place.home / "site.secret"),
        "PUBLIC_URL": place.url,
        "REDIS_URL": place.redis_url,
        "RPC_URL": place.rpc_url,
        "DEPLOYMENTS_DIR": str(place.deployments),
        "DEMO_WALLET": "1",
        "FEE_BPS": str(FEE_BPS),
        "FEE_TO": cast.operator().address,
        "OPERATOR_KEY": cast.operator().key.hex(),
        "ANCHOR_SECONDS": "5",
        "ARBITERS": cast.eve().address,
    }


def _kept_secret(path: Path) -> str:
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text()


def _anvil(place: Place) -> Spec:
    """A chain kept on disk; `finalized` two blocks behind the head."""
    kept = ("--state", str(place.home / "chain.json"), "--state-interval", "1")
    pace = ("--block-time", str(SECONDS_A_BLOCK), "--slots-in-an-epoch", "1")
    command = (
        str(foundry_path("anvil")),
        "--host",
        HOST,
        "--port",
        str(place.rpc_port),
        *pace,
        *kept,
        "--quiet",
    )
    node = Node(place.rpc_url)
    return Spec("anvil", command, ready=lambda: bool(node.rpc("eth_chainId")))


def _site(place: Place, env: dict[str, str]) -> tuple[Spec, ...]:
    worker = (
        "-m",
        "celery",
        "-A",
        "marketplace.config.celery",
        "worker",
        "--pool",
        "threads",
        "--concurrency",
        "4",
    )
    beat = ("-m", "celery", "-A", "marketplace.config.celery", "beat", "--schedule", str(place.home / "beat"))
    return (
        web(place.port, env, lambda: _answers(place.url)),
        Spec("worker", python(*worker, "--loglevel", "INFO", "--without-mingle", "--without-gossip"), env),
        Spec("beat", python(*beat, "--pidfile", ""), env),
        Spec("follower", manage("follow"), env),
    )


def _answers(url: str) -> bool:
    return requests.get(f"{url}/api/v1/network", timeout=5).ok


def _printers(place: Place, speed_up: float) -> Spec:
    command = ("-m", "provider_agent.drivers.virtual", "--home", str(agents.printers_home(place)))
    options = ("--port", str(place.printers_port), "--speed-up", str(speed_up))
    return Spec("printers", python(*command, *options), ready=lambda: accepts(place.printers_port))
