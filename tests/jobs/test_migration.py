"""What a job asked for before its parts had settings of their own is what each of its parts asks for now."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from tests.parallel import second_database

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = [("jobs", "0001_initial"), ("designs", "0001_initial")]
AFTER = [("jobs", "0004_parts_alone"), ("designs", "0001_initial")]
NOW = datetime(2030, 1, 1, tzinfo=UTC)


def test_parts_have_what_their_job_had(database_url):
    with second_database(database_url) as name:
        executor = MigrationExecutor(connections[name])
        executor.migrate(BEFORE)
        old = executor.loader.project_state(BEFORE).apps
        jobs = [job_make(old, name, *how) for how in (("PETG", "black", 200, 40), ("PLA", "any", 150, 15))]
        executor = MigrationExecutor(connections[name])
        executor.migrate(AFTER)
        new = executor.loader.project_state(AFTER).apps
        parts = new.get_model("jobs", "JobPart").objects.using(name)
        found = parts.order_by("pk").values_list("job_id", "material", "colour", "layer_um", "infill_percent")
        assert list(found) == [
            (jobs[0], "PETG", "black", 200, 40),
            (jobs[0], "PETG", "black", 200, 40),
            (jobs[1], "PLA", "any", 150, 15),
            (jobs[1], "PLA", "any", 150, 15),
        ]
        statuses = new.get_model("jobs", "Job").objects.using(name).values_list("status", flat=True)
        assert list(statuses) == ["EXPIRED", "EXPIRED"]


def job_make(apps, database, material, colour, layer_um, infill_percent):
    person, _ = apps.get_model("accounts", "Person").objects.using(database).get_or_create(address="0xada")
    design = (
        apps.get_model("designs", "Design")
        .objects.using(database)
        .create(owner=person, name="a", digest=material, bytes=1)
    )
    job = apps.get_model("jobs", "Job").objects.using(database).create(
        designer=person, title="a", material=material, colour=colour, layer_um=layer_um,
        infill_percent=infill_percent, quantity=1, deadline=NOW, bids_close_at=NOW, budget_wei="1",
        ship_to_zone="any", licence="any", status="OPEN", salt=bytes(32), spec={"version": 1},
    )  # fmt: skip
    parts = apps.get_model("jobs", "JobPart").objects.using(database)
    for position in range(2):
        parts.create(job=job, design=design, position=position, copies=1, salt=bytes(32))
    return job.pk
