"""Writing agent.toml: every key, what it means, and a default that works."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from protocol.capability import Capability, Material
from protocol.units import Address, Wei
from provider_agent.drivers import needs_of


@dataclass(frozen=True)
class Answers:
    """What `infill-agent init` was told. Amounts in wei."""

    marketplace: str
    rpc_url: str
    chain_id: int
    escrow: Address
    arbiters: tuple[Address, ...]
    machine_hour: Wei
    gram: Wei
    setup: Wei
    minimum: Wei
    bond: Wei
    printers: tuple[PrinterAnswer, ...]
    deliver: str = "printed"


@dataclass(frozen=True)
class PrinterAnswer:
    """One --printer. `settings`: what its driver needs, as far as it is known."""

    serial: str
    driver: str
    url: str
    capability: Capability
    settings: Mapping[str, str] = field(default_factory=dict)
    camera: str = ""


EXAMPLE = PrinterAnswer(
    serial="printer-1",
    driver="virtual",
    url="http://127.0.0.1:7125",
    capability=Capability(
        "FDM", (220_000, 220_000, 250_000), (Material("PLA", ("black", "white")),), 400, 100, 300
    ),
)


def config_text(answers: Answers) -> str:
    """agent.toml."""
    printers = answers.printers or (EXAMPLE,)
    return _TOP.format(
        url=_text(answers.marketplace),
        rpc_url=_text(answers.rpc_url),
        chain_id=answers.chain_id,
        escrow=_text(answers.escrow),
        machine_hour=_text(str(answers.machine_hour)),
        gram=_text(str(answers.gram)),
        setup=_text(str(answers.setup)),
        minimum=_text(str(answers.minimum)),
        bond=_text(str(answers.bond)),
        arbiters=_list(answers.arbiters),
        deliver=_text(answers.deliver),
    ) + "".join(_printer(printer) for printer in printers)


def _printer(printer: PrinterAnswer) -> str:
    able, needs = printer.capability, {**needs_of(printer.driver), **printer.settings}
    materials = ",\n".join(
        f"    {{ kind = {_text(material.kind)}, colours = {_list(material.colours)} }}"
        for material in able.materials
    )
    return _PRINTER.format(
        serial=_text(printer.serial),
        driver=_text(printer.driver),
        url=_text(printer.url),
        needs="".join(f"{key} = {_text(hint)}\n" for key, hint in needs.items()),
        camera=f"camera = {_text(printer.camera)}\n" if printer.camera else _CAMERA_LINE,
        secret="" if "secret" in needs else _KEY_LINE,
        bed_um=list(able.bed_um),
        nozzle_um=able.nozzle_um,
        min_layer_um=able.min_layer_um,
        max_layer_um=able.max_layer_um,
        materials=materials,
    )


def _text(value: str) -> str:
    return json.dumps(value)


def _list(values: tuple[str, ...] | tuple[Address, ...]) -> str:
    return json.dumps(list(values))


_TOP = """\
# An Infill provider agent. Amounts are wei in quotes, times seconds, lengths micrometres.

[marketplace]
url = {url}

[chain]
# Your own node: what it says is believed, whatever the marketplace says.
rpc_url = {rpc_url}
chain_id = {chain_id}
escrow = {escrow}
# "final" is the node's finalized block; a number means that many blocks, for chains without one.
confirmations = "final"
# Where this home holds but a hot key, the address of the purse it signs for: see `infill-agent use-pass`.
# provider = "0x..."

[policy]
machine_hour_wei = {machine_hour}
gram_wei = {gram}
# gram_wei_of = {{ PETG = "..." }}   # materials that cost otherwise
# Of each print (a plate to clear, a printer to warm up), and of a whole job at least.
setup_wei = {setup}
minimum_wei = {minimum}
# Energy: what a kilowatt hour costs, times the `watts` of the printer.
# kwh_wei = "0"
# Margins on all that, in 1/100 %, each on its own: at full schedules (less where they are emptier), for
# designers you name (negative: a discount), for jobs that show bidders measurements alone, and for what is
# done at the deadline's last second (falling to none for what is done `deadline_near_s` before it).
# load_bps = 0
# designer_bps = {{ "0x..." = -500 }}
# confidential_bps = 0
# deadline_bps = 0
# deadline_near_s = 172800
# No price of a job is below or above these, whatever else says so.
# floor_wei = "0"
# ceiling_wei = "..."
# A program of yours that has the last word on a price, within these limits: it reads the job, what each
# printer could do and the price's lines as JSON from stdin, and writes {{"price_wei": "..."}} or
# {{"decline": "why"}}. What fails, is slow (seconds) or says anything else is no bid.
# script = "price.py"
# script_s = 5
# Your own money, locked while an agreement is open: deposit it with `infill-agent deposit`.
bond_wei = {bond}
dispute_fee_wei = "0"
# From award to delivery; longer where the schedule needs it, shorter where the deadline does.
make_time_s = 259200
# The designer's time to look, transit included; then the price is claimed.
review_time_s = 1209600
arbiter_time_s = 604800
# Free cancelling after the award; the design is released when it is over.
grace_time_s = 0
# How long a bid binds you, and how far ahead the machines may be booked.
valid_for_s = 1800
horizon_s = 604800
# Your share of what is unpaid should the arbiter stay silent, and the highest fee you bid under (1/100 %).
fallback_bps = 5000
max_fee_bps = 500
# Those you trust to decide a dispute; [] bids without an arbiter.
arbiters = {arbiters}
max_bids_per_hour = 60
# Prints begun for one plate before the agreement is given up; twice as many where it has several copies.
attempts = 2
# Copies of one filament and quality are printed together until a plate takes so long by your estimate: what a
# print that fails may cost. 0 prints every copy alone.
# plate_s = 14400
# A print is given up when its printer has not answered, or shown neither progress nor a change of
# temperature, for so long. Real seconds, whatever the machine.
stall_s = 300
model_limit_bytes = 100000000
# When a job counts as delivered: "printed", once its last plate is clear, or "shipped", once you have said
# how it was sent: `infill-agent shipped`. Until then the designer's review time does not run.
deliver = {deliver}
"""

_KEY_LINE = """\
# secret = "..."           # where the printer's software asks for a key
"""

_CAMERA_LINE = """\
# camera = "http://..."    # one still, as evidence of prints: often .../webcam/?action=snapshot
"""

_PRINTER = """
[[printers]]
serial = {serial}
driver = {driver}
url = {url}
# speed_mm_s = 60          # while extruding; decides your estimates
# auto_clear = false       # true: the plate empties itself (default for virtual printers)
# auto_load = false        # true: it changes to another filament by itself (default for virtual printers)
# watts = 0                # while printing; for the price of the energy
# materials_from_stock = false   # true: registers those materials below, and colours, that are on spools
{camera}{secret}{needs}
[printers.capability]
bed_um = {bed_um}
nozzle_um = {nozzle_um}
min_layer_um = {min_layer_um}
max_layer_um = {max_layer_um}
materials = [
{materials},
]
"""
