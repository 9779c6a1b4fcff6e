"""Markup, scripts and characters that deceive, in every text that somebody can write."""

from collections.abc import Iterator
from datetime import date

import pytest

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause, CauseVersion, Draft, Source
from stimme.apps.moderation.services import hide
from stimme.apps.organisations.models import Organisation, Result
from stimme.apps.organisations.services import record_decision, record_response
from tests.house import version_of, vote
from tests.views.test_starting_a_cause import AFFECTED, DEMAND, ORGANISATION, SOURCES, rows, send
from tests.visitors import Answer, text_of, visitor

HTML = '<script>alert("x")</script><img src=x onerror=alert(1)>{{ 7|add:7 }}'
RAW = ["<script>alert", "<img src=x", ">14<"]
START = "/causes/start/"

# Each would read differently from what it is.
DECEIVING = {
    "right-to-left override": "Open \u202ethe doors on Sundays",
    "isolate": "Open \u2066the doors on Sundays",
    "zero width": "Open the do\u200bors on Sundays",
    "soft hyphen": "Open the do\u00adors on Sundays",
    "filler": "Open the \u3164doors on Sundays",
    "tag characters": "Open the doors\U000e0041 on Sundays",
    "Cyrillic among Latin": "Open the d\u043e\u043ers on Sundays",
    "Greek among Latin": "Open the d\u03bf\u03bfrs on Sundays",
    "control character": "Open the \x07doors on Sundays",
    "NUL": "Open the doors\0 on Sundays",
}
WRITTEN = {
    "the organisation": ("", ORGANISATION, "name"),
    "the demand": ("demand/", DEMAND, "ask"),
    "what changes": ("demand/", DEMAND, "what_changes"),
    "a party": ("affected/", rows(AFFECTED), "form-1-name"),
    "an effect": ("affected/", rows(AFFECTED), "form-1-how"),
    "a source": ("sources/", rows(SOURCES), "form-0-title"),
}


def assert_harmless(response: Answer) -> None:
    html = response.content.decode()
    assert not any(raw in html for raw in RAW)


@pytest.fixture
def written(alice: User, bob: User) -> Cause:
    """A cause with markup in every text, by its author and by staff."""
    client = visitor(alice)
    party = {"name": HTML[:80], "effect": "loses", "how": HTML}
    for step, data in [
        ("", {**ORGANISATION, "name": HTML}),
        ("demand/", {**DEMAND, "ask": HTML, "what_changes": HTML}),
        ("affected/", rows([party])),
        ("sources/", rows([{"title": HTML, "url": "https://example.org/?<script>alert"}])),
    ]:
        response = send(client, step, data)
        assert response.status_code == 302, response.content
        assert_harmless(client.get(START + step))
    assert_harmless(client.get(f"{START}preview/"))
    client.post(f"{START}preview/")
    cause = Cause.objects.get()
    day = date(2026, 11, 22)
    record_response(by=bob, cause=cause, text=HTML, source_url="", published_on=day)
    record_decision(
        by=bob, cause=cause, result=Result.PARTLY, summary=HTML, source_url="", decided_on=day
    )
    return cause


def addresses(cause: Cause) -> Iterator[str]:
    yield from ["/", "/causes/?q=script", "/organisations/", "/votes/", f"{START}preview/"]
    yield cause.get_absolute_url()
    yield f"{cause.get_absolute_url()}revise/"
    yield f"{cause.get_absolute_url()}close/"
    yield cause.organisation.get_absolute_url()
    yield f"/receipt/{version_of(cause).cid}/"


def test_markup_is_shown_as_text(written: Cause, alice: User) -> None:
    vote(alice, written, "for")
    client = visitor(alice)
    for address in addresses(written):
        assert_harmless(client.get(address, follow=True))
    html = text_of(client.get(written.get_absolute_url()))
    assert html.count("&lt;script&gt;alert") >= 8


def test_markup_is_shown_as_text_in_versions_and_differences(written: Cause, alice: User) -> None:
    vote(alice, written, "for")
    client = visitor(alice)
    address = f"{written.get_absolute_url()}revise/"
    new = {"ask": f"{HTML} again", "what_changes": HTML}
    assert_harmless(client.post(address, {**new, "go": "preview"}))
    client.post(address, {**new, "go": "publish"})
    assert CauseVersion.objects.count() == 2
    for page in ["", "versions/1/"]:
        response = client.get(written.get_absolute_url() + page)
        assert_harmless(response)
        assert "&lt;script&gt;" in response.content.decode()


def test_markup_in_a_reason_is_shown_as_text(written: Cause, bob: User) -> None:
    hide(by=bob, target=written.parties.get(), reason=HTML)
    assert_harmless(visitor().get(written.get_absolute_url()))
    hide(by=bob, target=written, reason=HTML)
    response = visitor().get(written.get_absolute_url())
    assert_harmless(response)
    assert "&lt;script&gt;" in response.content.decode()


def test_markup_in_a_search_is_shown_as_text(cause: Cause) -> None:
    for address in ["/causes/", "/organisations/"]:
        assert_harmless(visitor().get(address, {"q": f'"{HTML}', "show": HTML, "page": HTML}))


def test_the_document_is_never_taken_for_a_page(written: Cause) -> None:
    response = visitor().get(f"/causes/documents/{version_of(written).cid}.json")
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("trick", DECEIVING.values(), ids=DECEIVING.keys())
@pytest.mark.parametrize("field", WRITTEN.values(), ids=WRITTEN.keys())
def test_no_text_reads_differently_from_what_it_is(
    alice: User, field: tuple[str, dict[str, str], str], trick: str
) -> None:
    step, data, name = field
    response = send(visitor(alice), step, {**data, name: trick})
    assert response.status_code == 422
    assert 'class="errors"' in text_of(response)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "ftp://example.org/",
        "https://example.org/\u202egpj.exe",
        "https://m\u0456gros.example/",
        "https://" + "x" * 500,
        "not an address",
    ],
)
def test_a_source_leads_only_where_it_says(alice: User, url: str) -> None:
    client = visitor(alice)
    assert send(client, "sources/", rows([{"title": "Look", "url": url}])).status_code == 422
    assert send(client, "", {**ORGANISATION, "website": url}).status_code == 422


def test_a_link_is_shown_with_the_place_it_leads_to(cause: Cause) -> None:
    Source.objects.update(url="https://bank.example@evil.example/login", title="bank.example")
    assert '<span class="muted small">evil.example</span>' in text_of(
        visitor().get(cause.get_absolute_url())
    )


@pytest.mark.parametrize("length", [1_000, 100_000])
@pytest.mark.parametrize("field", WRITTEN.values(), ids=WRITTEN.keys())
def test_absurd_lengths_are_refused(
    alice: User, field: tuple[str, dict[str, str], str], length: int
) -> None:
    step, data, name = field
    response = send(visitor(alice), step, {**data, name: "wörd " * (length // 2)})
    assert response.status_code in {413, 422}


def test_a_draft_full_of_tricks_publishes_nothing(alice: User) -> None:
    client = visitor(alice)
    send(client, "", ORGANISATION)
    send(client, "demand/", {**DEMAND, "ask": DECEIVING["isolate"]}, "back")
    send(client, "affected/", rows(AFFECTED))
    send(client, "sources/", rows(SOURCES))
    assert client.post(f"{START}preview/").status_code == 302
    assert Draft.objects.exists()
    assert not Cause.objects.exists()
    assert not Organisation.objects.exists()
