"""glTF 2.0, binary (GLB) or JSON with everything inside. Metres and y up, by the standard."""

import base64
import binascii
import json
import math
import struct
from typing import Any, Final

import numpy as np

from marketplace.designs.mesh.formats import refusals
from marketplace.designs.mesh.formats.gltf_data import Buffers, Json, member, number, record, rows
from marketplace.designs.mesh.formats.model import (
    Format,
    Limits,
    Model,
    Part,
    Points,
    colour_of,
    gathered,
    joined,
)
from marketplace.designs.mesh.formats.names import part_name
from marketplace.designs.mesh.formats.units import Unit

WHAT: Final = "GLB"
JSON_CHUNK: Final = 0x4E4F534A
BINARY_CHUNK: Final = 0x004E4942
TRIANGLES, STRIP, FAN = 4, 5, 6
DEPTH_LIMIT: Final = 200
# How a surface looks changes no facet.
LOOKS: Final = ("KHR_materials_", "KHR_texture_", "EXT_texture_", "KHR_lights_")
Y_UP: Final = np.array([[1.0, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]])
Z_UP: Final = np.eye(4)


def read(data: bytes, limits: Limits, up: Points = Y_UP) -> Model:
    """The parts are the nodes that hold a mesh, turned by `up` to z up, in metres. Raises ModelRefused."""
    text, binary = _chunks(data) if data.startswith(b"glTF") else (data, b"")
    scene = _scene(text)
    buffers = Buffers(scene, tuple(_buffer(each, binary) for each in rows(scene, "buffers")))
    reader = _Reader(scene, buffers, limits)
    reader.walk(up)
    if not reader.parts:
        raise refusals.empty("The GLB file shows no mesh.")
    return Model(Format.GLTF, Unit.METRE, True, joined(reader.parts, limits))


def _chunks(data: bytes) -> tuple[bytes, bytes]:
    if len(data) < 20:
        raise refusals.truncated(WHAT, "it has not even a header")
    version, length = struct.unpack_from("<II", data, 4)
    if version != 2:
        raise refusals.unsupported(
            WHAT, f"version {version} of glTF", "Export it as glTF 2.0, or as STL or 3MF."
        )
    if length > len(data):
        raise refusals.truncated(WHAT, f"its header promises {length:,} bytes, it has {len(data):,}")
    found: dict[int, bytes] = {}
    at = 12
    while at + 8 <= length:
        size, kind = struct.unpack_from("<II", data, at)
        if at + 8 + size > length:
            raise refusals.truncated(WHAT, "a chunk ends after the file")
        found.setdefault(kind, data[at + 8 : at + 8 + size])
        at += 8 + size
    if JSON_CHUNK not in found:
        raise refusals.broken(WHAT, "it has no description of its scene")
    return found[JSON_CHUNK], found.get(BINARY_CHUNK, b"")


def _scene(text: bytes) -> Json:
    try:
        scene = json.loads(text)
    except (ValueError, RecursionError):
        raise refusals.broken(WHAT, "its description is no JSON") from None
    scene = record(scene)
    needed = [str(each) for each in member(scene, "extensionsRequired", list, [])]
    for name in needed:
        if name != "KHR_mesh_quantization" and not name.startswith(LOOKS):
            raise refusals.unsupported(
                WHAT, f"the extension {part_name(name)}", "Export it without compression."
            )
    return scene


def _buffer(described: Json, binary: bytes) -> bytes:
    if "uri" not in described:
        return binary
    uri = str(described["uri"])
    head, comma, body = uri.partition(",")
    if not head.startswith("data:") or not comma:
        raise refusals.outside(WHAT, "another file or address")
    if not head.endswith(";base64"):
        raise refusals.unsupported(WHAT, "data that is not base64", "Export it as one binary file (GLB).")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise refusals.broken(WHAT, "its embedded data is no base64") from None


