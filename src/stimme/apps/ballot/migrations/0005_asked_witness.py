from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ballot", "0004_seats_hold_their_line")]

    operations = [
        migrations.CreateModel(
            name="AskedWitness",
            fields=[
                ("vkey", models.CharField(max_length=1200, primary_key=True, serialize=False)),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("cosigned", "Cosigned"),
                            ("down", "Down"),
                            ("slow", "Slow"),
                            ("refusing", "Refusing"),
                            ("behind", "Behind"),
                            ("lying", "Lying"),
                            ("unproven", "Unproven"),
                            ("ahead", "Ahead"),
                            ("forked", "Forked"),
                        ],
                        max_length=8,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("cosignature", models.TextField(blank=True)),
            ],
        ),
    ]
