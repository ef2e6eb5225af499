"""3MF: what other readers get wrong is read right here. Refusals are in test_hostile_files."""

import re
from uuid import uuid4

import numpy as np
import pytest

from marketplace.designs.mesh.formats import threemf_volumes
from marketplace.designs.mesh.formats.model import Limits
from marketplace.designs.mesh.formats.read import read
from marketplace.designs.mesh.formats.units import Unit
from marketplace.designs.mesh.measure import measure
from marketplace.designs.mesh.measure_file import measured
from marketplace.designs.mesh.measurement import ModelRefused
from tests.designs.zoo import with_parts, with_volumes
from tests.factories.containers import (
    CORE,
    PRODUCTION,
    TYPES,
    item_xml,
    mesh_xml,
    model_xml,
    object_xml,
    parts_xml,
    plain_three_mf,
    rels,
    three_mf,
    volumes_xml,
    zipped,
)
from tests.factories.models import box, sphere

SMALL, LARGE = mesh_xml(box(10, 10, 10)), mesh_xml(box(20, 20, 20))
AWAY = "1 0 0 0 1 0 0 0 1 100 0 0"


def read_mm(data):
    model = read(data, Limits())
    return model, measure(model.triangles() * model.unit.mm)


def component(key, transform="", path=""):
    placed = f' transform="{transform}"' if transform else ""
    where = f' p:path="{path}" p:UUID="{uuid4()}"' if path else ""
    return f'<component objectid="{key}"{placed}{where}/>'


@pytest.mark.parametrize(
    ("name", "says"),
    [("a&#x9;b", ""), ("a", "Invalid Model Coordinate Indices")],
    ids=["a tab in a name", "a facet of two points"],
)
def test_what_the_library_refuses_is_not_called_damaged(name, says):
    """Other programs read both."""
    mesh = (
        SMALL if name != "a" else SMALL.replace("<triangles>", '<triangles><triangle v1="0" v2="0" v3="1"/>')
    )
    with pytest.raises(ModelRefused) as refused:
        read(three_mf(model_xml(object_xml(1, mesh, f'type="model" name="{name}"'), item_xml(1))), Limits())
    reason = refused.value.reason
    assert (reason.code, "damaged" in reason.message) == ("broken-file", False)
    assert f"cannot be read by the 3MF library as it is: {says}" in reason.message
    assert reason.message.endswith("Export it again from your modelling program, or as STL or STEP.")


@pytest.mark.parametrize(
    ("unit", "mm"),
    [
        ("micron", 0.001),
        ("millimeter", 1),
        ("centimeter", 10),
        ("inch", 25.4),
        ("foot", 304.8),
        ("meter", 1000),
    ],
)
def test_lengths_are_in_the_unit_the_file_names(unit, mm):
    model = read(plain_three_mf(box(1, 2, 3), unit), Limits())
    assert (model.unit.mm, model.stated) == (mm, True)
    assert np.ptp(model.triangles().reshape(-1, 3), axis=0) == pytest.approx([1, 2, 3])


def test_several_items_are_parts_with_their_names_and_places():
    resources = object_xml(1, SMALL, 'type="model" name="wheel"') + object_xml(2, LARGE, 'type="model"')
    model, found = read_mm(
        three_mf(model_xml(resources, item_xml(1) + item_xml(2, AWAY, 'partnumber="axle"')))
    )
    assert [part.name for part in model.parts] == ["wheel", "axle"]
    assert (found.volume_mm3, found.bodies, found.size_um[0]) == (pytest.approx(9000), 2, 120_000)


def test_an_object_that_is_not_on_the_plate_is_not_printed():
    resources = object_xml(1, SMALL) + object_xml(2, LARGE)
    assert read_mm(three_mf(model_xml(resources, item_xml(1))))[1].volume_mm3 == pytest.approx(1000)


def test_an_item_that_is_not_to_be_printed_is_left_out():
    resources = object_xml(1, SMALL) + object_xml(2, LARGE)
    data = three_mf(
        model_xml(resources, item_xml(1, "", 'printable="1"') + item_xml(2, AWAY, 'printable="0"'))
    )
    assert read_mm(data)[1].volume_mm3 == pytest.approx(1000)
    with pytest.raises(ModelRefused, match="nothing on the print bed"):
        read(three_mf(model_xml(resources, item_xml(1, "", 'printable="0"'))), Limits())


