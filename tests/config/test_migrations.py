"""Migrating forwards with rows in every table: from what each app first had to what it has now."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps as current
from django.core.management import call_command
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps

from tests.factories.rows import ROWS, rows_make
from tests.parallel import second_database

pytestmark = pytest.mark.django_db(transaction=True)

# "app.model" or "app.model.column" -> where its values are now, for what a migration took away or rewrote.
MOVED: dict[str, str] = {
    "chain.log.args": "decoded from topics and data (tests/chain/test_decoding.py)",
    "jobs.job.material": "each of its parts (tests/jobs/test_migration.py)",
    "jobs.job.colour": "each of its parts (tests/jobs/test_migration.py)",
    "jobs.job.layer_um": "each of its parts (tests/jobs/test_migration.py)",
    "jobs.job.infill_percent": "each of its parts (tests/jobs/test_migration.py)",
    "chain.log.final": "whether the cursor's final block has come so far (tests/chain/test_follow.py)",
}


@pytest.fixture
def old(database_url):
    """A database in which each app has its first migration alone, but for what others of these need."""
    with second_database(database_url) as name:
        yield name


def migrate(database: str, *, first: bool) -> StateApps:
    """To the first or the last migrations of our apps; the models as they are there."""
    executor = MigrationExecutor(connections[database])
    graph, apps = executor.loader.graph, sorted(executor.loader.migrated_apps)
    ours = {app for app in apps if current.get_app_config(app).name.startswith("marketplace.")}
    wanted = [
        node
        for app in apps
        for node in (graph.root_nodes if first and app in ours else graph.leaf_nodes)(app)
    ]
    # Where a first migration needs another app's later one, that one counts.
    needed = {node for each in wanted for node in graph.forwards_plan(each)}
    before = {node for each in needed for node in graph.node_map[each].parents if node.key[0] == each[0]}
    targets = [node for node in sorted(needed) if graph.node_map[node] not in before]
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


def rows_of(apps: StateApps, database: str) -> dict[str, dict[Any, dict[str, Any]]]:
    """Label -> primary key -> row, of every table."""
    return {
        model._meta.label_lower: {row[model._meta.pk.attname]: row for row in _rows(model, database)}
        for model in apps.get_models(include_auto_created=True)
    }


def _rows(model: Any, database: str) -> list[dict[str, Any]]:
    def plain(value: Any) -> Any:
        return bytes(value) if isinstance(value, memoryview) else value

    found = model._base_manager.using(database).values()
    return [{name: plain(value) for name, value in row.items()} for row in found]


def schema_of(database: str) -> dict[str, Any]:
    """Table -> its columns and constraints, without the names, which a migration may have given otherwise."""
    inspect = connections[database].introspection
    with connections[database].cursor() as cursor:
        return {
            table: (
                {(column.name, column.null_ok) for column in inspect.get_table_description(cursor, table)},
                sorted(
                    repr({key: value for key, value in each.items() if key != "definition"})
                    for each in inspect.get_constraints(cursor, table).values()
                ),
            )
            for table in inspect.table_names(cursor)
        }


def test_every_change_of_a_model_has_its_migration():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_a_filled_database_loses_nothing_on_its_way_here(old):
    before = migrate(old, first=True)
    rows_make(before.get_models(include_auto_created=True), old)
    then = rows_of(before, old)
    assert {label for label, rows in then.items() if len(rows) != ROWS} == set()
    now = rows_of(migrate(old, first=False), old)
    lost = {
        where
        for label, rows in then.items()
        for where in [label, *(f"{label}.{column}" for column in next(iter(rows.values())))]
        if where not in MOVED and label not in MOVED and not _kept(where, label, then, now)
    }
    assert lost == set(), "say in MOVED where this is now, once a test shows that it is there"


def _kept(where: str, label: str, then: dict, now: dict) -> bool:
    if label not in now:
        return False
    if where == label:
        return then[label].keys() <= now[label].keys()
    column = where.removeprefix(f"{label}.")
    return all(
        column in now[label].get(key, ()) and now[label][key][column] == row[column]
        for key, row in then[label].items()
    )


def test_a_filled_database_ends_with_the_schema_of_a_new_one(old):
    rows_make(migrate(old, first=True).get_models(include_auto_created=True), old)
    migrate(old, first=False)
    assert schema_of(old) == schema_of("default")
    connections[old].check_constraints()
    for model in current.get_models(include_auto_created=True):
        assert model._base_manager.using(old).count() in (0, ROWS), (
            "a model of today reads what was written then"
        )
        list(model._base_manager.using(old))
    with pytest.raises(DatabaseError, match="append-only"), connections[old].cursor() as cursor:
        cursor.execute("UPDATE activity_activity SET kind = 'rewritten'")
