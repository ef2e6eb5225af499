"""Uploads in progress are encrypted from here on. What lies plain where they arrive goes: those that are not whole
begin anew, as after a day without a byte, and so does what killed processes left there.
"""

import shutil
from pathlib import Path

from django.conf import settings
from django.db import migrations, models, transaction

PLAIN = ("upload-*", "*.upload*", "plain-*", "measure-*", "repair-*", "slice-*")


def uploads_end(apps, schema_editor):
    alias = schema_editor.connection.alias
    apps.get_model("designs", "Upload").objects.using(alias).filter(design=None).delete()
    transaction.on_commit(_remove, using=alias)


def _remove():
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    for path in (path for pattern in PLAIN for path in folder.glob(pattern)):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


class Migration(migrations.Migration):
    dependencies = [("designs", "0009_slice_settings")]

    operations = [
        migrations.AddField("upload", "sealed_bytes", models.PositiveBigIntegerField(default=0)),
        migrations.AddField("upload", "wrapped", models.TextField(blank=True, default=""), preserve_default=False),
        migrations.RunPython(uploads_end, migrations.RunPython.noop),
    ]
