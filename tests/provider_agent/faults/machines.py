"""The printers that faults are put to: the virtual one, and the real printer software of the driver tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.processes import eventually
from tests.provider_agent.bench import Bench
from tests.provider_agent.drivers.bambu.server import DEVICE, Bambu
from tests.provider_agent.drivers.moonraker.server import Moonraker
from tests.provider_agent.drivers.octoprint.server import OctoPrint
from tests.provider_agent.drivers.prusalink.server import LINK, PRINTER, PrusaLink
from tests.provider_agent.drivers.rigs import Software
from tests.provider_agent.faults.array import Fault
from tests.provider_agent.faults.links import linked
from tests.provider_agent.faults.stage import Machine, Stage

ROOM_C = 25
AWAY_S = 30.0
"""How long printer software may take to notice that its printer has gone."""
ALL_THREE = frozenset({Fault.SERVER_RESTARTED, Fault.UNPLUGGED, Fault.POWER_CUT})
PRINTER_TOML = """\
[[printers]]
serial = "p1"
auto_clear = true
auto_load = true
speed_mm_s = 300
capability = {{ bed_um = [220000, 220000, 250000], materials = [{{ kind = "PLA", colours = ["black"] }}] }}
{settings}
"""


def staged(
    bench: Bench, machine: Machine, clock: Path, children: ExitStack, env: dict[str, str] | None = None
) -> Stage:
    """A stage on which the agent speaks to chain and marketplace through links; the printer's are the machine's."""
    config, links = bench.home / "agent.toml", []
    clock.write_text("0")
    for target in (bench.market.url, bench.anvil.url):
        link = children.enter_context(linked(urlsplit(target).port))
        config.write_text(config.read_text().replace(f":{urlsplit(target).port}", f":{link.port}"))
        links.append(link)
    bench.market.url = links[0].url
    return Stage(bench, *links, machine, clock, children, env or {})


class VirtualMachine:
    """The agent's own."""

    breaks = ALL_THREE

    def __init__(self, bench: Bench, children: ExitStack) -> None:
        self._bench, self._children = bench, children
        config, port = bench.home / "agent.toml", urlsplit(bench.printer_url).port
        self.links = [children.enter_context(linked(port))]
        config.write_text(config.read_text().replace(f":{port}", f":{self.links[0].port}"))

    def server_restart(self, stage: Stage) -> None:
        self._bench.printers.kill()
        self._bench.printers.wait()
        stage.pass_time()
        self._bench.printers = self._children.enter_context(self._bench.printers_start())

    def unplug(self, stage: Stage) -> None:
        self._fault(stage, "disconnect")

    def power_cut(self, stage: Stage) -> None:
        self._fault(stage, "power_loss")

    def is_printing(self) -> bool:
        return self._count("RUNNING") > 0

    def begun(self) -> int:
        return len(self._bench.prints())

    def finished(self) -> int:
        return self._count("FINISHED")

    def _count(self, outcome: str) -> int:
        return len([entry for entry in self._bench.prints() if entry["outcome"] == outcome])

    def _fault(self, stage: Stage, fault: str) -> None:
        assert requests.post(f"{self._bench.printer_url}/fault", json={"fault": fault}, timeout=5).ok
        stage.pass_time()


class RealMachine:
    """Printer software with a driver of its own."""

    breaks = ALL_THREE
    kind: str
    software: Software

    def __init__(self, bench: Bench, children: ExitStack) -> None:
        children.callback(self.software.close)
        self.software.ready()
        self.links = [children.enter_context(linked(port)) for port in self.ports()]
        config = bench.home / "agent.toml"
        settings = {"driver": self.kind, "url": self.url(), "secret": self.software.key, **self.settings()}
        lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in settings.items())
        config.write_text(
            config.read_text().partition("[[printers]]")[0] + PRINTER_TOML.format(settings=lines)
        )

    def ports(self) -> list[int]:
        return [urlsplit(self.software.url).port or 0]

    def url(self) -> str:
        return self.links[0].url

    def settings(self) -> Mapping[str, str]:
        """More of agent.toml."""
        return {}

    def env(self) -> dict[str, str]:
        """Of the agent."""
        return {}

    def power_cut(self, stage: Stage) -> None:
        """In the whole workshop: the agent goes with the printer."""
        stage.agent_kill()
        self.software.kill()
        self.software.up()
        stage.agent_start()

    def is_printing(self) -> bool:
        raise NotImplementedError

    def said(self, log: Path, words: str) -> int:
        """How often a log of the printer software says that."""
        return log.read_text(errors="replace").count(words) if log.exists() else 0

    @contextmanager
    def cut_off(self) -> Iterator[None]:
        """Out of the agent's reach meanwhile."""
        for link in self.links:
            link.refuse()
        yield
        for link in self.links:
            link.mend()


