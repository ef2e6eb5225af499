"""What two workers may want at once, for each place that claims a row or locks one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from eth_account.messages import encode_defunct

from marketplace.accounts.errors import SignInReplayed
from marketplace.accounts.models import Person
from marketplace.accounts.services import challenge_issue, person_sign_in, token_revoke
from marketplace.bidding.models import Bid, EpochBump
from marketplace.bidding.services import bids_expire, bids_lose
from marketplace.bidding.voiding import bids_follow
from marketplace.chain.models import Log
from marketplace.designs import repairs
from marketplace.designs import services as designs
from marketplace.designs.models import Design, Repair, Slicing, Upload
from marketplace.designs.resumable import upload_append, upload_create, uploads_sweep
from marketplace.designs.rules import (
    SLICINGS_LIMIT,
    UPLOAD_OPEN_LIMIT,
    DesignInUse,
    DesignStatus,
    RepairStatus,
    SlicingStatus,
    TooManyUploads,
    UploadBusy,
    UploadOffsetWrong,
)
from marketplace.designs.slicing.outcome import SliceSettings
from marketplace.designs.slicings import _settle as _settle_slicing
from marketplace.designs.slicings import slicing_claim, slicing_want
from marketplace.escrow.consequences import _grant, job_follow
from marketplace.escrow.dispatching import dispatch_want
from marketplace.escrow.mandates import mandate_claim, mandate_store, mandates_end, mandates_project
from marketplace.escrow.models import Agreement, Mandate
from marketplace.escrow.services import agreements_project, grace_waive
from marketplace.jobs.estimates import job_estimate
from marketplace.jobs.models import Job
from marketplace.jobs.rules import JobInvalid, JobStatusConflict, PartAsked, Posting
from marketplace.jobs.services import job_expire, job_post, job_settle, job_withdraw
from marketplace.providers.errors import PrinterSeqStale
from marketplace.providers.services import printer_register
from protocol.capability import Capability
from protocol.signatures import signature_of
from protocol.statuses import AgreementStatus, JobStatus
from protocol.units import ZERO_ADDRESS
from tests.escrow.histories import AGREEMENT
from tests.factories.logs import encoded
from tests.factories.market import ESCROW, INFILL, PLA_PRINTER, profile_of, signed
from tests.factories.world import World

Calls = Sequence[Callable[[], Any]]


@dataclass(frozen=True)
class Race:
    """`begin` sets the scene and returns what the two workers call; with `wins`, one answer is true and one false.

    `told` is the kind of activity that is recorded once. `meet` is a function from which both return together,
    before either writes. `under_lock` is one after which the first waits for the second, to no avail if there is
    the lock that is meant.
    """

    claims: tuple[str, ...]
    begin: Callable[[World], Calls]
    told: str = ""
    wins: bool = True
    meet: str = ""
    under_lock: str = ""


def refused(call: Callable[[], Any], error: type[Exception]) -> bool:
    """Whether a call went through, and was not refused with this error."""
    try:
        call()
    except error:
        return False
    return True


def in_block(call: Callable[[], Any]) -> Any:
    with transaction.atomic():
        return call()


def sign_ins(world: World) -> Calls:
    message = challenge_issue(address=world.ada.address).text()
    signature = "0x" + world.ada.sign_message(encode_defunct(text=message)).signature.hex()
    return [lambda: refused(lambda: person_sign_in(message=message, signature=signature), SignInReplayed)] * 2


def revocations(world: World) -> Calls:
    ada = Person.objects.get(address=world.ada.address)
    return [lambda: token_revoke(person=ada, token_id=world.token_id)] * 2


def _registers(world: World, capability: Capability) -> bool:
    profile = profile_of(world.bo, capability, seq=7)
    return refused(
        lambda: printer_register(
            profile=profile,
            capability=capability,
            signature=signature_of(signed(world.bo, profile, INFILL)),
            person=world.bo.address,
            domain=INFILL,
        ),
        PrinterSeqStale,
    )


def profiles(world: World) -> Calls:
    """Two of one seq, for the same printer."""
    other = Capability("FDM", (100_000, 100_000, 100_000), PLA_PRINTER.materials, 400, 100, 300)
    return [lambda: _registers(world, PLA_PRINTER), lambda: _registers(world, other)]


def late_measurer(world: World) -> Calls:
    """Its lease is over, and as it comes back another takes the design."""
    long_ago = timezone.now() - timedelta(hours=1)
    Design.objects.update(status=DesignStatus.MEASURING, attempts=1, claimed_until=long_ago)
    held = Design.objects.get()

    def settles() -> bool:
        designs._settle(held, DesignStatus.MEASURED)
        return held.status == DesignStatus.MEASURED

    return [settles, lambda: designs.design_claim(now=timezone.now()) is not None]


def late_repairer(world: World) -> Calls:
    """As of a measurer: its lease is over, and as it comes back another takes the repair."""
    long_ago = timezone.now() - timedelta(hours=1)
    held = Repair.objects.create(
        design=world.design, status=RepairStatus.REPAIRING, attempts=1, claimed_until=long_ago
    )
    return [
        lambda: repairs._settle(held, RepairStatus.REFUSED),
        lambda: repairs.repair_claim(now=timezone.now()) is not None,
    ]


def slicings(world: World) -> Calls:
    slicing_want(design=world.design)
    return [lambda: slicing_claim(now=timezone.now()) is not None] * 2


def slices_wanted(world: World) -> Calls:
    Slicing.objects.all().delete()
    return [lambda: slicing_want(design=world.design)] * 2


def last_slices(world: World) -> Calls:
    """One more may be had."""
    Slicing.objects.all().delete()
    for layer in range(101, 100 + SLICINGS_LIMIT):
        slicing_want(design=world.design, how=SliceSettings(layer, 20))

    def wants(layer: int) -> bool:
        return slicing_want(design=world.design, how=SliceSettings(layer, 20)) is not None

    return [lambda: wants(301), lambda: wants(302)]


def slices_late(world: World) -> Calls:
    """Its lease is over, and as it comes back another takes the slicing."""
    slicing_want(design=world.design)
    long_ago = timezone.now() - timedelta(hours=1)
    held = slicing_claim(now=long_ago)
    assert held is not None

    def settles() -> bool:
        _settle_slicing(held, SlicingStatus.SLICED, seconds=1, extruded_mm3=1.0)
        return held.status == SlicingStatus.SLICED

    return [settles, lambda: slicing_claim(now=timezone.now()) is not None]


def grants(world: World) -> Calls:
    asked = {"design": world.design.pk, "provider": world.bo.address, "agreement": AGREEMENT}
    return [lambda: designs.design_grant_create(**asked)] * 2


def revived(world: World) -> Calls:
    calls = grants(world)
    calls[0]()
    designs.design_grant_revoke(agreement=AGREEMENT)
    return calls


def grants_ended(world: World) -> Calls:
    grants(world)[0]()
    return [lambda: bool(designs.design_grant_revoke(agreement=AGREEMENT))] * 2


def last_places(world: World) -> Calls:
    """One more upload may be open."""
    ada = Person.objects.get(address=world.ada.address)

    def start() -> Upload:
        return upload_create(owner=ada, name="a.stl", length=1, unit="", now=timezone.now())

    for _ in range(UPLOAD_OPEN_LIMIT - 2):
        start()
    return [lambda: refused(start, TooManyUploads)] * 2


def same_part(world: World) -> Calls:
    """Both send the same bytes for the same place."""

    def send(chunk: bytes) -> bool:
        upload = Upload.objects.get(pk=world.upload.pk)
        try:
            upload_append(upload=upload, offset=0, chunks=[chunk], now=timezone.now())
        except (UploadBusy, UploadOffsetWrong):
            return False
        return True

    return [lambda chunk=chunk: send(chunk) for chunk in (b"a" * 60, b"b" * 60)]


def last_part(world: World) -> Calls:
    """The last bytes come while a sweep is at it."""
    Upload.objects.update(length=8)

    def sends() -> bool:
        upload_append(upload=world.upload, offset=0, chunks=[b"the part"], now=timezone.now())
        return True

    def sweeps() -> bool:
        uploads_sweep(now=timezone.now())
        return False

    return [sends, sweeps]


def _over(world: World) -> None:
    """Nothing needs Ada's design any more."""
    Job.objects.update(status=JobStatus.WITHDRAWN)
    Agreement.objects.update(status=AgreementStatus.CLOSED)


