"""Evidence and the follower at once, each on a connection of its own: no print is missed, none counts twice."""

from __future__ import annotations

import pytest
from django.db import transaction

from marketplace.escrow.models import Agreement
from marketplace.evidence import prints
from marketplace.evidence.selectors import record_last, signed_of
from marketplace.evidence.services import evidence_append
from marketplace.providers import services as providers
from protocol.evidence import Kind, SignedEvidence
from tests.escrow.histories import AGREEMENT
from tests.evidence.conftest import Pen
from tests.evidence.test_prints import OTHER, final, pace, payload, slower
from tests.factories.market import INFILL
from tests.factories.place import client, place
from tests.factories.site import client_of, measured, person, store, upload
from tests.factories.world import World, world
from tests.parallel import at_once, waiting_after

__all__ = ["client", "client_of", "measured", "person", "place", "store", "upload", "world"]

pytestmark = pytest.mark.django_db(transaction=True)


def finished(world: World, agreement: str = AGREEMENT) -> SignedEvidence:
    last = record_last(agreement, world.bo.address)
    pen = Pen(world.bo, INFILL, signed_of(last) if last else None, agreement)
    return pen.write(payload(world), kind=Kind.PRINT_FINISHED)


def tell(world: World, signed: SignedEvidence, agreement: str = AGREEMENT) -> None:
    row = Agreement.objects.get(pk=agreement)
    evidence_append(agreement=row, person=world.bo.address, signed=signed)


@transaction.atomic
def become_final(world: World) -> None:
    final(world.printer)
    prints.prints_follow(agreements=[AGREEMENT])


def test_a_print_told_of_while_its_award_becomes_final_counts_once(world, monkeypatch):
    final(world.printer, "NONE")
    signed = finished(world)
    monkeypatch.setattr(prints, "prints_derived", waiting_after(prints.prints_derived))
    at_once(lambda: tell(world, signed), lambda: become_final(world))
    assert pace(world.printer) == (slower(), 1)


def test_two_agreements_printed_at_once_both_count(world, monkeypatch):
    final(world.printer)
    Agreement.objects.create(**Agreement.objects.values().get() | {"id": OTHER})
    told = {AGREEMENT: finished(world), OTHER: finished(world, OTHER)}
    monkeypatch.setattr(providers, "pace_told", waiting_after(providers.pace_told))
    at_once(*[lambda one=one: tell(world, told[one], one) for one in told])
    assert pace(world.printer) == (slower(2), 2)
