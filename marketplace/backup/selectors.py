"""Reading what a site is made of."""

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from marketplace.designs.models import Design, Picture
from protocol.units import Digest, digest_of

# Migrating fills these by itself.
FILLED_BY_MIGRATING = {"auth", "contenttypes"}
FILE_COLUMNS = {Design: ("digest", "picture", "preview", "print_digest"), Picture: ("picture",)}


def schema_applied() -> tuple[str, ...]:
    """The migrations that the database has, as app.name, sorted."""
    applied = MigrationRecorder(connection).applied_migrations()
    return tuple(sorted(f"{app}.{name}" for app, name in applied))


def schema_known() -> set[str]:
    """The migrations that this version of Infill has."""
    return {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}


def model_with_rows() -> str:
    """The label of some model that has rows; empty where a restore would drop nothing."""
    tables = set(connection.introspection.table_names())
    for model in apps.get_models():
        held = model._meta.db_table in tables and model._meta.app_label not in FILLED_BY_MIGRATING
        if held and model._base_manager.exists():
            return model._meta.label
    return ""


def digests_named() -> set[Digest]:
    """The files without which rows make no sense, by the columns that the table has: a backup is made before
    an upgrade, too."""
    found: set[Digest] = set()
    for model, columns in FILE_COLUMNS.items():
        there = _columns_of(model._meta.db_table)
        rows = model._base_manager.values_list(*(name for name in columns if name in there))
        found |= {digest_of(text) for row in (rows if there else ()) for text in row if text}
    return found


def _columns_of(table: str) -> set[str]:
    """None where the database has no such table."""
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return set()
        return {column.name for column in connection.introspection.get_table_description(cursor, table)}
