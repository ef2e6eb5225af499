"""Files are encrypted, under addresses that a key makes. What lay plain in the store is encrypted here.

The plain files go once the rows are committed: killed before, this runs again; killed after, `designs_check --clean`
removes what is left. A file that was lost before stays lost, under its old address.
"""

import secrets
import uuid
from functools import partial
from hashlib import blake2b

import django.db.models.deletion
from django.core.files.storage import storages
from django.db import migrations, models, transaction
from django.db.models import Q

from marketplace.designs.keys import unwrap, wrap
from marketplace.designs.store import CHUNK, sealed_write
from protocol.units import digest_of

COLUMNS = ("digest", "picture", "print_digest")
STATUSES = ("UPLOADED", "MEASURING", "MEASURED", "REFUSED", "DELETED")


def seal_all(apps, schema_editor):
    alias = schema_editor.connection.alias
    designs = apps.get_model("designs", "Design").objects.using(alias)
    moved = {}
    for design in designs.order_by("pk").iterator():
        found = {}
        for column in COLUMNS:
            digest = getattr(design, column)
            if digest and digest not in moved:
                moved[digest] = _sealed(apps, alias, digest)
            if digest and moved[digest]:
                found[column] = moved[digest]
        if found:
            designs.filter(pk=design.pk).update(**found)
    plain = [_path(digest) for digest, address in moved.items() if address]
    transaction.on_commit(partial(_remove, plain), using=alias)


def _sealed(apps, alias, digest):
    """The new address of a plain file; empty where it is lost."""
    if not storages["designs"].exists(_path(digest)):
        return ""
    running = blake2b(key=_address_key(apps, alias), digest_size=32)
    for chunk in _chunks(digest):
        running.update(chunk)
    address = "0x" + running.hexdigest()
    files = apps.get_model("designs", "StoredFile").objects.using(alias)
    if not files.filter(pk=address).exists():
        made = sealed_write(_chunks(digest), digest_of(address))
        files.create(address=address, name=made.name, wrapped=made.wrapped, bytes=made.bytes)
    return address


def _address_key(apps, alias):
    keys = apps.get_model("designs", "AddressKey").objects.using(alias)
    row = keys.first() or keys.create(pk=1, wrapped=wrap(secrets.token_bytes(32)))
    return unwrap(row.wrapped)


def _chunks(digest):
    with storages["designs"].open(_path(digest)) as content:
        yield from content.chunks(CHUNK)


def _remove(paths):
    for path in paths:
        storages["designs"].delete(path)


def _path(digest):
    return f"{digest[2:4]}/{digest[2:]}"


class Migration(migrations.Migration):
    dependencies = [("designs", "0002_formats")]

    operations = [
        migrations.CreateModel(
            name="AddressKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("wrapped", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                ("address", models.CharField(max_length=66, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=32, unique=True)),
                ("wrapped", models.TextField()),
                ("bytes", models.PositiveBigIntegerField()),
                ("kept_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("recipient", models.CharField(max_length=100)),
                ("statement", models.CharField(max_length=132)),
                ("sealed", models.CharField(blank=True, max_length=66)),
                ("digest", models.CharField(max_length=66)),
                ("bytes", models.PositiveBigIntegerField()),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="designs.grant",
                    ),
                ),
            ],
            options={"verbose_name_plural": "deliveries"},
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                fields=("grant", "recipient"), name="delivery_once_per_recipient"
            ),
        ),
        migrations.RemoveConstraint(model_name="design", name="design_once_per_owner"),
        migrations.AlterField(
            model_name="design",
            name="status",
            field=models.CharField(
                choices=[(each, each) for each in STATUSES], default="UPLOADED", max_length=12
            ),
        ),
        migrations.AddConstraint(
            model_name="design",
            constraint=models.UniqueConstraint(
                condition=~Q(digest=""), fields=("owner", "digest", "unit"), name="design_once_per_owner"
            ),
        ),
        migrations.RunPython(seal_all, migrations.RunPython.noop),
    ]