@pytest.mark.parametrize(
    "item",
    [
        '<item objectid="2" printable="0"/>',
        "<item printable = 'false'\n objectid='2'/>",
        '<item objectid="2" printable="0"></item>',
        '<item objectid="2" printable="0"><metadatagroup><metadata name="a" type="xs:string">b</metadata>'
        "</metadatagroup></item>",
        '<c:item objectid="2" printable="0"/>',
    ],
    ids=["usual", "first", "not empty", "with metadata", "prefixed"],
)
def test_however_an_item_is_written_that_is_not_to_be_printed(item):
    resources = object_xml(1, SMALL) + object_xml(2, LARGE)
    text = model_xml(resources, f"{item}{item_xml(1)}{item}").replace("<model ", f'<model xmlns:c="{CORE}" ')
    model, found = read_mm(three_mf(text))
    assert (found.volume_mm3, model.not_printed) == (pytest.approx(1000), 2)


@pytest.mark.parametrize(
    "more", ['printable="1"', 'printable="true"', 'partnumber="printable=0"', 'm:printable="0"']
)
def test_what_is_to_be_printed_is_printed(more):
    model, found = read_mm(three_mf(model_xml(object_xml(1, SMALL), item_xml(1, "", more))))
    assert (found.volume_mm3, model.not_printed) == (pytest.approx(1000), 0)


def test_items_that_cannot_be_told_apart_are_refused():
    """The library reads no items of another namespace: which one it left out is not known."""
    items = f'{item_xml(1)}<m:item objectid="1" printable="0"/>'
    with pytest.raises(ModelRefused, match="which of its items are to be printed"):
        read(three_mf(model_xml(object_xml(1, SMALL), items)), Limits())


@pytest.mark.parametrize("kind", ["support", "other"])
def test_help_for_the_slicer_is_not_printed(kind):
    resources = object_xml(1, SMALL) + object_xml(2, LARGE, f'type="{kind}"')
    both = f"<components>{component(1)}{component(2)}</components>"
    data = three_mf(model_xml(resources + object_xml(3, both), item_xml(3)))
    assert read_mm(data)[1].volume_mm3 == pytest.approx(1000)


def test_components_of_components_are_placed():
    pair = f"<components>{component(1)}{component(1, AWAY)}</components>"
    four = f"<components>{component(2)}{component(2, '1 0 0 0 1 0 0 0 1 0 100 0')}</components>"
    data = three_mf(model_xml(object_xml(1, SMALL) + object_xml(2, pair) + object_xml(3, four), item_xml(3)))
    _, found = read_mm(data)
    assert (found.volume_mm3, found.bodies) == (pytest.approx(4000), 4)
    assert found.size_um == (110_000, 110_000, 10_000)


def test_a_mirrored_item_is_not_inside_out():
    _, found = read_mm(plain_three_mf(sphere(), transform="-1 0 0 0 1 0 0 0 1 0 0 0"))
    assert not found.inside_out
    assert found.volume_mm3 == pytest.approx(4188.79, rel=0.02)


def test_the_same_object_id_in_two_parts_of_the_production_extension():
    others = {"/3D/Objects/a.model": model_xml(object_xml(1, SMALL), ""),
              "/3D/Objects/b.model": model_xml(object_xml(1, LARGE), "")}  # fmt: skip
    both = "".join(component(1, AWAY * (path[-7] == "b"), path) for path in others)
    root = model_xml(object_xml(8, f"<components>{both}</components>"), item_xml(8))
    assert read_mm(three_mf(root, others))[1].volume_mm3 == pytest.approx(9000)


def test_an_item_of_another_part_by_path():
    others = {"/3D/Objects/a.model": model_xml(object_xml(1, LARGE), "")}
    root = model_xml(object_xml(1, SMALL), item_xml(1) + item_xml(1, AWAY, 'p:path="/3D/Objects/a.model"'))
    assert read_mm(three_mf(root, others))[1].volume_mm3 == pytest.approx(9000)


def test_a_path_with_an_ampersand():
    escaped = "/3D/Objects/a&amp;b.model"
    files = {
        "3D/Objects/a&b.model": model_xml(object_xml(1, LARGE), ""),
        "3D/_rels/3dmodel.model.rels": rels(escaped),
    }
    root = model_xml(object_xml(1, SMALL), item_xml(1, AWAY, f'p:path="{escaped}"'))
    assert read_mm(three_mf(root, more=files))[1].volume_mm3 == pytest.approx(8000)