def _deletion(world: World, error: type[Exception]) -> Callable[[], bool]:
    asked = {"owner": world.ada.address, "design": world.design.pk}
    return lambda: refused(lambda: designs.design_delete(**asked), error)


def deletions(world: World) -> Calls:
    _over(world)
    return [_deletion(world, Http404)] * 2


def deleted_or_posted(world: World) -> Calls:
    _over(world)
    ada, now = Person.objects.get(pk=world.ada.address), timezone.now()
    asked = Posting(
        title="Again", parts=[PartAsked(world.design.pk, 1, "PLA", "any", 200, 20)], quantity=1,
        deadline=now + timedelta(days=2), bids_close_at=now + timedelta(days=1), budget_wei=1,
        ship_to_zone="any", licence="print only",
    )  # fmt: skip
    post = {"designer": ada, "posting": asked, "now": now}
    return [_deletion(world, DesignInUse), lambda: refused(lambda: job_post(**post), JobInvalid)]


def openings(world: World) -> Calls:
    Job.objects.update(status=JobStatus.MEASURING)
    return [lambda: job_settle(job=Job.objects.get(), now=timezone.now())] * 2


def estimates(world: World) -> Calls:
    """A slice has arrived."""
    Slicing.objects.all().delete()
    slicing_want(design=world.design)
    Slicing.objects.update(
        status=SlicingStatus.SLICED, seconds=9999, extruded_mm3=999.0, slicer="prusa-slicer 2.5.0"
    )
    return [lambda: job_estimate(job=Job.objects.get())] * 2


