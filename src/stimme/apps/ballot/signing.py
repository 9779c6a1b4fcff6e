"""What a browser needs beside the paper to sign a vote with a key of its own."""

from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from stimme import keys
from stimme.apps.ballot import papers
from stimme.engines.translog import unb64


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

    @property
    def against_first(self) -> bool:
        return against_first(self.pseudonym)


def against_first(pseudonym: str) -> bool:
    """Say in which order a voter meets the two choices: by a bit of the pseudonym.

    At random for a person and a cause, and always the same.
    """
    return bool(unb64(pseudonym)[0] & 1)


def to_sign(*, paper: str, session: str, seat: Voted | None) -> ToSign:
    """Read the paper that a page is about to hand out. Raises PaperRefused or PaperExpired."""
    read = papers.read(keys.load(settings.STIMME.keys_dir, "paper"), session, paper)
    seq, bound_to = (seat.seq + 1, seat.bound_to) if seat else (0, "")
    origin = settings.STIMME.origin
    return ToSign(read.cid, read.pseudonym, seq, read.level, bound_to, origin)
