"""The numbers of a glTF file: accessors over buffers, every bound checked before anything is reserved."""

from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np

from marketplace.designs.mesh.formats import refusals
from marketplace.designs.mesh.formats.model import Indices, Points

Json = dict[str, Any]
T = TypeVar("T")
WHAT: Final = "GLB"
KINDS: Final = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
WIDTHS: Final = {"SCALAR": 1, "VEC3": 3}


def record(value: Any) -> Json:
    if not isinstance(value, dict):
        raise refusals.broken(WHAT, "its description has something else where a record belongs")
    return value


def member(of: Json, name: str, kind: type[T], usual: T) -> T:
    value = of.get(name, usual)
    if not isinstance(value, kind):
        raise refusals.broken(WHAT, f"'{name}' is not what it should be")
    return value


def rows(of: Json, name: str) -> list[Json]:
    return [record(each) for each in member(of, name, list, [])]


def number(value: Any) -> int:
    """A whole number, not negative."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise refusals.broken(WHAT, "it has something else where a whole number belongs")
    return value


@dataclass(frozen=True)
class Buffers:
    scene: Json
    contents: tuple[bytes, ...]

    def points(self, primitive: Json) -> tuple[Points, Indices]:
        """Positions of a mesh's part and the order in which they make facets. Raises ModelRefused."""
        attributes = record(primitive.get("attributes", {}))
        if "POSITION" not in attributes:
            raise refusals.broken(WHAT, "a mesh has no points")
        points = self._accessor(number(attributes["POSITION"]), "VEC3").astype(np.float64)
        if "indices" not in primitive:
            return points, np.arange(len(points))
        return points, self._accessor(number(primitive["indices"]), "SCALAR").reshape(-1).astype(np.int64)

    def _accessor(self, index: int, kind: str) -> Any:
        accessor = self._row("accessors", index)
        if "sparse" in accessor or "bufferView" not in accessor:
            raise refusals.unsupported(WHAT, "sparse data", "Export it as STL or 3MF.")
        scalar = KINDS.get(number(accessor.get("componentType", 0)))
        if accessor.get("type") != kind or scalar is None:
            raise refusals.broken(WHAT, "its points or facets have an unknown type")
        data, stride = self._view(number(accessor["bufferView"]))
        table = _table(data, np.dtype(scalar), WIDTHS[kind], stride, accessor)
        return _normalised(table) if accessor.get("normalized") is True else table

    def _view(self, index: int) -> tuple[memoryview, int]:
        view = self._row("bufferViews", index)
        buffer = number(view.get("buffer", -1))
        if buffer >= len(self.contents):
            raise refusals.broken(WHAT, "it names a buffer that is not there")
        start, length = number(view.get("byteOffset", 0)), number(view.get("byteLength", -1))
        if start + length > len(self.contents[buffer]):
            raise refusals.truncated(WHAT, "its data ends before its last point")
        return memoryview(self.contents[buffer])[start : start + length], number(view.get("byteStride", 0))

    def _row(self, name: str, index: int) -> Json:
        table = member(self.scene, name, list, [])
        if index >= len(table):
            raise refusals.broken(WHAT, "it names something that is not there")
        return record(table[index])


def _table(data: memoryview, scalar: np.dtype[Any], width: int, stride: int, accessor: Json) -> Any:
    count, start = number(accessor.get("count", -1)), number(accessor.get("byteOffset", 0))
    row = scalar.itemsize * width
    step = stride or row
    if not row <= step <= 252:
        raise refusals.broken(WHAT, "its points overlap")
    if count and start + (count - 1) * step + row > len(data):
        raise refusals.truncated(WHAT, "its data ends before its last point")
    if not count:
        return np.empty((0, width), scalar)
    return np.ndarray((count, width), scalar, buffer=data, offset=start, strides=(step, scalar.itemsize))


def _normalised(table: Any) -> Any:
    if table.dtype.kind == "f":
        return table
    return np.maximum(table / float(np.iinfo(table.dtype).max), -1.0)
