"""Hostile model files, made by code: each with the codes of the refusals that are right for it.

An empty set of codes means that the file is legal and is to be read. Big ones are made when asked for.
"""

from __future__ import annotations

import io
import json
import stat
import struct
import zipfile
from collections.abc import Callable

import numpy as np

from tests.factories.containers import (
    TYPES,
    glb,
    glb_scene,
    item_xml,
    mesh_xml,
    model_xml,
    object_xml,
    plain_three_mf,
    rels,
    step_box,
    three_mf,
    zipped,
)
from tests.factories.models import box, sphere, stl

Made = Callable[[], bytes]
CUBE = mesh_xml(box())
TWICE = '<components><component objectid="@"/><component objectid="@"/></components>'
UNPRINTED = '<item objectid="1" printable="0"/>'
THUMBNAIL = (
    '<Relationship Target="/x.png" Id="t" '
    'Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail"/>'
)
DTD = '<!DOCTYPE model [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = (
    '<!DOCTYPE model [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
PLY_TEXT = (
    b"ply\nformat ascii 1.0\nelement vertex 4\nproperty float x\nproperty float y\nproperty float z\n"
    b"element face 4\nproperty list uchar int vertex_indices\nend_header\n"
    b"0 0 0\n20 0 0\n0 20 0\n0 0 20\n3 0 2 1\n3 0 1 3\n3 1 2 3\n3 0 3 2\n"
)
PLY_HEADER = "ply\nformat binary_little_endian 1.0\nelement vertex {}\nproperty float x\nproperty float y\nproperty float z\nelement face {}\nproperty list uchar int vertex_indices\nend_header\n"


def _zip_named(name: str, data: bytes = b"", mode: int = 0) -> bytes:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = mode << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(entry, data or stl(box()))
    return packed.getvalue()


def _deflated_zeros(megabytes: int, name: str = "part.stl", start: bytes = b"", end: bytes = b"") -> bytes:
    """A zip of one file of spaces between `start` and `end`; tens of kilobytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        if name.endswith(".model"):
            archive.writestr("[Content_Types].xml", TYPES)
            archive.writestr("_rels/.rels", rels("/" + name))
        with archive.open(name, "w", force_zip64=True) as file:
            file.write(start)
            for _ in range(megabytes):
                file.write(b" " * 1_000_000)
            file.write(end)
    return packed.getvalue()


def _lying_sizes() -> bytes:
    """The directory says 10 bytes; what unpacks is 400 MB."""
    data = bytearray(_deflated_zeros(400))
    central = data.rfind(b"PK\x01\x02")
    struct.pack_into("<I", data, central + 24, 10)
    return bytes(data)


def _vertices(megabytes: int) -> bytes:
    line = b'<vertex x="0" y="0" z="0"/>' * 40_000
    text = model_xml(object_xml(1, "<mesh><vertices>@</vertices><triangles/></mesh>"), item_xml(1))
    start, end = (half.encode() for half in text.split("@"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", rels("/3D/3dmodel.model"))
        with archive.open("3D/3dmodel.model", "w") as file:
            file.write(start)
            for _ in range(megabytes):
                file.write(line)
            file.write(end)
    return packed.getvalue()


def doubled(levels: int, mesh: str = CUBE) -> bytes:
    """Each object is the one before it twice: 2 ** levels instances in a kilobyte."""
    objects = [object_xml(1, mesh)]
    for level in range(levels):
        twice = f'<component objectid="{level + 1}"/>' * 2
        objects.append(object_xml(level + 2, f"<components>{twice}</components>"))
    return three_mf(model_xml("".join(objects), item_xml(levels + 1)))


def _doubled_out_of_sight(how: str) -> bytes:
    """As `doubled`, with something in each object by which who counts may lose sight of its components:
    `how` has `@` for the number of a component."""
    objects = [object_xml(1, CUBE)]
    for level in range(40):
        within = how.replace("@", str(level + 1))
        objects.append(object_xml(level + 2, within))
    model = model_xml("".join(objects), item_xml(41))
    return three_mf(model.replace("<model ", '<model xmlns:x="urn:x" ', 1))


def _doubled_beyond_numbers() -> bytes:
    """lib3mf keeps 32 bits of a number, and passes over objects that are none of the format's own."""
    beyond = 2**32
    objects = [object_xml(1, CUBE)]
    for level in range(1, 41):
        shown = object_xml(beyond + level, "").replace("object", "x:object")
        objects += [shown, object_xml(level + 1, TWICE.replace("@", str(beyond + level)))]
    model = model_xml("".join(objects), item_xml(41))
    return three_mf(model.replace("<model ", '<model xmlns:x="urn:x" ', 1))


