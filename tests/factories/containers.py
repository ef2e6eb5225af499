"""3MF, STEP, GLB and zip files for tests, written by hand so that nothing we read with has made them."""

from __future__ import annotations

import io
import json
import struct
import zipfile

import numpy as np

from tests.factories.models import Facets

CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
PRODUCTION = "http://schemas.microsoft.com/3dmanufacturing/production/2015/06"
MATERIAL = "http://schemas.microsoft.com/3dmanufacturing/material/2015/02"
TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/></Types>'
)
MODEL_TYPE = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"


def zipped(files: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def rels(*targets: str) -> str:
    links = "".join(
        f'<Relationship Target="{t}" Id="r{i}" Type="{MODEL_TYPE}"/>' for i, t in enumerate(targets)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns='
        f'"http://schemas.openxmlformats.org/package/2006/relationships">{links}</Relationships>'
    )


def mesh_xml(facets: Facets) -> str:
    points, faces = np.unique(facets.reshape(-1, 3), axis=0, return_inverse=True)
    vertices = "".join(f'<vertex x="{x:.9g}" y="{y:.9g}" z="{z:.9g}"/>' for x, y, z in points)
    triangles = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in faces.reshape(-1, 3))
    return f"<mesh><vertices>{vertices}</vertices><triangles>{triangles}</triangles></mesh>"


def object_xml(key: int, inside: str, more: str = 'type="model"') -> str:
    return f'<object id="{key}" {more}>{inside}</object>'


def item_xml(key: int, transform: str = "", more: str = "") -> str:
    placed = f' transform="{transform}"' if transform else ""
    return f'<item objectid="{key}"{placed} {more}/>'


def model_xml(resources: str, build: str, unit: str = "millimeter", prolog: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}<model unit="{unit}" xml:lang="en-US" xmlns="{CORE}" '
        f'xmlns:p="{PRODUCTION}" xmlns:m="{MATERIAL}">'
        f"<resources>{resources}</resources><build>{build}</build></model>"
    )


def three_mf(
    model: str, others: dict[str, str] | None = None, more: dict[str, bytes | str] | None = None
) -> bytes:
    """`others` are further model parts of the production extension, by path."""
    files: dict[str, bytes | str] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": rels("/3D/3dmodel.model"),
        "3D/3dmodel.model": model,
    }
    for path, text in (others or {}).items():
        files[path.lstrip("/")] = text
    if others:
        files["3D/_rels/3dmodel.model.rels"] = rels(*others)
    return zipped(files | (more or {}))


def plain_three_mf(facets: Facets, unit: str = "millimeter", transform: str = "") -> bytes:
    return three_mf(model_xml(object_xml(1, mesh_xml(facets)), item_xml(1, transform), unit))


def volumes_xml(*volumes: tuple[int | str, int | str, str], key: int = 1) -> str:
    """A list as PrusaSlicer keeps it, of an object's volumes: first facet, last facet, kind."""
    each = "".join(
        f'<volume firstid="{first}" lastid="{last}"><metadata type="volume" key="name" value="x"/>'
        f'<metadata type="volume" key="volume_type" value="{kind}"/></volume>'
        for first, last, kind in volumes
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><config><object id="{key}" instances_count="1">{each}</object>'
        "</config>"
    )


def parts_xml(*kinds: str, key: int = 8) -> str:
    """A list as Bambu Studio keeps it, of the kinds of an object's components 1, 2 and so on."""
    each = "".join(f'<part id="{n}" subtype="{kind}"/>' for n, kind in enumerate(kinds, 1))
    return f'<?xml version="1.0" encoding="UTF-8"?><config><object id="{key}">{each}</object></config>'


def glb(description: dict[str, object], binary: bytes = b"") -> bytes:
    text = json.dumps(description).encode()
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
    body = struct.pack("<II", len(text), 0x4E4F534A) + text
    if binary:
        body += struct.pack("<II", len(binary), 0x004E4942) + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body


def glb_scene(facets: Facets, **changes: object) -> tuple[dict[str, object], bytes]:
    """A scene of one unindexed mesh in metres, y up, and its binary part."""
    data = facets.astype("<f4").tobytes()
    count = len(facets) * 3
    scene: dict[str, object] = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": "wheel"}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": count, "type": "VEC3"}],
        "bufferViews": [{"buffer": 0, "byteLength": len(data)}],
        "buffers": [{"byteLength": len(data)}],
    }
    return scene | changes, data


