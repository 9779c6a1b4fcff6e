import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ballot", "0006_annulled_seats"),
    ]

    operations = [
        # It is asked only whether somebody left before a box was opened, and that nobody did is
        # known of all that are there now: who left was not remembered before.
        migrations.AddField(
            model_name="box",
            name="opened_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
    ]
