"""What the marketplace slices in the background: fewer facets than there are, where there are many."""

from __future__ import annotations

import tempfile
from pathlib import Path

from marketplace.designs.mesh.rough_file import roughened


def rough_of(data: bytes) -> bytes:
    """A binary STL as the marketplace's child writes it from an upload."""
    with tempfile.TemporaryDirectory() as folder:
        model, made = Path(folder) / "model.stl", Path(folder) / "made.stl"
        model.write_bytes(data)
        roughened(model, made)
        return made.read_bytes()
