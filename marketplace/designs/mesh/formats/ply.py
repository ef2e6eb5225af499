"""PLY, text and binary of both byte orders: points and faces; other elements are passed over."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from marketplace.designs.mesh.formats import refusals
from marketplace.designs.mesh.formats.model import Format, Indices, Limits, Model, Part, Points, gathered
from marketplace.designs.mesh.formats.units import Unit

WHAT: Final = "PLY"
HEADER_LIMIT: Final = 65_536
SCALARS: Final = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "i2", "int16": "i2",
    "ushort": "u2", "uint16": "u2", "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4",
    "float": "f4", "float32": "f4", "double": "f8", "float64": "f8",
}  # fmt: skip
ORDERS: Final = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
FACE_LISTS: Final = frozenset({"vertex_indices", "vertex_index"})
# Where lines end in CR alone, a line feed after the header is data.
CR_ALONE: Final = re.compile(rb"ply[ \t]*\r(?!\n)")
CR_END: Final = re.compile(rb"(?<=\r)end_header[ \t]*\r")
END: Final = re.compile(rb"^end_header[ \t]*\r?\n", re.MULTILINE)


@dataclass(frozen=True)
class Property:
    """A column. `counted_by` is the type of a list's length, empty for a scalar."""

    name: str
    kind: str
    counted_by: str = ""


@dataclass(frozen=True)
class Element:
    name: str
    count: int
    properties: tuple[Property, ...]

    @property
    def has_lists(self) -> bool:
        return any(each.counted_by for each in self.properties)


def read(data: bytes, limits: Limits) -> Model:
    """One part. Raises ModelRefused."""
    order, elements, body = _header(data)
    by_name = {element.name: element for element in elements}
    if "vertex" not in by_name or "face" not in by_name or not by_name["face"].count:
        raise refusals.empty("The PLY file holds a cloud of points, no surface.")
    if by_name["face"].count > limits.triangles:
        raise refusals.too_many_triangles(by_name["face"].count, limits.triangles)
    points, faces = _text(body, elements) if order == "" else _binary(body, elements, order)
    if len(faces) > limits.triangles:
        raise refusals.too_many_triangles(len(faces), limits.triangles)
    return Model(Format.PLY, Unit.MILLIMETRE, False, (Part("model", gathered(points, faces, WHAT)),))


def _header(data: bytes) -> tuple[str, tuple[Element, ...], bytes]:
    end = (CR_END if CR_ALONE.match(data) else END).search(data[:HEADER_LIMIT])
    if end is None:
        raise refusals.truncated(WHAT, "its header has no end")
    order, elements = "?", list[Element]()
    for line in data[: end.start()].decode("ascii", "replace").splitlines()[1:]:
        match line.split():
            case ["format", name, _]:
                order = ORDERS.get(name, "?")
            case ["element", name, count] if count.isdigit() and len(count) < 12:
                elements.append(Element(name, int(count), ()))
            case ["property", *words] if elements:
                last = elements[-1]
                elements[-1] = Element(last.name, last.count, (*last.properties, _property(words)))
            case ["comment" | "obj_info", *_] | []:
                pass
            case _:
                raise refusals.broken(WHAT, "its header has a line that means nothing")
    if order == "?":
        raise refusals.broken(WHAT, "its header names no known encoding")
    return order, tuple(elements), data[end.end() :]


def _property(words: list[str]) -> Property:
    match words:
        case ["list", length, kind, name] if length in SCALARS and kind in SCALARS:
            if SCALARS[length].startswith("f"):
                raise refusals.broken(WHAT, "a list is counted in fractions")
            return Property(name, SCALARS[kind], SCALARS[length])
        case [kind, name] if kind in SCALARS:
            return Property(name, SCALARS[kind])
    raise refusals.broken(WHAT, "its header has a property of an unknown type")


def _short(element: Element) -> Exception:
    return refusals.truncated(WHAT, f"its header promises {element.count:,} of '{element.name}'")


def _text(body: bytes, elements: tuple[Element, ...]) -> tuple[Points, Indices]:
    lines = [line for line in body.splitlines() if line.strip()]
    points, faces, at = np.empty((0, 3)), list[list[int]](), 0
    for element in elements:
        rows = lines[at : at + element.count]
        if len(rows) < element.count:
            raise _short(element)
        at += element.count
        try:
            if element.name == "vertex":
                columns = _columns(element)
                points = np.array([[row.split()[c] for c in columns] for row in rows], dtype=np.float64)
            elif element.name == "face":
                skipped = _face_column(element)
                faces = [_text_face(row.split()[skipped:]) for row in rows]
        except (ValueError, IndexError):
            raise _short(element) from None
    return points.reshape(-1, 3), _fans(faces)


