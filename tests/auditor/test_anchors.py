"""Proofs that do not add up, roots never anchored, gaps, and times that cannot be: on a real chain."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.findings import Verdict
from protocol.canonical import canonical_bytes, keccak
from protocol.units import hex_of, time_of
from tests.auditor.conftest import Told, told_of
from tests.factories.anchored import Operator
from tests.factories.bundle import Scene, resealed

ANCHORS = "anchors.json"


@pytest.fixture
def operator(scene) -> Operator:
    return Operator(scene)


@pytest.fixture(scope="module")
def whole(anvil_session, deployed, ada, bo, eve) -> Told:
    """A finished agreement with a book and anchors; the chain is left as it was found."""
    snapshot = anvil_session.rpc("evm_snapshot")
    anvil_session.fund(ada, bo, eve)
    told = told_of(Operator(Scene(anvil_session, deployed[0], ada, bo, eve)).story())
    anvil_session.rpc("evm_revert", snapshot)
    return told


def changed(told: Told, change) -> set[str]:
    """Codes once whoever holds the bundle changed its anchors and made the manifest fit."""
    anchors = json.loads(told.files[ANCHORS])
    change(anchors)
    return told.holding(resealed(told.files, **{ANCHORS: anchors})).codes()


def printed(scene: Scene) -> Scene:
    scene.award()
    scene.print()
    return scene


def test_all_that_adds_up_is_clean_and_the_note_names_the_publisher(whole):
    audit = whole.audit()
    assert audit.verdict is Verdict.CLEAN, audit.findings
    (note,) = [note for note in audit.notes if note.startswith("Anchored: 7 of 7")]
    assert Operator.key.address in note


def test_an_old_bundle_is_read_and_said_not_to_be_anchored(clean):
    audit = clean.audit()
    assert audit.verdict is Verdict.CLEAN
    assert [note for note in audit.notes if note.startswith("Nothing is anchored")]


@pytest.mark.parametrize(
    ("member", "value", "codes"),
    [
        ("chainId", "1", {"anchor-leaf", "anchor-proof"}),
        ("escrow", "0x" + "11" * 20, {"anchor-leaf", "anchor-proof"}),
        ("subject", "0x" + "07" * 32, {"anchor-leaf", "anchor-proof"}),
        ("seq", "99", {"anchor-leaf", "anchor-proof"}),
        ("kind", "received", {"anchor-leaf", "anchor-proof"}),
        ("payload", "0x" + "07" * 32, {"anchor-leaf", "anchor-proof"}),
        ("record", "0x" + "07" * 32, {"anchor-foreign", "anchor-gap"}),
    ],
)
def test_another_leaf_is_named(whole, member, value, codes):
    def change(anchors):
        anchors["proofs"][4]["leaf"][member] = value

    assert changed(whole, change) == codes


def test_a_proof_that_leads_elsewhere_is_named(whole):
    def cut(anchors):
        anchors["proofs"][3]["proof"].pop()

    def lengthen(anchors):
        anchors["proofs"][3]["proof"].append("0x" + "07" * 32)

    def swap(anchors):
        anchors["proofs"][3]["root"] = anchors["roots"][0]["root"]

    for change in (cut, lengthen, swap):
        assert changed(whole, change) == {"anchor-proof"}


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_changed_digit_of_a_proof_is_found(whole, data):
    anchors = json.loads(whole.files[ANCHORS])
    proof = anchors["proofs"][data.draw(st.integers(0, len(anchors["proofs"]) - 1))]
    at = data.draw(st.integers(0, len(proof["proof"]) - 1))
    digit = data.draw(st.integers(2, 65))
    node = proof["proof"][at]
    proof["proof"][at] = node[:digit] + "0123456789abcdef"[int(node[digit], 16) ^ 1] + node[digit + 1 :]
    assert whole.holding(resealed(whole.files, **{ANCHORS: anchors})).codes() == {"anchor-proof"}


def test_a_root_that_is_not_listed_or_proven_twice_is_named(whole):
    assert "anchor-root" in changed(whole, lambda anchors: anchors["roots"].pop())
    assert changed(whole, lambda anchors: anchors["proofs"].append(anchors["proofs"][0])) == {"anchor-twice"}


def test_a_root_that_was_never_anchored_is_named(operator):
    printed(operator.scene)
    operator.anchor(*(each.record for each in operator.scene.provider_log), send=False)
    assert told_of(operator.scene).codes() == {"anchor-never"}


def test_a_root_of_another_publisher_is_named(operator, charlie):
    """The bundle says that Charlie anchored it; the chain has it under the operator's name."""
    printed(operator.scene)
    operator.anchor(*(each.record for each in operator.scene.provider_log))
    operator.scene.anchors["roots"][0]["publisher"] = charlie.address
    assert told_of(operator.scene).codes() == {"anchor-never"}


