"""Gas, from receipts of a real chain."""

import pytest

from benchmarks.gas import CASES, FLOOR, PROTOTYPE, Row, measure, table
from tests.anvil import Anvil

AWARD_LIMIT, RELEASE_LIMIT = 74_000, 53_000


@pytest.fixture
def rows(anvil: Anvil) -> dict[str, Row]:
    return {row.case.name: row for row in measure(anvil.web3)}


def test_award_and_release_keep_their_limits(rows: dict[str, Row]) -> None:
    plain, bonded = rows["no bond"], rows["bond"]
    assert plain.award <= AWARD_LIMIT
    assert plain.release <= RELEASE_LIMIT
    assert plain.award_and_release <= PROTOTYPE
    assert bonded.award - plain.award <= 4_500
    assert bonded.release - plain.release <= 4_500


def test_the_table_shows_ours_the_peer_and_the_floor(rows: dict[str, Row]) -> None:
    lines = list(table(list(rows.values())))
    assert len(lines) == len(CASES) + 3
    assert f"{rows['no bond'].award_and_release / FLOOR:.2f}" in lines[1]
    assert f"{FLOOR:,}" in lines[-2]