def _linked_model(path: str) -> bytes:
    """Doubled 40 times in a file that the archive's links name, beside a harmless model."""
    with zipfile.ZipFile(io.BytesIO(doubled(40))) as archive:
        evil = archive.read("3D/3dmodel.model")
    harmless = model_xml(object_xml(1, CUBE), item_xml(1))
    return three_mf(harmless, more={"_rels/.rels": rels(path), path.lstrip("/"): evil})


def _hidden(what: str, start: str = "<components>") -> str:
    """TWICE with something before its first component."""
    return TWICE.replace("<components>", f"{start}{what}")


def _chain(levels: int) -> bytes:
    objects = [object_xml(1, CUBE)]
    for level in range(levels):
        one = f'<component objectid="{level + 1}"/>'
        objects.append(object_xml(level + 2, f"<components>{one}</components>"))
    return three_mf(model_xml("".join(objects), item_xml(levels + 1)))


def _self_reference() -> bytes:
    within = object_xml(2, '<components><component objectid="2"/></components>')
    return three_mf(model_xml(object_xml(1, CUBE) + within, item_xml(2)))


def _circle() -> bytes:
    one = object_xml(2, '<components><component objectid="3"/></components>')
    other = object_xml(3, '<components><component objectid="2"/></components>')
    return three_mf(model_xml(one + other, item_xml(2)))


def _production_circle() -> bytes:
    def part(path: str) -> str:
        inner = f'<component objectid="1" p:path="{path}" p:UUID="00000000-0000-4000-8000-{hash(path) % 10**12:012}"/>'
        return model_xml(object_xml(1, f"<components>{inner}</components>"), "")

    others = {"/3D/a.model": part("/3D/b.model"), "/3D/b.model": part("/3D/a.model")}
    return three_mf(model_xml(object_xml(9, CUBE), item_xml(1, "", 'p:path="/3D/a.model"')), others)


def _with_number(text: str) -> bytes:
    return three_mf(model_xml(object_xml(1, CUBE.replace('x="20"', f'x="{text}"', 1)), item_xml(1)))


def _bad_index() -> bytes:
    return three_mf(model_xml(object_xml(1, CUBE.replace('v1="0"', 'v1="4000000000"', 1)), item_xml(1)))


def _glb(**changes: object) -> bytes:
    return glb(*glb_scene(box(0.02, 0.02, 0.02), **changes))


def _glb_accessor(**changes: object) -> bytes:
    usual = {"bufferView": 0, "componentType": 5126, "count": 36, "type": "VEC3"}
    return _glb(accessors=[usual | changes])


def _gltf(scene: dict[str, object]) -> bytes:
    return json.dumps({"asset": {"version": "2.0"}} | scene).encode()


def _ply(vertices: int, faces: int, body: bytes) -> bytes:
    return PLY_HEADER.format(vertices, faces).encode() + body


def _obj(face: str, point: str = "0 0 0") -> bytes:
    return f"v {point}\nv 20 0 0\nv 0 20 0\nv 0 0 20\n{face}\n".encode()


