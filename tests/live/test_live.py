"""What browsers see change: only that it did, and only those it concerns."""

from __future__ import annotations

import asyncio

import pytest
from channels.db import database_sync_to_async
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from marketplace.accounts.models import Person
from marketplace.activity.models import Activity
from marketplace.monitoring.groups import groups_push, job_group
from protocol.statuses import JobStatus
from tests.factories.market import bearer, bid_body, bid_on, opened, received, registered
from tests.factories.sockets import refused, socket

pytestmark = pytest.mark.django_db(transaction=True)

make_printer, make_job, make_bid, make_token = map(
    database_sync_to_async, (registered, opened, received, bearer)
)
OURS = "http://127.0.0.1:8000"


@database_sync_to_async
def session_of(account) -> str:
    """The cookie of somebody who signed in."""
    person, _ = Person.objects.get_or_create(address=account.address)
    browser = Client()
    browser.force_login(person, backend=django_settings.AUTHENTICATION_BACKENDS[0])
    return f"sessionid={browser.cookies['sessionid'].value}"


async def test_a_job_is_not_watched_by_just_anybody(place, ada, charlie):
    job = await make_job(ada)
    await make_printer(charlie)
    assert await refused(f"/ws/jobs/{job.pk}")
    assert await refused(f"/ws/jobs/{job.pk}", authorization=await make_token(charlie, "read"))
    assert await refused(f"/ws/jobs/{job.pk}", cookie=await session_of(charlie), origin=OURS)


async def test_a_job_that_is_not_there_cannot_be_watched(place, ada):
    nothing = "/ws/jobs/00000000-0000-4000-8000-000000000000"
    assert await refused(nothing, authorization=await make_token(ada, "read"))


async def test_a_token_that_may_not_read_does_not_watch(place, ada):
    job = await make_job(ada)
    assert await refused(f"/ws/jobs/{job.pk}", authorization=await make_token(ada, "jobs"))


async def test_a_session_is_not_ridden_from_another_site(place, ada):
    job, cookie = await make_job(ada), await session_of(ada)
    assert await refused(f"/ws/jobs/{job.pk}", cookie=cookie, origin="https://elsewhere.example")
    assert await refused(f"/ws/jobs/{job.pk}", cookie=cookie), "a session without an Origin is no browser's"
    async with socket(f"/ws/jobs/{job.pk}", cookie=cookie, origin=OURS):
        pass


async def test_who_talks_is_let_go(place):
    async with socket("/ws/home") as page:
        await page.say({"type": "hello"})
        assert await page.closed() == 1008


async def test_the_designer_sees_a_bid_arrive_without_learning_it_here(place, client, ada, bo):
    job, printer = await make_job(ada), await make_printer(bo)
    token = await make_token(bo, "bids")
    body = bid_body(bo, bid_on(job, printer))
    async with socket(f"/ws/jobs/{job.pk}", cookie=await session_of(ada), origin=OURS) as page:
        answer = await database_sync_to_async(client.post)(
            reverse("job-bids", args=[job.pk]), body, HTTP_AUTHORIZATION=token
        )
        assert answer.status_code == 201
        told = await page.hear("changed")
        assert told == {"type": "changed", "kind": "bid.received", "subject": f"job:{job.pk}"}


async def test_a_bidder_watches_too_and_hears_nothing_of_other_jobs(place, ada, bo):
    job, other, printer = await make_job(ada), await make_job(ada), await make_printer(bo)
    await make_bid(bo, job, printer)
    async with socket(f"/ws/jobs/{job.pk}", authorization=await make_token(bo, "read")) as page:
        await make_bid(bo, other, printer)
        assert await page.receive_nothing(timeout=0.2)
        await make_bid(bo, job, printer)
        assert (await page.hear("changed"))["kind"] == "bid.received"


async def test_news_of_an_agreement_reach_the_pages_of_its_job(place, ada, bo):
    from tests.monitoring.test_agent import tell

    job = await make_job(ada)
    bid = await make_bid(bo, job, await make_printer(bo))
    async with socket(f"/ws/jobs/{job.pk}", authorization=await make_token(ada, "read")) as page:
        for kind in ("agreement.awarded", "evidence.appended"):
            await tell(kind, f"agreement:{bid.pk}", {"provider": bo.address})
            told = await page.hear("changed")
            assert (told["kind"], told["subject"]) == (kind, f"agreement:{bid.pk}")


async def test_anybody_on_the_home_page_learns_that_counts_changed_but_not_of_whom(place, ada):
    async with socket("/ws/home") as page:
        await make_job(ada)
        assert await page.hear("changed") == {"type": "changed", "kind": "job.opened"}


async def test_without_a_channel_layer_server_a_bid_is_taken_all_the_same(
    place, client, ada, bo, settings, caplog
):
    job, printer = await make_job(ada), await make_printer(bo)
    token, body = await make_token(bo, "bids"), bid_body(bo, bid_on(job, printer))
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": ["redis://127.0.0.1:1/0"]},
        }
    }
    answer = await database_sync_to_async(client.post)(
        reverse("job-bids", args=[job.pk]), body, HTTP_AUTHORIZATION=token
    )
    assert answer.status_code == 201
    assert await Activity.objects.filter(kind="bid.received").aexists()
    assert "subscriber activities_show failed" in caplog.text


async def test_news_pass_through_a_real_redis(place, ada, bo, settings, redis_url):
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [redis_url]},
        }
    }
    job = await make_job(ada, status=JobStatus.OPEN)
    printer = await make_printer(bo)
    async with socket(f"/ws/jobs/{job.pk}", authorization=await make_token(ada, "read")) as page:
        bid = await make_bid(bo, job, printer)
        assert (await page.hear("changed"))["subject"] == f"job:{job.pk}"
        assert bid.job_id == job.pk
        # As a Celery worker or the follower pushes: from a thread that has no event loop.
        await asyncio.to_thread(
            groups_push, [(job_group(job.pk), {"type": "live.changed", "message": {"type": "again"}})]
        )
        assert await page.hear("again")