class OctoPrintMachine(RealMachine):
    """Its virtual printer lives in OctoPrint's own process."""

    kind = "octoprint"
    software: OctoPrint

    def __init__(self, bench: Bench, children: ExitStack, home: Path) -> None:
        self.software = OctoPrint(home, ROOM_C)
        super().__init__(bench, children)

    def server_restart(self, stage: Stage) -> None:
        self.software.kill()
        stage.pass_time()
        self.software.up()

    def unplug(self, stage: Stage) -> None:
        """Recovering connects it again."""
        self.software.send("!!DEBUG:drop_connection")
        eventually(lambda: not self.software.is_connected(), AWAY_S)
        stage.pass_time()

    def is_printing(self) -> bool:
        return self.software.state() == "Printing"

    def begun(self) -> int:
        return self._changes("Starting", "Printing")

    def finished(self) -> int:
        return self._changes("Finishing", "Operational")

    def _changes(self, before: str, after: str) -> int:
        log = self.software.logs / "octoprint.log"
        return self.said(log, f'Changing monitoring state from "{before}" to "{after}"')


class MoonrakerMachine(RealMachine):
    """A print outlives Moonraker: the host and the controller do it."""

    breaks = frozenset({Fault.UNPLUGGED, Fault.POWER_CUT})
    kind = "moonraker"
    software: Moonraker

    def __init__(self, bench: Bench, children: ExitStack, home: Path) -> None:
        self.software, self._log = Moonraker(home), home / "klippy.log"
        super().__init__(bench, children)

    def server_restart(self, stage: Stage) -> None:
        self.software.kill("moonraker")
        stage.pass_time()
        self.software.up()

    def unplug(self, stage: Stage) -> None:
        """The host needs a moment to miss its controller, and recovering finds it again."""
        self.software.kill("mcu")
        eventually(lambda: self.software.state() != "ready", AWAY_S)
        stage.pass_time()
        self.software.up()

    def is_printing(self) -> bool:
        return self.software.print_state() == "printing"

    def begun(self) -> int:
        return self.said(self._log, "Starting SD card print")

    def finished(self) -> int:
        return self.said(self._log, "Finished SD card print")


class PrusaLinkMachine(RealMachine):
    """PrusaLink sends the print line by line: it ends with either of the two."""

    kind = "prusalink"
    software: PrusaLink

    def __init__(self, bench: Bench, children: ExitStack, home: Path) -> None:
        self.software = PrusaLink(home)
        super().__init__(bench, children)

    def server_restart(self, stage: Stage) -> None:
        self.software.kill(LINK)
        stage.pass_time()
        # One that hangs when it is started is started again, which nothing may be printing by then.
        with self.cut_off():
            self.software.up()

    def unplug(self, stage: Stage) -> None:
        self.software.kill(PRINTER)
        eventually(lambda: self.software.state() == "ERROR", AWAY_S)
        stage.pass_time()
        with self.cut_off():
            self.software.up()

    def is_printing(self) -> bool:
        return self.software.state() == "PRINTING"

    def begun(self) -> int:
        return self.said(self.software.logs / f"{PRINTER}.log", "homed\n")

    def finished(self) -> int:
        return self.said(self.software.logs / f"{PRINTER}.log", "motors off\n")


class BambuMachine(RealMachine):
    """Of the protocol alone. Broker, storage and printer are one."""

    breaks = frozenset({Fault.POWER_CUT})
    kind = "bambu"
    software: Bambu

    def __init__(self, bench: Bench, children: ExitStack, home: Path) -> None:
        self.software = Bambu(home)
        super().__init__(bench, children)

    def ports(self) -> list[int]:
        return [self.software.port, self.software.ftps_port]

    def url(self) -> str:
        return f"https://127.0.0.1:{self.links[0].port}"

    def settings(self) -> Mapping[str, str]:
        return {"device": DEVICE, "certificate": self.software.certificate}

    def env(self) -> dict[str, str]:
        return {"STAGED_FTPS_PORT": str(self.links[1].port)}

    def is_printing(self) -> bool:
        return self.software.prints[-1:] == ["RUNNING"]

    def begun(self) -> int:
        return len(self.software.prints)

    def finished(self) -> int:
        return self.software.prints.count("FINISH")


REAL: Mapping[str, Callable[[Bench, ExitStack, Path], Any]] = {
    machine.kind: machine for machine in (OctoPrintMachine, MoonrakerMachine, PrusaLinkMachine, BambuMachine)
}