def test_another_contract_than_the_anchor_is_named(operator):
    printed(operator.scene)
    operator.anchor(*(each.record for each in operator.scene.provider_log))
    for other in (operator.scene.escrow, "0x" + "77" * 20):
        operator.scene.anchors["anchor"] = other
        assert {"anchor-contract", "anchor-never"} <= told_of(operator.scene).codes()


def test_another_time_than_the_chains_is_named(whole):
    def earlier(anchors):
        anchors["roots"][1]["anchored_at"] = "2001-01-01T00:00:00Z"

    assert changed(whole, earlier) == {"anchor-time"}


def test_a_record_passed_over_before_one_that_is_anchored_is_named(operator):
    printed(operator.scene)
    records = [each.record for each in operator.scene.provider_log]
    operator.anchor(*records[:2], *records[3:])
    assert told_of(operator.scene).codes() == {"anchor-gap"}


def test_records_after_the_last_anchor_are_no_gap(operator):
    printed(operator.scene)
    operator.anchor(*(each.record for each in operator.scene.provider_log[:3]))
    told = told_of(operator.scene)
    assert told.codes() == set()
    assert [note for note in told.audit().notes if note.startswith("Anchored: 3 of 7")]


def test_a_record_that_says_it_was_observed_after_its_anchor_is_named(operator):
    scene = operator.scene
    scene.award()
    record = scene.record(scene.bo, "job spec", observed_at=scene.anvil.now() + 3600).record
    operator.anchor(record)
    assert "anchor-early" in told_of(scene).codes()


@pytest.mark.parametrize("nonsense", [None, [], {}, {"anchor": "", "roots": [], "proofs": []}])
def test_anchors_that_cannot_be_read_are_named_and_not_taken_for_none(whole, nonsense):
    told = whole.holding(resealed(whole.files, **{ANCHORS: nonsense}))
    assert "bundle-file-malformed" in told.codes()


def test_more_roots_than_a_bundle_can_need_are_not_asked_about(whole):
    def many(anchors):
        anchors["roots"] = [
            {
                **anchors["roots"][0],
                "root": hex_of(n.to_bytes(32)),
                "anchored_at": f"{time_of(0):%Y-%m-%dT%H:%M:%SZ}",
            }
            for n in range(2_001)
        ]

    assert "bundle-file-malformed" in changed(whole, many)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([ANCHORS, "book.json"]), st.data())
def test_any_changed_byte_of_book_or_anchors_is_found_even_by_who_can_make_the_manifest_fit(
    whole, name, data
):
    files = dict(whole.files)
    at = data.draw(st.integers(0, len(files[name]) - 1))
    changed = bytes([files[name][at] ^ data.draw(st.integers(1, 255))])
    files[name] = files[name][:at] + changed + files[name][at + 1 :]
    manifest = json.loads(files["manifest.json"])
    manifest["files"][name] = hex_of(keccak(files[name]))
    files["manifest.json"] = canonical_bytes(manifest)
    assert whole.holding(files).audit().verdict is not Verdict.CLEAN


def test_a_file_that_the_manifest_lists_cannot_be_left_out(whole):
    for name in (ANCHORS, "book.json"):
        files = {kept: data for kept, data in whole.files.items() if kept != name}
        assert "manifest-file" in whole.holding(files).codes()