def expiries(world: World) -> Calls:
    return [lambda: job_expire(job=Job.objects.get())] * 2


def withdrawn_in_time(world: World) -> Calls:
    withdraw = {"designer": world.ada.address, "job": world.job.pk}
    return [lambda: refused(lambda: job_withdraw(**withdraw), JobStatusConflict), expiries(world)[0]]


def bids_run_out(world: World) -> Calls:
    return [lambda: bool(bids_expire(chain_time=timezone.now() + timedelta(days=1)))] * 2


def bids_lost(world: World) -> Calls:
    return [lambda: bool(bids_lose(job=world.job.pk))] * 2


def bids_withdrawn(world: World) -> Calls:
    """Bo raised the epoch; follower and sweep see it at once."""
    place = {"block_digest": "0x" + "e0" * 32, "block": 1, "log_index": 7}
    EpochBump.objects.create(escrow=ESCROW, token=ZERO_ADDRESS, provider=world.bo.address, epoch=1, **place)
    return [lambda: bool(bids_follow(bids=Bid.objects.all()))] * 2


def projections(world: World) -> Calls:
    """A delivery is read by two."""
    last = Log.objects.order_by("block", "log_index").last()
    place = {"block": last.block + 1, "log_index": 0, "block_digest": "0x" + "23" * 32, "time": last.time}
    topics, data = encoded("Delivered", {"agreement": AGREEMENT, "head": "0x" + "68" * 32})
    rest = {"transaction": last.transaction, "address": ESCROW, "topics": topics, "data": data}
    Log.objects.create(cursor=last.cursor, name="Delivered", agreement=AGREEMENT, **place, **rest)
    return [lambda: agreements_project(agreements=[AGREEMENT])] * 2


def granted(world: World) -> Calls:
    return [lambda: in_block(lambda: _grant(world.agreement, world.job))] * 2


def last_units(world: World) -> Calls:
    """Two agreements become live at once, and only both together bind all units of the job."""
    Job.objects.update(quantity=2 * world.agreement.units)
    rows = Agreement.objects.filter(pk=AGREEMENT)
    rows.update(status=AgreementStatus.CLOSED)
    other = rows.values().get() | {"id": "0x" + "cd" * 32}
    Agreement.objects.create(**other)

    def live(agreement: str) -> None:
        Agreement.objects.filter(pk=agreement).update(status=AgreementStatus.AWARDED)
        job_follow(job=world.job)

    return [lambda pk=pk: in_block(lambda: live(pk)) for pk in (AGREEMENT, other["id"])]


def waivers(world: World) -> Calls:
    return [lambda: grace_waive(agreement=world.agreement, person=world.ada.address)] * 2


