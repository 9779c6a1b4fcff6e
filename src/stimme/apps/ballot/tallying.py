"""`tally` lines: the operator's own count over the sealed log, for everybody to check."""

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import groupby
from operator import itemgetter

from django.db import connection
from django.db.models import F
from django.db.models.functions import Collate, Length, Substr

from stimme.apps.ballot.models import Entry
from stimme.engines.translog import TallyLine, VoteLine, b64

# The lines that change whether and how a seat counts.
_OF_SEATS = ("vote", "annul", "reinstate")
_P_LENGTH = 22
_P_AFTER_KIND = 28  # "s1 " + kind + " " + cid + " ", and SQL counts from 1
_AT_ONCE = 5000
_CHOICE = 5  # in a vote line, counted in words


def changed_boxes(start: int, stop: int) -> list[str]:
    """Return the cids that the log's lines [start, stop) say something new of."""
    lines = Entry.objects.filter(log_index__gte=start, log_index__lt=stop, kind__in=_OF_SEATS)
    return list(lines.order_by("cid").values_list("cid", flat=True).distinct())


def due_tally(cid: str, size: int) -> TallyLine | None:
    """Return the count over the first `size` lines; None where the last one tells the same."""
    lines = Entry.objects.filter(cid=cid, log_index__lt=size)
    last = lines.filter(kind="tally").order_by("-log_index").values_list("text", flat=True).first()
    covered = TallyLine.parse(last).covered if last else 0
    if not lines.filter(kind__in=_OF_SEATS, log_index__gte=covered).exists():
        return None
    return tally_of(cid, size)


def tally_of(cid: str, size: int) -> TallyLine:
    """Count one cause by rule R3 over the first `size` lines of the log.

    Takes a few seconds for a million lines, and memory for some thousand. All votes of ours lie
    between the `cause` and the `close` of their box: sealing sees to that.
    """
    counts: Counter[str] = Counter()
    digest, joint = sha256(), b""
    for vote, annulled in _seats(cid, size):
        choice = vote.split(" ", _CHOICE + 1)[_CHOICE]
        counts["annulled" if annulled else choice] += 1
        if not annulled and choice != "withdrawn":
            digest.update(joint + vote.encode())
            joint = b"\n"
    return TallyLine(
        cid, size, counts["for"], counts["against"], counts["annulled"], b64(digest.digest())
    )


def _seats(cid: str, size: int) -> Iterator[tuple[str, bool]]:
    """Each seat's last vote line, and whether the seat is annulled, in the order of the digest.

    That is the bytewise order of the lines, since they differ first in the pseudonym.
    """
    for _p, lines in groupby(_lines_of_seats(cid, size), key=itemgetter(0)):
        vote, annulled = "", False
        for _same, kind, text in lines:
            if kind == VoteLine.WORD:
                vote = text
            else:
                annulled = kind == "annul"
        yield vote, annulled


def _lines_of_seats(cid: str, size: int) -> Iterable[tuple[str, str, str]]:
    """(pseudonym, kind, text) by pseudonym; the lines of each in the order of the log."""
    bytewise = "C" if connection.vendor == "postgresql" else "BINARY"
    pseudonym = Substr("text", Length("kind") + _P_AFTER_KIND, _P_LENGTH)
    lines = Entry.objects.filter(cid=cid, kind__in=_OF_SEATS, log_index__lt=size)
    rows = lines.annotate(p=Collate(pseudonym, bytewise)).order_by(F("p"), "log_index")
    return rows.values_list(F("p"), "kind", "text").iterator(chunk_size=_AT_ONCE)
