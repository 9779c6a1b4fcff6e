"""Who may not correct a cause does not, by whatever they send."""

import pytest

from stimme.apps.accounts.models import User
from stimme.apps.causes.corrections import let_correct
from stimme.apps.causes.models import Cause, Correction
from tests.house import lines, start_cause
from tests.visitors import text_of, visitor

FIELDS = {
    "kind": "claim_false",
    "what": "I do not like it.",
    "since": "2026-11-03",
    "said_by": "author",
    "title_1": "A source",
    "url_1": "https://gazette.example/",
    "title_2": "Another",
    "url_2": "https://radio.example/",
}


@pytest.fixture
def dana(db: None) -> User:
    user = User.objects.create_user("dana@example.org", is_staff=True)
    let_correct(user=user)
    return User.objects.get(pk=user.pk)


def path_of(cause: Cause) -> str:
    return f"{cause.get_absolute_url()}correct/"


@pytest.mark.parametrize("who", ["visitor", "charlie", "staff"])
@pytest.mark.parametrize("said_by", ["sources", "author", "organisation"])
def test_without_role_or_authorship_the_page_does_not_answer(
    who: str, said_by: str, cause: Cause, bob: User, charlie: User
) -> None:
    user = {"visitor": None, "charlie": charlie, "staff": bob}[who]
    client = visitor(user)
    for answer in [
        client.get(path_of(cause)),
        client.post(path_of(cause), FIELDS | {"said_by": said_by}),
    ]:
        assert answer.status_code == (403 if user else 302)
    assert (Correction.objects.count(), lines(kind="text")) == (0, [])


def test_an_author_has_no_say_on_somebody_elses_cause(
    cause: Cause, charlie: User, alice: User
) -> None:
    start_cause(charlie, cause.organisation, "Bring back Product Y")
    assert visitor(charlie).post(path_of(cause), FIELDS).status_code == 403
    assert not Correction.objects.exists()


def test_an_author_cannot_speak_for_the_organisation(cause: Cause, alice: User) -> None:
    for said_by in ["organisation", "sources"]:
        visitor(alice).post(path_of(cause), FIELDS | {"said_by": said_by, "what": said_by})
    assert set(Correction.objects.values_list("said_by", "own")) == {("author", True)}


def test_the_role_without_being_of_the_staff_is_none(cause: Cause, charlie: User) -> None:
    let_correct(user=charlie)
    user = User.objects.get(pk=charlie.pk)
    assert visitor(user).post(path_of(cause), FIELDS).status_code == 403


@pytest.mark.parametrize(
    "again",
    [
        "https://gazette.example/",
        "http://gazette.example/",
        "https://GAZETTE.example/other?page=2#top",
        "https://www.gazette.example/",
        "https://gazette.example./",
        "https://gazette.example:8443/",
        "https://somebody@gazette.example/",
    ],
)
def test_one_source_in_two_spellings_is_one(cause: Cause, dana: User, again: str) -> None:
    answer = visitor(dana).post(path_of(cause), FIELDS | {"said_by": "sources", "url_2": again})
    assert answer.status_code == 422
    assert not Correction.objects.exists()


def test_a_name_in_another_alphabet_is_the_same_source(cause: Cause, dana: User) -> None:
    both = {"url_1": "https://bücher.example/", "url_2": "https://xn--bcher-kva.example/"}
    answer = visitor(dana).post(path_of(cause), FIELDS | {"said_by": "sources"} | both)
    assert answer.status_code == 422


def test_another_site_cannot_make_somebody_correct(cause: Cause, dana: User) -> None:
    assert visitor(dana, csrf=True).post(path_of(cause), FIELDS).status_code == 403
    assert not Correction.objects.exists()


def test_no_script_comes_in(cause: Cause, dana: User) -> None:
    evil = "<script>alert(1)</script>"
    answer = visitor(dana).post(path_of(cause), FIELDS | {"what": evil, "title_1": evil})
    for path in [answer.headers["Location"], cause.get_absolute_url()]:
        page = text_of(visitor().get(path))
        assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in text_of(visitor().get(answer.headers["Location"]))


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_a_correction_is_never_changed_or_deleted(cause: Cause, dana: User, method: str) -> None:
    path = visitor(dana).post(path_of(cause), FIELDS).headers["Location"]
    assert getattr(visitor(dana), method)(path).status_code == 405
    assert visitor(dana).post(path, FIELDS).status_code == 405
    assert Correction.objects.count() == 1