def step_box(x: float, y: float, z: float, *, inches: bool = False, solid: bool = True) -> bytes:
    """A box as a faceted solid; without `solid` only one of its points."""
    lines: list[str] = []

    def add(text: str) -> str:
        lines.append(f"#{len(lines) + 1}={text};")
        return f"#{len(lines)}"

    corners = [np.array([a * x, b * y, c * z], float) for a in (0, 1) for b in (0, 1) for c in (0, 1)]
    points = [add(f"CARTESIAN_POINT('',({_listed(corner)}))") for corner in corners]
    sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = [_step_face(add, [corners[i] for i in side], [points[i] for i in side]) for side in sides]
    body = (
        add(f"FACETED_BREP('block',{add(f'''CLOSED_SHELL('',({','.join(faces)}))''')})")
        if solid
        else points[0]
    )
    context = _step_context(add, inches)
    shape = add(f"FACETED_BREP_SHAPE_REPRESENTATION('block',({body}),{context})")
    application = add("APPLICATION_CONTEXT('automotive design')")
    product = add(
        f"PRODUCT('block','block','',({add(f'''PRODUCT_CONTEXT('',{application},'mechanical')''')}))"
    )
    formation = add(f"PRODUCT_DEFINITION_FORMATION('','',{product})")
    stage = add(f"PRODUCT_DEFINITION_CONTEXT('part definition',{application},'design')")
    definition = add(f"PRODUCT_DEFINITION('design','',{formation},{stage})")
    add(
        f"SHAPE_DEFINITION_REPRESENTATION({add(f'''PRODUCT_DEFINITION_SHAPE('','',{definition})''')},{shape})"
    )
    head = (
        "ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION((''),'2;1');\n"
        "FILE_NAME('b','2026-01-01T00:00:00',(''),(''),'','','');\nFILE_SCHEMA(('AUTOMOTIVE_DESIGN'));\nENDSEC;\nDATA;\n"
    )
    return (head + "\n".join(lines) + "\nENDSEC;\nEND-ISO-10303-21;\n").encode()


def _step_face(add, corners, points) -> str:
    along = corners[1] - corners[0]
    normal = np.cross(along, corners[2] - corners[1])
    outwards = add(f"DIRECTION('',({_listed(normal / np.linalg.norm(normal))}))")
    right = add(f"DIRECTION('',({_listed(along / np.linalg.norm(along))}))")
    plane = add(f"PLANE('',{add(f'''AXIS2_PLACEMENT_3D('',{points[0]},{outwards},{right})''')})")
    bound = add(f"FACE_OUTER_BOUND('',{add(f'''POLY_LOOP('',({','.join(points)}))''')},.T.)")
    return add(f"FACE_SURFACE('',({bound}),{plane},.T.)")


def _step_context(add, inches: bool) -> str:
    length = add("(LENGTH_UNIT()NAMED_UNIT(*)SI_UNIT(.MILLI.,.METRE.))")
    if inches:
        measure = add(f"LENGTH_MEASURE_WITH_UNIT(LENGTH_MEASURE(25.4),{length})")
        power = add("DIMENSIONAL_EXPONENTS(1.,0.,0.,0.,0.,0.,0.)")
        length = add(f"(CONVERSION_BASED_UNIT('INCH',{measure})LENGTH_UNIT()NAMED_UNIT({power}))")
    angle = add("(NAMED_UNIT(*)PLANE_ANGLE_UNIT()SI_UNIT($,.RADIAN.))")
    solid_angle = add("(NAMED_UNIT(*)SI_UNIT($,.STERADIAN.)SOLID_ANGLE_UNIT())")
    exact = add(f"UNCERTAINTY_MEASURE_WITH_UNIT(LENGTH_MEASURE(1.E-05),{length},'accuracy','')")
    return add(
        f"(GEOMETRIC_REPRESENTATION_CONTEXT(3)GLOBAL_UNCERTAINTY_ASSIGNED_CONTEXT(({exact}))"
        f"GLOBAL_UNIT_ASSIGNED_CONTEXT(({length},{angle},{solid_angle}))REPRESENTATION_CONTEXT('',''))"
    )


def _listed(numbers) -> str:
    return ",".join(str(float(number)) for number in numbers)
