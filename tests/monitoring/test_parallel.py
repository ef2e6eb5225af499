"""Two processes hear one agent at once, each on a connection of its own."""

import pytest
from django.utils import timezone

from marketplace.monitoring.models import AgentPresence, PastSample, PrinterSample
from marketplace.monitoring.services import presence_touch, samples_keep, samples_prune
from protocol.units import seconds_of
from tests.factories.market import registered
from tests.parallel import at_once


def said_of(person) -> dict:
    return dict.fromkeys(["progress", "layer", "nozzle_c", "bed_c", "position_um", "agreement"]) | {
        "printer": registered(person).digest, "status": "READY", "observed_at": seconds_of(timezone.now()),
    }  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_who_prune_at_once_forget_each_sample_once(bo, settings):
    settings.SAMPLES_DAYS = -1
    samples_keep(samples=[said_of(bo)] * 50, newest=[])
    forgotten = []
    at_once(*[lambda: forgotten.append(samples_prune())] * 3)
    assert (sum(forgotten), PastSample.objects.count()) == (50, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_first_words_at_once_make_one_row(bo, attempt):
    said = said_of(bo)
    at_once(*[lambda: presence_touch(address=bo.address)] * 3)
    at_once(*[lambda: samples_keep(samples=[said], newest=[said])] * 3)
    assert (AgentPresence.objects.count(), PrinterSample.objects.count()) == (1, 1)
    assert PastSample.objects.count() == 3
