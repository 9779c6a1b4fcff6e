"""The document of a cause, as any site may serve it: told in one printable line."""

from stimme.cli.documents import _demand
from stimme.cli.output import plain


def check(data: bytes) -> None:
    told = plain(_demand(data))
    assert told.encode()
    assert told.isprintable()