def handed_in(world: World) -> Calls:
    """The same mandate, twice."""
    Mandate.objects.all().delete()
    kept = {"digest": world.mandate.pk, "job": world.job, "limits": world.mandate.terms, "signature": b"s"}
    rest = {"printers": [], "award_from": None, "free": 0, "now": timezone.now()}
    return [lambda: mandate_store(**kept, **rest)[1]] * 2


def looks(world: World) -> Calls:
    row = Mandate.objects.get()
    return [lambda: mandate_claim(row=row, now=timezone.now())] * 2


def dispatches(world: World) -> Calls:
    """Two workers chose the same bid, each after it had looked at all there are."""
    asked = {"mandate": world.mandate, "bid": world.bid, "units": 2, "considered": [world.bid.pk]}
    Agreement.objects.all().delete()
    return [lambda: dispatch_want(**asked, now=timezone.now()) is not None] * 2


def mandates_over(world: World) -> Calls:
    Job.objects.update(status=JobStatus.WITHDRAWN)
    return [lambda: bool(mandates_end())] * 2


def revocation_read(world: World) -> Calls:
    """A revocation is read by two."""
    last = Log.objects.order_by("block", "log_index").last()
    place = {"block": last.block + 1, "log_index": 0, "block_digest": "0x" + "24" * 32, "time": last.time}
    topics, data = encoded("MandateRevoked", {"mandate": world.mandate.pk, "designer": world.ada.address})
    rest = {"transaction": last.transaction, "address": ESCROW, "topics": topics, "data": data}
    Log.objects.create(cursor=last.cursor, name="MandateRevoked", agreement="", **place, **rest)
    return [lambda: mandates_project(mandates=[world.mandate.pk])] * 2


ACCOUNTS, PROVIDERS = "marketplace.accounts.services", "marketplace.providers.services"
RESUMABLE = "marketplace.designs.resumable"
REPAIRS = "marketplace.designs.repairs"
ESTIMATES = "marketplace.jobs.estimates"
DESIGNS, JOBS = "marketplace.designs.services", "marketplace.jobs.services"
SLICINGS = "marketplace.designs.slicings"
QUEUE = "marketplace.designs.queue"
BIDDING, ESCROW_APP = "marketplace.bidding.services", "marketplace.escrow"

