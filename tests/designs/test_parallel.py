"""Two measuring tasks at once, each on a connection of its own, both having read the same rows."""

import pytest
from django.utils import timezone

from marketplace.designs import services
from marketplace.designs.models import Design
from marketplace.designs.services import design_claim
from tests.factories.models import box, stl
from tests.parallel import at_once, meeting_after

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def claims(monkeypatch):
    """Claim twice at once: neither writes before both have read."""

    def claim_twice():
        monkeypatch.setattr(services, "check_transition", meeting_after(services.check_transition, 2))
        return at_once(*[lambda: design_claim(now=timezone.now())] * 2)

    return claim_twice


def test_one_design_is_claimed_by_one_task_alone(claims, upload, ada):
    upload(ada)
    claimed = claims()
    assert sorted(design is None for design in claimed) == [False, True]
    design = Design.objects.get()
    assert (design.status, design.attempts) == ("MEASURING", 1)


def test_of_two_designs_each_task_claims_one(claims, upload, ada):
    """Both want the oldest; who loses it goes on to the next, so none waits for a sweep."""
    upload(ada)
    upload(ada, stl(box(5, 5, 5)))
    claimed = claims()
    assert len({design.pk for design in claimed}) == 2
    assert set(Design.objects.values_list("status", "attempts")) == {("MEASURING", 1)}
