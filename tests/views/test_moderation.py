import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.ballot.errors import BoxSuspended
from stimme.apps.causes.models import Cause
from stimme.apps.moderation.models import Action
from stimme.apps.moderation.services import Target
from tests.house import vote

REASON = "It names a private person."
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def staff(client: Client, bob: User) -> Client:
    client.force_login(bob)
    return client


def targets(cause: Cause) -> dict[str, Target]:
    return {"cause": cause, "party": cause.parties.all()[1], "source": cause.sources.all()[0]}


def is_hidden(target: Target) -> bool:
    target.refresh_from_db()
    return target.hidden


def act(client: Client, verb: str, kind: str, target: Target, reason: str = REASON) -> int:
    answer = client.post(f"/moderation/{verb}/{kind}/{target.pk}/", {"reason": reason})
    return answer.status_code


def public_text(cause: Cause) -> str:
    """All that strangers can read of a cause: its page, its document, lists, search, home."""
    assert cause.current
    paths = [
        cause.get_absolute_url(),
        f"/causes/documents/{cause.current.cid}.json",
        cause.organisation.get_absolute_url(),
        "/causes/",
        "/causes/?q=product",
        "/",
        "/moderation/",
    ]
    stranger = Client(headers=ENGLISH)
    return "\n".join(stranger.get(path).content.decode() for path in paths)


@pytest.mark.parametrize("kind", ["cause", "party", "source"])
def test_staff_hide_and_restore_and_everybody_can_read_why(
    staff: Client, cause: Cause, kind: str
) -> None:
    target = targets(cause)[kind]
    assert act(staff, "hide", kind, target) == 302
    assert is_hidden(target) is True
    assert act(staff, "restore", kind, target, "The name was removed.") == 302
    assert is_hidden(target) is False
    log = Client().get("/moderation/", headers=ENGLISH).content.decode()
    assert (log.count(REASON), log.count("The name was removed.")) == (1, 1)
    assert log.count("Staff of this site") == 2
    assert "bob@example.org" not in log


@pytest.mark.parametrize(
    "kind, hidden",
    [
        ("cause", ["Bring back Product X", "It is on the shelf again."]),
        ("party", ["The supplier of the replacement", "It loses its place on the shelf."]),
        ("source", ["Annual report", "https://example.org/report"]),
    ],
)
def test_a_hidden_text_is_really_gone_and_comes_back(
    staff: Client, cause: Cause, kind: str, hidden: list[str]
) -> None:
    before = public_text(cause)
    assert [text in before for text in hidden] == [True] * len(hidden)
    act(staff, "hide", kind, targets(cause)[kind])
    during = public_text(cause)
    assert [text in during for text in hidden] == [False] * len(hidden)
    assert REASON in during
    act(staff, "restore", kind, targets(cause)[kind])
    after = public_text(cause)
    assert [text in after for text in hidden] == [True] * len(hidden)


def test_a_hidden_cause_takes_no_votes_and_loses_none(
    staff: Client, cause: Cause, alice: User, charlie: User
) -> None:
    vote(charlie, cause, "for")
    act(staff, "hide", "cause", cause)
    for user, choice in [(charlie, "against"), (alice, "for"), (alice, "against")]:
        with pytest.raises(BoxSuspended):
            vote(user, cause, choice)
    act(staff, "restore", "cause", cause)
    vote(alice, cause, "for")
    vote(charlie, cause, "against")


@pytest.mark.parametrize("reason", ["", "   ", "\u202egnorw", "x" * 501])
def test_a_reason_is_needed_and_must_be_readable(staff: Client, cause: Cause, reason: str) -> None:
    assert act(staff, "hide", "cause", cause, reason) == 422
    cause.refresh_from_db()
    assert (cause.hidden, Action.objects.count()) == (False, 0)


def test_the_same_click_twice_is_one_action(staff: Client, cause: Cause) -> None:
    assert act(staff, "restore", "cause", cause) == 422
    assert (act(staff, "hide", "cause", cause), act(staff, "hide", "cause", cause)) == (302, 422)
    assert Action.objects.count() == 1


@pytest.mark.parametrize("path", ["hide/cause/0/", "hide/user/1/", "erase/cause/1/"])
def test_nothing_else_can_be_acted_on(staff: Client, path: str) -> None:
    assert staff.post(f"/moderation/{path}", {"reason": REASON}).status_code == 404


def test_the_staff_page_lists_every_text_with_what_can_be_done(staff: Client, cause: Cause) -> None:
    act(staff, "hide", "party", targets(cause)["party"])
    page = staff.get(f"/moderation/causes/{cause.slug}/", headers=ENGLISH).content.decode()
    assert (page.count("/moderation/hide/"), page.count("/moderation/restore/")) == (3, 1)


@pytest.mark.parametrize("actions", [1, 3])
def test_the_log_takes_a_fixed_number_of_queries(
    staff: Client, cause: Cause, actions: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(actions):
        act(staff, "restore" if number % 2 else "hide", "cause", cause)
    with django_assert_num_queries(2):
        Client().get("/moderation/")
