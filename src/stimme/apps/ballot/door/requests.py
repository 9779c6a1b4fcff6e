"""What the front reads of a request: bounded, and nothing that it does not need."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

MOST_BYTES = 4096  # a paper, a choice, and a voter's key with its signature
_FIELDS = {"paper", "choice", "seq", "hour", "vk", "sig"}
_SIGNED = {"seq", "hour", "vk", "sig"}
_MOST_LETTERS = 300


@dataclass(frozen=True, slots=True)
class BallotRequest:
    """A ballot as it came; the four fields of a key-bound vote are all there, or none."""

    paper: str
    choice: str
    seq: int | None = None
    hour: str = ""
    vk: str = ""
    sig: str = ""


def read_ballot(content_type: str, body: bytes) -> BallotRequest:
    """Read a form or a JSON object. Raises ValueError for anything that is not a ballot."""
    if len(body) > MOST_BYTES:
        raise ValueError("too long")
    is_json = content_type.partition(";")[0].strip() == "application/json"
    fields = _json(body) if is_json else _form(body)
    seq = fields.pop("seq", "")
    if seq and not (seq.isascii() and seq.isdigit() and len(seq) < 10):  # noqa: PLR2004  far below 2^32
        raise ValueError("seq is no number")
    return BallotRequest(seq=int(seq) if seq else None, **fields)


def _json(body: bytes) -> dict[str, str]:
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004  one error for whatever was sent
    return _checked({name: _text(value) for name, value in found.items()})


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("neither text nor number")
    return str(value)


def _form(body: bytes) -> dict[str, str]:
    found = parse_qs(
        body.decode("ascii"), keep_blank_values=True, max_num_fields=20, errors="strict"
    )
    # What pages send along, like Django's token, is not ours to judge.
    return _checked({name: found[name][-1] for name in _FIELDS & found.keys()})


def _checked(fields: dict[str, str]) -> dict[str, str]:
    known = {name: value for name, value in fields.items() if name in _FIELDS and value}
    if not {"paper", "choice"} <= known.keys():
        raise ValueError("a ballot has a paper and a choice")
    if any(len(value) > _MOST_LETTERS for value in known.values()):
        raise ValueError("too long")
    if _SIGNED & known.keys() not in (set(), _SIGNED):
        raise ValueError("a signed vote has a number, an hour, a key and a signature")
    return known


def cookie(header: str, name: str) -> str:
    """Return a cookie's value from a Cookie header as browsers send it, or nothing."""
    start = f"{name}="
    values = [
        part[len(start) :] for part in map(str.strip, header.split(";")) if part.startswith(start)
    ]
    return values[-1] if values else ""


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


Headers = list[tuple[str, str]]


def header_of(headers: Any, name: str) -> str:  # noqa: ANN401  granian's headers
    value: str | None = headers.get(name)
    return value or ""
