"""Material, colour and quality go from the job to each of its parts.

Whoever asked for a job before had one of each for all parts, so every part gets them. The frozen spec of such a
job is of version 1, which no agent answers any more: what still took bids is over.
"""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery

NAMES = ("material", "colour", "layer_um", "infill_percent")


def to_parts(apps, schema_editor):
    job, part = apps.get_model("jobs", "Job"), apps.get_model("jobs", "JobPart")
    database = schema_editor.connection.alias
    owner = job.objects.using(database).filter(pk=OuterRef("job_id"))
    part.objects.using(database).update(**{name: Subquery(owner.values(name)[:1]) for name in NAMES})
    job.objects.using(database).filter(status="OPEN", spec__isnull=False).update(status="EXPIRED")


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0002_shown'),
    ]

    operations = [
        migrations.AddField('jobpart', 'material', models.CharField(max_length=64, default=""), preserve_default=False),
        migrations.AddField('jobpart', 'colour', models.CharField(max_length=64, default=""), preserve_default=False),
        migrations.AddField('jobpart', 'layer_um', models.PositiveIntegerField(default=0), preserve_default=False),
        migrations.AddField('jobpart', 'infill_percent', models.PositiveSmallIntegerField(default=0), preserve_default=False),
        migrations.AddField('jobpart', 'estimate', models.JSONField(null=True)),
        migrations.RunPython(to_parts, migrations.RunPython.noop),
    ]