class _Reader:
    """Walks the nodes of the scene; every node has one parent at most, so none is walked twice."""

    def __init__(self, scene: Json, buffers: Buffers, limits: Limits) -> None:
        self.scene, self.buffers, self.limits = scene, buffers, limits
        self.nodes, self.meshes = rows(scene, "nodes"), rows(scene, "meshes")
        self.parts: list[Part] = []
        self.count = 0
        self.seen: set[int] = set()

    def walk(self, up: Points) -> None:
        waiting = [(root, up, 0) for root in self._roots()]
        while waiting:
            index, above, depth = waiting.pop()
            if index in self.seen or depth > DEPTH_LIMIT:
                raise refusals.broken(WHAT, "a node stands in two places, within itself or too deep")
            self.seen.add(index)
            node = self._row(self.nodes, index)
            matrix = above @ _matrix(node)
            self._take(node, matrix)
            children = [number(child) for child in member(node, "children", list, [])]
            waiting += [(child, matrix, depth + 1) for child in reversed(children)]

    def _roots(self) -> list[int]:
        scenes = rows(self.scene, "scenes")
        if scenes:
            shown = self._row(scenes, number(self.scene.get("scene", 0)))
            return [number(node) for node in reversed(member(shown, "nodes", list, []))]
        below = {number(child) for node in self.nodes for child in member(node, "children", list, [])}
        return [index for index in range(len(self.nodes)) if index not in below]

    def _take(self, node: Json, matrix: Points) -> None:
        if "mesh" not in node:
            return
        mesh = self._row(self.meshes, number(node["mesh"]))
        for primitive in rows(mesh, "primitives"):
            mode = number(primitive.get("mode", TRIANGLES))
            if mode in (TRIANGLES, STRIP, FAN):
                name = str(node.get("name") or mesh.get("name") or "part")
                self._add(part_name(name), primitive, mode, matrix)

    def _add(self, name: str, primitive: Json, mode: int, matrix: Points) -> None:
        points, order = self.buffers.points(primitive)
        faces = _faces(order, mode)
        self.count += len(faces)
        if self.count > self.limits.triangles:
            raise refusals.too_many_triangles(self.count, self.limits.triangles)
        if len(self.parts) >= self.limits.instances:
            raise refusals.too_many("meshes", len(self.parts), self.limits.instances)
        placed = points @ matrix[:3, :3].T + matrix[:3, 3]
        if np.linalg.det(matrix[:3, :3]) < 0:
            faces = faces[:, ::-1]
        self.parts.append(Part(name, gathered(placed, faces, WHAT), self._colours(primitive)))

    def _colours(self, primitive: Json) -> tuple[str, ...]:
        if "material" not in primitive:
            return ()
        material = self._row(rows(self.scene, "materials"), number(primitive["material"]))
        surface = record(material.get("pbrMetallicRoughness", {}))
        shares = [_finite(share) for share in member(surface, "baseColorFactor", list, [])]
        return (colour_of(*map(_shown, shares[:3])),) if len(shares) >= 3 else ()

    def _row(self, table: list[Json], index: int) -> Json:
        if not 0 <= index < len(table):
            raise refusals.broken(WHAT, "it names something that is not there")
        return table[index]


def _faces(order: Any, mode: int) -> Any:
    if mode == TRIANGLES:
        return order[: len(order) // 3 * 3].reshape(-1, 3)
    if len(order) < 3:
        return np.empty((0, 3), np.int64)
    if mode == FAN:
        return np.stack([np.full(len(order) - 2, order[0]), order[1:-1], order[2:]], axis=1)
    faces = np.stack([order[:-2], order[1:-1], order[2:]], axis=1)
    faces[1::2] = faces[1::2, [1, 0, 2]]
    return faces


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise refusals.broken(WHAT, "it has a word where a number belongs")
    return float(value)


def _shown(linear: float) -> float:
    """A share of light as a share of what screens are told (sRGB): glTF has the former."""
    if linear <= 0.0031308:
        return 12.92 * linear
    return 1.055 * math.pow(min(linear, 1.0), 1 / 2.4) - 0.055


def _matrix(node: Json) -> Points:
    if "matrix" in node:
        return np.array(_numbers(node, "matrix", [0.0] * 16)).reshape(4, 4).T
    x, y, z, w = _numbers(node, "rotation", [0.0, 0, 0, 1])
    matrix = np.eye(4)
    matrix[:3, :3] = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    ) @ np.diag(_numbers(node, "scale", [1.0, 1, 1]))
    matrix[:3, 3] = _numbers(node, "translation", [0.0, 0, 0])
    return matrix


def _numbers(node: Json, name: str, usual: list[float]) -> list[float]:
    values = [_finite(value) for value in member(node, name, list, usual)]
    if len(values) != len(usual):
        raise refusals.broken(WHAT, f"a node's {name} has {len(values)} numbers")
    return values
