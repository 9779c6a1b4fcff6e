import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ballot", "0003_move_lines")]

    operations = [
        migrations.DeleteModel(name="Line"),
        migrations.AlterField("seat", "hour", models.CharField(max_length=14)),
        migrations.AlterField("seat", "vk", models.CharField(blank=True, max_length=43)),
        migrations.AlterField("seat", "sig", models.CharField(blank=True, max_length=86)),
        migrations.AlterField(
            "seat",
            "promise",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ballot.promise",
            ),
        ),
        migrations.AlterField("seat", "promise_index", models.PositiveIntegerField()),
        migrations.AlterField("seat", "bound_to", models.CharField(blank=True, max_length=43)),
        migrations.AlterField("seat", "annulled", models.CharField(blank=True, max_length=9)),
        migrations.AddConstraint(
            "seat",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sig", ""), ("vk", "")),
                    models.Q(
                        models.Q(("vk", ""), _negated=True), models.Q(("sig", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="seat_key_with_signature",
            ),
        ),
    ]
