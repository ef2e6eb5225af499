"""What an agent may send, and how fast."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.monitoring.errors import MessageTooFast, MessageTooLarge, MessageUnknown
from marketplace.monitoring.rules import (
    MESSAGE_LIMIT_BYTES,
    MESSAGES_BURST,
    MESSAGES_PER_SECOND,
    SAMPLES_AT_ONCE,
    Allowance,
    Every,
    message_of,
    telemetry_of,
)
from protocol.errors import InfillError, Malformed

SAMPLE = {
    "printer": "0x" + "ab" * 32,
    "agreement": None,
    "status": "PRINTING",
    "progress": 0.5,
    "layer": 12,
    "nozzle_c": 210.5,
    "bed_c": 60,
    "position_um": [1000, 2000, 300],
    "observed_at": 1_800_000_000,
}


def report(*samples):
    return {"type": "telemetry", "samples": list(samples)}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "1", '"x"', "null", "[" * 2000, '{"a": NaN}', '{"a": Infinity}']
)
def test_what_is_no_json_object_is_malformed(text):
    with pytest.raises(Malformed):
        message_of(text)


def test_a_binary_frame_is_malformed():
    with pytest.raises(Malformed):
        message_of(None)


def test_a_large_message_is_not_even_parsed():
    with pytest.raises(MessageTooLarge):
        message_of('"' + "é" * (MESSAGE_LIMIT_BYTES // 2) + '"')


@pytest.mark.parametrize("type_", [None, 1, [], "bid", "TELEMETRY"])
def test_an_unknown_type_says_which_are_known(type_):
    with pytest.raises(MessageUnknown, match="telemetry and heartbeat"):
        telemetry_of({"type": type_})


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("printer", "0x12"),
        ("printer", None),
        ("agreement", "mine"),
        ("status", "BUSY"),
        ("status", None),
        ("progress", 1.01),
        ("progress", -0.1),
        ("progress", "half"),
        ("progress", float("inf")),
        ("layer", -1),
        ("layer", 10**9),
        ("nozzle_c", 10**400),
        ("bed_c", [60]),
        ("position_um", [1, 2]),
        ("position_um", {"x": 1}),
        ("observed_at", -5),
        ("observed_at", 2**60),
    ],
)
def test_a_wrong_member_is_named(member, value):
    with pytest.raises(Malformed, match=rf"telemetry\.samples\.1\.{member}"):
        telemetry_of(report(SAMPLE, SAMPLE | {member: value}))


@pytest.mark.parametrize("samples", [None, {}, "all", [], [5], [SAMPLE] * (SAMPLES_AT_ONCE + 1)])
def test_a_report_has_some_samples_and_not_too_many(samples):
    with pytest.raises(Malformed, match=r"telemetry\.samples"):
        telemetry_of({"type": "telemetry", "samples": samples})


def test_a_good_sample_passes_and_drops_what_it_does_not_know():
    checked = telemetry_of(message_of(json.dumps(report(SAMPLE | {"mood": "fine"}, SAMPLE))))
    assert checked == [SAMPLE, SAMPLE]


def test_what_a_printer_cannot_measure_may_be_missing():
    bare = {name: SAMPLE[name] for name in ("printer", "status", "observed_at")}
    assert telemetry_of(report(bare))[0]["progress"] is None


def test_the_largest_report_fits_into_a_message():
    long = SAMPLE | {
        "agreement": "0x" + "cd" * 32,
        "status": "FINISHED_UNCLEARED",
        "position_um": [-(10**8)] * 3,
    }
    long |= {"progress": 0.1 + 0.2, "layer": 10**6, "nozzle_c": 0.1 + 0.2, "bed_c": 0.1 + 0.2}
    assert len(telemetry_of(message_of(json.dumps(report(*[long] * SAMPLES_AT_ONCE))))) == SAMPLES_AT_ONCE


@given(
    st.dictionaries(
        st.text(max_size=8), st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5)
    )
)
def test_no_message_escapes_as_anything_but_a_typed_error(message):
    try:
        telemetry_of(message_of(json.dumps(message)))
    except InfillError:
        return
    raise AssertionError("random members are no telemetry")


@given(st.lists(st.floats(0, 0.2), min_size=1, max_size=300))
def test_the_allowance_never_lets_more_through_than_burst_and_rate(waits):
    allowance, now, taken = Allowance(per_second=10, burst=5), 100.0, 0
    for wait in waits:
        now += wait
        try:
            allowance.take(now)
        except MessageTooFast:
            continue
        taken += 1
    assert taken <= 5 + 10 * sum(waits) + 1e-6


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("layer", True),
        ("layer", "12"),
        ("progress", "0.5"),
        ("position_um", [1, 2, 3.5]),
        ("position_um", [1, 2, None]),
        ("status", ["READY"]),
        ("agreement", "0x" + "ab" * 32 + "\n"),
    ],
)
def test_what_only_looks_right_is_wrong(member, value):
    with pytest.raises(Malformed, match=rf"telemetry\.samples\.0\.{member}"):
        telemetry_of(report(SAMPLE | {member: value}))


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=20))
def test_what_begins_together_comes_once_a_time_and_spread_over_it(shares):
    every = Every(5, iter(shares).__next__)
    names = [str(number) for number in range(len(shares))]
    assert all(every.due(name, 100.0) for name in names)
    for name, share in zip(names, shares, strict=True):
        again = 105.0 - 5 * share
        assert not every.due(name, again - 0.001)
        assert every.due(name, again + 0.001)
        assert not every.due(name, again + 4.999)
        assert every.due(name, again + 5.002)


def test_what_fifty_printers_sent_while_nobody_read_is_taken_all_at_once():
    allowance = Allowance(MESSAGES_PER_SECOND, MESSAGES_BURST)
    allowance.take(100.0)
    for _ in range(60):
        allowance.take(160.0, 50)
    with pytest.raises(MessageTooFast):
        allowance.take(160.0)


def test_every_lets_a_change_through_at_once():
    every = Every(5)
    assert every.due("mk4", 0, "READY")
    assert not every.due("mk4", 1, "READY")
    assert every.due("mini", 1, "READY")
    assert every.due("mk4", 1, "PRINTING")
    assert not every.due("mk4", 5.9, "PRINTING")
    assert every.due("mk4", 6, "PRINTING")
