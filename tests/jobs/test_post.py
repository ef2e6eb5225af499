"""Posting: every field that cannot be is named; what is posted waits for its designs."""

import uuid

import pytest

from marketplace.activity.selectors import activity_of
from marketplace.designs.rules import PARTS_LIMIT
from marketplace.jobs.models import Job
from marketplace.jobs.rules import COPIES_LIMIT
from tests.factories.models import box, stl
from tests.jobs.factories import later, part, posting

pytestmark = pytest.mark.django_db


def test_a_stranger_cannot_post(client_of, bracket):
    refused = client_of().post("/api/v1/jobs", posting(bracket.pk))
    assert (refused.status_code, refused.json()["code"]) == (401, "not-authenticated")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"title": "two\nlines"}, "title"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": 10_001}, "quantity"),
        ({"deadline": "tomorrow"}, "deadline"),
        ({"deadline": lambda: later(minutes=5)}, "deadline"),
        ({"deadline": later(days=400)}, "deadline"),
        ({"bids_close_at": later(days=-1)}, "bids_close_at"),
        ({"bids_close_at": later(days=6)}, "bids_close_at"),
        ({"budget": "0"}, "budget"),
        ({"budget": "-5"}, "budget"),
        ({"budget": "0.1"}, "budget"),
        ({"budget": str(2**96)}, "budget"),
        ({"budget": 1.5}, "budget"),
        ({"ship_to_zone": " "}, "ship_to_zone"),
        ({"licence": "x" * 201}, "licence"),
        ({"parts": []}, "parts"),
        ({"parts": [part("bracket")]}, "parts.0.design"),
    ],
)
def test_a_field_that_cannot_be_is_named(changed, field, post, bracket, ada):
    # Some minutes ahead is said when it is sent: the tests may have begun long ago.
    sent = {name: value() if callable(value) else value for name, value in changed.items()}
    refused = post(ada, bracket.pk, **sent)
    assert refused.status_code == 400, refused.json()
    assert list(refused.json()["fields"]) == [field]
    assert refused.json()["code"] == "invalid"
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"material": "cheese"}, "material"),
        ({"colour": "\x1b[31mred"}, "colour"),
        ({"colour": "x" * 65}, "colour"),
        ({"layer_um": 49}, "layer_um"),
        ({"layer_um": 401}, "layer_um"),
        ({"infill_percent": -1}, "infill_percent"),
        ({"infill_percent": 101}, "infill_percent"),
        ({"copies": 0}, "copies"),
        ({"copies": COPIES_LIMIT + 1}, "copies"),
        ({"design": "00000000-0000-4000-8000-000000000000"}, "design"),
    ],
)
def test_what_cannot_be_of_one_part_is_named_with_the_part(changed, field, post, bracket, ada):
    refused = post(ada, parts=[part(bracket.pk), part(bracket.pk, **changed)])
    assert (refused.status_code, list(refused.json()["fields"])) == (400, [f"parts.1.{field}"])
    assert not Job.objects.exists()


def test_a_part_needs_its_material(post, bracket, ada):
    refused = post(ada, parts=[{"design": str(bracket.pk)}])
    assert list(refused.json()["fields"]) == ["parts.0.material"]


@pytest.mark.parametrize("missing", ["title", "parts", "deadline", "budget"])
def test_a_missing_field_is_named(missing, client_of, bracket, ada):
    body = posting(bracket.pk)
    del body[missing]
    refused = client_of(ada).post("/api/v1/jobs", body)
    assert (refused.status_code, list(refused.json()["fields"])) == (400, [missing])


def test_too_many_parts_are_refused(post, bracket, ada):
    refused = post(ada, parts=[part(bracket.pk)] * (PARTS_LIMIT + 1))
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["parts"])


def test_several_wrong_fields_are_all_named(post, bracket, ada):
    refused = post(ada, parts=[part(bracket.pk, layer_um=1)], quantity=0, deadline=later(minutes=1))
    assert set(refused.json()["fields"]) >= {"parts.0.layer_um", "quantity", "deadline"}


def test_somebody_elses_design_is_as_good_as_none(post, bracket, bo, ada):
    for account, design in ((bo, bracket.pk), (ada, uuid.uuid4())):
        refused = post(account, design)
        assert refused.status_code == 400
        assert "none of your designs" in refused.json()["fields"]["parts.0.design"][0]


def test_a_refused_design_is_named_with_its_reason(post, measured, ada):
    refused = post(ada, measured(ada, b"no model at all").pk)
    assert "not a model" in refused.json()["fields"]["parts.0.design"][0]


def test_a_posted_job_waits_for_its_designs(post, upload, ada):
    design = upload(ada).json()["id"]
    answer = post(ada, design)
    assert answer.status_code == 201
    job = answer.json()
    assert (job["status"], job["job_digest"], job["estimate"]) == ("MEASURING", None, None)
    assert (job["budget"], job["counts"]) == ("5000000000000000", {"bids": 0, "declines": 0})
    assert job["parts"][0] == {
        "name": "part.stl",
        "copies": 1,
        "material": "PLA",
        "colour": "any",
        "layer_um": 200,
        "infill_percent": 20,
        "status": "UPLOADED",
        "design": design,
        "size_um": None,
        "volume_mm3": None,
        "estimate": None,
    }
    assert job["bids_close_at"] <= job["deadline"]
    assert [row.kind for row in activity_of(f"job:{job['id']}")] == ["job.posted"]


def test_a_job_may_have_several_parts_and_use_one_twice(post, measured, bracket, ada):
    other = measured(ada, stl(box()), "foot.stl")
    parts = [
        part(bracket.pk, copies=2, material="PETG", colour="black", infill_percent=40),
        {"design": str(other.pk), "material": "PLA"},
        part(bracket.pk, colour="white", layer_um=150),
    ]
    job = post(ada, parts=parts).json()
    names = ("name", "copies", "material", "colour", "layer_um", "infill_percent")
    assert [tuple(found[name] for name in names) for found in job["parts"]] == [
        ("bracket.stl", 2, "PETG", "black", 200, 40),
        ("foot.stl", 1, "PLA", "any", 200, 20),
        ("bracket.stl", 1, "PLA", "white", 150, 20),
    ]
