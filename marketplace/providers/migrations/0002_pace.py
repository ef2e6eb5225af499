import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """How much longer each printer takes than estimated, and the finished prints that tell it."""

    dependencies = [('providers', '0001_initial')]

    operations = [
        migrations.AddField('printer', 'pace', models.FloatField(default=1.0)),
        migrations.AddField('printer', 'prints_counted', models.PositiveIntegerField(default=0)),
        migrations.CreateModel(
            name='FinishedPrint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('agreement', models.CharField(max_length=66)),
                ('model', models.CharField(max_length=66)),
                ('copy', models.PositiveBigIntegerField()),
                ('serial', models.CharField(max_length=100)),
                ('record', models.CharField(max_length=66)),
                ('expected_s', models.FloatField()),
                ('taken_s', models.FloatField()),
                ('finished_at', models.DateTimeField()),
                ('provider', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prints', to='providers.provider')),
            ],
            options={
                'ordering': ['-finished_at', 'agreement', 'model', 'copy'],
                'indexes': [models.Index(fields=['provider', 'serial', '-finished_at'], name='print_of_printer')],
                'constraints': [models.UniqueConstraint(fields=('agreement', 'model', 'copy'), name='print_counts_once')],
            },
        ),
    ]
