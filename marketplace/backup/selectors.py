"""Reading what a site is made of."""

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from marketplace.designs.models import Design
from protocol.units import Digest, digest_of

# Migrating fills these by itself.
FILLED_BY_MIGRATING = {"auth", "contenttypes"}
FILE_COLUMNS = ("digest", "picture", "print_digest")


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
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, Design._meta.db_table)
    there = {column.name for column in described}
    rows = Design.objects.values_list(*(name for name in FILE_COLUMNS if name in there))
    return {digest_of(text) for row in rows for text in row if text}
