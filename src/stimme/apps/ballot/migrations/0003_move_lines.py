from hashlib import sha256
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Count

AT_ONCE = 500


def _objects(apps: Apps, name: str) -> Any:  # noqa: ANN401  those of a model as it was
    return apps.get_model("ballot", name).objects


def move(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Divide the lines into pending and sealed ones, and give each seat its latest."""
    for line in _objects(apps, "Line").select_related("promise").order_by("id").iterator(AT_ONCE):
        if line.log_index is None:
            _keep_pending(apps, line)
        else:
            _keep_entry(apps, line)
        if line.kind == "vote":
            _give_to_seat(apps, line)
    _count(apps)


def _keep_pending(apps: Apps, line: Any) -> None:  # noqa: ANN401  a model as it was
    _objects(apps, "PendingLine").create(
        cid=line.cid,
        p=line.p,
        kind=line.kind,
        text=line.text,
        deadline=line.promise.deadline if line.promise else None,
    )


def _keep_entry(apps: Apps, line: Any) -> None:  # noqa: ANN401  a model as it was
    leaf = sha256(b"\x00" + line.text.encode()).digest()
    _objects(apps, "Entry").create(
        log_index=line.log_index,
        cid=line.cid,
        kind=line.kind,
        text=line.text,
        code=int.from_bytes(leaf[:8], "big", signed=True),
    )


def _give_to_seat(apps: Apps, line: Any) -> None:  # noqa: ANN401  a model as it was
    _objects(apps, "Seat").filter(cid=line.cid, p=line.p, seq=line.seq).update(
        hour=line.text.split(" ")[7], promise=line.promise, promise_index=line.promise_index
    )


def _count(apps: Apps) -> None:
    seats = _objects(apps, "Seat")
    alike = seats.values("cid", "level", "choice").annotate(number=Count("p")).order_by()
    tallies = _objects(apps, "Tally")
    tallies.bulk_create(
        tallies.model(annulled=False, keyed=False, door=0, **row) for row in alike.iterator(AT_ONCE)
    )


class Migration(migrations.Migration):
    dependencies = [("ballot", "0002_pending_lines_and_entries")]
    operations = [migrations.RunPython(move)]
