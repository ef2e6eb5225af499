"""A provider's counters, when two of its agreements become final at once."""

import pytest
from django.db import transaction

from marketplace.escrow import consequences
from marketplace.escrow.consequences import providers_follow
from marketplace.escrow.models import Agreement
from marketplace.providers.models import Provider
from protocol.statuses import AgreementStatus, How
from tests.parallel import at_once, waiting_after


@pytest.mark.django_db(transaction=True)
def test_agreements_that_become_final_at_once_are_both_counted(world, bo, monkeypatch):
    row = Agreement.objects.values().get()
    other = Agreement.objects.create(**row | {"id": "0x" + "cd" * 32})
    monkeypatch.setattr(consequences, "provider_record", waiting_after(consequences.provider_record))

    @transaction.atomic
    def completed(agreement: str) -> None:
        final = {"final_status": AgreementStatus.CLOSED, "how": How.RELEASED}
        Agreement.objects.filter(pk=agreement).update(**final)
        providers_follow(addresses=[bo.address])

    at_once(lambda: completed(row["id"]), lambda: completed(other.pk))
    assert Provider.objects.get(pk=bo.address).completed == 2
