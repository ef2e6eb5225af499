
import django.db.models.deletion
import marketplace.designs.rules
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('designs', '0005_pictures'),
    ]

    operations = [
        migrations.CreateModel(
            name='Slicing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('layer_um', models.PositiveIntegerField()),
                ('infill_percent', models.PositiveSmallIntegerField()),
                ('status', models.CharField(choices=[(marketplace.designs.rules.SlicingStatus['WAITING'], marketplace.designs.rules.SlicingStatus['WAITING']), (marketplace.designs.rules.SlicingStatus['SLICING'], marketplace.designs.rules.SlicingStatus['SLICING']), (marketplace.designs.rules.SlicingStatus['SLICED'], marketplace.designs.rules.SlicingStatus['SLICED']), (marketplace.designs.rules.SlicingStatus['FAILED'], marketplace.designs.rules.SlicingStatus['FAILED'])], default=marketplace.designs.rules.SlicingStatus['WAITING'], max_length=8)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('claimed_until', models.DateTimeField(null=True)),
                ('seconds', models.PositiveIntegerField(null=True)),
                ('extruded_mm3', models.FloatField(null=True)),
                ('slicer', models.CharField(blank=True, max_length=60)),
                ('profile', models.CharField(blank=True, max_length=60)),
                ('reason', models.CharField(blank=True, max_length=400)),
                ('asked_at', models.DateTimeField(auto_now_add=True)),
                ('sliced_at', models.DateTimeField(null=True)),
                ('design', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='slicings', to='designs.design')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status__in', [marketplace.designs.rules.SlicingStatus['WAITING'], marketplace.designs.rules.SlicingStatus['SLICING']])), fields=['asked_at'], name='slicing_waiting')],
                'constraints': [models.UniqueConstraint(fields=('design', 'layer_um', 'infill_percent'), name='slicing_once_per_settings')],
            },
        ),
    ]
