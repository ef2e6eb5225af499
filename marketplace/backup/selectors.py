"""Reading what a site is made of."""

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from marketplace.designs import store
from marketplace.designs.models import FILE_COLUMNS, AddressKey, Design, StoredFile
from marketplace.designs.references import addresses_lost
from protocol.units import Digest, digest_of

# Migrating fills these by itself.
FILLED_BY_MIGRATING = {"auth", "contenttypes"}


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


def files_named() -> dict[str, Digest]:
    """The files without which rows make no sense: name in the store -> address; or -> keccak, in a database
    that has the rows of an earlier schema: a backup is made before an upgrade, too."""
    if _has_table(StoredFile):
        return {
            name: digest_of(address) for name, address in StoredFile.objects.values_list("name", "address")
        }
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, Design._meta.db_table)
    there = {column.name for column in described}
    rows = Design.objects.values_list(*(name for name in FILE_COLUMNS if name in there))
    return {text[2:]: digest_of(text) for row in rows for text in row if text}


def files_lost() -> set[str]:
    """The addresses that rows name and no file was kept under."""
    return addresses_lost() if _has_table(StoredFile) else set()


def file_is_whole(name: str, digest: Digest) -> bool:
    """Whether a file that `files_named` names is there, with every byte."""
    return store.sealed_is(name, digest) if len(name) == 64 else store.is_whole(digest)


def address_key_wrapped() -> str:
    """The key of addresses as the rows have it; empty where none was made."""
    row = AddressKey.objects.first() if _has_table(AddressKey) else None
    return row.wrapped if row else ""


def _has_table(model: type[Model]) -> bool:
    return model._meta.db_table in connection.introspection.table_names()
