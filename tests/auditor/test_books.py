"""A bid book that is not its operator's, not whole, not the one awarded, or without the bid: on a real chain."""

from __future__ import annotations

import pytest

from auditor.findings import Verdict
from protocol.canonical import keccak
from protocol.units import ZERO_DIGEST, hex_of
from tests.auditor.conftest import told_of
from tests.factories.anchored import OTHERS, Operator
from tests.factories.bundle import resealed

BOOK = "book.json"


@pytest.fixture
def operator(scene) -> Operator:
    return Operator(scene)


def awarded(operator, commit=None, **changes):
    """Codes of the findings about an award that commits to the book, or to another root."""
    book = operator.close(**changes)
    operator.scene.award(book=book.root if commit is None else commit)
    return told_of(operator.scene)


def test_a_book_that_somebody_else_signed_is_named(operator, charlie):
    operator.key = charlie
    assert awarded(operator).codes() == {"book-signature", "receipt-signature"}


def test_another_book_than_the_award_commits_to_is_named(operator):
    assert awarded(operator, commit=keccak(b"another")).codes() == {"book-award"}


def test_an_award_that_commits_to_no_book_does_not_stand_for_the_one_shown(operator):
    assert awarded(operator, commit=ZERO_DIGEST).codes() == {"book-award"}


def test_an_award_whose_book_is_withheld_is_named(operator):
    told = awarded(operator)
    files = {name: data for name, data in told.files.items() if name != BOOK}
    assert "book-missing" in told.holding(resealed(files)).codes()


def test_a_book_without_the_awarded_bid_is_named(operator):
    assert awarded(operator, without=True).codes() == {"book-omits", "receipt-late"}


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"count": 3}, {"book-count"} | {"receipt-late"}),
        ({"count": 5}, {"book-count"}),
        ({"root": b"\x07" * 32}, {"book-root"}),
        ({"job": b"\x07" * 32}, {"book-job", "receipt-job"}),
        ({"closed_at": 2**40 - 1}, {"book-late"}),
        ({"closed_at": 1}, {"receipt-late"}),
    ],
)
def test_a_book_that_contradicts_its_list_its_job_or_the_award_is_named(operator, changes, codes):
    assert awarded(operator, **changes).codes() == codes


def test_a_receipt_for_another_bid_is_named(operator):
    assert awarded(operator, own={"bid": b"\x07" * 32}).codes() == {"receipt-bid"}


def test_a_bid_that_counts_twice_is_named(operator):
    told = awarded(operator)
    leaves = operator.scene.book["leaves"]
    changed = {**operator.scene.book, "leaves": [*leaves, leaves[0]]}
    codes = told.holding(resealed(told.files, **{BOOK: changed})).codes()
    assert codes == {"book-twice", "book-count", "book-root"}


def test_a_bid_dropped_from_the_list_is_named(operator):
    told = awarded(operator)
    for number in range(OTHERS + 1):
        kept = [leaf for n, leaf in enumerate(operator.scene.book["leaves"]) if n != number]
        changed = {**operator.scene.book, "leaves": kept}
        codes = told.holding(resealed(told.files, **{BOOK: changed})).codes()
        assert {"book-count", "book-root"} <= codes
        assert ("book-omits" in codes) == (number == OTHERS)


def test_a_book_that_cannot_be_read_is_named_and_not_taken_for_none(operator):
    told = awarded(operator)
    for nonsense in (None, [], {}, {**operator.scene.book, "operator": "0x12"}):
        audit = told.holding(resealed(told.files, **{BOOK: nonsense})).audit()
        assert "bundle-file-malformed" in {finding.code for finding in audit.findings}
        assert next(result for result in audit.results if result.name == "book").skipped


def test_without_a_book_the_report_says_that_other_bids_are_not_shown(clean):
    assert [note for note in clean.audit().notes if "no bid book" in note]
    assert hex_of(ZERO_DIGEST) in clean.files["award.json"].decode()


def test_a_whole_book_that_the_award_committed_to_is_clean(operator):
    told = awarded(operator)
    audit = told.audit()
    assert audit.verdict is Verdict.CLEAN, audit.findings
    assert not [note for note in audit.notes if "no bid book" in note]
