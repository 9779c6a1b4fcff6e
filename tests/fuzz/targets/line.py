"""One line of the log: three readers agree on what is in the grammar, and it has one spelling."""

from stimme.engines.translog import GrammarError, Replay, parse_line
from tests.fuzz.plain import words_of


def accepted(entry: bytes) -> bool:
    try:
        text = entry.decode("ascii")
        line = parse_line(text)
    except (UnicodeDecodeError, GrammarError):
        return False
    assert str(line) == text
    assert type(line).parse(text) == line
    return True


def check(data: bytes) -> None:
    replay = Replay("stimme.example/log")
    replay.feed(0, data)
    outside = [one for one in replay.alarms if "outside the grammar" in one.sentence]
    assert accepted(data) == (not outside) == (words_of(data) is not None)
