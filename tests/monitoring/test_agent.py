"""An agent's socket: who may open it, what it is told, what it may say, and that it can hurt nobody."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from channels.db import database_sync_to_async
from django.utils import timezone

from marketplace.accounts.models import Token
from marketplace.bidding.services import bid_award, bids_lose
from marketplace.escrow.models import Agreement
from marketplace.jobs.services import job_withdraw
from marketplace.monitoring import consumers, services
from marketplace.monitoring.models import AgentPresence, PastSample, PrinterSample
from marketplace.monitoring.rules import COMPLAINTS_BURST, MESSAGE_LIMIT_BYTES
from marketplace.monitoring.selectors import providers_online, sample_of_agreement
from protocol.jobspec import JobSpec, job_digest
from protocol.statuses import JobStatus
from protocol.units import digest_of, hex_of
from tests.factories.market import ETHER, bearer, opened, received, registered
from tests.factories.sockets import refused, socket

pytestmark = pytest.mark.django_db(transaction=True)

make_printer, make_job, make_bid, make_token = map(
    database_sync_to_async, (registered, opened, received, bearer)
)


def reading(printer, **changed):
    plain = {"printer": printer.digest, "status": "PRINTING", "observed_at": 1_800_000_000}
    told = {"progress": 0.25, "layer": 3, "nozzle_c": 210, "bed_c": 60, "position_um": [1, 2, 3]}
    return plain | told | changed


def sample(printer, **changed):
    return report(reading(printer, **changed))


def report(*readings):
    return {"type": "telemetry", "samples": list(readings)}


def agreement_of(bid, **columns):
    now = timezone.now()
    plain = {
        "job": bid.job,
        "bid": bid,
        "designer": bid.job.designer_id,
        "provider": bid.provider_id,
        "terms": bid.bid,
        "units": 2,
        "price": 2 * ETHER // 100,
        "paid": 0,
        "status": "AWARDED",
        "how": "OPEN",
        "final_status": "NONE",
        "settled": False,
        "clock": now,
        "awarded_at": now,
        "award_transaction": "0x" + "01" * 32,
        "award_block": 1,
        "standby": "0x" + "00" * 32,
        "book": "0x" + "00" * 32,
        "grace_until": now,
    }
    return Agreement.objects.create(pk=bid.pk, **plain | columns)


async def test_without_a_token_the_door_stays_shut(place):
    assert await refused("/ws/agent")
    assert await refused("/ws/agent", authorization="Bearer nonsense")
    assert await refused("/ws/agent", authorization="Basic Ym86Ym8=")


async def test_a_token_without_the_bids_scope_is_refused(place, bo):
    assert await refused("/ws/agent", authorization=await make_token(bo, "read", "jobs"))


async def test_an_expired_token_is_refused(place, bo):
    token = await make_token(bo, "bids")
    await Token.objects.aupdate(expires_at=timezone.now() - timedelta(seconds=1))
    assert await refused("/ws/agent", authorization=token)


async def test_a_page_of_another_site_is_refused_even_with_a_token(place, bo):
    token = await make_token(bo, "bids")
    assert await refused("/ws/agent", authorization=token, origin="https://elsewhere.example")
    async with socket("/ws/agent", authorization=token, origin="http://127.0.0.1:8000") as agent:
        assert await agent.hear("hello")


async def test_a_person_without_printers_gets_no_specs_until_one_is_registered(place, ada, charlie):
    job = await make_job(ada)
    async with socket("/ws/agent", authorization=await make_token(charlie, "bids")) as agent:
        assert (await agent.hear("hello"))["time"] > 0
        await make_job(ada)
        assert await agent.receive_nothing(timeout=0.2)
        await make_printer(charlie)
        heard = {(await agent.hear("job.open"))["job"]["id"] for _ in range(2)}
        assert str(job.pk) in heard


async def test_an_agent_is_told_of_every_open_job_when_it_connects(place, ada, bo):
    await make_printer(bo)
    job, closed = await make_job(ada), await make_job(ada, status=JobStatus.WITHDRAWN)
    async with socket("/ws/agent", authorization=await make_token(bo, "bids")) as agent:
        told = (await agent.hear("job.open"))["job"]
        assert told["id"] == str(job.pk) != str(closed.pk)
        spec = JobSpec.from_json(told["spec"])
        assert hex_of(job_digest(spec, digest_of(told["salt"]))) == told["job_digest"] == job.job_digest
        assert told["bids_close_at"].endswith("Z")
        assert await agent.receive_nothing(timeout=0.2)


async def test_an_agent_is_told_of_jobs_that_open_and_change(place, ada, bo):
    await make_printer(bo)
    async with socket("/ws/agent", authorization=await make_token(bo, "bids")) as agent:
        job = await make_job(ada)
        assert (await agent.hear("job.open"))["job"]["id"] == str(job.pk)
        await database_sync_to_async(job_withdraw)(designer=ada.address, job=job.pk)
        assert await agent.hear("job.changed") == {
            "type": "job.changed",
            "job": str(job.pk),
            "status": "WITHDRAWN",
        }


async def test_a_provider_hears_of_own_bids_and_agreements_alone(place, ada, bo, charlie):
    job, printers = await make_job(ada), [await make_printer(bo), await make_printer(charlie)]
    won, lost = await make_bid(bo, job, printers[0]), await make_bid(charlie, job, printers[1])
    async with (
        socket("/ws/agent", authorization=await make_token(bo, "bids")) as winner,
        socket("/ws/agent", authorization=await make_token(charlie, "bids")) as loser,
    ):
        await database_sync_to_async(bid_award)(agreement=won.pk)
        await database_sync_to_async(bids_lose)(job=job.pk)
        assert (await winner.hear("bid.changed")) == {
            "type": "bid.changed",
            "bid": won.pk,
            "status": "AWARDED",
        }
        assert (await loser.hear("bid.changed")) == {"type": "bid.changed", "bid": lost.pk, "status": "LOST"}
        await database_sync_to_async(agreement_of)(won, final_status="AWARDED", granted=True)
        await tell("agreement.granted", f"agreement:{won.pk}", {"provider": bo.address, "job": str(job.pk)})
        assert await winner.hear("agreement.changed") == {
            "type": "agreement.changed",
            "agreement": won.pk,
            "status": "AWARDED",
            "final": True,
            "grant": True,
        }
        assert await loser.receive_nothing(timeout=0.2)


@database_sync_to_async
def tell(kind, subject, data):
    from django.db import transaction

    from marketplace.activity.services import activity_record

    with transaction.atomic():
        activity_record(kind=kind, subject=subject, data=data)


async def test_an_agreement_a_reorganisation_removed_is_none(place, bo):
    await make_printer(bo)
    async with socket("/ws/agent", authorization=await make_token(bo, "bids")) as agent:
        gone = "0x" + "77" * 32
        await tell("agreement.removed", f"agreement:{gone}", {"provider": bo.address, "job": None})
        told = await agent.hear("agreement.changed")
        assert (told["status"], told["final"], told["grant"]) == ("NONE", False, False)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "malformed"),
        ("[]", "malformed"),
        ('{"type":"bid"}', "message-unknown"),
        ('{"type":"telemetry"}', "malformed"),
        (json.dumps({"type": "heartbeat", "pad": "x" * MESSAGE_LIMIT_BYTES}), "message-too-large"),
    ],
)
async def test_a_bad_message_is_answered_and_the_next_good_one_taken(place, bo, text, code):
    printer = await make_printer(bo)
    async with socket("/ws/agent", authorization=await make_token(bo, "bids")) as agent:
        await agent.say(text)
        error = await agent.hear("error")
        assert error["code"] == code
        assert error["detail"]
        await agent.say(sample(printer, status="BUSY"))
        assert "telemetry.samples.0.status" in (await agent.hear("error"))["detail"]
        await agent.say(sample(printer))
        await agent.say({"type": "heartbeat"})
        assert await agent.receive_nothing(timeout=0.2)


async def test_a_binary_frame_is_answered_too(place, bo):
    async with socket("/ws/agent", authorization=await make_token(bo, "bids")) as agent:
        await agent.send_input({"type": "websocket.receive", "bytes": b"\x00\x01"})
        assert (await agent.hear("error"))["code"] == "malformed"


async def test_who_keeps_sending_rubbish_is_let_go(place, bo):
    async with socket("/ws/agent", authorization=await make_token(bo, "bids")) as agent:
        # One complaint is forgotten every ten seconds: room for a slow machine.
        for _ in range(int(COMPLAINTS_BURST) + 10):
            await agent.say("{")
        assert await agent.closed() == 1008


async def test_who_sends_too_fast_is_told_so(place, bo, monkeypatch):
    # So slow a refill that the speed of this machine does not matter.
    monkeypatch.setattr(consumers, "MESSAGES_PER_SECOND", 0.01)
    monkeypatch.setattr(consumers, "MESSAGES_BURST", 5)
    async with socket("/ws/agent", authorization=await make_token(bo, "bids")) as agent:
        for _ in range(7):
            await agent.say({"type": "heartbeat"})
        assert (await agent.hear("error"))["code"] == "message-too-fast"


async def test_telemetry_of_anothers_printer_is_refused(place, bo, charlie):
    await make_printer(bo)
    other = await make_printer(charlie)
    async with socket("/ws/agent", authorization=await make_token(bo, "bids")) as agent:
        await agent.say(sample(other))
        assert (await agent.hear("error"))["code"] == "not-yours"
    assert not await PrinterSample.objects.aexists()


async def test_of_a_report_with_anothers_printer_nothing_is_kept(place, bo, charlie):
    mine, other = await make_printer(bo), await make_printer(charlie)
    async with socket("/ws/agent", authorization=await make_token(bo, "bids")) as agent:
        await agent.say(report(reading(mine), reading(other)))
        assert (await agent.hear("error"))["code"] == "not-yours"
    assert not await PastSample.objects.aexists()


async def test_a_report_costs_as_much_as_its_samples(place, bo, monkeypatch):
    monkeypatch.setattr(consumers, "MESSAGES_PER_SECOND", 0.01)
    monkeypatch.setattr(consumers, "MESSAGES_BURST", 5)
    printer = await make_printer(bo)
    async with socket("/ws/agent", authorization=await make_token(bo, "bids")) as agent:
        await agent.say(report(*[reading(printer)] * 6))
        assert (await agent.hear("error"))["code"] == "message-too-fast"
        await agent.say(report(*[reading(printer)] * 4))
        assert await agent.receive_nothing(timeout=0.2)
    assert await PastSample.objects.acount() == 4


async def test_telemetry_of_anothers_agreement_is_refused(place, ada, bo, charlie):
    job, printers = await make_job(ada), [await make_printer(bo), await make_printer(charlie)]
    theirs = await database_sync_to_async(agreement_of)(await make_bid(charlie, job, printers[1]))
    async with socket("/ws/agent", authorization=await make_token(bo, "bids")) as agent:
        await agent.say(sample(printers[0], agreement=theirs.pk))
        assert (await agent.hear("error"))["code"] == "not-yours"


async def test_telemetry_reaches_the_jobs_watchers_and_the_newest_is_kept(place, ada, bo):
    job, printer = await make_job(ada), await make_printer(bo)
    made = await database_sync_to_async(agreement_of)(await make_bid(bo, job, printer))
    async with (
        socket("/ws/agent", authorization=await make_token(bo, "bids")) as agent,
        socket(f"/ws/jobs/{job.pk}", authorization=await make_token(ada, "read")) as browser,
    ):
        for progress in (0.25, 0.26, 0.27):
            await agent.say(sample(printer, agreement=made.pk, progress=progress))
        heard = await browser.hear("telemetry")
        assert (heard["agreement"], heard["progress"], heard["layer"]) == (made.pk, 0.25, 3)
        await agent.say(sample(printer, agreement=made.pk, progress=1, status="FINISHED_UNCLEARED"))
        assert (await browser.hear("telemetry"))["progress"] == 1
        await agent.say("taken in turn: answered once all before it is kept")
        await agent.hear("error")
    kept = await PrinterSample.objects.aget(printer=printer)
    assert (kept.status, kept.progress, kept.agreement) == ("FINISHED_UNCLEARED", 1, made.pk)
    assert await database_sync_to_async(sample_of_agreement)(made.pk) == kept
    assert await PrinterSample.objects.acount() == 1
    past = PastSample.objects.order_by("pk").values_list("progress", flat=True)
    assert [progress async for progress in past] == [0.25, 0.26, 0.27, 1]


async def test_samples_are_forgotten_after_their_days(place, bo, settings, monkeypatch):
    monkeypatch.setattr(services, "PRUNED_AT_ONCE", 2)
    printer = await make_printer(bo)
    async with socket("/ws/agent", authorization=await make_token(bo, "bids")) as agent:
        await agent.hear("hello")
        await agent.say(report(*[reading(printer)] * 6))
        assert await agent.receive_nothing(timeout=0.2)
    last = timezone.now() - timedelta(days=settings.SAMPLES_DAYS, seconds=1)
    await PastSample.objects.filter(pk__in=[each.pk async for each in PastSample.objects.all()[:5]]).aupdate(
        received_at=last
    )
    assert await database_sync_to_async(services.samples_prune)() == 5
    assert await PastSample.objects.acount() == 1


async def test_who_is_connected_counts_as_online_for_a_while(place, bo):
    assert await database_sync_to_async(providers_online)() == set()
    async with socket("/ws/agent", authorization=await make_token(bo, "bids")) as agent:
        await agent.hear("hello")
        assert await database_sync_to_async(providers_online)() == {bo.address}
    await AgentPresence.objects.aupdate(seen_at=timezone.now() - timedelta(minutes=2))
    assert await database_sync_to_async(providers_online)() == set()


async def test_a_token_revoked_meanwhile_gets_no_more_jobs(place, ada, bo):
    await make_printer(bo)
    await make_job(ada)
    async with socket("/ws/agent", authorization=await make_token(bo, "bids")) as agent:
        await agent.hear("job.open")
        await Token.objects.aupdate(revoked_at=timezone.now())
        await make_job(ada)
        assert await agent.receive_nothing(timeout=0.3)
