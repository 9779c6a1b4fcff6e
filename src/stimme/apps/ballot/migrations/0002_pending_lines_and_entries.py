import django.db.models.deletion
from django.db import migrations, models

CHOICES = [("for", "for"), ("against", "against"), ("withdrawn", "withdrawn")]


class Migration(migrations.Migration):
    """Pending lines and sealed entries in tables of their own; seats hold their latest line."""

    dependencies = [("ballot", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "log_index",
                    models.PositiveBigIntegerField(primary_key=True, serialize=False),
                ),
                ("cid", models.CharField(blank=True, max_length=22)),
                ("kind", models.CharField(max_length=9)),
                ("text", models.CharField(max_length=400)),
                ("code", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["cid", "log_index"], name="entry_of_cause"),
                    models.Index(fields=["code"], name="entry_by_code"),
                    models.Index(
                        condition=models.Q(("kind", "vote"), _negated=True),
                        fields=["kind"],
                        name="entry_of_no_seat",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PendingLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("cid", models.CharField(blank=True, max_length=22)),
                ("p", models.CharField(blank=True, max_length=22)),
                ("kind", models.CharField(max_length=9)),
                ("text", models.CharField(max_length=400)),
                ("deadline", models.PositiveBigIntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "vote"), _negated=True),
                            ("deadline__isnull", False),
                            _connector="OR",
                        ),
                        name="every_pending_vote_has_a_deadline",
                    )
                ],
            },
        ),
        migrations.DeleteModel(name="Tally"),
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("cid", models.CharField(max_length=22)),
                ("level", models.PositiveSmallIntegerField()),
                ("choice", models.CharField(choices=CHOICES, max_length=9)),
                ("annulled", models.BooleanField()),
                ("keyed", models.BooleanField()),
                ("door", models.PositiveSmallIntegerField()),
                ("number", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("choice__in", ["for", "against", "withdrawn"])),
                        name="tally_choice",
                    ),
                    models.UniqueConstraint(
                        fields=("cid", "level", "choice", "annulled", "keyed", "door"),
                        name="one_tally_row_a_kind_and_door",
                    ),
                ],
            },
        ),
        migrations.AddField("seat", "hour", models.CharField(default="", max_length=14)),
        migrations.AddField("seat", "vk", models.CharField(blank=True, default="", max_length=43)),
        migrations.AddField("seat", "sig", models.CharField(blank=True, default="", max_length=86)),
        migrations.AddField(
            "seat",
            "promise",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ballot.promise",
            ),
        ),
        migrations.AddField("seat", "promise_index", models.PositiveIntegerField(null=True)),
        migrations.AddField("seat", "changes", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField(
            "seat", "bound_to", models.CharField(blank=True, default="", max_length=43)
        ),
        migrations.AddField("seat", "rekeys", models.PositiveIntegerField(default=0)),
        migrations.AddField(
            "seat", "annulled", models.CharField(blank=True, default="", max_length=9)
        ),
    ]
