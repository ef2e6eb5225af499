"""Activity is added in the caller's atomic block, never changed, and wakes subscribers after commit."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from marketplace.activity import subscribers
from marketplace.activity.models import Activity
from marketplace.activity.rules import (
    ActivityIsAppendOnly,
    ActivityMalformed,
    ActivityOutsideAtomicBlock,
    check_words,
)
from marketplace.activity.selectors import activity_newest, activity_of
from marketplace.activity.services import activities_record, activity_record


@pytest.fixture
def woken(monkeypatch):
    """Every activity a subscriber of `job.opened` was called with."""
    seen: list[Activity] = []
    monkeypatch.setattr(subscribers, "_subscribers", {})
    subscribers.subscribe("job.opened", seen.extend)
    return seen


@pytest.mark.parametrize("kind", ["opened", "Job.opened", "job.", "job opened", ""])
def test_a_kind_of_the_wrong_shape_is_refused(kind):
    with pytest.raises(ActivityMalformed, match=r"job\.opened"):
        check_words(kind, "job:1")


@pytest.mark.parametrize("subject", ["job", "job:", ":1", "job: 1", ""])
def test_a_subject_of_the_wrong_shape_is_refused(subject):
    with pytest.raises(ActivityMalformed, match="job:<id>"):
        check_words("job.opened", subject)


@given(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), st.uuids())
def test_words_made_of_an_entity_and_an_id_pass(what, identity):
    assert check_words(f"a.a{what}", f"job:{identity}") is None


@pytest.mark.django_db(transaction=True)
def test_activity_apart_from_its_change_is_refused():
    with pytest.raises(ActivityOutsideAtomicBlock):
        activity_record(kind="job.opened", subject="job:1")
    assert not Activity.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        lambda row: row.save(),
        lambda row: row.delete(),
        lambda row: Activity.objects.update(kind="job.closed"),
        lambda row: Activity.objects.all().delete(),
    ],
)
def test_a_row_is_never_changed_or_deleted(change):
    row = activity_record(kind="job.opened", subject="job:1")
    with pytest.raises(ActivityIsAppendOnly):
        change(row)
    assert Activity.objects.get().kind == "job.opened"


@pytest.mark.django_db
def test_the_database_itself_refuses_a_change():
    activity_record(kind="job.opened", subject="job:1")
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE activity_activity SET kind = 'job.closed'")
    assert Activity.objects.get().kind == "job.opened"


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_change_wakes_nobody(woken):
    with transaction.atomic():
        activity_record(kind="job.opened", subject="job:1")
        transaction.set_rollback(True)
    assert not woken
    assert not Activity.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_failing_subscriber_is_logged_and_breaks_nothing(woken, monkeypatch, caplog):
    def broken(activities: Sequence[Activity]) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(subscribers, "_subscribers", {"job.opened": [broken, woken.extend]})
    with transaction.atomic():
        activity_record(kind="job.opened", subject="job:1")
    assert [row.subject for row in woken] == ["job:1"]
    assert "broken failed on job.opened" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_subscribers_are_woken_after_commit(woken):
    with transaction.atomic():
        row = activity_record(kind="job.opened", subject="job:1", actor="0xAda", data={"price": "1"})
        activity_record(kind="job.closed", subject="job:1")
        assert not woken
    assert woken == [row]


@pytest.mark.django_db(transaction=True)
def test_a_subscriber_of_everything_hears_every_kind(monkeypatch):
    seen: list[Activity] = []

    def hear(activities: Sequence[Activity]) -> None:
        seen.extend(activities)

    monkeypatch.setattr(subscribers, "_subscribers", {})
    subscribers.subscribe("*", hear)
    subscribers.subscribe("*", hear)
    with transaction.atomic():
        activity_record(kind="job.opened", subject="job:1")
        activity_record(kind="bid.received", subject="job:1")
    assert [row.kind for row in seen] == ["job.opened", "bid.received"]


@pytest.mark.django_db(transaction=True)
def test_what_happened_together_wakes_a_subscriber_once(monkeypatch):
    calls: list[list[str]] = []
    monkeypatch.setattr(subscribers, "_subscribers", {})
    subscribers.subscribe("job.opened", lambda activities: calls.append([row.subject for row in activities]))
    kinds = [("job.opened", "job:1"), ("job.closed", "job:1"), ("job.opened", "job:2")]
    with transaction.atomic():
        activities_record(activities=[Activity(kind=kind, subject=subject) for kind, subject in kinds])
    assert calls == [["job:1", "job:2"]]
    assert [(row.kind, row.subject) for row in Activity.objects.order_by("pk")] == kinds


@pytest.mark.django_db
def test_what_happened_to_a_subject_is_read_in_order():
    for kind, subject in [("job.opened", "job:1"), ("job.opened", "job:2"), ("job.closed", "job:1")]:
        activity_record(kind=kind, subject=subject)
    assert [row.kind for row in activity_of("job:1")] == ["job.opened", "job.closed"]
    assert [row.subject for row in activity_newest(2)] == ["job:1", "job:2"]