def _stl_that_is_a_zip() -> bytes:
    """An STL to the byte, and an archive from its first to its last one."""
    packed = zipped({"other.stl": stl(sphere())}, zipfile.ZIP_STORED)
    size = 84 + 50 * (-(-(len(packed) + 200 - 84) // 50))
    padded = bytearray(packed[:-22] + b"\0" * (size - len(packed)) + packed[-22:])
    struct.pack_into("<I", padded, 80, (size - 84) // 50)
    return bytes(padded)


NOT, BROKEN, CUT, EMPTY = {"not-a-model"}, {"broken-file"}, {"truncated"}, {"empty"}
UNSAFE, OUTSIDE, BOMB = {"unsafe-archive"}, {"not-self-contained"}, {"archive-too-large"}

FILES: dict[str, tuple[Made, set[str]]] = {
    # Bytes that are no model, or two.
    "html": (lambda: b"<!DOCTYPE html><html>" * 50, NOT),
    "json": (lambda: b'{"model": 1}', NOT),
    "stl and zip at once": (_stl_that_is_a_zip, NOT),
    "pdf with an obj in it": (lambda: b"%PDF-1.7\n" + b"\0" + _obj("f 1 2 3"), NOT),
    # Archives.
    "zip cut off": (lambda: zipped({"a.stl": stl(sphere())})[:-40], BROKEN),
    "zip of nothing": (lambda: zipped({}), EMPTY),
    "zip of prose": (lambda: zipped({"read me.txt": "hello"}), EMPTY),
    "zip with an absolute path": (lambda: _zip_named("/etc/part.stl"), UNSAFE),
    "zip with a path that climbs": (lambda: _zip_named("../../part.stl"), UNSAFE),
    "zip with a path that climbs, backwards": (lambda: _zip_named("..\\..\\part.stl"), UNSAFE),
    "zip with a drive": (lambda: _zip_named("C:\\part.stl"), UNSAFE),
    "zip with a link": (lambda: _zip_named("part.stl", b"/etc/passwd", stat.S_IFLNK | 0o777), UNSAFE),
    "zip in a zip": (lambda: zipped({"more.stl": zipped({"a.stl": stl(box())})}), UNSAFE),
    "zip with a web page for a model": (lambda: zipped({"a.stl": b"<html>no</html>"}), NOT),
    "zip of 3,000 files": (lambda: zipped({f"{n}.stl": b"" for n in range(3000)}), {"too-many-parts"}),
    "zip bomb": (lambda: _deflated_zeros(400), BOMB),
    "zip bomb that lies of its size": (_lying_sizes, BOMB | BROKEN),
    # 3MF.
    "3mf with an outside entity": (lambda: three_mf(model_xml(object_xml(1, CUBE), item_xml(1), prolog=DTD)), UNSAFE),
    "3mf with a billion laughs": (lambda: three_mf(model_xml(object_xml(1, CUBE), item_xml(1), prolog=LAUGHS)), UNSAFE),
    "3mf in UTF-16": (
        lambda: three_mf("", more={"3D/3dmodel.model": model_xml(object_xml(1, CUBE), item_xml(1), prolog=DTD).encode("utf-16")}),
        {"unsupported"},
    ),
    "3mf of spaces": (lambda: _deflated_zeros(250, "3D/3dmodel.model", b'<?xml version="1.0"?>', b"<model/>"), BOMB),
    "3mf of points": (lambda: _vertices(270), BOMB),
    "3mf of a few points": (lambda: _vertices(8), EMPTY),
    "3mf doubled 40 times": (lambda: doubled(40), {"too-many-parts"}),
    "3mf of nothing doubled 40 times": (lambda: doubled(40, "<components/>"), BROKEN | EMPTY | {"too-many-parts"}),
    "3mf doubled 16 times": (lambda: doubled(16), {"too-many-parts"}),
    "3mf doubled behind comments": (
        lambda: _doubled_out_of_sight(f'<!-- <object id="99@"> -->{TWICE}'), {"too-many-parts"}
    ),
    "3mf doubled behind a comment that ends in a tag": (
        lambda: _doubled_out_of_sight(f'<!-- <object id="99@"-->{TWICE}'), {"too-many-parts"}
    ),
    "3mf doubled behind foreign objects": (
        lambda: _doubled_out_of_sight(TWICE.replace("<components>", '<components><x:object id="99@"/>')), BROKEN
    ),
    "3mf doubled behind foreign numbers": (
        lambda: _doubled_out_of_sight(TWICE.replace("/>", ' x:objectid="1"/>')), BROKEN
    ),
    "3mf doubled behind a value": (
        lambda: _doubled_out_of_sight(
            f"<metadatagroup><metadata name=\"></object><object id='99@'>\"/></metadatagroup>{TWICE}"
        ),
        BROKEN,
    ),
    "3mf doubled behind a path": (
        lambda: _doubled_out_of_sight(TWICE.replace("/>", ' path="/no"/>')), BROKEN
    ),
    "3mf doubled behind a foreign path": (
        lambda: _doubled_out_of_sight(TWICE.replace("/>", ' x:path="/no"/>')), BROKEN
    ),
    "3mf doubled behind a part that is not there": (
        lambda: _doubled_out_of_sight(TWICE.replace("/>", ' p:path="/no"/>')), BROKEN
    ),
    "3mf doubled behind a tag for names": (
        lambda: _doubled_out_of_sight(_hidden('</object><object ="x" id="99@">', "<components ")), BROKEN
    ),
    "3mf doubled behind a vertical tab": (
        lambda: _doubled_out_of_sight(_hidden('</object><object\x0b="x" id="99@">', "<components ")), BROKEN
    ),
    "3mf doubled behind a tag for names of a declaration": (
        lambda: _doubled_out_of_sight(_hidden('<!x </object><object ="x" id="99@">')), BROKEN
    ),
    "3mf doubled behind the shortest comment": (
        lambda: _doubled_out_of_sight(_hidden('<!--></object><object id="99@"> -->')), {"too-many-parts"}
    ),
    "3mf doubled behind an end of another element": (
        lambda: _doubled_out_of_sight(_hidden('</object><object id="99@">')), BROKEN
    ),
    "3mf doubled behind an end in what is no object": (
        lambda: _doubled_out_of_sight(
            f'<metadatagroup></object><object id="99@"></metadatagroup>{TWICE}'
        ),
        BROKEN,
    ),
    "3mf doubled behind an end with a blank": (
        lambda: _doubled_out_of_sight(f'{_hidden("")}</object ><object id="99@"><components/>'), BROKEN
    ),
    "3mf doubled by instructions": (
        lambda: _doubled_out_of_sight(TWICE.replace("<component ", "<?component ").replace("/>", "?></component>")), BROKEN
    ),
    "3mf doubled behind instructions": (
        lambda: _doubled_out_of_sight(f'<?components x=""?>{TWICE}'), BROKEN
    ),
    "3mf doubled behind empty prefixes": (
        lambda: _doubled_out_of_sight(TWICE.replace("<component ", "<:component ")), {"too-many-parts"}
    ),
    "3mf doubled behind numbers that stand apart": (
        lambda: _doubled_out_of_sight(TWICE.replace('="@"', '=x"@" x:objectid="1"')), BROKEN
    ),
    "3mf doubled behind numbers beyond 32 bits": (_doubled_beyond_numbers, BROKEN),
    "3mf with a model by another name": (lambda: _linked_model("/3D/evil.bin"), BROKEN),
    "3mf with a model named as XML": (lambda: _linked_model("/3D/evil.xml"), BROKEN),
    "3mf with a model named as links": (lambda: _linked_model("/3D/evil.rels"), {"too-many-parts"}),
    "3mf with a definition about an item": (
        lambda: three_mf(model_xml(object_xml(1, CUBE), item_xml(1), prolog=f"<!DOC{UNPRINTED}TYPE model>")), BROKEN
    ),
    "3mf doubled about items": (
        lambda: _doubled_out_of_sight(TWICE.replace("<component ", f"<comp{UNPRINTED}onent ")), BROKEN
    ),
    "3mf with a definition about a thumbnail": (
        lambda: three_mf(
            model_xml(object_xml(1, CUBE), item_xml(1)),
            more={"_rels/.rels": rels("/3D/3dmodel.model").replace("<Rel", f"<!DOC{THUMBNAIL}TYPE x><Rel", 1)},
        ),
        UNSAFE,
    ),
    "3mf nested 2,000 deep": (lambda: _chain(2000), {"too-many-parts"} | BROKEN),
    "3mf within itself": (_self_reference, BROKEN),
    "3mf in a circle": (_circle, BROKEN),
    "3mf parts in a circle": (_production_circle, BROKEN),
    "3mf with NaN": (lambda: _with_number("nan"), BROKEN | {"broken-coordinates"}),
    "3mf with infinity": (lambda: _with_number("inf"), BROKEN | {"broken-coordinates"}),
    "3mf with 1e38": (lambda: _with_number("1e38"), BROKEN | {"too-big"}),
    "3mf with an index to nowhere": (_bad_index, BROKEN),
    "3mf with nothing on the plate": (lambda: three_mf(model_xml(object_xml(1, CUBE), "")), EMPTY),
    "3mf without facets": (
        lambda: three_mf(model_xml(object_xml(1, "<mesh><vertices/><triangles/></mesh>"), item_xml(1))), EMPTY | BROKEN
    ),
    "3mf that names a missing part": (
        lambda: three_mf(model_xml(object_xml(1, CUBE), item_xml(1, "", 'p:path="/3D/gone.model"'))), BROKEN
    ),
    "3mf without a model": (
        lambda: zipped({"[Content_Types].xml": TYPES, "_rels/.rels": rels("/3D/gone.model"), "3D/a.model": ""}), BROKEN
    ),
    "3mf whose XML is cut off": (
        lambda: three_mf(model_xml(object_xml(1, CUBE), item_xml(1))[:600]), BROKEN
    ),
    "3mf with a path that climbs": (
        lambda: three_mf(model_xml(object_xml(1, CUBE), item_xml(1)), more={"../../evil.model": "x"}), UNSAFE
    ),
    "3mf flattened": (lambda: plain_three_mf(box(), transform="1 0 0 0 1 0 0 0 0 0 0 0"), {"no-volume"}),
    # GLB and glTF.
    "glb with an outside buffer": (lambda: _glb(buffers=[{"byteLength": 432, "uri": "part.bin"}]), OUTSIDE),
    "glb with an address": (lambda: _glb(buffers=[{"byteLength": 432, "uri": "http://10.0.0.1/x"}]), OUTSIDE),
    "glb with a file address": (lambda: _glb(buffers=[{"byteLength": 1, "uri": "file:///etc/passwd"}]), OUTSIDE),
    "gltf with an outside buffer": (lambda: _gltf({"buffers": [{"byteLength": 9, "uri": "../../x.bin"}]}), OUTSIDE),
    "gltf with bad base64": (lambda: _gltf({"buffers": [{"uri": "data:x;base64,%%%"}]}), BROKEN),
    "glb cut off": (lambda: _glb()[:-100], CUT),
    "glb of version 1": (lambda: b"glTF" + struct.pack("<II", 1, 400) + b"\0" * 400, {"unsupported"}),
    "glb that promises 4 billion points": (lambda: _glb_accessor(count=2**32), CUT),
    "glb with zeros for data": (lambda: _glb(accessors=[{"componentType": 5126, "count": 10**10, "type": "VEC3"}]), {"unsupported"}),
    "glb compressed": (lambda: _glb(extensionsRequired=["KHR_draco_mesh_compression"]), {"unsupported"}),
    "glb within itself": (lambda: _glb(nodes=[{"mesh": 0, "children": [0]}]), BROKEN),
    "glb with a node in two places": (
        lambda: _glb(nodes=[{"children": [1, 1]}, {"mesh": 0}]), BROKEN
    ),
    "glb with a negative offset": (lambda: _glb_accessor(byteOffset=-4), BROKEN),
    "glb with a word for a number": (lambda: _glb(nodes=[{"mesh": 0, "translation": ["far", 0, 0]}]), BROKEN),
    "glb with NaN": (lambda: _glb(nodes=[{"mesh": 0, "translation": [float("nan"), 0, 0]}]), BROKEN),
    "glb with 1e300": (lambda: _glb(nodes=[{"mesh": 0, "scale": [1e300, 1e300, 1]}]), {"broken-coordinates"}),
    "glb of nothing": (lambda: _glb(scenes=[{"nodes": []}]), EMPTY),
    "glb of lists within lists": (lambda: b'{"asset":' + b"[" * 100_000, BROKEN),
    # STEP.
    "step of a point": (lambda: step_box(1, 2, 3, solid=False), EMPTY),
    "step cut off": (lambda: step_box(1, 2, 3)[:900], CUT),
    "step cut in the middle": (lambda: step_box(1, 2, 3)[:1500] + b"\nEND-ISO-10303-21;\n", BROKEN | EMPTY),
    "step of noise": (lambda: b"ISO-10303-21;\n" + np.random.default_rng(1).bytes(3000) + b"END-ISO-10303-21;", BROKEN | EMPTY),
    # PLY and OBJ.
    "ply that promises 3 billion points": (lambda: _ply(3_000_000_000, 12, b"\0" * 600), CUT),
    "ply that promises 3 billion faces": (lambda: _ply(3, 3_000_000_000, b"\0" * 600), {"too-many-triangles"}),
    "ply whose face promises 255 corners": (lambda: _ply(1, 1, b"\0" * 12 + b"\xff\0\0\0\0"), CUT),
    "ply that is a cloud": (lambda: _ply(3, 0, b"\0" * 36), EMPTY),
    "ply with an index to nowhere": (
        lambda: _ply(1, 1, b"\0" * 12 + b"\x03" + struct.pack("<3i", 0, 1, -5)), BROKEN
    ),
    "ply without an end": (lambda: b"ply\nformat ascii 1.0\n" + b"comment x\n" * 100, CUT),
    "ply with a strange header": (lambda: b"ply\nformat ascii 1.0\nelement vertex -1\nend_header\n", BROKEN),
    "ply of one line": (lambda: b"ply\nend_header\n", BROKEN),
    "obj with an index to nowhere": (lambda: _obj("f 1 2 99"), BROKEN),
    "obj with index zero": (lambda: _obj("f 0 1 2"), BROKEN),
    "obj with an index before the first": (lambda: _obj("f -9 -1 -2"), BROKEN),
    "obj with a word": (lambda: _obj("f 1 two 3"), BROKEN),
    "obj with a word for a point": (lambda: _obj("f 1 2 3", "0 zero 0"), BROKEN),
    "obj with NaN": (lambda: _obj("f 1 2 3", "nan 0 0"), {"broken-coordinates"}),
    "obj with infinity": (lambda: _obj("f 1 2 3", "inf 0 0"), {"broken-coordinates"}),
    "obj with 1e38": (lambda: _obj("f 1 2 3", "1e38 0 0"), {"too-big"}),
    "obj without faces": (lambda: _obj("# none"), EMPTY),
}  # fmt: skip
