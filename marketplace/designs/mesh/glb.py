"""A light model for the viewer, as GLB: points and facets, and nothing else of the original.

Points are float32 in mm around `translation`, the middle of the model's box, in the file's own axes. The
outer node turns and scales all that to what glTF means, y up and metres, for other programs.
"""

import json
import struct
from typing import Final

from marketplace.designs.mesh.shape import Shape

MAGIC: Final = 0x46546C67
JSON_CHUNK, BINARY_CHUNK = 0x4E4F534A, 0x004E4942
FLOAT32, UINT16, UINT32 = 5126, 5123, 5125
ARRAY, ELEMENTS = 34962, 34963
SHORT_LIMIT: Final = 0xFFFF
# By columns: metres of millimetres, and z up turned to y up.
TO_GLTF: Final = [0.001, 0, 0, 0, 0, 0, -0.001, 0, 0, 0.001, 0, 0, 0, 0, 0, 1]


def write_glb(shape: Shape) -> bytes:
    """The bytes of a GLB of a shape of at least one facet."""
    points = shape.points.astype("<f4")
    short = len(points) < SHORT_LIMIT
    faces = shape.faces.ravel().astype("<u2" if short else "<u4")
    first, second = _padded(points.tobytes(), b"\0"), _padded(faces.tobytes(), b"\0")
    described = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"matrix": TO_GLTF, "children": [1]}, {"mesh": 0, "translation": shape.at.tolist()}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": FLOAT32,
                "count": len(points),
                "type": "VEC3",
                "min": points.min(axis=0).tolist(),
                "max": points.max(axis=0).tolist(),
            },
            {
                "bufferView": 1,
                "componentType": UINT16 if short else UINT32,
                "count": len(faces),
                "type": "SCALAR",
            },
        ],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": points.nbytes, "target": ARRAY},
            {"buffer": 0, "byteOffset": len(first), "byteLength": faces.nbytes, "target": ELEMENTS},
        ],
        "buffers": [{"byteLength": len(first) + len(second)}],
    }
    text = _padded(json.dumps(described, separators=(",", ":")).encode(), b" ")
    chunks = _chunk(JSON_CHUNK, text) + _chunk(BINARY_CHUNK, first + second)
    return struct.pack("<III", MAGIC, 2, 12 + len(chunks)) + chunks


def _padded(data: bytes, filler: bytes) -> bytes:
    return data + filler * (-len(data) % 4)


def _chunk(kind: int, data: bytes) -> bytes:
    return struct.pack("<II", len(data), kind) + data