def test_any_prefix_may_be_that_of_the_production_extension():
    others = {"/3D/Objects/a.model": model_xml(object_xml(1, LARGE), "")}
    root = model_xml(object_xml(1, SMALL), item_xml(1, "", 'prod:path="/3D/Objects/a.model"'))
    named = root.replace("xmlns:p=", "xmlns:prod=")
    assert read_mm(three_mf(named, others))[1].volume_mm3 == pytest.approx(8000)
    again = named.replace("<build>", f'<build xmlns:prod="{PRODUCTION}">')
    assert read_mm(three_mf(again, others))[1].volume_mm3 == pytest.approx(8000)


@pytest.mark.parametrize(
    "build",
    [
        '<build xmlns:p="urn:x">',
        '<build> xmlns:y=" <!-- --><x xmlns:p="urn:x"/>',
        "<build xmlns:p = 'urn:x'>",
    ],
)
def test_a_prefix_that_may_be_of_another_extension_is_refused(build):
    others = {"/3D/Objects/a.model": model_xml(object_xml(1, LARGE), "")}
    root = model_xml(object_xml(1, SMALL), item_xml(1, "", 'p:path="/3D/Objects/a.model"'))
    with pytest.raises(ModelRefused, match="a path is none of the production extension"):
        read(three_mf(root.replace("<build>", build), others), Limits())


def test_colours_are_told():
    group = '<m:colorgroup id="7"><m:color color="#FF8000"/><m:color color="#0000FFFF"/></m:colorgroup>'
    base = '<basematerials id="9"><base name="red" displaycolor="#FF0000"/></basematerials>'
    coloured = object_xml(1, SMALL, 'type="model" pid="9" pindex="0"')
    model, _ = read_mm(three_mf(model_xml(group + base + coloured, item_xml(1))))
    assert set(model.parts[0].colours) == {"#ff8000", "#0000ff", "#ff0000"}


def test_sixteen_thousand_instances_of_one_object():
    levels = [object_xml(1, SMALL)]
    for level in range(7):
        step = f"1 0 0 0 1 0 0 0 1 {11 * 4**level if level < 4 else 0} {0 if level < 4 else 11 * 4 ** (level - 4)} 0"
        twice = f"1 0 0 0 1 0 0 0 1 {22 * 4**level if level < 4 else 0} {0 if level < 4 else 22 * 4 ** (level - 4)} 0"
        thrice = f"1 0 0 0 1 0 0 0 1 {33 * 4**level if level < 4 else 0} {0 if level < 4 else 33 * 4 ** (level - 4)} 0"
        four = "".join(component(level + 1, each) for each in ("", step, twice, thrice))
        levels.append(object_xml(level + 2, f"<components>{four}</components>"))
    model = read(three_mf(model_xml("".join(levels), item_xml(8))), Limits())
    assert len(model.triangles()) == 16_384 * 12
    with pytest.raises(ModelRefused) as refused:
        read(three_mf(model_xml("".join(levels), item_xml(8))), Limits(instances=16_000))
    assert refused.value.reason.code == "too-many-parts"


def test_an_inch_file_is_measured_in_millimetres():
    model, found = read_mm(plain_three_mf(box(1, 1, 1), "inch"))
    assert model.unit is Unit.INCH
    assert found.volume_mm3 == pytest.approx(25.4**3, rel=1e-5)


@pytest.mark.parametrize(
    "changed",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("<build>", "\n<!-- it's <here> -- <object> -->\r\n<build >"),
        lambda text: text.replace("<triangle ", "<triangle\n\t").replace("/>", "\n/>"),
        lambda text: text.replace('"', "'"),
        lambda text: text.replace(
            "<resources>", '<metadata name="Title">it&apos;s a = "b" > c</metadata><resources>'
        ),
        lambda text: text.replace(
            "<resources>", '<metadata name="Title"><![CDATA[lid]]></metadata><resources>'
        ),
        lambda text: re.sub(r"<(vertex|triangle) ([^/]*)/>", r"<\1 \2></\1>", text),
        lambda text: re.sub(r"<(/?)(\w)", r"<\1c:\2", text.partition("?>")[2]).replace("xmlns=", "xmlns:c="),
    ],
    ids=["mark", "comment", "blanks", "apostrophes", "text", "section", "ends", "prefixes"],
)
def test_xml_is_read_however_it_is_written(changed):
    text = model_xml(object_xml(1, SMALL), item_xml(1))
    assert changed(text) != text
    assert read_mm(three_mf(changed(text)))[1].volume_mm3 == pytest.approx(1000)


