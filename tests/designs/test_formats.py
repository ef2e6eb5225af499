"""Round trips through writers that are not ours (trimesh): the same volume and places in every format."""

import numpy as np
import pytest
import trimesh

from marketplace.designs.mesh.formats.model import Format, Limits
from marketplace.designs.mesh.formats.read import read
from marketplace.designs.mesh.formats.units import Unit
from marketplace.designs.mesh.measure import measure
from marketplace.designs.mesh.measurement import ModelRefused
from tests.designs.hostile import PLY_TEXT
from tests.factories.containers import glb, glb_scene, step_box, zipped
from tests.factories.models import box, stl, stl_text

SHAPES = {
    "box": trimesh.creation.box((10, 20, 30)),
    "ball": trimesh.creation.icosphere(3, 12),
    "tube": trimesh.creation.annulus(5, 8, 20),
}
WAYS = {
    "stl": (Format.STL, {}),
    "stl_ascii": (Format.STL, {}),
    "obj": (Format.OBJ, {}),
    "ply": (Format.PLY, {}),
    "ply text": (Format.PLY, {"encoding": "ascii"}),
    "glb": (Format.GLTF, {}),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("way", WAYS)
def test_a_shape_comes_back_as_it_was(way, shape):
    mesh, (kind, how) = SHAPES[shape].copy(), WAYS[way]
    if kind is Format.GLTF:
        mesh.apply_scale(0.001)
        mesh.apply_transform(trimesh.transformations.rotation_matrix(-np.pi / 2, [1, 0, 0]))
    data = mesh.export(file_type=way.split()[0], **how)
    model = read(data.encode() if isinstance(data, str) else data, Limits())
    found = measure(model.triangles() * model.unit.mm)
    assert model.format is kind
    assert found.volume_mm3 == pytest.approx(SHAPES[shape].volume, rel=1e-3)
    assert found.size_um == pytest.approx(tuple(SHAPES[shape].extents * 1000), abs=2)
    assert found.watertight
    assert not found.inside_out


def test_an_obj_with_materials_colours_and_polygons():
    text = (
        b"\xef\xbb\xbf# made by hand\nmtllib gone.mtl\no cube\n"
        b"v 0 0 0 1 0 0\nv 10 0 0\nv 10 10 0\nv 0 10 0\nv 0 0 10\nv 10 0 10\nv 10 10 10\nv 0 10 10\n"
        b"usemtl red\nf 4 3 2 1\nf 5/1/1 6/2/1 7/3/1 8/4/1\nf 1//2 2//2 6//2 5//2\n"
        b"f -6 -5 -1 -2\nf 2 3 7 6\nf 4 1 5 8\n"
    )
    model = read(text, Limits())
    assert [part.name for part in model.parts] == ["cube"]
    assert measure(model.triangles()).volume_mm3 == pytest.approx(1000)


def test_a_glb_of_very_many_nodes_is_one_part():
    scene, data = glb_scene(box(0.001, 0.001, 0.001))
    nodes = [{"mesh": 0, "name": "pin", "translation": [0.002 * number, 0, 0]} for number in range(201)]
    for count, parts in ((200, 200), (201, 1)):
        changes = {"nodes": nodes[:count], "scenes": [{"nodes": list(range(count))}]}
        model = read(glb(scene | changes, data), Limits())
        assert (len(model.parts), len(model.triangles())) == (parts, 12 * count)


@pytest.mark.parametrize("name", ["KHR_texture_basisu", "EXT_texture_webp", "KHR_materials_clearcoat"])
def test_a_glb_that_insists_on_looks_is_read(name):
    scene, data = glb_scene(box(0.02, 0.02, 0.02), extensionsRequired=[name])
    assert measure(read(glb(scene, data), Limits()).triangles() * 1000).volume_mm3 == pytest.approx(8000)


def test_the_colour_of_a_glb_is_as_screens_show_it():
    scene, data = glb_scene(box(0.02, 0.02, 0.02))
    scene["meshes"][0]["primitives"][0]["material"] = 0
    material = {"pbrMetallicRoughness": {"baseColorFactor": [1.0, 0.2158605, 0.0, 1.0]}}
    model = read(glb(scene | {"materials": [material]}, data), Limits())
    assert model.parts[0].colours == ("#ff8000",)


TETRAHEDRON = b"v 0 0 0\nv 20 0 0\nv 0 20 0\nv 0 0 20\nf 1 3 2\nf 1 2 4\nf 2 3 4\nf 1 4 3\n"


@pytest.mark.parametrize(
    "data",
    [
        TETRAHEDRON.replace(b" ", b"\t"),
        b"  " + TETRAHEDRON.replace(b"\n", b"  \n  "),
        b"# a licence of many lines\n" * 400 + b"\r\n#\n" + TETRAHEDRON,
        b"\xef\xbb\xbf" + TETRAHEDRON,
    ],
    ids=["tabs", "indented", "long comment", "byte order mark"],
)
def test_an_obj_as_other_programs_write_it(data):
    model = read(data, Limits())
    assert (model.format, measure(model.triangles()).volume_mm3) == (Format.OBJ, pytest.approx(4000 / 3))


@pytest.mark.parametrize(
    "data",
    [
        PLY_TEXT.replace(b"\n", b"\r\n"),
        PLY_TEXT.replace(b"\n", b"\r"),
        PLY_TEXT.replace(b"end_header\n", b"end_header\n\n \t\n").replace(b"\n3 ", b"\n\n3 "),
        PLY_TEXT.replace(b"\n", b"\r\n\r\n").replace(b"ply\r\n\r\n", b"ply\r\n"),
        PLY_TEXT + b"\n\n",
    ],
    ids=["CR and LF", "CR", "blank lines", "every other line blank", "blank lines at the end"],
)
def test_a_ply_in_text_as_other_programs_write_it(data):
    model = read(data, Limits())
    assert (model.format, measure(model.triangles()).volume_mm3) == (Format.PLY, pytest.approx(4000 / 3))


def test_a_binary_ply_whose_header_ends_in_cr_alone_begins_with_any_byte():
    header = (
        PLY_TEXT[: PLY_TEXT.index(b"0 0 0")].replace(b"ascii", b"binary_little_endian").replace(b"\n", b"\r")
    )
    points = np.array([[0, 0, 0], [20, 0, 0], [0, 20, 0], [0, 0, 20]], "<f4").tobytes()
    faces = b"".join(
        b"\x03" + np.array(face, "<i4").tobytes() for face in ((0, 2, 1), (0, 1, 3), (1, 2, 3), (0, 3, 2))
    )
    for first in (b"\0", b"\n"):
        model = read(header + first + points[1:] + faces, Limits())
        assert measure(model.triangles()).volume_mm3 == pytest.approx(4000 / 3)


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\n\n"])
def test_a_ply_in_text_that_ends_too_early_is_refused(end):
    with pytest.raises(ModelRefused) as refused:
        read(PLY_TEXT.replace(b"3 0 3 2\n", b"").replace(b"\n", end), Limits())
    assert refused.value.reason.code == "truncated"


def test_a_byte_order_mark_before_an_stl_in_text():
    model = read(b"\xef\xbb\xbf" + stl_text(box()), Limits())
    assert (model.format, measure(model.triangles()).volume_mm3) == (Format.STL, pytest.approx(8000))


@pytest.mark.parametrize(
    ("old", "new", "unit"),
    [
        (b"", b"", Unit.MILLIMETRE),
        (b".MILLI.", b".CENTI.", Unit.CENTIMETRE),
        (b".MILLI.", b".MICRO.", Unit.MICROMETRE),
        (b".MILLI.", b"$", Unit.METRE),
    ],
)
def test_the_lengths_of_a_step_are_in_the_unit_it_names(old, new, unit):
    model = read(step_box(10, 20, 30).replace(old, new), Limits())
    assert (model.unit, model.stated) == (unit, True)
    assert np.ptp(model.triangles().reshape(-1, 3), axis=0) == pytest.approx([10, 20, 30])


@pytest.mark.parametrize("name", [b"'INCH'", b"'inch'"])
def test_a_step_in_inches(name):
    model = read(step_box(1, 2, 3, inches=True).replace(b"'INCH'", name), Limits())
    assert model.unit is Unit.INCH
    assert np.ptp(model.triangles().reshape(-1, 3), axis=0) == pytest.approx([1, 2, 3])


def test_the_parts_of_a_zip_stand_apart():
    model = read(zipped({f"{n}.stl": stl(box(10, 10 + n, 10)) for n in range(9)}), Limits())
    found = measure(model.triangles())
    assert [part.name for part in model.parts] == [f"{n}.stl" for n in range(9)]
    assert (found.bodies, model.unit) == (9, Unit.MILLIMETRE)
    boxes = [part.triangles.reshape(-1, 3) for part in model.parts]
    for a, one in enumerate(boxes):
        for other in boxes[:a]:
            apart = (one.min(axis=0) > other.max(axis=0)) | (other.min(axis=0) > one.max(axis=0))
            assert apart[:2].any()