RACES = {
    "a message signs in once": Race(
        (f"{ACCOUNTS}.person_sign_in",), sign_ins, under_lock=f"{ACCOUNTS}._check_signer"
    ),
    "a token is revoked once": Race((f"{ACCOUNTS}.token_revoke",), revocations),
    "a printer has one profile of a seq": Race(
        (f"{PROVIDERS}.printer_register",), profiles, "printer.registered", under_lock=f"{PROVIDERS}._printer_create"
    ),
    "a measurer that comes late has lost its claim": Race(
        (f"{QUEUE}.settle", f"{QUEUE}.claim"), late_measurer, meet=f"{QUEUE}.check_transition"
    ),
    "a repairer that comes late has lost its claim": Race(
        (f"{QUEUE}.settle", f"{QUEUE}.claim"), late_repairer, meet=f"{QUEUE}.check_transition"
    ),
    "a slicing is claimed once": Race((f"{QUEUE}.claim",), slicings),
    "a slicing is wanted once": Race(
        (f"{SLICINGS}.slicing_want",), slices_wanted, "design.slice_wanted", wins=False, under_lock=f"{SLICINGS}._known"
    ),
    "a design's last slicing is wanted once": Race(
        (f"{SLICINGS}.slicing_want",), last_slices, under_lock=f"{SLICINGS}._known"
    ),
    "a slicer that comes late has lost its claim": Race(
        (f"{QUEUE}.settle", f"{QUEUE}.claim"), slices_late, meet=f"{QUEUE}.check_transition"
    ),
    "a design is granted once": Race((f"{DESIGNS}.design_grant_create",), grants, "design.granted", wins=False),
    "a grant revives once": Race((f"{DESIGNS}.design_grant_create",), revived, "design.granted", wins=False),
    "a grant ends once": Race((f"{DESIGNS}._grants_end",), grants_ended, "design.grant_revoked", under_lock=f"{DESIGNS}._announce"),
    "a design is deleted once": Race(
        (f"{DESIGNS}.design_delete",), deletions, "design.deleted", under_lock=f"{DESIGNS}.uses_of"
    ),
    "a design is deleted, or a job of it is posted": Race(
        (f"{DESIGNS}.design_delete", f"{JOBS}.job_post"), deleted_or_posted, under_lock=f"{DESIGNS}.uses_of"
    ),
    "the last place for an upload is one's": Race(
        (f"{RESUMABLE}.upload_create",), last_places, under_lock=f"{RESUMABLE}.quota_check"
    ),
    "a part is written once": Race((f"{RESUMABLE}.upload_append",), same_part, under_lock=f"{RESUMABLE}._place_check"),
    "an upload becomes a design once": Race(
        (f"{RESUMABLE}._keep", f"{DESIGNS}.design_create"), last_part, "design.uploaded", under_lock=f"{RESUMABLE}.design_create"
    ),
    "a job opens once": Race((f"{JOBS}.job_open", f"{JOBS}._move"), openings, "job.opened", meet=f"{JOBS}.opening_of"),
    "a job is estimated anew once": Race(
        (f"{ESTIMATES}.job_estimate",), estimates, "job.estimated", under_lock=f"{ESTIMATES}.estimates_of"
    ),
    "a job expires once": Race((f"{JOBS}._move",), expiries, "job.expired", meet=f"{JOBS}.check_transition"),
    "a job is withdrawn, or it expires": Race(
        (f"{JOBS}._move",), withdrawn_in_time, meet=f"{JOBS}.check_transition"
    ),
    "a bid expires once": Race((f"{BIDDING}.bids_expire",), bids_run_out, "bid.changed"),
    "a bid is lost once": Race((f"{BIDDING}.bids_lose",), bids_lost, "bid.changed"),
    "a bid is withdrawn once": Race(("marketplace.bidding.voiding._move",), bids_withdrawn, "bid.changed"),
    "a log is news once": Race(
        (f"{ESCROW_APP}.services._project",),
        projections,
        "agreement.delivered",
        wins=False,
        under_lock=f"{ESCROW_APP}.services.agreement_projections",
    ),
    "the winner is granted the designs once": Race(
        (f"{ESCROW_APP}.consequences._grant",), granted, "design.granted"
    ),
    "a job is awarded when all its units are bound": Race(
        (f"{ESCROW_APP}.consequences.job_follow",),
        last_units,
        "job.awarded",
        wins=False,
        under_lock=f"{ESCROW_APP}.consequences.job_units",
    ),
    "a mandate is handed in once": Race((f"{ESCROW_APP}.mandates.mandate_store",), handed_in, "mandate.stored"),
    "a mandate is looked at by one": Race((f"{ESCROW_APP}.mandates.mandate_claim",), looks),
    "a mandate ends once": Race((f"{ESCROW_APP}.mandates._mandate_end",), mandates_over),
    "a mandate's revocation is news once": Race(
        (f"{ESCROW_APP}.mandates.mandates_project",),
        revocation_read,
        "mandate.changed",
        wins=False,
        under_lock=f"{ESCROW_APP}.mandates.mandate_uses",
    ),
    "a job's units are dispatched once": Race(
        (f"{ESCROW_APP}.dispatching.dispatch_want",),
        dispatches,
        "mandate.dispatched",
        under_lock=f"{ESCROW_APP}.dispatching._stands",
    ),
    "grace is waived once": Race(
        (f"{ESCROW_APP}.services.grace_waive",), waivers, "agreement.grace_waived", wins=False
    ),
}  # fmt: skip

