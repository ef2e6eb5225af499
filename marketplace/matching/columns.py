"""Capabilities as the columns the engine works on. Pure."""

from collections.abc import Iterable, Sequence

import numpy as np

from marketplace.matching.engine import PrinterColumns
from marketplace.providers.rules import stock_of
from protocol.capability import Capability, SizeUm

PrinterRow = tuple[SizeUm, int, int]
StockRow = tuple[int, str, str]


def columns_of(capabilities: Sequence[Capability]) -> PrinterColumns:
    """One row a capability, in their order."""
    printers = [(one.bed_um, one.min_layer_um, one.max_layer_um) for one in capabilities]
    stock = [(row, *pair) for row, one in enumerate(capabilities) for pair in stock_of(one)]
    return columns_from(printers, stock)


def columns_from(printers: Sequence[PrinterRow], stock: Iterable[StockRow]) -> PrinterColumns:
    """Columns of rows (bed, smallest layer, largest layer) and of stock (printer's row, kind, colour)."""
    rows, kinds, colours = zip(*stock, strict=True) if (stock := list(stock)) else ((), (), ())
    return PrinterColumns(
        bed_um=np.array([bed for bed, _, _ in printers], dtype=np.int64).reshape(len(printers), 3),
        min_layer_um=np.array([low for _, low, _ in printers], dtype=np.int64),
        max_layer_um=np.array([high for _, _, high in printers], dtype=np.int64),
        stock_row=np.array(rows, dtype=np.int64),
        stock_kind=np.array(kinds, dtype=np.str_),
        stock_colour=np.array(colours, dtype=np.str_),
    )
