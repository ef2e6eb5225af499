"""The demo's three provider agents: their homes, configs and printers."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from demo import cast
from demo.cast import Provider, VirtualPrinter
from demo.children import Spec
from demo.node import DEMO_CHAIN_ID
from demo.place import HOST, Place
from protocol.units import address_of

GAS_MONEY = 10 * 10**18
SPEED_UP = 240
"""How much faster than real printers the virtual ones run: half an hour in some eight seconds."""
_PASSWORD = "password"  # noqa: S105 - a file's name
_HOUR = 3600


def address(place: Place, provider: Provider) -> str:
    """The provider's address, from its keystore."""
    stored = json.loads((place.agent_home(provider.name) / "keystore.json").read_text())["address"]
    return address_of("0x" + stored.removeprefix("0x").lower())


def new(place: Place, providers: Sequence[Provider]) -> list[Provider]:
    """Those whose agent has no home yet."""
    return [p for p in providers if not (place.agent_home(p.name) / "keystore.json").exists()]


def init(place: Place, provider: Provider, escrow: str) -> Spec:
    """Make an agent's key and home; its password is random and stays in its home."""
    home = place.agent_home(provider.name)
    home.mkdir(parents=True, exist_ok=True)
    password = home / _PASSWORD
    password.touch(0o600)
    password.write_text(secrets.token_urlsafe(24) + "\n")
    network = ("--marketplace", place.url, "--rpc-url", place.rpc_url, "--chain-id", str(DEMO_CHAIN_ID))
    return _agent(place, provider, "init", *network, "--escrow", escrow)


def register(place: Place, provider: Provider) -> Spec:
    """Sign in and register the provider's printers."""
    return _agent(place, provider, "register")


def run(place: Place, provider: Provider) -> Spec:
    """The agent itself."""
    return _agent(place, provider, "run")


def _agent(place: Place, provider: Provider, command: str, *options: str) -> Spec:
    home = place.agent_home(provider.name)
    words = (str(Path(sys.executable).with_name("infill-agent")), "--home", str(home), command, *options)
    name = f"agent-{provider.name}" if command == "run" else f"{command}-{provider.name}"
    return Spec(name, words, {"INFILL_AGENT_PASSWORD_FILE": str(home / _PASSWORD)})


def configure(place: Place, provider: Provider, escrow: str) -> None:
    """Write agent.toml: where the marketplace and the node are now, the provider's policy and printers."""
    lines = [
        "[marketplace]",
        f"url = {_toml(place.url)}",
        "[chain]",
        f"rpc_url = {_toml(place.rpc_url)}",
        f"chain_id = {DEMO_CHAIN_ID}",
        f"escrow = {_toml(escrow)}",
        "[policy]",
        f"machine_hour_wei = {_toml(str(provider.machine_hour_wei))}",
        f"gram_wei = {_toml(str(provider.gram_wei))}",
        f"setup_wei = {_toml(str(provider.setup_wei))}",
        f"make_time_s = {24 * _HOUR}",
        f"arbiters = {_toml([cast.eve().address])}",
        *(f"{key} = {_toml(value)}" for key, value in provider.more.items()),
    ]
    for printer in provider.printers:
        lines += _printer_lines(place, printer)
    (place.agent_home(provider.name) / "agent.toml").write_text("\n".join(lines) + "\n")


def _printer_lines(place: Place, printer: VirtualPrinter) -> list[str]:
    materials = ", ".join(
        f"{{ kind = {_toml(kind)}, colours = {_toml(list(colours))} }}"
        for kind, colours in printer.materials.items()
    )
    return [
        "[[printers]]",
        f"serial = {_toml(printer.serial)}",
        'driver = "virtual"',
        f"url = {_toml(f'http://{HOST}:{place.printers_port}/printers/{printer.serial}')}",
        f"speed_mm_s = {printer.max_speed_mm_s}",
        "[printers.capability]",
        f"bed_um = {_toml(list(printer.bed_um))}",
        f"materials = [{materials}]",
        f"nozzle_um = {printer.nozzle_um}",
        f"min_layer_um = {printer.min_layer_um}",
        f"max_layer_um = {printer.max_layer_um}",
    ]


def printers_home(place: Place) -> Path:
    """Folder of the virtual printers."""
    return place.home / "printers"


def define_printers(place: Place, providers: Sequence[Provider]) -> None:
    """Write each virtual printer's definition."""
    for provider in providers:
        for printer in provider.printers:
            folder = printers_home(place) / printer.serial
            folder.mkdir(parents=True, exist_ok=True)
            feed = [float(printer.max_speed_mm_s), float(printer.max_speed_mm_s), 15.0, 60.0]
            members = {"serial": printer.serial, "bed_um": list(printer.bed_um), "feed_mm_s": feed}
            text = "".join(f"{name} = {_toml(value)}\n" for name, value in members.items())
            (folder / "printer.toml").write_text(text)


def _toml(value: object) -> str:
    """Strings and lists look the same in TOML and JSON."""
    return json.dumps(value)