def test_comments_and_odd_names_are_nothing_special():
    named = object_xml(1, f"<!-- <made> by = 'us' -->{SMALL}", 'type="model" name="a > b = c"')
    model, found = read_mm(three_mf(model_xml(f"<!-- a lid -->{named}", item_xml(1))))
    assert (model.parts[0].name, found.volume_mm3) == ("a > b = c", pytest.approx(1000))


THUMBNAIL = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail"


def linked(*targets, kind=""):
    return rels(*targets).replace("http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel", kind)


def test_a_thumbnail_that_is_promised_and_missing_is_not_missed():
    link = f'<Relationship Target="/Metadata/thumbnail.png" Id="t" Type="{THUMBNAIL}"/></Relationships>'
    promised = rels("/3D/3dmodel.model").replace("</Relationships>", link)
    data = three_mf(model_xml(object_xml(1, SMALL), item_xml(1)), more={"_rels/.rels": promised})
    assert read_mm(data)[1].volume_mm3 == pytest.approx(1000)


def test_a_thumbnail_that_is_there_is_nothing_special():
    link = f'<Relationship Target="/Metadata/thumbnail.png" Id="t" Type="{THUMBNAIL}"/></Relationships>'
    files = {
        "[Content_Types].xml": TYPES.replace(
            "<Default", '<Default Extension="png" ContentType="image/png"/><Default', 1
        ),
        "_rels/.rels": rels("/3D/3dmodel.model").replace("</Relationships>", link),
        "Metadata/thumbnail.png": "a picture",
    }
    data = three_mf(model_xml(object_xml(1, SMALL), item_xml(1)), more=files)
    assert read_mm(data)[1].volume_mm3 == pytest.approx(1000)


def test_a_thumbnail_of_an_object_is_left_where_it_is():
    files = {
        "[Content_Types].xml": TYPES.replace(
            "<Default", '<Default Extension="png" ContentType="image/png"/><Default', 1
        ),
        "3D/_rels/3dmodel.model.rels": linked("/Metadata/thumbnail.png", kind=THUMBNAIL),
        "Metadata/thumbnail.png": "a picture",
    }
    shown = object_xml(1, SMALL, 'type="model" thumbnail="/Metadata/thumbnail.png"')
    data = three_mf(model_xml(shown, item_xml(1)), more=files)
    assert read_mm(data)[1].volume_mm3 == pytest.approx(1000)


def test_beams_are_not_left_out_without_a_word():
    beams = (
        '<b:beamlattice minlength="0.1" radius="1"><b:beams><b:beam v1="0" v2="7"/></b:beams></b:beamlattice>'
    )
    lattice = object_xml(1, SMALL.replace("</mesh>", f"{beams}</mesh>"))
    model = model_xml(lattice, item_xml(1)).replace(
        "xmlns:m=", 'xmlns:b="http://schemas.microsoft.com/3dmanufacturing/beamlattice/2017/02" xmlns:m=', 1
    )
    with pytest.raises(ModelRefused, match="beam lattice"):
        read(three_mf(model), Limits())


@pytest.mark.parametrize(
    "data",
    [
        with_volumes(volumes_xml((0, 11, "ModelPart"), (12, 23, "NegativeVolume"))),
        with_parts(parts_xml("normal_part", "negative_part")),
    ],
    ids=["PrusaSlicer", "Bambu Studio"],
)
def test_what_a_slicer_would_cut_away_is_refused_by_name(data):
    with pytest.raises(ModelRefused, match=r"negative volume.*export one united mesh") as refused:
        read(data, Limits())
    assert refused.value.reason.code == "unsupported"


@pytest.mark.parametrize(
    ("first", "last"), [(12, 24), (24, 24), (23, 12), (-1, 3), ("", 3), ("x", "y"), (0, 10**30)]
)
def test_a_list_of_facets_that_are_not_there_is_refused(first, last):
    with pytest.raises(ModelRefused, match="facets that are not there"):
        read(with_volumes(volumes_xml((0, 11, "ModelPart"), (first, last, "SupportBlocker"))), Limits())


@pytest.mark.parametrize(
    ("listed", "code"),
    [
        ("<config><object id='1'>", "broken-file"),
        ("<!DOCTYPE config [<!ENTITY a 'b'>]><config>&a;</config>", "unsafe-archive"),
        ("<!DOCTYPE config [<!ENTITY a 'b'>]><config>&a;</config>".encode("utf-16"), "unsafe-archive"),
    ],
    ids=["cut off", "entities", "entities in UTF-16"],
)
def test_a_list_that_is_none_is_refused(listed, code):
    with pytest.raises(ModelRefused) as refused:
        read(with_volumes(listed), Limits())
    assert refused.value.reason.code == code


