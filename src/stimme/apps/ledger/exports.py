"""The ledger as files to keep: what each column means stands in docs/use/your-ledger.md."""

import csv
import io
import json
from collections.abc import Iterable

from django.conf import settings

from stimme.apps.ledger.happenings import Happening
from stimme.apps.ledger.selectors import Entry
from stimme.apps.organisations.models import Commitment

COLUMNS = (
    "demand",
    "organisation",
    "cause",
    "version",
    "cid",
    "choice",
    "hour",
    "changes",
    "level",
    "briefed",
    "annulled",
    "receipt",
    "voters_now",
    "asks",
    "decision",
    "decided_on",
    "happened",
)
# A spreadsheet takes a cell that begins so for a formula, and runs it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Told = list[dict[str, str | list[str]]]


def as_json(entries: Iterable[Entry]) -> str:
    rows = [_row(entry) for entry in entries]
    return json.dumps({"votes": rows}, ensure_ascii=False, indent=2) + "\n"


def as_csv(entries: Iterable[Entry]) -> str:
    """Return a heading and a line a vote; texts that a spreadsheet would run begin with `'`."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for entry in entries:
        row = _row(entry)
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return out.getvalue()


def _row(entry: Entry) -> dict[str, str | int | bool | Told]:
    version, seat, decision = entry.version, entry.receipt.seat, entry.decision
    cause = version.cause
    return {
        "demand": "" if cause.hidden else version.ask,
        "organisation": cause.organisation.name,
        "cause": f"{settings.STIMME.url}{cause.get_absolute_url()}",
        "version": version.number,
        "cid": version.cid,
        "choice": seat.choice,
        "hour": seat.hour,
        "changes": seat.seq,
        "level": seat.level,
        "briefed": bool(seat.briefed),
        "annulled": seat.annulled,
        "receipt": entry.receipt.code,
        "voters_now": entry.voters,
        "asks": entry.asks.kind if entry.asks else "",
        "decision": decision.result if decision else "",
        "decided_on": decision.day.isoformat() if decision else "",
        "happened": [_told(one) for one in entry.happened],
    }


def _told(one: Happening) -> dict[str, str | list[str]]:
    return {"day": one.day.isoformat(), "what": _what(one), "answers": one.said}


def _what(one: Happening) -> str:
    """Its kind; of a commitment also where it stands."""
    stands = f" {one.subject.stands}" if isinstance(one.subject, Commitment) else ""
    return f"{one.kind.value}{stands}"


def _cell(value: str | int | bool | Told) -> str | int:  # noqa: FBT001  a cell may be yes or no
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return value
    text = value if isinstance(value, str) else "; ".join(map(_in_a_cell, value))
    return f"'{text}" if text.startswith(_FORMULA) else text


def _in_a_cell(told: dict[str, str | list[str]]) -> str:
    answers = f" ({', '.join(told['answers'])})" if told["answers"] else ""
    return f"{told['day']} {told['what']}{answers}"
