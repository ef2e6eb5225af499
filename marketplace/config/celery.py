"""The Celery application: tasks come from each app's tasks.py; beat sweeps every claim."""

import os

from celery import Celery
from django.conf import settings
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.config.settings")

app = Celery("infill")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

HOUR = 3600.0

# Tasks beat sends every SWEEP_SECONDS, each claiming the rows whose status waits for it.
SWEEPS: tuple[str, ...] = (
    "designs.measure",
    "designs.uploads",
    "designs.repair",
    "designs.slice",
    "jobs.settle",
    "jobs.estimate",
    "jobs.expire",
    "bidding.expire",
    "bidding.close_books",
    "escrow.grant",
    "escrow.dispatch",
    "evidence.anchor",
    "chain.send",
    "chain.fates",
)

# A worker takes every queue unless told otherwise. Measuring and slicing, which are heavy, can have workers
# of their own; so can what needs the operator's key.
app.conf.task_queues = [Queue("infill"), Queue("measure"), Queue("slice"), Queue("send")]
app.conf.task_default_queue = "infill"
_signing = ("chain.send", "bidding.close_books", "escrow.dispatch", "evidence.anchor", "evidence.batch")
app.conf.task_routes = {
    "designs.measure": {"queue": "measure"},
    "designs.repair": {"queue": "measure"},
    "designs.slice": {"queue": "slice"},
} | {name: {"queue": "send"} for name in _signing}


@app.on_after_configure.connect
def sweeps_schedule(sender: Celery, **_: object) -> None:
    """A sweep nobody took in time is worthless: the next one is already on its way."""
    times = dict.fromkeys(SWEEPS, settings.SWEEP_SECONDS) | {
        "evidence.batch": settings.ANCHOR_SECONDS,
        "monitoring.prune": HOUR,
    }
    for name, every in times.items():
        sender.add_periodic_task(every, sender.signature(name), name=name, expires=every)
