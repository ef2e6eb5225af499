"""What lib3mf hands out, as arrays. Its Python binding copies value by value, which a million points do not
bear, so buffers are passed to the library's own functions."""

import ctypes
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Any, Final

import lib3mf
import numpy as np
from lib3mf import Lib3MF

from marketplace.designs.mesh.formats.model import Indices, Points, colour_of
from marketplace.designs.mesh.formats.units import Unit

FAULTS: Final = (Lib3MF.ELib3MFException,)
UNITS: Final = {
    0: Unit.MICROMETRE, 1: Unit.MILLIMETRE, 2: Unit.CENTIMETRE, 3: Unit.INCH, 4: Unit.FOOT, 5: Unit.METRE,
}  # fmt: skip
# Objects of the kinds "other", "support" and "surface" are help for a slicer, not parts.
PRINTED: Final = frozenset({1, 3})
COLOUR_LIMIT: Final = 64


class Kind(IntEnum):
    """Kinds of properties that name one colour."""

    BASE_MATERIAL = 1
    COLOURS = 3


@dataclass(frozen=True)
class Placed:
    """An object and where it stands: a 4 x 3 matrix for row vectors, the last row moves."""

    object: Any
    matrix: Points
    name: str = ""


def fault_words(fault: Exception) -> str:
    """What lib3mf says of a fault, without its number and stop."""
    words = str(fault).partition(": ")[2].strip(" .")
    return "".join(letter for letter in words[:120] if letter.isprintable()) or "it breaks the format's rules"


@cache
def wrapper() -> Any:
    return lib3mf.get_wrapper()


def opened(archive: bytearray) -> Any:
    """The model of an archive. Raises one of FAULTS."""
    made = wrapper().CreateModel()
    reader = made.QueryReader("3mf")
    buffer = (ctypes.c_uint8 * len(archive)).from_buffer(archive)
    status = wrapper().lib.lib3mf_reader_readfrombuffer(reader._handle, ctypes.c_uint64(len(archive)), buffer)
    wrapper().checkError(reader, status)
    return made


def points(mesh: Any) -> Points:
    count = mesh.GetVertexCount()
    buffer = (Lib3MF.Position * count)()
    _filled(mesh, wrapper().lib.lib3mf_meshobject_getvertices, count, buffer)
    return np.frombuffer(buffer, np.float32).reshape(-1, 3).astype(np.float64)


def faces(mesh: Any) -> Indices:
    count = mesh.GetTriangleCount()
    buffer = (Lib3MF.Triangle * count)()
    _filled(mesh, wrapper().lib.lib3mf_meshobject_gettriangleindices, count, buffer)
    return np.frombuffer(buffer, np.uint32).reshape(-1, 3).astype(np.int64)


def _filled(mesh: Any, fill: Any, count: int, buffer: Any) -> None:
    if count:
        needed = ctypes.c_uint64(0)
        wrapper().checkError(mesh, fill(mesh._handle, ctypes.c_uint64(count), needed, buffer))


def matrix(transform: Any) -> Points:
    if transform is None:
        return np.vstack([np.eye(3), np.zeros(3)])
    return np.array([list(row) for row in transform.Fields], dtype=np.float64)


def is_printed(thing: Any) -> bool:
    return int(thing.GetType()) in PRINTED


def colours(model: Any) -> tuple[str, ...]:
    """Every colour that the file declares, each once."""
    found: dict[str, None] = {}
    for groups, colour in (
        (model.GetColorGroups(), "GetColor"),
        (model.GetBaseMaterialGroups(), "GetDisplayColor"),
    ):
        while groups.MoveNext() and len(found) < COLOUR_LIMIT:
            group = groups.GetCurrent()
            for key in group.GetAllPropertyIDs()[:COLOUR_LIMIT]:
                shown = getattr(group, colour)(key)
                found[colour_of(shown.Red / 255, shown.Green / 255, shown.Blue / 255)] = None
    return tuple(found)


def colour_shown(model: Any, thing: Any) -> str:
    """The one colour of a whole object, "#RRGGBB"; empty where it has none, several, or is made of others."""
    if not thing.IsMeshObject():
        return ""
    group, key, has = model.GetMeshObjectByID(thing.GetUniqueResourceID()).GetObjectLevelProperty()
    if not has:
        return ""
    match int(model.GetPropertyTypeByID(group)):
        case Kind.BASE_MATERIAL:
            shown = model.GetBaseMaterialGroupByID(group).GetDisplayColor(key)
        case Kind.COLOURS:
            shown = model.GetColorGroupByID(group).GetColor(key)
        case _:
            return ""
    return colour_of(shown.Red / 255, shown.Green / 255, shown.Blue / 255)
