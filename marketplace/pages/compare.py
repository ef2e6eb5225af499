"""A design beside its repaired version, number by number. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from marketplace.designs.mesh.measurement import Measurement
from protocol.capability import box_text

NOTABLE_PERCENT: Final = 1.0
"""A volume that changes by more is worth a warning."""


@dataclass(frozen=True)
class Row:
    """One measure, before and after, and how it changed, in words."""

    name: str
    before: str
    after: str
    change: str

    @property
    def differs(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class Comparison:
    rows: tuple[Row, ...]
    warning: str


def compared(before: Measurement, after: Measurement) -> Comparison:
    """What a repair changed."""
    return Comparison(tuple(_rows(before, after)), _warning(before.volume_mm3, after.volume_mm3))


def _rows(before: Measurement, after: Measurement) -> Iterator[Row]:
    yield Row("Surface", _closed(before), _closed(after), "")
    yield Row("Facets", _winding(before), _winding(after), "")
    yield Row("Crossings", _crossings(before), _crossings(after), "")
    for name, old, new in (
        ("Bodies", before.bodies, after.bodies),
        ("Triangles", before.triangles, after.triangles),
    ):
        yield Row(name, f"{old:,}", f"{new:,}", _percent(old, new))
    for name, old_size, new_size, unit, text in (
        ("Volume", before.volume_mm3, after.volume_mm3, 1000, "{:,.2f} cm³"),
        ("Area", before.area_mm2, after.area_mm2, 100, "{:,.1f} cm²"),
    ):
        words = [text.format(size / unit) for size in (old_size, new_size)]
        yield Row(name, words[0], words[1], _percent(old_size, new_size))
    yield Row("Size", box_text(before.size_um), box_text(after.size_um), "")


def _closed(model: Measurement) -> str:
    return "closed" if model.watertight else "has holes"


def _winding(model: Measurement) -> str:
    return "agree" if model.winding_consistent and not model.inside_out else "some face inwards"


def _crossings(model: Measurement) -> str:
    count = model.self_intersections
    return "not looked for" if count is None else f"{count:,}"


def _percent(before: float, after: float) -> str:
    if not before or before == after:
        return ""
    share = (after - before) / before * 100
    return f"{share:+.1f} %" if abs(share) >= 0.05 else ""


def _warning(before: float, after: float) -> str:
    share = (after - before) / before * 100 if before else 0.0
    if abs(share) <= NOTABLE_PERCENT:
        return ""
    how = "more" if share > 0 else "less"
    return (
        f"The repaired version has {abs(share):.1f} % {how} volume. With holes or overlaps the first number "
        "was only approximate; look at both before you choose."
    )
