"""The second half of the former: PostgreSQL changes no table in the transaction that changed its rows."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chain", "0002_following")]

    operations = [
        migrations.AlterField(
            "log",
            "cursor",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="logs",
                to="chain.cursor",
            ),
        ),
        migrations.RemoveConstraint("log", "one_log_per_place"),
        migrations.RemoveIndex("log", "chain_log_agreeme_287777_idx"),
        migrations.RemoveIndex("log", "chain_log_final_33b4e3_idx"),
        migrations.RemoveField("log", "args"),
        migrations.RemoveField("log", "final"),
        migrations.AlterField("log", "transaction", models.CharField(max_length=66)),
        migrations.AlterField("log", "block", models.PositiveBigIntegerField(db_index=True)),
        migrations.AddIndex("log", models.Index(fields=["agreement", "block"], name="log_of_agreement")),
        migrations.AddConstraint(
            "log",
            models.UniqueConstraint(fields=("block_digest", "log_index"), name="one_log_per_block_and_index"),
        ),
        migrations.CreateModel(
            name="Alarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, unique=True)),
                ("data", models.JSONField()),
                ("since", models.DateTimeField(auto_now_add=True)),
            ],
        ),
    ]