def test_a_very_long_list_is_refused(monkeypatch):
    listed = volumes_xml((0, 11, "ModelPart"), (12, 23, "SupportBlocker"))
    monkeypatch.setattr(threemf_volumes, "BYTES_LIMIT", len(listed) - 1)
    with pytest.raises(ModelRefused, match="a slicer's settings") as refused:
        read(with_volumes(listed), Limits())
    assert refused.value.reason.code == "unsupported"


@pytest.mark.parametrize("kind", ["ParameterModifier", "SupportBlocker", "SupportEnforcer", "1"])
def test_facets_of_a_mesh_that_are_no_material_are_left_out(kind):
    model, found = read_mm(with_volumes(volumes_xml((0, 11, "ModelPart"), (12, 23, kind))))
    assert (found.volume_mm3, found.watertight, model.left_out) == (pytest.approx(1000), True, 1)


def test_an_older_list_names_modifiers_otherwise():
    listed = volumes_xml((0, 11, "ModelPart"), (12, 23, "")).replace(
        '"volume_type" value=""', '"modifier" value="1"'
    )
    assert read_mm(with_volumes(listed))[1].volume_mm3 == pytest.approx(1000)


def test_the_same_facets_may_be_listed_twice():
    listed = volumes_xml((12, 23, "SupportBlocker"), (12, 15, "SupportEnforcer"), (12, 23, "SupportBlocker"))
    assert read_mm(with_volumes(listed))[1].volume_mm3 == pytest.approx(1000)


@pytest.mark.parametrize("kind", ["modifier_part", "support_blocker", "support_enforcer"])
def test_components_that_are_no_material_are_left_out(kind):
    model, found = read_mm(with_parts(parts_xml(kind, "normal_part")))
    assert (found.volume_mm3, model.left_out) == (pytest.approx(8000), 1)


@pytest.mark.parametrize(
    "data",
    [
        with_volumes(volumes_xml((0, 11, "ModelPart"), (12, 23, "ModelPart"))),
        with_volumes(volumes_xml((0, 11, "ModelPart"), (12, 23, "of tomorrow"))),
        with_volumes(volumes_xml((0, 99, "NegativeVolume"), key=2)),
        with_volumes(volumes_xml((0, 99, "SupportBlocker"), key="one")),
        with_volumes(
            '<config><volume firstid="0" lastid="11"/><part id="1" subtype="negative_part"/></config>'
        ),
        with_parts(parts_xml("normal_part", "normal_part", "negative_part")),
        with_parts(parts_xml("modifier_part", key=1)),
        with_parts(volumes_xml((0, 11, "ParameterModifier"))),
        with_volumes(""),
    ],
)
def test_lists_of_material_and_of_other_objects_leave_nothing_out(data):
    model, found = read_mm(data)
    assert (found.volume_mm3, model.left_out) == (pytest.approx(9000), 0)


def test_where_nothing_but_help_is_on_the_plate_there_is_no_model():
    with pytest.raises(ModelRefused, match="nothing on the print bed"):
        read(with_volumes(volumes_xml((0, 23, "SupportBlocker"))), Limits())


def test_who_uploads_is_told_of_what_was_left_out(tmp_path):
    model = tmp_path / "model"
    model.write_bytes(zipped({"a.3mf": with_parts(parts_xml("normal_part", "modifier_part"))}))
    answer = measured(model, tmp_path / "p.png")
    said = {each["code"]: each for each in answer["measurement"]["findings"]}
    told = said["volumes-left-out"]
    assert (told["severity"], "(1)" in told["message"]) == ("info", True)
    assert told["advice"].endswith(".")
    assert "objects-left-out" not in said


@pytest.mark.parametrize(
    ("packed", "count"), [(lambda data: data, 1), (lambda data: zipped({"a.3mf": data, "b.3mf": data}), 2)]
)
def test_who_uploads_is_told_of_what_is_not_to_be_printed(packed, count, tmp_path):
    items = item_xml(1) + item_xml(1, AWAY, 'printable="0"')
    model = tmp_path / "model"
    model.write_bytes(packed(three_mf(model_xml(object_xml(1, SMALL), items))))
    answer = measured(model, tmp_path / "p.png")
    told = {each["code"]: each for each in answer["measurement"]["findings"]}["objects-left-out"]
    assert (told["severity"], f"({count})" in told["message"]) == ("info", True)
    assert told["advice"].endswith(".")
