"""Two workers at once, each on a connection of its own: one wins, and what happened is told once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.module_loading import import_string

from marketplace.activity.models import Activity
from tests.parallel import at_once, meeting_after, waiting_after
from tests.races.table import ELSEWHERE, RACES

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
CLAIMING = {"select_for_update", "get_or_create", "update_or_create"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("race", RACES.values(), ids=RACES)
def test_of_two_workers_one_wins_and_it_is_told_once(race, world, monkeypatch):
    calls = race.begin(world)
    before = Activity.objects.filter(kind=race.told).count()
    if race.meet:
        monkeypatch.setattr(race.meet, meeting_after(import_string(race.meet), 2))
    if race.under_lock:
        monkeypatch.setattr(race.under_lock, waiting_after(import_string(race.under_lock)))
    answers = at_once(*calls)
    assert not race.wins or sorted(answers) == [False, True]
    assert Activity.objects.filter(kind=race.told).count() == before + bool(race.told)


def claims() -> Iterator[str]:
    """Each function of the marketplace that claims rows, locks them, or makes what must be there once."""
    for path in (ROOT / "marketplace").rglob("*.py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef) and any(map(_claims, ast.walk(function))):
                yield f"{module}.{function.name}"


def _claims(node: ast.AST) -> bool:
    if isinstance(node, ast.ExceptHandler):
        return isinstance(node.type, ast.Name) and node.type.id == "IntegrityError"
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    update = node.func.attr == "update" and node.keywords and not node.args
    return bool(update) or node.func.attr in CLAIMING


def test_every_claim_and_lock_has_its_race():
    """The follower's cursor is guarded by its own tests, in tests/chain."""
    found = {claim for claim in claims() if not claim.startswith("marketplace.chain.")}
    tested = {claim for race in RACES.values() for claim in race.claims} | set(ELSEWHERE)
    # The append-only model refuses all updates.
    assert found - {"marketplace.activity.models.update"} == tested


@pytest.mark.parametrize("where", sorted(set(ELSEWHERE.values())))
def test_the_tests_named_are_there(where):
    file, _, name = where.partition("::")
    assert f"def {name}" in (TESTS / file).read_text()
