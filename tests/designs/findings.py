"""Asking a measurement what it found."""

from marketplace.designs.mesh.findings import Finding
from marketplace.designs.mesh.measurement import Measurement


def codes(found: Measurement) -> set[str]:
    return {each.code for each in found.findings}


def finding(found: Measurement, code: str) -> Finding:
    """The one finding of this code."""
    (only,) = (each for each in found.findings if each.code == code)
    return only
