"""Every route and channel, asked by everybody at each step of a job: nobody gets more of a design than the table says."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pyrage
import pytest
from django.utils import timezone
from eth_account import Account
from eth_account.signers.local import LocalAccount
from pyrage.x25519 import Identity

from marketplace.accounts.models import Person
from marketplace.config.asgi import websocket_urlpatterns
from marketplace.designs import store
from marketplace.designs.models import Delivery, Design, Grant, Upload
from marketplace.designs.rules import DesignStatus, Shown
from marketplace.jobs.models import JobPart
from marketplace.jobs.rules import PartAsked, Posting
from marketplace.jobs.services import job_post, job_settle
from marketplace.monitoring.messages import agreement_changed, job_changed, job_open, jobs_open_now
from protocol.canonical import keccak
from protocol.units import hex_of
from tests.factories.deal import MEASURED, Deal
from tests.secrecy.table import CHANNELS, COLUMNS, ROWS, SHOWS, Seen, cell, routes

ME = Identity.generate()
NAME = "zx-hidden-turbine"
MODEL = b"solid ORIGINAL-7a31\n" + b"facet normal 0 0 1\n" * 40 + b"endsolid ORIGINAL-7a31\n"
MARKS = {
    Seen.NAME: NAME.encode(),
    Seen.PICTURE: b"PICTURE-9c02",
    Seen.LIGHT: b"LIGHT-51de",
    Seen.EXACT: b"EXACT-88ab",
    Seen.ORIGINAL: b"ORIGINAL-7a31",
    Seen.SEALED: b"age-encryption.org",
}
# As micrometres, as mm on a page, and as whole mm3.
MEASURES = re.compile(rb"61537|61\.537|61\.5 ")
SIZE = (61_537, 47_291, 33_719)


def test_every_route_and_channel_is_in_the_table():
    assert set(routes()) == set(ROWS)
    assert {str(each.pattern) for each in websocket_urlpatterns} == CHANNELS


@dataclass
class Scene:
    """A job of Ada's that shows so much, and what is known of it by now."""

    deal: Deal
    shown: Shown
    design: Design
    part: JobPart
    known: dict[str, Any] = field(default_factory=dict)

    def path(self, route: str) -> str:
        missing = {"number": 1, "token": 1, "token_id": 1, "upload": uuid4(), "delivery": uuid4()}
        known = missing | dict.fromkeys(("agreement", "bid", "mandate", "hash", "digest"), "0x" + "ee" * 32)
        known |= {"job": self.part.job_id, "design": self.design.pk} | self.known
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(known[found[1]]), route)

    def secrets(self) -> dict[str, bytes]:
        """What no answer holds, to whomever."""
        design = Design.objects.get(pk=self.design.pk)
        kept = {each: getattr(design, each) for each in ("digest", "picture", "preview", "light")}
        names = {f"name of {row.address}": row.name for row in store.StoredFile.objects.all()}
        plain = {"keccak of the file": keccak(MODEL).hex()}
        return {what: text.removeprefix("0x").encode() for what, text in (kept | names | plain).items()}


@pytest.fixture
def scene(deal, ada) -> Callable[[Shown], Scene]:
    """A scene whose files say what they are."""

    def make(shown: Shown) -> Scene:
        owner, now = Person.objects.get(address=ada.address), timezone.now()
        marks = {"picture": Seen.PICTURE, "preview": Seen.EXACT, "light": Seen.LIGHT}
        kept = {column: hex_of(store.bytes_save(MARKS[mark])) for column, mark in marks.items()}
        design = Design.objects.create(
            owner=owner, digest=hex_of(store.bytes_save(MODEL)), name=f"{NAME}.stl", bytes=len(MODEL),
            status=DesignStatus.MEASURED, measurement=replace(MEASURED, size_um=SIZE).to_json(), **kept,
        )  # fmt: skip
        posting = Posting(
            title="Something", parts=[PartAsked(design.pk, 1, "PLA", "black", 200, 20)], quantity=1,
            deadline=now + timedelta(days=9), bids_close_at=now + timedelta(days=8), budget_wei=10**18,
            ship_to_zone="any", licence="print only", shown=shown,
        )  # fmt: skip
        deal.job = job_post(designer=owner, posting=posting, now=now)
        assert job_settle(job=deal.job, now=now)
        deal.job.refresh_from_db()
        return Scene(deal, shown, design, deal.job.parts.get())

    return make


