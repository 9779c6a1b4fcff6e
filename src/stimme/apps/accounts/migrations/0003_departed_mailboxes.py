from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_fair_limits"),
    ]

    operations = [
        migrations.CreateModel(
            name="DepartedMailbox",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("left_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.AddField(
            model_name="user",
            name="votes_on_causes_since",
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
