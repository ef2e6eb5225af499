"""Two processes hear one agent at once, each on a connection of its own."""

import pytest
from django.utils import timezone

from marketplace.monitoring.models import AgentPresence, PastSample, PrinterSample
from marketplace.monitoring.services import presence_touch, samples_keep
from protocol.units import seconds_of
from tests.factories.market import registered
from tests.parallel import at_once


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_first_words_at_once_make_one_row(bo, attempt):
    said = dict.fromkeys(["progress", "layer", "nozzle_c", "bed_c", "position_um", "agreement"]) | {
        "printer": registered(bo).digest, "status": "READY", "observed_at": seconds_of(timezone.now()),
    }  # fmt: skip
    at_once(*[lambda: presence_touch(address=bo.address)] * 3)
    at_once(*[lambda: samples_keep(samples=[said], newest=[said])] * 3)
    assert (AgentPresence.objects.count(), PrinterSample.objects.count()) == (1, 1)
    assert PastSample.objects.count() == 3
