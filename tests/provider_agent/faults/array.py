"""Which fault is put to which driver at which moment of a making: a covering array of the three, by counting alone.

A making passes through all its moments in one run, so that one run carries a fault at each of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle


class Moment(StrEnum):
    """A status that a making has just come to; UNDER_WAY: its print runs."""

    WON = "WON"
    FETCHED = "FETCHED"
    SLICED = "SLICED"
    QUEUED = "QUEUED"
    PRINTING = "PRINTING"
    UNDER_WAY = "UNDER_WAY"
    PRINTED = "PRINTED"
    CLEARED = "CLEARED"
    DELIVERED = "DELIVERED"


class Fault(StrEnum):
    """What happens to the agent, or around it. What each does is in stage.py and machines.py."""

    KILLED = "killed"
    DISK_FULL = "disk full"
    CLOCK_AHEAD = "clock ahead"
    CLOCK_BEHIND = "clock behind"
    NETWORK_LOST = "network lost"
    MARKETPLACE_DOWN = "marketplace down"
    NODE_DOWN = "node down"
    PRINTER_OUT_OF_REACH = "printer out of reach"
    SERVER_RESTARTED = "printer server restarted"
    UNPLUGGED = "printer unplugged"
    POWER_CUT = "power cut"


LACKS: Mapping[str, Mapping[Fault, str]] = {
    "octoprint": {},
    "moonraker": {},
    "prusalink": {},
    "bambu": {
        Fault.SERVER_RESTARTED: "its server is its firmware: one that starts anew is a printer after a power cut",
        Fault.UNPLUGGED: "no cable leads to it: what parts it from the agent is the network, out of reach",
    },
}
"""The drivers, and the faults that each cannot have, with the reason."""


FIRST_TURN = 3
"""So that what happens to the first print of each driver ends it: a restart, a cable, power cuts."""


@dataclass(frozen=True)
class Row:
    """One run: a driver, and the fault at each moment."""

    driver: str
    faults: Mapping[Moment, Fault]

    def __str__(self) -> str:
        return f"{self.driver}-{self.faults[Moment.UNDER_WAY].replace(' ', '-')}-under-way"


def rows() -> list[Row]:
    """The runs: every fault at every moment, and with every driver that can have it, which pass every moment.

    A Latin square of faults and moments, its rows given in turn to the drivers that can have every fault; then as
    many runs of each other driver as its own faults need.
    """
    whole = [driver for driver, lacks in LACKS.items() if not lacks]
    found = [Row(driver, _turned(list(Fault), turn)) for turn, driver in zip(range(len(Fault)), cycle(whole))]
    for driver, lacks in LACKS.items():
        able = [fault for fault in Fault if fault not in lacks]
        if lacks:
            found += [Row(driver, _turned(able, turn)) for turn in range(0, len(able), len(Moment))]
    return found


def _turned(faults: list[Fault], turn: int) -> dict[Moment, Fault]:
    return {moment: faults[(place + turn + FIRST_TURN) % len(faults)] for place, moment in enumerate(Moment)}
