"""What people see of a printer's pace: on its page, beside its bids, and among who can make a job."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from marketplace.jobs.models import Job
from marketplace.pages.pace import SIDE, pace_text, plot_of
from marketplace.providers.models import FinishedPrint, Printer
from marketplace.providers.services import pace_set
from protocol.pace import FARTHEST
from tests.factories.market import received, registered
from tests.factories.place import place  # noqa: F401

pytestmark = pytest.mark.usefixtures("place")


def printed(printer: Printer, *pairs: tuple[float, float]) -> None:
    who: dict[str, Any] = {"provider_id": printer.provider_id, "serial": printer.serial}
    digests = {"agreement": "0x" + "ab" * 32, "model": "0x" + "3d" * 32, "record": "0x" + "5e" * 32}
    for copy, (expected, taken) in enumerate(pairs):
        times = {"expected_s": expected, "taken_s": taken, "finished_at": timezone.now()}
        FinishedPrint.objects.create(copy=copy, **who, **digests, **times)
    pace_set(provider=printer.provider_id, serial=printer.serial)


def test_without_prints_nothing_is_claimed(browse, bo):
    page = browse().get(f"/printers/{registered(bo).pk}")
    assert "No finished print has shown yet" in page.text
    assert "Dashed: on time" not in page.text
    assert "as long as estimated" not in browse().get("/printers").text


def test_a_printers_page_says_and_draws_how_long_it_takes(browse, bo):
    printer = registered(bo)
    printed(printer, *[(3600, 5400)] * 9)
    path = f"/printers/{printer.pk}"
    assert "Takes 1.36 times as long as estimated, 9 prints." in browse().get(path).text
    html = browse().client.get(path).content.decode()
    assert html.count("<circle") == 9
    assert "expected 1 h, took 1 h 30 min" in html
    assert "0x" + "3d" * 32 not in html
    assert "Takes 1.36 times" in browse().get("/printers").text


def test_bids_and_matches_show_what_the_printer_is_expected_to_take(browse, posted, ada, bo):
    job, printer = posted(), registered(bo)
    Job.objects.update(estimate=Job.objects.get().estimate | {"print_seconds": 3600})
    printed(printer, *[(3600, 7200)] * 97)
    received(bo, job, printer)
    text = browse(ada).get(f"/jobs/{job.pk}").text
    assert "printing about 1 h 58 min" in text
    assert "in about 1 h 58 min of printing" in text
    assert "tight" not in text
    received(bo, job, printer, make_time=3600, salt=7)
    assert "tight" in browse(ada).get(f"/jobs/{job.pk}").text


def test_a_job_that_is_over_before_it_could_be_printed_says_so(browse, posted, ada, bo):
    job, printer = posted(), registered(bo)
    Job.objects.update(estimate=Job.objects.get().estimate | {"print_seconds": 40 * 3600})
    assert "1 registered printer can make this" in browse(ada).get(f"/jobs/{job.pk}").text
    printed(printer, *[(3600, 7200)] * 97)
    text = browse(ada).get(f"/jobs/{job.pk}").text
    assert "0 registered printers can make this, 1 cannot" in text
    assert "the deadline is in" in text


@pytest.mark.parametrize(
    ("pace", "prints", "text"),
    [
        (1.0, 0, "No finished print has shown yet how long it really takes."),
        (1.004, 1, "Takes as long as estimated, 1 print."),
        (1.12, 14, "Takes 1.12 times as long as estimated, 14 prints."),
        (0.9, 2, "Takes 0.90 times as long as estimated, 2 prints."),
    ],
)
def test_a_pace_in_words(pace, prints, text):
    assert pace_text(pace, prints) == text


seconds = st.floats(1, 8_640_000)


@given(st.lists(st.tuples(seconds, seconds), min_size=1, max_size=9), st.floats(1 / FARTHEST, FARTHEST))
def test_all_is_drawn_inside_the_square(prints, pace):
    plot = plot_of(prints, pace)
    assert plot is not None
    for x, y in [*((dot.x, dot.y) for dot in plot.dots), (plot.end_x, plot.end_y)]:
        assert 0 <= x <= SIDE
        assert 0 <= y <= SIDE
