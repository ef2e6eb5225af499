"""A printer's pace follows from its finished prints: refusals first."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.escrow.models import Agreement
from marketplace.evidence.models import Record
from marketplace.evidence.print_projection import PrintProjection
from marketplace.evidence.prints import prints_follow
from marketplace.evidence.selectors import record_last, signed_of
from marketplace.providers.models import FinishedPrint, Printer
from protocol.evidence import Kind
from protocol.pace import FARTHEST, pace_of
from protocol.units import time_of
from tests.escrow.histories import AGREEMENT
from tests.evidence.conftest import OBSERVED_AT, SALT, Pen
from tests.factories.market import INFILL, registered
from tests.factories.place import client, place
from tests.factories.site import client_of, measured, person, store, upload
from tests.factories.world import World, world

__all__ = ["client", "client_of", "measured", "person", "place", "store", "upload", "world"]

URL = f"/api/v1/agreements/{AGREEMENT}/evidence"
OTHER = "0x" + "cd" * 32


@pytest.fixture
def printing(world: World) -> World:
    """Bo's agreement is final and binds his own printer."""
    final(world.printer)
    return world


def final(printer: Printer, status: str = "AWARDED") -> None:
    row = Agreement.objects.get(pk=AGREEMENT)
    terms = row.terms | {"printer": printer.digest}
    Agreement.objects.filter(pk=AGREEMENT).update(terms=terms, final_status=status)


def payload(world: World, **changed: Any) -> dict[str, Any]:
    (part,) = world.job.spec["parts"]
    told = {"attempt": "a", "printer": world.printer.serial, "model": part["model"], "copy": 0}
    return told | {"print_seconds": 2 * expected(world), "salt": SALT} | changed


def expected(world: World) -> float:
    """Seconds of one copy: Ada wants two, one a set."""
    return world.job.parts.get().estimate["print_seconds"] / 2


@pytest.fixture
def tell(printing, client_of, bo):
    """Send a record of a finished print, by Bo unless somebody else is named; the response."""

    def send(who=bo, kind=Kind.PRINT_FINISHED, **changed):
        pen = Pen(who, INFILL)
        last = record_last(AGREEMENT, who.address)
        pen.last = signed_of(last) if last else None
        signed = pen.write(payload(printing, **changed), kind=kind)
        return client_of(who).post(URL, signed.to_json(), content_type="application/json")

    return send


def pace(printer: Printer) -> tuple[float, int]:
    printer.refresh_from_db()
    return printer.pace, printer.prints_counted


def slower(times: int = 1) -> float:
    """The pace after so many prints that took twice as long."""
    return pytest.approx(pace_of([(1, 2)] * times), abs=1e-4)


def test_a_stranger_tells_nothing_of_a_printer(printing, tell, charlie):
    assert tell(who=charlie).status_code == 404
    assert pace(printing.printer) == (1.0, 0)


def test_a_designers_record_tells_nothing_of_a_printer(printing, tell, ada):
    assert tell(who=ada).status_code == 201
    assert pace(printing.printer) == (1.0, 0)


@pytest.mark.parametrize("kind", [Kind.PRINT_STARTED, Kind.PRINT_FAILED])
def test_a_print_that_is_not_finished_does_not_count(printing, tell, kind):
    assert tell(kind=kind).status_code == 201
    assert pace(printing.printer) == (1.0, 0)


@pytest.mark.parametrize("seconds", [0, -5.0, None])
def test_a_time_that_is_none_does_not_count(printing, tell, seconds):
    assert tell(print_seconds=seconds).status_code == 201
    assert pace(printing.printer) == (1.0, 0)


def test_an_award_that_is_not_final_does_not_count(printing, tell):
    final(printing.printer, "NONE")
    tell()
    assert pace(printing.printer) == (1.0, 0)


def test_a_printer_of_another_provider_is_out_of_reach(printing, tell, charlie):
    theirs = registered(charlie)
    final(theirs)
    tell(printer=theirs.serial)
    assert (pace(theirs), pace(printing.printer)) == ((1.0, 0), (1.0, 0))


def test_another_printer_of_the_same_provider_is_not_the_one_that_was_agreed(printing, tell, bo):
    mini = registered(bo, serial="mini")
    tell(printer="mini")
    assert (pace(mini), pace(printing.printer)) == ((1.0, 0), (1.0, 0))


def test_a_liar_moves_its_own_pace_no_farther_than_the_farthest(printing, tell, charlie):
    theirs = registered(charlie)
    tell(print_seconds=8_000_000)
    tell(copy=1, print_seconds=0.001)
    tell(copy=2)
    assert pace(printing.printer)[1] == 2
    assert all(1 / FARTHEST <= each.pace <= FARTHEST for each in Printer.objects.all())
    assert pace(theirs) == (1.0, 0)