# Claims and locks with a test of their own, and writes that are no claim.
ELSEWHERE = {
    f"{DESIGNS}.design_upload": "designs/test_parallel.py::test_the_last_free_bytes_go_to_one_of_two_uploads",
    f"{DESIGNS}.design_create": "designs/test_parallel.py::test_one_file_uploaded_twice_at_once_is_one_design_and_opens",
    "marketplace.designs.store.chunks_save": "designs/test_parallel.py::test_one_file_uploaded_twice_at_once_is_one_design_and_opens",
    "marketplace.designs.store.address_key": "designs/test_parallel.py::test_the_first_two_uploads_of_a_site_share_one_key_of_addresses",
    "marketplace.designs.references.files_hold": "designs/test_delete.py::test_a_file_that_comes_again_while_its_last_design_is_deleted_opens",
    "marketplace.designs.references.files_release": "designs/test_delete.py::test_a_file_that_comes_again_while_its_last_design_is_deleted_opens",
    "marketplace.designs.access._count": "designs/test_parallel.py::test_two_looks_at_once_are_one_row_that_counts_both",
    "marketplace.designs.deliveries._recorded": "designs/test_delete.py::test_a_delivery_made_while_its_design_is_deleted_leaves_nothing",
    "marketplace.designs.deliveries.deliveries_end": "designs/test_delete.py::test_a_delivery_made_while_its_design_is_deleted_leaves_nothing",
    "marketplace.designs.migrations.0003_secrecy.seal_all": "designs/test_plain_stores.py::test_every_file_is_encrypted_once_and_no_plain_one_is_left",
    "marketplace.jobs.migrations.0003_parts.to_parts": "jobs/test_migration.py::test_parts_have_what_their_job_had",
    "marketplace.designs.rotation.keys_rotate": "designs/test_parallel.py::test_two_rotations_at_once_wrap_each_key_once",
    f"{QUEUE}.renew": "designs/test_claims.py::test_a_working_measurer_keeps_its_claim",
    f"{DESIGNS}._describe": "designs/test_claims.py::test_a_late_worker_does_not_overwrite_who_took_over",
    f"{REPAIRS}.repair_want": "designs/test_repairs.py::test_a_repair_is_wanted_once",
    f"{REPAIRS}._settle_done": "designs/test_repairs.py::test_a_version_that_does_not_fit_into_the_quota_is_refused",
    f"{BIDDING}.bid_submit": "bidding/test_parallel.py::test_different_bids_posted_at_once_are_all_kept_and_counted",
    f"{BIDDING}.decline_record": "bidding/test_parallel.py::test_declines_made_at_once_are_all_counted",
    f"{BIDDING}._follow": "bidding/test_parallel.py::test_a_bid_awarded_while_the_others_are_lost_is_awarded",
    "marketplace.bidding.books.book_close": "bidding/test_parallel.py::test_bids_posted_at_once_are_numbered_without_gap_and_the_book_holds_them_all",
    "marketplace.bidding.books._book_create": "bidding/test_parallel.py::test_bids_posted_at_once_are_numbered_without_gap_and_the_book_holds_them_all",
    f"{JOBS}.job_counts_set": "bidding/test_parallel.py::test_declines_made_at_once_are_all_counted",
    f"{PROVIDERS}.providers_lock": "evidence/test_print_race.py::test_a_print_told_of_while_its_award_becomes_final_counts_once",
    f"{PROVIDERS}.pace_set": "evidence/test_print_race.py::test_two_agreements_printed_at_once_both_count",
    f"{PROVIDERS}.provider_record": "escrow/test_agreements.py::test_the_providers_counters_are_those_of_the_chain",
    f"{ESCROW_APP}.consequences._provider_follow": "races/test_counters.py::test_agreements_that_become_final_at_once_are_both_counted",
    f"{ESCROW_APP}.consequences.grant_follow": "escrow/test_reorganisation.py::test_even_a_final_award_taken_back_revokes_the_grant",
    f"{ESCROW_APP}.mandates.mandates_wake": "escrow/test_dispatcher_again.py::test_an_agreement_that_ended_makes_its_mandate_due",
    f"{ESCROW_APP}.mandates.mandate_note": "escrow/test_dispatcher.py::test_the_limit_that_the_best_bid_breaks_is_named",
    f"{ESCROW_APP}.dispatching._end": "escrow/test_dispatcher_again.py::test_a_dispatch_ends_once",
    "marketplace.evidence.services.evidence_append": "evidence/test_parallel.py::test_of_two_records_for_one_place_one_wins_and_the_other_is_refused",
    "marketplace.evidence.anchoring.batch_make": "evidence/test_parallel.py::test_workers_that_batch_at_once_make_one_batch_with_each_record_once",
    "marketplace.evidence.anchoring.batch_send": "evidence/test_anchoring.py::test_two_workers_at_once_make_one_batch",
    "marketplace.evidence.anchoring._move": "evidence/test_anchoring.py::test_two_workers_at_once_make_one_batch",
    "marketplace.monitoring.services.presence_touch": "monitoring/test_parallel.py::test_first_words_at_once_make_one_row",
}
