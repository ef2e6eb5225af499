"""Work through a real broker: beat's sweeps and wake-ups reach workers, and two workers do everything once."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from marketplace.activity.models import Activity
from marketplace.config.celery import app
from marketplace.jobs.models import Job
from protocol.statuses import JobStatus
from tests.factories.market import opened
from tests.parallel import url_here
from tests.processes import eventually, process

ROOT = Path(__file__).resolve().parents[2]
CELERY = [sys.executable, "-m", "celery", "-A", "marketplace.config.celery"]
WORKER = [
    *CELERY,
    "worker",
    "--pool",
    "threads",
    "--concurrency",
    "2",
    "--without-mingle",
    "--without-gossip",
    "--loglevel",
    "INFO",
]
JOBS = 40


@pytest.fixture
def runs(transactional_db, tmp_path, redis_url):
    """Start Celery programs on this test's rows and a broker; their logs."""
    env = {
        **os.environ,
        "DATABASE_URL": url_here(),
        "REDIS_URL": redis_url,
        "DATA_DIR": str(tmp_path),
        "SWEEP_SECONDS": "0.5",
    }
    with ExitStack() as started:

        def run(name: str, *command: str) -> Path:
            log = tmp_path / f"{name}.txt"
            started.enter_context(process(list(command), log, cwd=ROOT, env=env))
            return log

        yield run


def late_jobs(ada) -> None:
    for _ in range(JOBS):
        opened(ada, deadline=timezone.now() - timedelta(seconds=1))


def all_expired() -> bool:
    return not Job.objects.filter(status=JobStatus.OPEN).exists()


def test_beat_wakes_two_workers_and_each_job_expires_once(runs, ada):
    late_jobs(ada)
    logs = [runs(f"worker{number}", *WORKER, "--hostname", f"worker{number}@here") for number in (1, 2)]
    eventually(lambda: all("ready" in log.read_text() for log in logs), seconds=60)
    runs("beat", *CELERY, "beat", "--schedule", str(logs[0].with_name("beat")), "--pidfile", "")
    eventually(all_expired, seconds=60)
    assert Activity.objects.filter(kind="job.expired").count() == JOBS


def test_without_beat_a_message_is_enough(runs, ada, redis_url):
    late_jobs(ada)
    log = runs("worker", *WORKER)
    eventually(lambda: "ready" in log.read_text(), seconds=60)
    assert not all_expired(), "nobody asked"
    with app.connection_for_write(redis_url) as broker:
        app.send_task("jobs.expire", connection=broker)
    eventually(all_expired, seconds=60)
