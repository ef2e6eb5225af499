"""A designer learns who can make a job, and why the others cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from marketplace.jobs.models import Job
from marketplace.matching.selectors import matches_of
from marketplace.providers.models import Printer
from protocol.capability import Capability, Material
from protocol.jobspec import unfit
from protocol.statuses import JobStatus
from tests.factories.market import PLA_PRINTER, bearer, opened, registered
from tests.matching.test_engine import capabilities
from tests.protocol.strategies import parts
from tests.provider_agent.samples import spec as sample_spec

SMALL = Capability("FDM", (50_000,) * 3, PLA_PRINTER.materials, 400, 100, 300)
SPEC = sample_spec()
PETG = Capability("FDM", (220_000,) * 3, (Material("PETG", ("black",)),), 400, 100, 300)


@pytest.fixture
def get(client):
    def matches(job, account):
        return client.get(f"/api/v1/jobs/{job.pk}/matches", HTTP_AUTHORIZATION=bearer(account, "read"))

    return matches


def test_a_stranger_is_not_told(client, get, ada, bo):
    job = opened(ada)
    registered(bo)
    assert client.get(f"/api/v1/jobs/{job.pk}/matches").status_code == 401
    assert get(job, bo).status_code == 404


def test_a_job_without_a_spec_cannot_be_matched(get, ada):
    job = opened(ada, status=JobStatus.MEASURING)
    job.spec = None
    job.save(update_fields=["spec"])
    answer = get(job, ada)
    assert (answer.status_code, answer.json()["code"]) == (409, "job-not-opened")


def test_without_printers_nobody_can(get, ada):
    assert get(opened(ada), ada).json() == {"feasible": [], "infeasible": [], "infeasible_count": 0}


def test_who_can_and_why_the_others_cannot(get, ada, bo, charlie):
    fit = registered(bo)
    small, petg = registered(bo, SMALL, serial="mini"), registered(charlie, PETG)
    answer = get(opened(ada), ada).json()
    assert answer["feasible"] == [{"printer": fit.digest, "provider": bo.address, "expected_seconds": None}]
    reasons = {one["printer"]: one["reasons"] for one in answer["infeasible"]}
    assert answer["infeasible_count"] == 2
    assert "70 x 40 x 35 mm" in reasons[small.digest][0]
    assert "PETG" in reasons[petg.digest][0]


def test_a_superseded_profile_does_not_count(get, ada, bo):
    registered(bo)
    registered(bo, PETG, seq=2)
    answer = get(opened(ada), ada).json()
    assert (answer["feasible"], answer["infeasible_count"]) == ([], 1)


@pytest.mark.parametrize(
    ("status", "able"), [(JobStatus.OPEN, {"quick"}), (JobStatus.AWARDED, {"quick", "slow"})]
)
def test_a_printer_too_slow_for_the_deadline_cannot_while_the_job_is_open(get, ada, bo, status, able):
    job = opened(ada, status=status, deadline=timezone.now() + timedelta(hours=2))
    Job.objects.update(estimate={"print_seconds": 6000})
    quick, slow = registered(bo, serial="quick"), registered(bo, serial="slow")
    Printer.objects.filter(serial="slow").update(pace=1.5)
    answer = get(job, ada).json()
    times = {one["printer"]: one["expected_seconds"] for one in answer["feasible"]}
    assert times == {one.pk: seconds for one, seconds in ((quick, 6000), (slow, 9000)) if one.serial in able}
    reasons = [reason for one in answer["infeasible"] for reason in one["reasons"]]
    late = "Printing would take about 2 h 30 min here, the deadline is in 2 h."
    assert (reasons, answer["infeasible_count"]) == (([] if "slow" in able else [late]), 2 - len(able))


class DatabaseAgreesWithProtocol(TestCase):
    """Coarse SQL and the engine together find exactly the printers that protocol.capability finds."""

    @settings(max_examples=40, deadline=None)
    @given(st.lists(capabilities(), max_size=6), st.lists(parts, min_size=1, max_size=3))
    def test_matches(self, found, asked):
        spec = replace(SPEC, parts=tuple(asked))
        provider = Account.from_key((0xB0).to_bytes(32))
        for number, capability in enumerate(found):
            registered(provider, capability, serial=str(number))
        matches = matches_of(spec)
        able = {one.serial for one in Printer.objects.filter(pk__in=[m.printer for m in matches.feasible])}
        assert able == {str(at) for at, one in enumerate(found) if not unfit(one, spec)}
        assert matches.infeasible_count == len(found) - len(able) == len(matches.infeasible)
