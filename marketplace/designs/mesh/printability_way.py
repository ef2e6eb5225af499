"""Which way up, and why, in plain words."""

from collections.abc import Iterator
from typing import Final

from marketplace.designs.mesh.findings import Finding, Point, Severity
from marketplace.designs.mesh.measurement import Measurement, Turning

UPRIGHT: Final[dict[Point, str]] = {
    (0.0, 0.0, 1.0): "upside down",
    (-1.0, 0.0, 0.0): "on its left side (-x down)",
    (1.0, 0.0, 0.0): "on its right side (+x down)",
    (0.0, -1.0, 0.0): "on its front (-y down)",
    (0.0, 1.0, 0.0): "on its back (+y down)",
}
LITTLE_MM3: Final = 100.0


def way_up(model: Measurement) -> Iterator[Finding]:
    """A better way up, if there is one worth turning the model for."""
    if turning := model.turning:
        reasons = ", ".join(_reasons(model, turning))
        yield Finding(
            "better-orientation",
            Severity.INFO,
            f"Of 64 ways up, it prints best {_named(turning.down)}: {reasons}.",
            "Turn it so before uploading, or leave it to the provider.",
        )


def _named(down: Point) -> str:
    if known := UPRIGHT.get(down):
        return known
    x, y, z = down
    return f"with the side towards ({x:.2f}, {y:.2f}, {z:.2f}) on the bed"


def _reasons(model: Measurement, turning: Turning) -> Iterator[str]:
    if abs(turning.support_now_mm3 - turning.support_mm3) > LITTLE_MM3:
        yield (
            f"{turning.support_mm3 / 1000:.1f} instead of {turning.support_now_mm3 / 1000:.1f} cm³ under "
            "overhangs"
        )
    yield f"{turning.contact_mm2:,.0f} instead of {model.bed_contact_mm2:,.0f} mm² flat on the bed"
    now, then = (f"{height / 1000:.1f}" for height in (model.size_um[2], turning.height_um))
    if now != then:
        yield f"{then} instead of {now} mm high"
