"""What every answer says to browsers and caches, pages and refusals alike."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import clear_url_caches
from pytest_django import Settings

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause
from tests.addresses import TABLE, URLCONF, furnish
from tests.visitors import Answer, text_of, visitor

POLICY = {
    "base-uri 'none'",
    "default-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "img-src 'self' data:",
    "object-src 'none'",
}
# The same bytes for everybody, signed in or not: the log, and what its checkers need.
FOR_EVERYBODY = {
    "ballot/busy",
    "causes/<slug:slug>/how-voted.csv",
    "causes/documents/<cid:cid>.json",
    "robots.txt",
    "tally/<cid:cid>",
    "log/<path:resource>",
    "log/checkpoint",
    "log/keys",
    "witness/key",
}
# The same bytes for everybody who has no session: with one, these are somebody's own.
FOR_STRANGERS = {
    "",
    "causes/",
    "causes/<slug:slug>/",
    "causes/<slug:slug>/briefing/",
    "how-we-count/",
    "log/",
    "log/causes/<cid:cid>/",
    "log/find/",
    "moderation/",
    "organisations/",
    "organisations/<slug:slug>/",
    "organisations/<slug:slug>/commitments/",
    "reasons/<slug:slug>/",
    "what-your-click-does/",
}
A_SECOND = "public, max-age=0, s-maxage=1, must-revalidate"
NEVER_KEPT = "max-age=0, no-cache, no-store, must-revalidate, private"


@pytest.fixture
def everywhere(
    settings: Settings, cause: Cause, alice: User, bob: User, charlie: User
) -> Iterator[dict[str, str]]:
    """Every address of the site by its pattern."""
    settings.ROOT_URLCONF = URLCONF
    clear_url_caches()
    filling = furnish(cause=cause, alice=alice, bob=bob, charlie=charlie)
    yield {pattern: "/" + one.address.format(**filling) for pattern, one in TABLE.items()}
    clear_url_caches()


def assert_guarded(answer: Answer, what: str) -> None:
    headers = answer.headers
    assert set(headers["Content-Security-Policy"].split("; ")) == POLICY, what
    assert headers["X-Content-Type-Options"] == "nosniff", what
    assert headers["Referrer-Policy"] == "same-origin", what
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin", what


def test_every_address_guards_browsers(everywhere: dict[str, str], bob: User) -> None:
    for user in [None, bob]:
        for pattern, path in everywhere.items():
            assert_guarded(visitor(user).get(path), pattern)


def test_no_cache_keeps_what_a_signed_in_person_sees(
    everywhere: dict[str, str], alice: User, bob: User
) -> None:
    for user in [alice, bob]:
        answers = {pattern: visitor(user).get(path) for pattern, path in everywhere.items()}
        kept = {
            pattern
            for pattern, answer in answers.items()
            if answer.headers["Cache-Control"] != NEVER_KEPT
        }
        assert kept == FOR_EVERYBODY


def test_shared_caches_keep_only_what_is_the_same_for_all(
    everywhere: dict[str, str], alice: User
) -> None:
    for user, public in [(None, FOR_EVERYBODY | FOR_STRANGERS), (alice, FOR_EVERYBODY)]:
        answers = {pattern: visitor(user).get(path) for pattern, path in everywhere.items()}
        kept = {
            pattern
            for pattern, answer in answers.items()
            if "private" not in answer.headers["Cache-Control"]
        }
        assert kept == public
        assert not any(answers[pattern].cookies for pattern in kept)


def test_pages_for_strangers_depend_on_cookies_and_language_alone(
    everywhere: dict[str, str],
) -> None:
    for pattern in FOR_STRANGERS:
        headers = visitor().get(everywhere[pattern]).headers
        assert headers["Cache-Control"] == A_SECOND, pattern
        vary = set(headers["Vary"].split(", "))
        assert vary == {"Accept-Encoding", "Accept-Language", "Cookie"}, pattern


def test_refusals_are_guarded_too(cause: Cause, alice: User) -> None:
    answers = {
        "400": visitor().get("/", headers={"host": "evil.example"}),
        "403": visitor(csrf=True).post("/account/sign-in/"),
        "404": visitor().get("/nothing/"),
        "405": visitor().get("/ballot"),
        "413": visitor().post("/ballot", {}, headers={"Content-Length": "-1"}),
    }
    for status, answer in answers.items():
        assert str(answer.status_code) == status
        assert_guarded(answer, status)


def test_an_error_of_the_server_is_guarded_and_tells_nothing(
    cause: Cause, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stimme.apps.causes.selectors.versions_of", lambda _slug: 1 / 0)
    client = visitor(language="fr")
    client.raise_request_exception = False
    answer = client.get(cause.get_absolute_url())
    assert answer.status_code == 500
    assert_guarded(answer, "500")
    assert "ZeroDivisionError" not in text_of(answer)
    assert '<html lang="fr">' in text_of(answer)


def test_static_files_are_guarded(db: None) -> None:
    Path(settings.STATIC_ROOT, "drawing.svg").write_text("<svg/>")
    answer = visitor().get("/static/drawing.svg")
    assert b"".join(answer) == b"<svg/>"
    assert_guarded(answer, "static")
    answer.close()


@pytest.mark.parametrize("language", ["de", "fr", "it", "en"])
def test_the_address_of_a_form_explains_itself(db: None, language: str) -> None:
    answer = visitor(language=language).get("/ballot")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert f'<html lang="{language}"' in text_of(answer)
    assert "405" in text_of(answer)


def test_cookies_are_for_this_site_and_not_for_scripts(alice: User) -> None:
    client = visitor(alice)
    client.get("/account/")
    client.post("/language/", {"language": "fr"})
    assert set(client.cookies) == {"stimme_session", "stimme_csrf", "stimme_language"}
    for name in ["stimme_csrf", "stimme_language"]:
        assert client.cookies[name]["httponly"] is True
        assert client.cookies[name]["samesite"] == "Lax"
    assert (settings.SESSION_COOKIE_HTTPONLY, settings.SESSION_COOKIE_SAMESITE) == (True, "Lax")


def test_a_foreign_name_is_refused_without_filling_the_messages(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    answer = visitor().get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "evil.example" not in caplog.text
