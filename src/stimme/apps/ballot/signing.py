"""What a browser needs beside the paper to sign a vote with a key of its own."""

from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from stimme import keys
from stimme.apps.ballot import papers


class Voted(Protocol):
    """What signing asks of a seat: its last number, and the key it is bound to."""

    @property
    def seq(self) -> int: ...
    @property
    def bound_to(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ToSign:
    """The parts of the seat's next line that its voter does not choose.

    `bound_to` is the voter's key, empty where there is none, or `-` where it was released.
    """

    cid: str
    pseudonym: str
    seq: int
    level: int
    bound_to: str
    origin: str


def to_sign(*, paper: str, session: str, seat: Voted | None) -> ToSign:
    """Read the paper that a page is about to hand out. Raises PaperRefused or PaperExpired."""
    read = papers.read(keys.load(settings.STIMME.keys_dir, "paper"), session, paper)
    seq, bound_to = (seat.seq + 1, seat.bound_to) if seat else (0, "")
    origin = settings.STIMME.origin
    return ToSign(read.cid, read.pseudonym, seq, read.level, bound_to, origin)
