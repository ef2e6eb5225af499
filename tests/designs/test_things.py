"""A 3MF that holds several things: printed as one as it is, as parts where its designer asks for that."""

import json

import numpy as np
import pytest

from marketplace.designs.colours import NAMES, colour_name
from marketplace.designs.measuring import configured_limits, measure_in_child
from marketplace.designs.mesh.formats.model import Limits, Part
from marketplace.designs.mesh.formats.read import read
from marketplace.designs.mesh.formats.things import things_of
from marketplace.designs.mesh.measurement import ModelRefused
from marketplace.designs.mesh.pieces import piece_file
from marketplace.designs.models import Design
from marketplace.designs.parting import parts_keep
from marketplace.designs.rules import COPIES_LIMIT, NAME_LIMIT, PARTS_LIMIT, apart_name
from marketplace.designs.selectors import bytes_used, whole_of
from marketplace.designs.services import design_measure_next
from tests.factories.containers import (
    item_xml,
    mesh_xml,
    model_xml,
    object_xml,
    plain_three_mf,
    three_mf,
    zipped,
)
from tests.factories.models import box, sphere, stl

BASE = (
    '<basematerials id="9"><base name="a" displaycolor="#FF1010"/>'
    '<base name="b" displaycolor="#0000FF"/></basematerials>'
)


def at(x: float, y: float = 0) -> str:
    return f"1 0 0 0 1 0 0 0 1 {x} {y} 0"


def coloured(key: int, facets, name: str, index: int | None = None) -> str:
    colour = "" if index is None else f' pid="9" pindex="{index}"'
    return object_xml(key, mesh_xml(facets), f'type="model" name="{name}"{colour}')


def plate(*items: str) -> bytes:
    """A red lid, a blue one, a knob, and as many feet as wanted."""
    resources = BASE + coloured(1, box(20, 20, 3), "lid", 0) + coloured(2, box(20, 20, 3), "lid", 1)
    resources += coloured(3, sphere(8), "../kn\u202eob") + coloured(4, box(10, 10, 10), "foot")
    return three_mf(model_xml(resources, "".join(items)))


FOUR = (
    item_xml(1, at(0)),
    item_xml(2, at(40)),
    item_xml(3, at(80)),
    *(item_xml(4, at(20 * n, 50)) for n in range(3)),
)


