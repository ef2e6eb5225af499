"""Logs keyed by their block's digest, raw and without what follows from it; blocks with parents; turns."""

import django.db.models.deletion
from django.db import migrations, models


def logs_give_cursor(apps, schema_editor):
    database = schema_editor.connection.alias
    cursors = apps.get_model("chain", "Cursor").objects.using(database)
    logs = apps.get_model("chain", "Log").objects.using(database)
    for cursor in cursors.order_by("-pk"):
        logs.filter(address=cursor.escrow).update(cursor=cursor)
    logs.filter(cursor=None).update(cursor=cursors.order_by("pk").first())


class Migration(migrations.Migration):
    dependencies = [("chain", "0001_initial")]

    operations = [
        migrations.AddField("cursor", "holder", models.CharField(blank=True, default="", max_length=32), preserve_default=False),
        migrations.AddField("cursor", "held_until", models.DateTimeField(null=True)),
        migrations.AddField("block", "parent", models.CharField(default="", max_length=66), preserve_default=False),
        migrations.AddField(
            "log",
            "cursor",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="logs",
                to="chain.cursor",
            ),
        ),
        migrations.RunPython(logs_give_cursor, migrations.RunPython.noop),
    ]