def told(answer: Any) -> bytes:
    """All that an answer says: headers, body, and what is packed in it."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = b"\n".join(packed.read(name) for name in packed.namelist())
    return "\n".join(f"{name}: {value}" for name, value in answer.headers.items()).encode() + b"\n\n" + body


def seen(said: bytes) -> frozenset[Seen]:
    found = {what for what, mark in MARKS.items() if mark in said}
    return frozenset(found | ({Seen.MEASURES} if MEASURES.search(said) else set()))


def ask(scene: Scene, column: str, who: LocalAccount | None, rows: Iterable[str] = ROWS) -> None:
    """Ask for everything, and compare with the table; what shows something is posted to as well."""
    wrong, secrets = {}, scene.secrets()
    asked = [("get", route) for route in rows if not route.startswith(("sign-", "api/v1/auth"))]
    asked += [] if column == "designer" else [("post", route) for route in SHOWS]
    for method, route in asked:
        path = scene.path(route) + f"?design={scene.design.pk}&status=OPEN"
        answer = getattr(scene.deal.api(who), method)(path)
        said = told(answer)
        leaked = [what for what, secret in secrets.items() if secret in said]
        found = seen(said)
        assert "ETag" not in answer.headers
        if leaked or not found <= cell(route, column, scene.shown):
            wrong[f"{method} {route}"] = (answer.status_code, sorted(found), leaked)
    assert wrong == {}, column


def gets(scene: Scene, who: LocalAccount | None, route: str) -> frozenset[Seen]:
    return seen(told(scene.deal.api(who).get(scene.path(route))))


def shows_all_it_may(scene: Scene, column: str, who: LocalAccount | None) -> None:
    """What somebody may have, some route gives: a table that forbids everything proves nothing."""
    given = frozenset().union(*(gets(scene, who, route) for route in SHOWS))
    assert given == COLUMNS[column][scene.shown]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("shown", Shown)
def test_nobody_gets_more_of_a_design_than_the_table_says(scene, shown, settings, ada, bo, charlie, eve):
    here = scene(shown)
    deal, loser = here.deal, Account.create()
    others = {"anonymous": None, "stranger": charlie, "operator": Account.create(), "arbiter": eve}
    settings.ARBITERS = [eve.address]
    deal.anvil.fund(loser)

    # Open.
    deal.printer(bo)
    ask(here, "anonymous", None)
    ask(here, "stranger", charlie)
    ask(here, "bidder", bo)
    shows_all_it_may(here, "designer", ada)
    shows_all_it_may(here, "bidder", bo)
    said = json.dumps([*jobs_open_now(), job_open(deal.job), job_changed(deal.job)]).encode()
    assert seen(said) <= COLUMNS["bidder"][shown], "what agents are sent"

    # Awarded, not final.
    terms = {"arbiter": eve.address, "grace_time": 0}
    bid, lost = deal.bid(bo, **terms), deal.bid(loser, **terms)
    deal.follow()
    snapshot = deal.anvil.rpc("evm_snapshot")
    deal.award(bid)
    here.known |= {"bid": bid.pk, "agreement": bid.pk, "digest": deal.printer(bo).digest}
    ask(here, "winner before final", bo)
    shows_all_it_may(here, "winner before final", bo)
    assert deal.names(bo, bid.pk, str(ME.to_public())).status_code == 403

    # Final.
    deal.finalise()
    answer = deal.names(bo, bid.pk, str(ME.to_public()))
    here.known |= {"delivery": Delivery.objects.get().pk}
    assert seen(told(answer)) <= COLUMNS["winner"][shown]
    for column, who in (others | {"designer": ada}).items():
        ask(here, column, who, SHOWS)
    ask(here, "arbiter", eve)
    ask(here, "winner", bo)
    ask(replace(here, known=here.known | {"bid": lost.pk}), "loser", loser)
    shows_all_it_may(here, "winner", bo)
    sealed = b"".join(deal.api(bo).get(here.path("api/v1/deliveries/<uuid:delivery>/file")).streaming_content)
    assert pyrage.decrypt(sealed, [ME]) == MODEL
    assert seen(json.dumps(agreement_changed(bid.pk, None)).encode()) == frozenset()

    # Taken back, though it was thought final.
    deal.anvil.rpc("evm_revert", snapshot)
    deal.anvil.mine(9)
    deal.follow()
    assert Grant.objects.get().revoked_at
    ask(here, "winner whose award was taken back", bo, SHOWS)
    assert deal.names(bo, bid.pk, str(ME.to_public())).status_code == 404


def test_a_guess_cannot_be_tried_at_what_bidders_are_told(scene):
    """The salt that bidders are told is the job's; the file is committed to with another, which the winner gets."""
    here = scene(Shown.PICTURES)
    assert bytes(here.part.salt) != bytes(here.deal.job.salt)
    committed = here.deal.job.frozen_spec.parts[0].model
    for salt in (b"", bytes(here.deal.job.salt)):
        assert keccak(salt + MODEL) != committed
    assert keccak(bytes(here.part.salt) + MODEL) == committed


def test_who_may_not_is_told_the_same_as_of_what_is_not_there(scene, charlie, bo):
    here = scene(Shown.PREVIEW)
    Upload.objects.create(
        owner=Person.objects.get(address=here.deal.ada.address),
        length=9,
        expires_at=timezone.now() + timedelta(days=1),
    )
    here.known |= {"upload": Upload.objects.get().pk}
    other = replace(here, known={"design": uuid4(), "job": uuid4(), "upload": uuid4()})
    for route in SHOWS:
        if "<uuid" not in route or route.endswith("/file"):
            continue
        for who in (charlie, None):
            answers = [each.deal.api(who).get(each.path(route)) for each in (here, other)]
            known = [{**answer.headers} | {"status": str(answer.status_code)} for answer in answers]
            if answers[0].status_code == 200:
                # A job's page is anybody's: digest and status.
                assert route.startswith("jobs/")
                continue
            ours, theirs = (
                {
                    k: v
                    for k, v in each.items()
                    if k not in ("Location", "Content-Length", "Content-Security-Policy")
                }
                for each in known
            )
            assert ours == theirs, route
