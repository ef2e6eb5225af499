"""Every hostile file there is, each with what is right for it: refusals by code, or the volume of the model.

`python -m tests.designs.zoo FOLDER` writes them to a folder, with a list, to be tried on other programs.
"""

from __future__ import annotations

import io
import json
import re
import stat
import struct
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.designs.hostile import (
    BOMB,
    BROKEN,
    CUBE,
    CUT,
    DTD,
    EMPTY,
    FILES,
    NOT,
    PLY_TEXT,
    UNSAFE,
    Made,
    glb_scene,
)
from tests.factories.containers import (
    glb,
    item_xml,
    mesh_xml,
    model_xml,
    object_xml,
    parts_xml,
    plain_three_mf,
    three_mf,
    volumes_xml,
    zipped,
)
from tests.factories.models import BAD_FILES, box, stl, stl_text

SPARSE_BYTES = 2 * 1024**3
SMALL, LARGE = mesh_xml(box(10, 10, 10)), mesh_xml(box(20, 20, 20))
ASIDE = "1 0 0 0 1 0 0 0 1 40 0 0"
TOO_LARGE = frozenset({"too-large"})


@dataclass(frozen=True)
class Kind:
    """`write` makes the file. It is refused with one of `codes`, or it is read and has `volume_mm3`."""

    write: Callable[[Path], object]
    codes: frozenset[str] = frozenset()
    volume_mm3: float = 0.0


def _component(key: int, transform: str = "", path: str = "") -> str:
    by = f' p:path="{path}" p:UUID="00000000-0000-4000-8000-{len(path) * 1000 + key:012}"' if path else ""
    return (
        f'<component objectid="{key}"{f" transform={chr(34)}{transform}{chr(34)}" if transform else ""}{by}/>'
    )


def _same_id_twice() -> bytes:
    others = {
        "/3D/Objects/a.model": model_xml(object_xml(1, SMALL), ""),
        "/3D/Objects/bb.model": model_xml(object_xml(1, LARGE), ""),
    }
    first, second = others
    both = _component(1, "", first) + _component(1, ASIDE, second)
    return three_mf(model_xml(object_xml(8, f"<components>{both}</components>"), item_xml(8)), others)


def _item_by_path() -> bytes:
    others = {"/3D/Objects/a.model": model_xml(object_xml(1, LARGE), "")}
    items = item_xml(1) + item_xml(1, ASIDE, 'p:path="/3D/Objects/a.model"')
    return three_mf(model_xml(object_xml(1, SMALL), items), others)


def instances_16384() -> bytes:
    """Seven levels of four: 128 x 128 cubes of 2 mm, 3 mm apart."""
    objects = [object_xml(1, mesh_xml(box(2, 2, 2)))]
    for level in range(7):
        x, y = (3 * 4**level, 0) if level < 4 else (0, 3 * 4 ** (level - 4))
        four = "".join(_component(level + 1, f"1 0 0 0 1 0 0 0 1 {n * x} {n * y} 0") for n in range(4))
        objects.append(object_xml(level + 2, f"<components>{four}</components>"))
    return three_mf(model_xml("".join(objects), item_xml(8)))


def with_volumes(listed: str) -> bytes:
    """Cubes of 1,000 and 8,000 mm³, facets 0 to 11 and 12 to 23 of one mesh, and PrusaSlicer's list."""
    two = mesh_xml(np.concatenate([box(10, 10, 10), box(20, 20, 20, at=(50, 0, 0))]))
    listed_in = {"Metadata/Slic3r_PE_model.config": listed}
    return three_mf(model_xml(object_xml(1, two), item_xml(1)), more=listed_in)


def with_parts(listed: str) -> bytes:
    """The same cubes as components 1 and 2 of object 8 in a part of its own, and Bambu Studio's list."""
    path = "/3D/Objects/a.model"
    others = {path: model_xml(object_xml(1, SMALL) + object_xml(2, LARGE), "")}
    both = f"<components>{_component(1, '', path)}{_component(2, ASIDE, path)}</components>"
    root = model_xml(object_xml(8, both), item_xml(8))
    return three_mf(root, others, {"Metadata/model_settings.config": listed})


def _link_in_a_3mf() -> bytes:
    packed = io.BytesIO(plain_three_mf(box()))
    with zipfile.ZipFile(packed, "a") as archive:
        link = zipfile.ZipInfo("3D/other.model")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return packed.getvalue()