def test_thousands_of_items_are_not_thousands_of_parts():
    many = plate(*(item_xml(4, at(11 * (n % 128), 11 * (n // 128))) for n in range(16_384)))
    model = read(many, Limits())
    assert len(model.triangles()) == 16_384 * 12
    assert (model.things, model.to_json()["things"], len(model.parts)) == ((), [], 1)


@pytest.mark.parametrize("count", [0, 1, COPIES_LIMIT + 1])
def test_one_alone_and_more_copies_than_a_job_takes_are_no_things(count):
    assert things_of([Part("foot", box())] * count) == ()


def test_more_different_things_than_a_job_has_parts_are_none():
    items = [Part("bar", box(10 + number, 10, 10)) for number in range(PARTS_LIMIT + 1)]
    assert things_of(items) == ()
    assert len(things_of(items[:-1])) == PARTS_LIMIT


def test_a_shape_is_there_once_with_its_copies_and_no_two_have_one_name():
    things = read(plate(*FOUR), Limits()).things
    told = [(each.name, each.copies, each.colour) for each in things]
    assert told == [("lid", 1, "#ff1010"), ("lid 2", 1, "#0000ff"), ("knob", 1, ""), ("foot", 3, "")]
    assert all(each.triangles.reshape(-1, 3).min(axis=0) == pytest.approx([0, 0, 0]) for each in things)


def test_the_same_mesh_written_twice_is_one_thing_and_a_turned_or_scaled_one_is_another():
    one = Part("a", sphere(8))
    moved = Part("b", sphere(8) + np.array([31.7, 12.3, 0]))
    assert [each.copies for each in things_of([one, moved])] == [2]
    assert len(things_of([one, Part("c", sphere(8) * 1.01)])) == 2
    assert len(things_of([Part("a", box(1, 2, 3)), Part("b", box(2, 1, 3))])) == 2


def test_long_names_stay_within_their_column():
    long = Part("n" * NAME_LIMIT, box())
    names = [each.name for each in things_of([long, Part(long.name, sphere())])]
    assert len(set(names)) == 2
    assert max(map(len, names)) == NAME_LIMIT
    assert len(apart_name("n" * 400 + ".3mf")) == NAME_LIMIT
    assert apart_name("plate.3mf") == "plate as parts.3mf"


@pytest.mark.parametrize(
    ("shown", "name"),
    [("", ""), ("#000000", "black"), ("#f5f5f0", "white"), ("#ff7a10", "orange"), ("#1010ff", "blue")],
)
def test_a_colour_has_the_name_that_providers_use(shown, name):
    assert colour_name(shown) == name
    for known, (red, green, blue) in NAMES.items():
        assert colour_name(f"#{red:02x}{green:02x}{blue:02x}") == known


@pytest.mark.parametrize("copies", [0, -1, COPIES_LIMIT + 1, "3", True, None])
def test_copies_that_a_broken_child_makes_up_are_refused(tmp_path, copies):
    picture = tmp_path / "picture.png"
    piece_file(picture, 0).write_bytes(b"solid")
    told = {"parts": [], "things": [{"name": "a", "copies": copies, "colour": ""}]}
    picture.with_suffix(".json").write_text(json.dumps(told))
    with pytest.raises(ModelRefused):
        parts_keep(picture)


def test_a_colour_that_is_none_is_left_out(tmp_path, store):
    picture = tmp_path / "picture.png"
    piece_file(picture, 0).write_bytes(b"solid")
    told = {"things": [{"name": "a", "copies": 2, "colour": "#ff000g<script>"}]}
    picture.with_suffix(".json").write_text(json.dumps(told))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("marketplace.designs.store.bytes_save", lambda data: b"\1" * 32)
        assert [(part.copies, part.colour) for part in parts_keep(picture)] == [(2, "")]


def test_nothing_is_written_of_things_unless_asked(tmp_path):
    file = tmp_path / "plate.3mf"
    file.write_bytes(plate(*FOUR))
    for apart, pieces in ((False, 0), (True, 4)):
        folder = tmp_path / str(apart)
        folder.mkdir()
        measure_in_child(file, folder / "p.png", configured_limits(), lambda: None, apart=apart)
        assert len(list(folder.glob("p-*.stl"))) == pieces


def measure_all() -> None:
    while design_measure_next():
        pass


@pytest.mark.django_db
def test_strangers_and_files_of_one_thing_are_refused(upload, client_of, ada, charlie):
    whole = upload(ada, plate(*FOUR), "plate.3mf").json()["id"]
    assert client_of(ada).post(f"/api/v1/designs/{whole}/parts").json()["code"] == "nothing-to-part"
    measure_all()
    assert client_of(charlie).post(f"/api/v1/designs/{whole}/parts").status_code == 404
    for name, data in (
        ("one.3mf", plain_three_mf(box())),
        ("one.stl", stl(box())),
        ("case.zip", zipped({"a.stl": stl(box(3, 3, 3)), "b.stl": stl(box(4, 4, 4))})),
    ):
        other = upload(ada, data, name).json()["id"]
        measure_all()
        refused = client_of(ada).post(f"/api/v1/designs/{other}/parts")
        assert (refused.status_code, refused.json()["code"]) == (409, "nothing-to-part")
    assert not Design.objects.filter(apart=True).exists()


@pytest.mark.django_db
def test_what_a_file_holds_becomes_parts_and_the_file_stays_as_it_is(upload, client_of, ada):
    data = plate(*FOUR)
    whole = upload(ada, data, "plate.3mf").json()["id"]
    measure_all()
    ours = client_of(ada)
    before = ours.get(f"/api/v1/designs/{whole}").json()
    assert before["parts"] == []
    assert [each["name"] for each in before["source"]["things"]] == ["lid", "lid 2", "knob", "foot"]
    made = ours.post(f"/api/v1/designs/{whole}/parts")
    assert made.status_code == 201
    measure_all()
    parts = ours.get(f"/api/v1/designs/{made.json()['id']}").json()["parts"]
    told = [ours.get(f"/api/v1/designs/{part}").json() for part in parts]
    assert [(each["name"], each["status"], each["copies"], each["colour"]) for each in told] == [
        ("lid.stl", "MEASURED", 1, "#ff1010"),
        ("lid 2.stl", "MEASURED", 1, "#0000ff"),
        ("knob.stl", "MEASURED", 1, ""),
        ("foot.stl", "MEASURED", 3, ""),
    ]
    assert told[3]["measurement"]["size_um"] == [10_000] * 3
    assert ours.get(f"/api/v1/designs/{whole}").json() == before
    assert str(whole_of(Design.objects.get(pk=parts[0])).pk) == whole
    assert bytes_used(ada.address) == len(data)
    again = ours.post(f"/api/v1/designs/{whole}/parts")
    assert (again.status_code, again.json()["parts"]) == (200, parts)
    assert ours.post(f"/api/v1/designs/{made.json()['id']}/parts").status_code == 200
    assert upload(ada, data, "plate.3mf").json()["id"] == whole
    assert ours.delete(f"/api/v1/designs/{whole}").status_code == 204
    assert whole_of(Design.objects.get(pk=parts[0])) is None
