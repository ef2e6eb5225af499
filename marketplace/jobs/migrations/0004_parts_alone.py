"""The job's own material, colour and quality go: its parts have them (0003)."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0003_parts'),
    ]

    operations = [
        migrations.RemoveField('job', 'material'),
        migrations.RemoveField('job', 'colour'),
        migrations.RemoveField('job', 'layer_um'),
        migrations.RemoveField('job', 'infill_percent'),
    ]
