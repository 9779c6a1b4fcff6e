"""The form to correct a cause, and the page of a correction."""

from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.causes.corrections import let_correct
from stimme.apps.causes.models import Cause, Correction
from stimme.apps.moderation.services import hide
from tests.house import vote
from tests.visitors import Answer, text_of, visitor

WHAT = "The report was withdrawn.\n\nIts numbers were made up."
FIELDS = {
    "kind": "claim_false",
    "what": WHAT,
    "since": "2026-11-03",
    "said_by": "sources",
    "title_1": "The retraction",
    "url_1": "https://gazette.example/retraction",
    "title_2": "Report on it",
    "url_2": "https://radio.example/report",
}


@pytest.fixture
def dana(db: None) -> User:
    """Of the staff, with the role that Bob does not have."""
    user = User.objects.create_user("dana@example.org", is_staff=True)
    let_correct(user=user)
    return User.objects.get(pk=user.pk)


def correct(user: User, cause: Cause, **fields: str) -> Answer:
    return visitor(user).post(f"{cause.get_absolute_url()}correct/", FIELDS | fields)


def test_what_is_recorded_has_a_page_for_everybody(cause: Cause, dana: User) -> None:
    answer = correct(dana, cause)
    correction = Correction.objects.get()
    path = f"{cause.get_absolute_url()}corrections/{correction.pk}/"
    assert answer.headers["Location"] == correction.get_absolute_url() == path
    page = text_of(visitor().get(path))
    for part in [
        "<h1>A claim was shown to be false</h1>",
        "<p>The report was withdrawn.</p>",
        "<p>Its numbers were made up.</p>",
        '<time datetime="2026-11-03">',
        "At least two sources that do not depend on each other.",
        '<a href="https://radio.example/report" rel="nofollow noopener ugc">Report on it</a>',
        "radio.example",
        "Bring back Product X",
        f'href="{cause.get_absolute_url()}"',
    ]:
        assert part in page
    assert "dana@example.org" not in page


def test_a_withdrawn_source_is_chosen_among_those_of_the_cause(cause: Cause, dana: User) -> None:
    source = cause.sources.all()[0]
    answer = correct(dana, cause, kind="source_withdrawn", source=str(source.pk))
    assert Correction.objects.get().source_id == source.pk
    assert "Annual report" in text_of(visitor().get(answer.headers["Location"]))


def test_authors_are_not_asked_who_says_so(cause: Cause, alice: User) -> None:
    form = text_of(visitor(alice).get(f"{cause.get_absolute_url()}correct/"))
    assert 'name="said_by"' not in form
    answer = correct(alice, cause, said_by="sources", url_1="", title_1="", url_2="", title_2="")
    correction = Correction.objects.get()
    assert (correction.own, correction.said_by, correction.sources.count()) == (True, "author", 0)
    page = text_of(visitor().get(answer.headers["Location"]))
    assert "The author of this cause, here." in page


def test_the_form_says_how_many_it_asks(
    cause: Cause, alice: User, charlie: User, dana: User
) -> None:
    path = f"{cause.get_absolute_url()}correct/"
    assert "0 people voted" in text_of(visitor(dana).get(path))
    vote(charlie, cause, "for")
    assert "1 person voted" in text_of(visitor(alice).get(path))


@pytest.mark.parametrize(
    "fields, at",
    [
        ({"what": ""}, "what"),
        ({"what": "Hidden \u202e text"}, "what"),
        ({"since": "2126-11-03"}, "__all__"),
        ({"kind": "unwelcome"}, "kind"),
        ({"said_by": ""}, "said_by"),
        ({"title_2": ""}, "title_2"),
        ({"url_2": ""}, "url_2"),
        ({"url_2": "javascript:alert(1)"}, "url_2"),
        ({"url_2": "https://www.gazette.example/again"}, "__all__"),
        ({"source": "1000000"}, "source"),
    ],
)
def test_a_form_with_a_fault_records_nothing(
    cause: Cause, dana: User, fields: dict[str, str], at: str
) -> None:
    answer = correct(dana, cause, **fields)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [at]
    assert "Something is missing or not right" in text_of(answer)
    assert not Correction.objects.exists()


def test_the_page_belongs_to_its_cause_alone(cause: Cause, dana: User) -> None:
    correct(dana, cause)
    pk = Correction.objects.get().pk
    assert visitor().get(f"/causes/another/corrections/{pk}/").status_code == 404
    assert visitor().get(f"{cause.get_absolute_url()}corrections/{pk + 1}/").status_code == 404


def test_of_a_hidden_cause_nothing_is_shown(cause: Cause, bob: User, dana: User) -> None:
    path = correct(dana, cause).headers["Location"]
    hide(by=bob, target=cause, reason="It names a private person.")
    for address in [path, f"{cause.get_absolute_url()}correct/"]:
        answer = visitor(dana).get(address)
        assert answer.headers["Location"] == cause.get_absolute_url()
    assert "made up" not in text_of(visitor().get(path, follow=True))


def test_the_page_takes_as_many_queries_for_many_sources(
    cause: Cause, dana: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    more = {"title_3": "More", "url_3": "https://paper.example/more"}
    for fields in [{"what": "Two."}, {"what": "Three.", **more}]:
        path = correct(dana, cause, **fields).headers["Location"]
        with django_assert_num_queries(4):
            visitor().get(path)


def test_those_who_are_asked_find_the_question_there(
    cause: Cause, dana: User, charlie: User
) -> None:
    vote(charlie, cause, "for")
    path = correct(dana, cause).headers["Location"]
    asked = [user for user in [charlie, dana] if "/reconsider/" in text_of(visitor(user).get(path))]
    assert asked == [charlie]
    assert "/reconsider/" not in text_of(visitor().get(path))


def test_since_is_a_day(cause: Cause, dana: User) -> None:
    correct(dana, cause)
    assert Correction.objects.get().since == date(2026, 11, 3)
