"""Command-line values that click does not know."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import click

from protocol.capability import Capability, Material
from protocol.errors import Malformed
from protocol.units import WEI_PER_ETHER, Address, Wei, address_of
from provider_agent.template import PrinterAnswer


class EtherType(click.ParamType[Wei]):
    """An amount in ether, like 0.002."""

    name = "ETH"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Wei:
        """Exact wei."""
        if isinstance(value, int):
            return Wei(value)
        try:
            wei = Decimal(value) * WEI_PER_ETHER
        except InvalidOperation:
            self.fail(f"{value!r} is no amount; write ether like 0.002", param, ctx)
        if not wei.is_finite() or wei < 0 or wei != int(wei) or wei >= 2**96:
            self.fail(f"{value!r} is no whole number of wei from 0 on", param, ctx)
        return Wei(int(wei))


class AddressType(click.ParamType[Address]):
    """An Ethereum address."""

    name = "ADDRESS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        """Checksummed."""
        try:
            return address_of(value)
        except Malformed as error:
            self.fail(str(error), param, ctx)


class PrinterType(click.ParamType[PrinterAnswer]):
    """SERIAL,DRIVER,URL[,BED_MM][,MATERIAL:COLOUR/COLOUR]..., like p1,virtual,http://h:1,220x220x250,PLA:black/red."""

    name = "PRINTER"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> PrinterAnswer:
        """The printer described."""
        if isinstance(value, PrinterAnswer):
            return value
        serial, driver, url, bed, *materials = [*str(value).split(","), *[""] * 4]
        if not (serial and driver and url):
            self.fail("write SERIAL,DRIVER,URL, then a bed like 220x220x250 and PLA:black/white", param, ctx)
        stocked = tuple(_material(entry) for entry in materials if entry) or (Material("PLA", ("black",)),)
        try:
            x, y, z = (int(Decimal(length) * 1000) for length in (bed or "220x220x250").split("x"))
        except (ValueError, InvalidOperation):
            self.fail(f"{bed!r} is no bed; write millimetres like 220x220x250", param, ctx)
        return PrinterAnswer(serial, driver, url, Capability("FDM", (x, y, z), stocked, 400, 100, 300))


def _material(entry: str) -> Material:
    kind, _, colours = entry.partition(":")
    return Material(kind, tuple(colour for colour in colours.split("/") if colour))
