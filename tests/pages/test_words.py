"""Words, amounts and the wallet's own reading of a transaction."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.artifacts import abi
from marketplace.chain.fate_rules import Fate
from marketplace.escrow.dispatch_rules import DispatchStatus
from marketplace.escrow.mandate_rules import MandateStatus
from marketplace.escrow.rules import LOG_NAMES, What
from marketplace.pages.agreements import ASKING, CLICKABLE, OF_A_PARCEL
from marketplace.pages.parcels import SHOWN_CHARS, Said, parcel_of
from marketplace.pages.templatetags.infill import budget, ether, ether_short, mm, mm1, short
from marketplace.pages.wording import (
    AGREEMENT_STATUS,
    BID_STATUS,
    DISPATCH_STATUS,
    FATE,
    HOW,
    JOB_STATUS,
    LOGS,
    MANDATE_STATUS,
    MONEY,
    evidence_text,
    log_text,
)
from protocol.evidence import Kind
from protocol.statuses import AgreementStatus, BidStatus, How, JobStatus
from protocol.units import duration_text

STANDBY = '${BID.replace(/bid$/,"standby")}'
SCRIPTS = Path(__file__).parents[2] / "marketplace" / "pages" / "static" / "pages"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
MEMBERS = [
    "name",
    "bytes",
    "slicer",
    "slicer_version",
    "layers",
    "grams",
    "print_seconds",
    "paused_seconds",
    "part",
    "items",
    "samples",
    "note",
    "copy",
    "part_number",
    "size_um",
    "weight_mg",
    "carrier",
    "tracking",
    "photo",
    "reason",
]


@given(st.sampled_from([*Kind, "something new"]), st.dictionaries(st.sampled_from(MEMBERS), JSON))
def test_no_payload_of_an_agent_breaks_a_page(kind, payload):
    assert evidence_text(str(kind), payload)


def test_a_finished_print_names_its_pauses():
    told = {"part": "lid.stl", "layers": 9, "print_seconds": 3600}
    for paused, text in ((0, ""), (600, ", of it 10 min paused")):
        shown = evidence_text(Kind.PRINT_FINISHED, told | {"paused_seconds": paused})
        assert shown == f"Print finished: lid.stl, 9 layers, 1 h{text}"


@given(st.lists(st.tuples(st.sampled_from(OF_A_PARCEL), st.dictionaries(st.sampled_from(MEMBERS), JSON))))
def test_no_payload_of_an_agent_breaks_what_is_told_of_a_parcel(told):
    found = parcel_of([Said(kind, datetime.now(UTC), payload) for kind, payload in told])
    assert len(found.carrier) <= SHOWN_CHARS
    assert len(found.tracking) <= SHOWN_CHARS
    assert found.told or all(kind == Kind.MEASURED for kind, _ in told)


def test_of_a_parcel_the_newest_words_count():
    at = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3, 4, 5)]
    lid = {"part": "lid.stl", "part_number": 1, "copy": 1}
    found = parcel_of(
        [
            Said(Kind.MEASURED, at[0], lid | {"size_um": [20_020, 19_980, 10_050]}),
            Said(Kind.MEASURED, at[1], lid | {"weight_mg": 4_500}),
            Said(Kind.PACKED, at[2], {"weight_mg": 41_250}),
            Said(Kind.SHIPPED, at[3], {"carrier": "DHL", "tracking": "JJD 1"}),
            Said(Kind.SHIPPED, at[4], {"carrier": "DPD", "tracking": "99"}),
        ]
    )
    assert (found.carrier, found.tracking, found.shipped_at) == ("DPD", "99", at[4])
    assert (found.packed_at, found.weight) == (at[2], "41.2 g")
    assert found.measured == (("lid.stl, copy 2", "4.5 g"),)


@pytest.mark.parametrize("copy", [-1, True, 1.5, "1", None, pytest.param(10**400, id="huge")])
def test_what_is_no_copy_is_not_told(copy):
    payload = {"part": "lid.stl", "copy": copy, "weight_mg": 4_500}
    assert evidence_text(Kind.MEASURED, payload) == "Measured: lid.stl, 4.5 g"
    assert parcel_of([Said(Kind.MEASURED, datetime.now(UTC), payload)]).measured == (("lid.stl", "4.5 g"),)


def test_parts_that_are_called_alike_are_told_apart():
    at = datetime.now(UTC)
    told = [
        Said(Kind.MEASURED, at, {"part": "lid.stl", "part_number": number, "copy": 0, "weight_mg": weight})
        for number, weight in ((0, 4_500), (1, 5_500))
    ]
    assert parcel_of(told).measured == (
        ("lid.stl, part 1, copy 1", "4.5 g"),
        ("lid.stl, part 2, copy 1", "5.5 g"),
    )


def test_of_what_is_made_a_sentence_has_carrier_number_and_measurement():
    shipped = {"carrier": "DHL", "tracking": "JJD 1", "photo": "0x12"}
    assert evidence_text(Kind.SHIPPED, shipped) == "Shipped: DHL, number JJD 1, with a picture"
    assert evidence_text(Kind.PACKED, {"weight_mg": 412_500}) == "Packed: 412.5 g"
    measured = {"part": "lid.stl", "copy": 1, "size_um": [20_020, 19_980, 10_050]}
    assert evidence_text(Kind.MEASURED, measured) == "Measured: lid.stl copy 2, 20.02 x 19.98 x 10.05 mm"


def test_a_plate_names_its_copies():
    items = [{"part": "clip.stl", "copies": [0, 1, 2, 3]}, {"part": "lid.stl", "copies": [0, 1]}]
    shown = evidence_text(Kind.PRINT_FINISHED, {"items": items, "layers": 9})
    assert shown == "Print finished: 4 copies of 'clip.stl' and 2 of 'lid.stl', 9 layers"


@given(st.integers(min_value=1, max_value=2**96))
def test_amounts_keep_four_digits_and_no_exponent(wei):
    text = ether_short(wei)
    assert re.fullmatch(r"\d+(\.\d+)? ETH", text)
    shown = Decimal(text.split()[0]) * 10**18
    assert abs(shown - wei) <= Decimal(wei) / 1000


def test_amounts():
    assert ether_short(0) == "0 ETH"
    assert ether_short(10**18) == "1 ETH"
    assert ether_short(775093333333334) == "0.0007751 ETH"
    assert 'title="0.000775093333333334 ETH"' in ether("775093333333334")


@given(st.integers(min_value=10**6, max_value=2**90))
def test_a_proposed_budget_covers_the_estimate(wei):
    proposed = Decimal(budget(wei)) * 10**18
    assert wei <= proposed <= wei * Decimal("1.1001")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "1 h"), (3660, "1 h 1 min"), (86_400, "1 day"), (1_209_600, "14 days"), (90_000, "1 day 1 h")],
)  # fmt: skip
def test_durations(seconds, text):
    assert duration_text(seconds) == text


def test_lengths_and_digests():
    assert mm([70_000, 56_500, 14_000]) == "70 × 56.5 × 14 mm"
    assert mm1(200) == "0.2 mm"
    assert short("0x" + "ab" * 32) == "0xababab…ababab"
    assert short(None) == ""


def test_every_status_has_words():
    assert set(JOB_STATUS) == set(JobStatus)
    assert set(BID_STATUS) == set(BidStatus)
    assert set(AGREEMENT_STATUS) == set(AgreementStatus) - {AgreementStatus.NONE}
    assert set(FATE) == set(Fate)
    assert set(MANDATE_STATUS) == set(MandateStatus)
    assert set(DISPATCH_STATUS) == set(DispatchStatus)
    assert set(HOW) == set(How) - {How.OPEN}
    assert set(MONEY) == set(What)
    assert set(LOGS) == set(LOG_NAMES)
    assert log_text("Paid", {"how": 1}) != log_text("Paid", {"how": 0})


def _solidity(parameter) -> str:
    if parameter["type"] == "tuple":
        return f"({','.join(map(_solidity, parameter['components']))}) {parameter['name']}"
    return f"{parameter['type']} {parameter['name']}"


SIGNED = [
    "award",
    "release",
    "claim",
    "refund",
    "reaward",
    "dropStandby",
    "cancel",
    "giveUp",
    "dispute",
    "expire",
]
ASKED = ["rule", "deliver", "redeem", "settle"]
ABOUT_ONESELF = ["revokeMandate", "deposit", "withdraw", "bumpEpoch", "setAgent"]


def test_every_step_on_a_page_is_read_by_the_wallet():
    clicked = {re.sub("-(.)", lambda found: found[1].upper(), step) for step in CLICKABLE}
    assert {*clicked, "award"} == set(SIGNED)
    assert set(ASKED) == set(ASKING) - {"release"}


@pytest.mark.parametrize("name", [*SIGNED, *ASKED, *ABOUT_ONESELF])
def test_the_wallet_reads_the_contract_as_it_is(name):
    """Its words decode what is signed: their signatures are those of the committed ABI."""
    scripts = "".join((SCRIPTS / name).read_text() for name in ("words.js", "words_account.js"))
    script = re.sub(r"\s*,\s*", ",", scripts)
    bid, mandate = (
        re.sub(r"\s+", " ", re.search(rf"const {kind} = `([^`]+)`", script)[1]) for kind in ("BID", "MANDATE")
    )
    script = script.replace("${MANDATE}", mandate)
    (entry,) = [each for each in abi("PrintEscrow") if each["type"] == "function" and each["name"] == name]
    parameters = ",".join(_solidity(each) for each in entry["inputs"])
    assert f"function {name}({parameters})" in script.replace("${BID}", bid).replace(
        STANDBY, bid[:-3] + "standby"
    )


def test_the_wallet_sends_no_key():
    """The demo's words stay in the one module that signs, and nothing of it posts."""
    for script in SCRIPTS.glob("*.js"):
        text = script.read_text()
        assert ("test test test" in text) == (script.name == "signers.js")
    assert "post(" not in (SCRIPTS / "signers.js").read_text()
    assert "fetch(" not in (SCRIPTS / "signers.js").read_text()
