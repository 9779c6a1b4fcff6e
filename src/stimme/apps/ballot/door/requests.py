"""What the front reads of a request: bounded, and nothing that it does not need."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import orjson

MOST_BYTES = 4096  # a paper, a choice, a voter's key with its signature, and what was read
_SIGNED = {"seq", "hour", "vk", "sig"}
_CHECKS = ("q1", "q2", "q3")
SEEN = {"seconds", "both", "source", *_CHECKS}
_FIELDS = {"paper", "choice", *_SIGNED, *SEEN}
_MOST_DIGITS = 9
_OPTIONS = 4


class Seen(NamedTuple):
    """What a form of the briefing tells of its reader; `seconds` is None without a script.

    `checked` are the options chosen in the self-check, None for a question left out.
    """

    seconds: int | None
    both: bool
    source: bool
    checked: tuple[int | None, ...]


class BallotRequest(NamedTuple):
    """A ballot as it came; the four fields of a key-bound vote are all there, or none."""

    paper: str
    choice: str
    seq: int | None = None
    hour: str = ""
    vk: str = ""
    sig: str = ""
    seen: Seen | None = None


def read_ballot(content_type: str, body: bytes) -> BallotRequest:
    """Read a form or a JSON object. Raises ValueError for anything that is not a ballot."""
    if len(body) > MOST_BYTES:
        raise ValueError("too long")
    is_json = content_type.partition(";")[0].strip() == "application/json"
    fields = _json(body) if is_json else _form(body)
    signed = _SIGNED & fields.keys()
    if not (fields.get("paper") and fields.get("choice")) or signed not in (set(), _SIGNED):
        raise ValueError("a ballot has a paper and a choice, and of a signature all parts or none")
    paper, choice = fields["paper"], fields["choice"]
    seen = seen_of(fields)
    if not signed:
        return BallotRequest(paper, choice, seen=seen)
    seq, hour = _number(fields["seq"]), fields["hour"]
    return BallotRequest(paper, choice, seq, hour, fields["vk"], fields["sig"], seen)


def seen_of(fields: Mapping[str, Any]) -> Seen | None:
    """Return what a form of the briefing tells, if it is one. Raises ValueError."""
    if SEEN.isdisjoint(fields.keys()):
        return None
    seconds = fields.get("seconds")
    return Seen(
        None if seconds is None else _number(seconds),
        _said(fields.get("both")),
        _said(fields.get("source")),
        tuple(_option(fields.get(name)) for name in _CHECKS),
    )


def _said(value: str | None) -> bool:
    if value not in {None, "1"}:
        raise ValueError("neither said nor left out")
    return value is not None


def _option(value: str | None) -> int | None:
    if value is None:
        return None
    number = _number(value)
    if number >= _OPTIONS:
        raise ValueError("not one of the options")
    return number


def _json(body: bytes) -> dict[str, Any]:
    found = orjson.loads(body)
    if not isinstance(found, dict) or not found.keys() <= _FIELDS:
        raise ValueError("not an object with the fields of a ballot")
    for name, value in found.items():
        if not isinstance(value, str) and not (name == "seq" and type(value) is int):
            raise ValueError("neither a text nor the number of a vote")
    # As in a form, what is empty is not there: no vote has a signature and no key.
    return {name: value for name, value in found.items() if value != ""}


def _form(body: bytes) -> dict[str, Any]:
    found = parse_qs(body.decode("ascii"), max_num_fields=20, errors="strict")
    # What pages send along, like Django's token, is not ours to judge.
    return {name: found[name][-1] for name in _FIELDS & found.keys()}


def _number(value: str | int) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise ValueError("not the number of a vote")
    return int(text)


def cookie(header: str, name: str) -> str:
    """Return the value that the pages read from a Cookie header too, or nothing."""
    found = ""
    for part in header.split(";"):
        key, equals, value = part.partition("=")
        if equals and key.strip() == name:
            found = value.strip()
    return found


def language(cookie_value: str, accepted: str, known: tuple[str, ...], default: str) -> str:
    """Choose the language of a page as Django would, among `known`."""
    if cookie_value in known:
        return cookie_value
    weighed = sorted(map(_weighed, accepted.split(",")), key=lambda one: -one[0])
    return next((code for weight, code in weighed if weight > 0 and code in known), default)


def _weighed(part: str) -> tuple[float, str]:
    name, _, quality = part.strip().partition(";q=")
    try:
        return float(quality or 1), name.partition("-")[0].lower()
    except ValueError:
        return 0, ""
