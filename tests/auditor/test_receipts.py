"""A losing bidder's receipt beside a bundle: what it shows about the book."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.cli import main
from protocol.canonical import keccak
from protocol.merkle import BookLeaf, MerkleTree
from protocol.units import bytes_of, hex_of
from tests.factories.anchored import OTHERS, Operator
from tests.factories.bundle import Scene, sign, zipped


@pytest.fixture
def operator(scene: Scene) -> Operator:
    """The award committed to a book of four bids."""
    operator = Operator(scene)
    scene.award(book=operator.close().root)
    scene.anvil.finalise()
    return operator


@pytest.fixture
def codes(operator, tmp_path: Path):
    """Codes of the findings, and the exit code, once this receipt is given."""

    def run(receipt, signature) -> tuple[set[str], int]:
        told = {
            "receipt": receipt.to_json(),
            "signature": hex_of(signature),
            "digest": "as a marketplace answers",
        }
        (tmp_path / "receipt.json").write_text(json.dumps(told))
        return given(operator.scene, tmp_path)

    return run


def given(scene: Scene, folder: Path) -> tuple[set[str], int]:
    (folder / "bundle.zip").write_bytes(zipped(scene.files()))
    result = CliRunner().invoke(main, [
        hex_of(scene.agreement), "--rpc", scene.anvil.url, "--contract", scene.escrow, "--json",
        "--bundle", str(folder / "bundle.zip"), "--receipt", str(folder / "receipt.json"),
    ])  # fmt: skip
    report = json.loads(result.output)
    if "checks" not in report:
        return {report["reason"]["code"]}, result.exit_code
    return {finding["code"] for check in report["checks"] for finding in check["findings"]}, result.exit_code


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"receipt": {}, "signature": "0x"}', "[" * 100_000])
def test_what_is_no_receipt_cannot_be_told(operator, tmp_path, content):
    (tmp_path / "receipt.json").write_text(content)
    assert given(operator.scene, tmp_path) == ({"receipt-unreadable"}, 2)


def test_a_receipt_that_the_operator_did_not_sign_shows_nothing(operator, codes, charlie):
    receipt, _ = operator.receipt(0, bid=keccak(b"never received"))
    assert codes(receipt, sign(charlie, receipt, operator.scene.infill)) == ({"receipt-signature"}, 1)


def test_a_receipt_for_another_job_shows_nothing(operator, codes):
    assert codes(*operator.receipt(0, job=keccak(b"another"))) == ({"receipt-job"}, 1)


@pytest.mark.parametrize(("seq", "changes"), [(0, {}), (99, {"received_at": 1})])
def test_a_bid_left_out_refutes_the_book_by_number_or_by_time(operator, codes, seq, changes):
    receipt, signature = operator.receipt(seq, **{"bid": keccak(b"left out"), **changes})
    assert codes(receipt, signature) == ({"book-omits"}, 1)


def test_a_bid_that_came_after_the_book_refutes_nothing(operator, codes):
    assert codes(*operator.receipt(OTHERS + 1, received_at=2**40 - 1)) == (set(), 0)


def test_a_receipt_in_the_book_is_clean(operator, codes):
    signature = bytes_of(operator.scene.book["receipt"]["signature"])
    leaves = operator.scene.book["leaves"]
    assert hex_of(BookLeaf.of(operator.own, signature, operator.scene.infill).digest()) in leaves
    assert hex_of(MerkleTree([bytes_of(leaf) for leaf in leaves]).root) == operator.scene.book["book"]["root"]
    assert codes(operator.own, signature) == (set(), 0)
