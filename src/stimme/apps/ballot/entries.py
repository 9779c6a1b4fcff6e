"""Reading the sealed lines as the database has them."""

import base64
import struct
from collections.abc import Collection, Iterator

from django.db.models import QuerySet

from stimme.apps.ballot.models import Entry
from stimme.engines.translog import leaf_hash, short_code

_AT_ONCE = 2000
_P = 3  # in a vote line, counted in words
_LOOK_UP = struct.Struct(">q")


def look_up_code(leaf: bytes) -> int:
    """The first 8 bytes of a leaf hash, as the signed number that the entries are found by."""
    number: int = _LOOK_UP.unpack_from(leaf)[0]
    return number


def entry_of_line(text: str) -> Entry | None:
    """Return the sealed line with exactly this text, or None."""
    code = look_up_code(leaf_hash(text.encode()))
    return Entry.objects.filter(code=code, text=text).first()


def entry_of_code(code: str) -> Entry | None:
    """Return the sealed line with this short code (24 characters in groups of four), or None.

    Raises ValueError when it is not such a code.
    """
    leading = base64.b32decode(code.replace("-", "").upper())
    candidates = Entry.objects.filter(code=look_up_code(leading))
    return next((entry for entry in candidates if short_code(entry.text) == code), None)


def pseudonyms_of_codes(cid: str, codes: Collection[str]) -> dict[str, str]:
    """Return the pseudonyms of one box's sealed votes by their short codes, of those there are.

    Raises ValueError for what is no short code.
    """
    wanted = {look_up_code(base64.b32decode(code.replace("-", "").upper())) for code in codes}
    found = Entry.objects.filter(cid=cid, kind="vote", code__in=wanted)
    texts = {short_code(text): text for text in found.values_list("text", flat=True)}
    return {code: texts[code].split(" ")[_P] for code in codes if code in texts}


def entries_of_box(cid: str) -> QuerySet[Entry]:
    """Sealed lines of one box in the order of the log. Pending ones are nobody's business yet."""
    return Entry.objects.filter(cid=cid).order_by("log_index")


def log_entries(start: int, stop: int) -> Iterator[bytes]:
    """Entries [start, stop) of the log, bounded in memory.

    Read in parts, not by a cursor: whoever stops early leaves nothing open.
    """
    for first in range(start, stop, _AT_ONCE):
        last = min(first + _AT_ONCE, stop)
        lines = Entry.objects.filter(log_index__gte=first, log_index__lt=last)
        for text in lines.order_by("log_index").values_list("text", flat=True):
            yield text.encode()
