from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from stimme.apps.accounts.canonical import canonical


def name_mailboxes(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """The oldest account of a mailbox stands for it; younger ones go on by their addresses."""
    User = apps.get_model("accounts", "User")
    taken = set()
    for user in User.objects.filter(canonical_email=None).order_by("pk").iterator():
        mailbox = canonical(user.email)
        if mailbox not in taken:
            taken.add(mailbox)
            User.objects.filter(pk=user.pk).update(canonical_email=mailbox)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Bucket",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("full_at", models.BigIntegerField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="Growth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("all", "in all"),
                            ("domain", "mail domain"),
                            ("network", "network"),
                        ],
                        max_length=7,
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=254)),
                ("hour", models.DateTimeField()),
                ("number", models.PositiveIntegerField()),
                ("usual", models.FloatField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["hour"], name="growth_by_hour")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "name", "hour"), name="one_number_an_hour"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="user",
            name="canonical_email",
            field=models.EmailField(
                blank=True, editable=False, max_length=254, null=True, unique=True
            ),
        ),
        migrations.RunPython(name_mailboxes, migrations.RunPython.noop),
    ]