def test_a_record_that_comes_again_counts_once(printing, tell, client_of, bo):
    assert tell().status_code == 201
    again = signed_of(record_last(AGREEMENT, bo.address)).to_json()
    assert client_of(bo).post(URL, again, content_type="application/json").status_code == 200
    tell(attempt="b", print_seconds=1)
    assert pace(printing.printer) == (slower(), 1)


def test_an_award_that_becomes_final_later_counts_then_and_taken_back_no_more(printing, tell):
    tell()
    for status, found in (("NONE", (1.0, 0)), ("AWARDED", (slower(), 1)), ("AWARDED", (slower(), 1))):
        final(printing.printer, status)
        with transaction.atomic():
            prints_follow(agreements=[AGREEMENT])
        assert pace(printing.printer) == found
    Agreement.objects.all().delete()
    with transaction.atomic():
        prints_follow(agreements=[AGREEMENT])
    assert pace(printing.printer) == (1.0, 0)


def test_a_newer_profile_of_the_printer_keeps_its_pace(printing, tell, bo):
    tell()
    newer = registered(bo, seq=2)
    assert pace(newer) == pace(printing.printer) == (slower(), 1)
    tell(copy=1)
    assert pace(newer) == (slower(2), 2)


def test_the_api_shows_it(printing, tell, client_of, charlie):
    tell()
    told = client_of(charlie).get(f"/api/v1/printers/{printing.printer.digest}").json()
    assert (told["pace"], told["prints_counted"]) == (slower(), 1)


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (lambda: FinishedPrint.objects.all().delete(), "finished prints"),
        (lambda: FinishedPrint.objects.update(taken_s=1), "finished prints"),
        (lambda: Printer.objects.update(pace=2.5), "pace"),
    ],
)
def test_what_was_damaged_is_named_and_mended(printing, tell, damage, named):
    tell()
    assert list(PrintProjection().differences()) == []
    damage()
    found = list(PrintProjection().differences())
    assert named in {each.name for each in found}
    with transaction.atomic():
        PrintProjection().rebuild(subjects={each.subject for each in found})
    assert list(PrintProjection().differences()) == []
    assert pace(printing.printer) == (slower(), 1)


agreements = st.sampled_from([AGREEMENT, OTHER])
prints = st.tuples(st.integers(-1, 3), st.floats(-10, 1e5) | st.none(), st.integers(0, 100) | st.none())
steps = st.tuples(agreements, prints | st.sampled_from(["NONE", "AWARDED", "gone"]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, max_size=12))
def test_step_by_step_is_as_all_at_once(printing, steps):
    _anew(printing)
    for agreement, step in steps:
        _take(printing, agreement, step)
        with transaction.atomic():
            prints_follow(agreements=[agreement])
    assert list(PrintProjection().differences()) == []
    grown = pace(printing.printer), set(FinishedPrint.objects.values_list("agreement", "copy", "taken_s"))
    FinishedPrint.objects.all().delete()
    with transaction.atomic():
        prints_follow(agreements=[OTHER, AGREEMENT])
    at_once = set(FinishedPrint.objects.values_list("agreement", "copy", "taken_s"))
    assert (pace(printing.printer), at_once) == grown


def _anew(world: World) -> None:
    for model in (Record, FinishedPrint):
        model.objects.all().delete()
    Printer.objects.update(pace=1.0, prints_counted=0)
    row = Agreement.objects.filter(pk=AGREEMENT)
    row.update(final_status="AWARDED")
    Agreement.objects.filter(pk=OTHER).delete()
    Agreement.objects.create(**row.values().get() | {"id": OTHER})


def _take(world: World, agreement: str, step: Any) -> None:
    if step == "gone":
        Agreement.objects.filter(pk=agreement).update(job=None)
    elif isinstance(step, str):
        Agreement.objects.filter(pk=agreement).update(final_status=step, job=world.job)
    else:
        _record(world, agreement, *step)


def _record(world: World, agreement: str, copy: int, taken: float | None, pause: int | None) -> None:
    seq = Record.objects.filter(agreement=agreement).count()
    told = payload(world, copy=copy, print_seconds=taken, paused_seconds=pause)
    Record.objects.create(
        agreement=agreement, actor=world.bo.address, seq=seq, kind=Kind.PRINT_FINISHED,
        payload_text=json.dumps(told), payload_digest=SALT, previous=SALT,
        observed_at=time_of(OBSERVED_AT + seq), signature="0x", digest=f"{agreement[:10]}{seq}",
    )  # fmt: skip
