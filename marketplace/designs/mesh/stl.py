"""STL, both kinds, read strictly."""

import re
import struct
from typing import Final

import numpy as np
import numpy.typing as npt

from marketplace.designs.mesh.measurement import ModelRefused

HEADER: Final = 84
FACET: Final = np.dtype([("normal", "<f4", 3), ("points", "<f4", (3, 3)), ("attribute", "<u2")])
# Some programs append a note after the last facet.
TRAILER_LIMIT: Final = 1024
# Coordinates beyond a kilometre in the part that is there mean the bytes are no facets at all.
PLAUSIBLE_MM: Final = 1e6

NOT_A_MODEL: Final = (
    "This is not a model that can be read. Export the model as STL, 3MF, OBJ, PLY, GLB or STEP and upload "
    "that file."
)


def is_exact_binary(data: bytes) -> bool:
    return len(data) >= HEADER and len(data) == HEADER + _claimed(data) * FACET.itemsize


def is_binary(data: bytes) -> bool:
    """Binary files may begin with the word "solid" too, so the length decides first."""
    return is_exact_binary(data) or data[:512].lstrip()[:5].lower() != b"solid" or b"\0" in data[:HEADER]


def read_binary(data: bytes, limit: int) -> npt.NDArray[np.float64]:
    """Triangles (n, 3, 3) in the file's own unit. Raises ModelRefused."""
    if len(data) < HEADER:
        raise ModelRefused("not-a-model", NOT_A_MODEL)
    claimed = _claimed(data)
    held = (len(data) - HEADER) // FACET.itemsize
    if claimed > held:
        if _is_text(data[:512]):
            raise ModelRefused("not-a-model", NOT_A_MODEL)
        raise _short(data, claimed, held)
    if len(data) - HEADER - claimed * FACET.itemsize > TRAILER_LIMIT:
        raise ModelRefused("not-a-model", NOT_A_MODEL)
    # One more than the limit is enough for the caller to refuse it.
    facets = np.frombuffer(data, FACET, count=min(claimed, limit + 1), offset=HEADER)
    return facets["points"].astype(np.float64)


def read_text(data: bytes) -> npt.NDArray[np.float64]:
    """Triangles (n, 3, 3) in the file's own unit. Raises ModelRefused."""
    text = data.lower()
    facets = len(re.findall(rb"\bfacet\s+normal\b", text))
    if not facets and b"facet" not in text and b"endsolid" not in text:
        raise ModelRefused("not-a-model", NOT_A_MODEL)
    if len(re.findall(rb"\bendfacet\b", text)) != facets or b"endsolid" not in text[-4096:]:
        raise ModelRefused(
            "truncated", "The file ends in the middle of the model. Export it again, or repeat the upload."
        )
    numbers = _numbers(b" ".join(re.findall(rb"\bvertex\s([^\r\n]*)", text)))
    if len(numbers) != facets * 9:
        raise ModelRefused(
            "not-a-model",
            "The file has lines that are not STL: every facet needs three vertices of three numbers. "
            "Export the model again.",
        )
    return numbers.reshape(-1, 3, 3)


def write_binary(triangles: npt.NDArray[np.float64]) -> bytes:
    """A binary STL of triangles (n, 3, 3); readers work the normals out."""
    facets = np.zeros(len(triangles), FACET)
    facets["points"] = triangles
    return b"Infill".ljust(HEADER - 4) + struct.pack("<I", len(facets)) + facets.tobytes()


def _numbers(text: bytes) -> npt.NDArray[np.float64]:
    """All numbers of a text; none of them if one word is no number."""
    try:
        return np.fromstring(text.decode("ascii", "replace"), dtype=np.float64, sep=" ")
    except ValueError:
        return np.empty(0)


def _is_text(start: bytes) -> bool:
    return all(32 <= byte < 127 or byte in b"\t\r\n" for byte in start)


def _claimed(data: bytes) -> int:
    count: int = struct.unpack_from("<I", data, HEADER - 4)[0]
    return count


def _short(data: bytes, claimed: int, held: int) -> ModelRefused:
    """Tell a cut upload from a lying header and from bytes that never were a model."""
    points = np.frombuffer(data, FACET, count=held, offset=HEADER)["points"]
    if not (np.abs(points) < PLAUSIBLE_MM).all():
        return ModelRefused("not-a-model", NOT_A_MODEL)
    if held * 100 < claimed:
        return ModelRefused(
            "impossible-count",
            f"The file says it has {claimed:,} facets ({claimed * FACET.itemsize / 1e9:,.1f} GB) but only "
            f"{held:,} would fit into its {len(data):,} bytes. Export the model again.",
        )
    return ModelRefused(
        "truncated",
        f"The file says it has {claimed:,} facets but ends after {held:,}. "
        "Export it again, or repeat the upload.",
    )