def _one_file_many_times() -> bytes:
    """A thousand entries of the directory share the same 5 MB."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0000.stl", b" " * 5_000_000)
    data = packed.getvalue()
    begin, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry, tail = data[begin:end], bytearray(data[end:])
    entries = b"".join(entry.replace(b"0000.stl", b"%04d.stl" % n) for n in range(1000))
    struct.pack_into("<HHI", tail, 8, 1000, 1000, len(entries))
    return data[:begin] + entries + bytes(tail)


def _gltf_polyglot() -> bytes:
    """A GLB whose JSON is padded with an STL in text."""
    scene, data = glb_scene(box(0.02, 0.02, 0.02))
    return glb(scene | {"extras": {"stl": stl_text(box()).decode()}}, data)


def _ply_with(number: float) -> bytes:
    header = (
        b"ply\nformat binary_little_endian 1.0\nelement vertex 4\nproperty float x\nproperty float y\n"
        b"property float z\nelement face 4\nproperty list uchar int vertex_indices\nend_header\n"
    )
    points = struct.pack("<12f", 0, 0, 0, 20, 0, 0, 0, 20, 0, 0, 0, number)
    faces = b"".join(
        b"\x03" + struct.pack("<3i", *face) for face in ((0, 2, 1), (0, 1, 3), (1, 2, 3), (0, 3, 2))
    )
    return header + points + faces


def _sparse(start: bytes = b"", end: bytes = b"") -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with path.open("wb") as file:
            file.write(start)
            file.seek(SPARSE_BYTES - len(end))
            file.write(end)
            file.truncate(SPARSE_BYTES)

    return write


def _noise(seed: int, size: int, start: bytes = b"") -> Made:
    return lambda: start + np.random.default_rng(seed).bytes(size)


def _whole(made: Made) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(made())


REFUSED: dict[str, tuple[Made, set[str]]] = {
    "ply with NaN": (lambda: _ply_with(float("nan")), {"broken-coordinates"}),
    "ply in text with blank lines for faces": (
        lambda: PLY_TEXT.replace(b"3 0 3 2", b"").replace(b"\n", b"\r"), CUT
    ),
    "ply with infinity": (lambda: _ply_with(float("inf")), {"broken-coordinates"}),
    "ply with 1e38": (lambda: _ply_with(1e38), {"too-big"}),
    "glb with 1e38": (
        lambda: glb(*glb_scene(box(1e38, 1e38, 1e38))), {"too-big", "broken-coordinates"}
    ),
    "noise that begins like a zip": (_noise(1, 9000, b"PK\x03\x04"), BROKEN),
    "noise that begins like a GLB": (_noise(2, 9000, b"glTF\x02\0\0\0"), BROKEN | CUT | NOT),
    "noise that begins like a PLY": (_noise(3, 9000, b"ply\n"), BROKEN | CUT | NOT),
    "noise that begins like text": (_noise(4, 9000, b"solid "), NOT),
    "web page named as a model": (lambda: b"<html><head><title>404</title></head></html>\n" * 300, NOT),
    "zip of the same bytes a thousand times": (_one_file_many_times, BOMB | BROKEN),
    "3mf with a link": (_link_in_a_3mf, UNSAFE),
    "3mf with an absolute path": (
        lambda: three_mf(model_xml(object_xml(1, CUBE), item_xml(1)), more={"/etc/evil.model": "x"}), UNSAFE
    ),
    "3mf with escaped control characters": (
        lambda: three_mf(model_xml(object_xml(1, CUBE, 'type="model" name="a&#x9;b"'), item_xml(1))), BROKEN
    ),
    "3mf part with an outside entity": (
        lambda: three_mf(
            model_xml(object_xml(1, CUBE), item_xml(1, "", 'p:path="/3D/a.model"')),
            {"/3D/a.model": model_xml(object_xml(1, CUBE), "", prolog=DTD)},
        ),
        UNSAFE,
    ),
    "3mf with a facet of two points": (
        lambda: three_mf(
            model_xml(object_xml(1, CUBE.replace("<triangles>", '<triangles><triangle v1="0" v2="0" v3="1"/>')), item_xml(1))
        ),
        BROKEN,
    ),
    "3mf with a negative volume": (
        lambda: with_volumes(volumes_xml((0, 11, "ModelPart"), (12, 23, "NegativeVolume"))), {"unsupported"}
    ),
    "3mf with a negative part": (lambda: with_parts(parts_xml("normal_part", "negative_part")), {"unsupported"}),
    "3mf with a modifier of 4 billion facets": (
        lambda: with_volumes(volumes_xml((0, 2**32, "ParameterModifier"))), BROKEN
    ),
    "3mf with a list of volumes with an outside entity": (lambda: with_volumes(f"{DTD}<config>&x;</config>"), UNSAFE),
    "3mf with a list of volumes cut off": (
        lambda: with_volumes(volumes_xml((0, 11, "ModelPart"))[:-9]), BROKEN
    ),
    "3mf whose item names a part outside": (
        lambda: three_mf(model_xml(object_xml(1, CUBE), item_xml(1, "", 'p:path="/../../etc/passwd"'))), BROKEN
    ),
    "3mf with a link between parts to elsewhere": (
        lambda: three_mf(
            model_xml(object_xml(1, CUBE), ""),
            more={"3D/_rels/3dmodel.model.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package'
                  '/2006/relationships"><Relationship Target="http://10.0.0.1/a.model" Id="r" TargetMode="External"'
                  ' Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>'},
        ),
        BROKEN | EMPTY,
    ),
}  # fmt: skip

RIGHT: dict[str, tuple[Made, float]] = {
    "3mf with the same object id in two parts": (_same_id_twice, 9000),
    "3mf with an item by path": (_item_by_path, 9000),
    "3mf in inches": (lambda: plain_three_mf(box(1, 1, 1), "inch"), 25.4**3),
    "3mf with a modifier in its mesh": (
        lambda: with_volumes(volumes_xml((0, 11, "ModelPart"), (12, 23, "ParameterModifier"))), 1000
    ),
    "3mf with a blocker listed 50,000 times": (
        lambda: with_volumes(volumes_xml((0, 11, "ModelPart"), *[(12, 23, "SupportBlocker")] * 50_000)), 1000
    ),
    "3mf with a support enforcer for a part": (lambda: with_parts(parts_xml("support_enforcer", "normal_part")), 8000),
    "3mf of 16,384 instances": (instances_16384, 16_384 * 8),
    "zip with control characters in a name": (lambda: zipped({"a\x1b[31m\u202e\r\n.stl": stl(box())}), 8000),
    "3mf with control characters in a name": (
        lambda: three_mf(
            model_xml(object_xml(1, CUBE, 'type="model" name="a\u202eb"'), item_xml(1)),
            more={"Metadata/a\x1b[2J.txt": "x"},
        ),
        8000,
    ),
    "ply in text with blank lines": (lambda: PLY_TEXT.replace(b"\n", b"\n\n"), 4000 / 3),
    "ply in text whose lines end in CR alone": (lambda: PLY_TEXT.replace(b"\n", b"\r"), 4000 / 3),
    "stl whose header is a web page": (lambda: stl(box(), header=b"<!DOCTYPE html><script>alert(1)</script>"), 8000),
    "stl whose header is a PDF": (lambda: stl(box(), header=b"%PDF-1.7\n%\xe2\xe3\xcf\xd3"), 8000),
    "glb that is an stl as well": (_gltf_polyglot, 8000),
}  # fmt: skip

SPARSE: dict[str, Callable[[Path], None]] = {
    "2 GB of nothing": _sparse(),
    "2 GB that say they are an stl": _sparse(stl(box())[:80] + struct.pack("<I", (SPARSE_BYTES - 84) // 50)),
    "2 GB in text": _sparse(stl_text(box()), b"endsolid x\n"),
    "2 GB with a zip at the end": _sparse(b"PK\x03\x04", zipped({"a.stl": stl(box())})),
    "2 GB that say they are a GLB": _sparse(struct.pack("<4sII", b"glTF", 2, SPARSE_BYTES)),
    "2 GB of STEP": _sparse(b"ISO-10303-21;\n", b"\nEND-ISO-10303-21;\n"),
}

ZOO: dict[str, Kind] = {
    **{
        name: Kind(_whole(lambda data=data: data), frozenset({code}))
        for name, (data, code) in BAD_FILES.items()
    },
    **{name: Kind(_whole(made), frozenset(codes)) for name, (made, codes) in (FILES | REFUSED).items()},
    **{name: Kind(_whole(made), frozenset(), volume) for name, (made, volume) in RIGHT.items()},
    **{name: Kind(write, TOO_LARGE) for name, write in SPARSE.items()},
}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    listed = {}
    for number, (name, kind) in enumerate(ZOO.items(), 1):
        path = folder / f"{number:03}-{re.sub('[^a-z0-9]+', '-', name.lower())}"
        kind.write(path)
        right = {"refused": sorted(kind.codes)} if kind.codes else {"volume_mm3": kind.volume_mm3}
        listed[path.name] = {"what": name} | right
    (folder / "list.json").write_text(json.dumps(listed, indent=1))
    print(f"{len(listed)} files in {folder}; list.json says what is right for each.")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
