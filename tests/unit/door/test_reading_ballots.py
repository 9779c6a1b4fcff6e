"""What the door reads of a request; fuzzing looks for the rest."""

import json

import pytest

from stimme.apps.ballot.door.requests import (
    MOST_BYTES,
    BallotRequest,
    cookie,
    language,
    read_ballot,
)

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
SIGNED = {"seq": 3, "hour": "2026-11-22T18Z", "vk": "key", "sig": "signature"}
CODES = ("de", "fr", "it", "en")


def as_json(**fields: object) -> bytes:
    return json.dumps(fields).encode()


def test_a_ballot_is_a_paper_and_a_choice() -> None:
    plain = BallotRequest("p", "for")
    assert read_ballot(FORM, b"paper=p&choice=for") == plain
    assert read_ballot(JSON, as_json(paper="p", choice="for")) == plain
    assert read_ballot(f"{JSON}; charset=utf-8", as_json(paper="p", choice="for")) == plain


def test_a_signed_ballot_has_all_four_fields_of_its_signature() -> None:
    signed = BallotRequest("p", "for", 3, "2026-11-22T18Z", "key", "signature")
    form = b"paper=p&choice=for&seq=3&hour=2026-11-22T18Z&vk=key&sig=signature"
    assert read_ballot(FORM, form) == signed
    assert read_ballot(JSON, as_json(paper="p", choice="for", **SIGNED)) == signed


@pytest.mark.parametrize("left_out", SIGNED)
def test_a_part_of_a_signature_is_refused(left_out: str) -> None:
    part = {name: value for name, value in SIGNED.items() if name != left_out}
    with pytest.raises(ValueError, match="all parts or none"):
        read_ballot(JSON, as_json(paper="p", choice="for", **part))


def test_empty_fields_are_none() -> None:
    assert read_ballot(FORM, b"paper=p&choice=for&seq=&hour=&vk=&sig=") == BallotRequest("p", "for")
    empty = dict.fromkeys(SIGNED, "")
    assert read_ballot(JSON, as_json(paper="p", choice="for", **empty)) == BallotRequest("p", "for")


def test_other_fields_of_a_form_are_left_alone_and_the_last_of_two_counts() -> None:
    body = b"csrfmiddlewaretoken=x&paper=p&choice=for&choice=against"
    assert read_ballot(FORM, body) == BallotRequest("p", "against")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b'{"paper": "p"}',
        b'{"paper": "p", "choice": ""}',
        b'{"paper": 1, "choice": "for"}',
        b'{"paper": "p", "choice": ["for"]}',
        b'{"paper": "p", "choice": "for", "level": "2"}',
        b'{"paper": "p", "choice": "for", "seq": true, "hour": "h", "vk": "k", "sig": "s"}',
        b'{"paper": "p", "choice": "for", "seq": 1.0, "hour": "h", "vk": "k", "sig": "s"}',
        b'{"paper": "p", "choice": "for", "seq": -1, "hour": "h", "vk": "k", "sig": "s"}',
        b'{"paper": "p", "choice": "for", "seq": "1e3", "hour": "h", "vk": "k", "sig": "s"}',
        b'{"paper": "p", "choice": "for", "seq": 12345678901, "hour": "h", "vk": "k", "sig": "s"}',
        b"\xff",
        b'{"paper": "' + b"p" * MOST_BYTES + b'", "choice": "for"}',
    ],
)
def test_what_is_no_ballot_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  whatever the reason
        read_ballot(JSON, body)


@pytest.mark.parametrize(
    "body", [b"", b"paper=p", b"choice=for", b"paper=&choice=for", b"paper=\xff&choice=for"]
)
def test_a_form_without_paper_or_choice_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  whatever the reason
        read_ballot(FORM, body)


@pytest.mark.parametrize(
    "header, value",
    [
        ("", ""),
        ("stimme_session=abc", "abc"),
        ("a=b; stimme_session=abc ; c=d", "abc"),
        ("xstimme_session=abc", ""),
        ("stimme_session", ""),
        ("stimme_session=one; stimme_session=two", "two"),  # as Django reads it
        ("stimme_session=a=b", "a=b"),
    ],
)
def test_a_cookie_is_found_by_its_whole_name(header: str, value: str) -> None:
    assert cookie(header, "stimme_session") == value


@pytest.mark.parametrize(
    "chosen, accepted, found",
    [
        ("", "", "de"),
        ("", "fr", "fr"),
        ("it", "fr", "it"),
        ("xx", "fr", "fr"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "fr;q=0.2, it;q=0.8", "it"),
        ("", "ja, pt;q=0.9", "de"),
        ("", "fr;q=0, en;q=0.1", "en"),
        ("", "fr;q=much", "de"),
        ("", "*", "de"),
    ],
)
def test_the_language_is_the_chosen_one_or_the_best_of_those_accepted(
    chosen: str, accepted: str, found: str
) -> None:
    assert language(chosen, accepted, CODES, "de") == found