def _text_face(words: list[bytes]) -> list[int]:
    count = int(words[0])
    if not 0 <= count < len(words):
        raise ValueError
    return [int(word) for word in words[1 : 1 + count]]


def _columns(element: Element) -> list[int]:
    """Where x, y and z stand."""
    names = [each.name for each in element.properties]
    if element.has_lists or not {"x", "y", "z"} <= set(names):
        raise refusals.broken(WHAT, "its points have no x, y and z")
    return [names.index(axis) for axis in "xyz"]


def _face_column(element: Element) -> int:
    """Where the list of a face's points starts; only scalars may stand before it."""
    for index, each in enumerate(element.properties):
        if each.counted_by and each.name in FACE_LISTS:
            return index
        if each.counted_by:
            break
    raise refusals.broken(WHAT, "its faces have no list of points")


def _binary(body: bytes, elements: tuple[Element, ...], order: str) -> tuple[Points, Indices]:
    points, faces, at = np.empty((0, 3)), np.empty((0, 3), np.int64), 0
    for element in elements:
        if element.name == "face":
            faces, at = _binary_faces(body, element, order, at)
        elif element.has_lists:
            raise refusals.unsupported(WHAT, "lists outside its faces", "Export it as STL or 3MF.")
        else:
            table, at = _table(body, element, _row(element, order), at)
            if element.name == "vertex":
                _columns(element)
                points = np.stack([table[axis].astype(np.float64) for axis in "xyz"], axis=1)
    return points, faces


def _row(element: Element, order: str, corners: int = 0) -> np.dtype[np.void]:
    fields: list[tuple[str, str] | tuple[str, str, int]] = []
    for each in element.properties:
        if each.counted_by:
            fields.append((f"{each.name} count", order + each.counted_by))
            fields.append((each.name, order + each.kind, corners))
        else:
            fields.append((each.name, order + each.kind))
    try:
        return np.dtype(fields)
    except ValueError:
        raise refusals.broken(WHAT, "two properties have the same name") from None


def _table(
    body: bytes, element: Element, row: np.dtype[np.void], at: int
) -> tuple[npt.NDArray[np.void], int]:
    end = at + element.count * row.itemsize
    if end > len(body):
        raise _short(element)
    return np.frombuffer(body, row, element.count, at), end


def _binary_faces(body: bytes, element: Element, order: str, at: int) -> tuple[Indices, int]:
    """All triangles, nearly always: read as a table. Otherwise face by face."""
    _face_column(element)
    lists = [each for each in element.properties if each.counted_by]
    if len(lists) == 1:
        row = _row(element, order, 3)
        if at + element.count * row.itemsize <= len(body):
            table, end = _table(body, element, row, at)
            if (table[f"{lists[0].name} count"] == 3).all():
                return table[lists[0].name].astype(np.int64).reshape(-1, 3), end
    return _walked_faces(body, element, order, at)


def _walked_faces(body: bytes, element: Element, order: str, at: int) -> tuple[Indices, int]:
    faces: list[list[int]] = []
    for _ in range(element.count):
        for each in element.properties:
            count = 1
            if each.counted_by:
                count, at = (
                    int(_numbers(body, element, order + each.counted_by, 1, at)[0]),
                    at + int(each.counted_by[1]),
                )
            if count < 0:
                raise refusals.broken(WHAT, "a list is shorter than empty")
            values = _numbers(body, element, order + each.kind, count, at)
            at += values.nbytes
            if each.counted_by and each.name in FACE_LISTS:
                faces.append([int(value) for value in values])
    return _fans(faces), at


def _numbers(body: bytes, element: Element, kind: str, count: int, at: int) -> npt.NDArray[np.generic]:
    if at + count * int(kind[-1]) > len(body):
        raise _short(element)
    return np.frombuffer(body, np.dtype(kind), count, at)


def _fans(faces: list[list[int]]) -> Indices:
    """Triangles of polygons; a face of fewer than three points has no area."""
    triples = [(face[0], b, c) for face in faces for b, c in pairwise(face[1:])]
    return np.array(triples, dtype=np.int64).reshape(-1, 3)
