"""Command-line values that click does not know."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import click

from protocol.capability import Capability, Material, SizeUm, size_of
from protocol.errors import Malformed
from protocol.units import WEI_PER_ETHER, Address, Wei, address_of
from provider_agent import readers
from provider_agent.slicing.materials import MATERIALS
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


class UrlType(click.ParamType[str]):
    """An http or https address, without a slash at its end."""

    name = "URL"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """As it goes into agent.toml."""
        try:
            return readers.url(value).rstrip("/")
        except readers.Unreadable as error:
            self.fail(f"{value!r} is no address: {error}", param, ctx)


class BedType(click.ParamType[SizeUm]):
    """Millimetres like 220x220x250."""

    name = "BED"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> SizeUm:
        """Micrometres."""
        if isinstance(value, tuple):
            return value
        try:
            x, y, z = (int(Decimal(length) * 1000) for length in str(value).split("x"))
            return size_of((x, y, z), "bed")
        except (ValueError, ArithmeticError, Malformed):
            self.fail(f"{value!r} is no bed; write millimetres like 220x220x250", param, ctx)


class SizeType(click.ParamType[SizeUm]):
    """Millimetres like 20.02x19.98x10.05."""

    name = "SIZE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> SizeUm:
        """Micrometres."""
        if isinstance(value, tuple):
            return value
        try:
            x, y, z = (int(Decimal(length) * 1000) for length in str(value).split("x"))
            return size_of((x, y, z), "size")
        except (ValueError, ArithmeticError, Malformed):
            self.fail(f"{value!r} is no size; write millimetres like 20.02x19.98x10.05", param, ctx)


class MaterialsType(click.ParamType[tuple[Material, ...]]):
    """Materials and their colours, like PLA:black/white PETG:clear."""

    name = "MATERIALS"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Material, ...]:
        """Those with slicing settings, each once."""
        if isinstance(value, tuple):
            return value
        found = tuple(_material(entry) for entry in str(value).split())
        kinds = [material.kind for material in found]
        if not kinds or not set(kinds) <= set(MATERIALS) or len(set(kinds)) < len(kinds):
            known = ", ".join(MATERIALS)
            self.fail(f"{value!r}: write each of {known} once, like PLA:black/white PETG:clear", param, ctx)
        if wordy := next((one for material in found for one in material.colours if len(one) > 64), None):
            self.fail(f"{wordy!r} is too long for a colour", param, ctx)
        return found


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
        bed_um = BedType().convert(bed or "220x220x250", param, ctx)
        return PrinterAnswer(serial, driver, url, Capability("FDM", bed_um, stocked, 400, 100, 300))


def _material(entry: str) -> Material:
    kind, _, colours = entry.partition(":")
    return Material(kind.strip(), tuple(colour for colour in colours.split("/") if colour))
