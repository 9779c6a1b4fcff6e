"""Pages to annul votes: first what it would do, then the deed, then for everybody to read."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import dismiss_staff
from stimme.apps.ballot.models import PendingLine
from stimme.apps.ballot.sealer import seal
from stimme.apps.ballot.selectors import count_of, own_seats
from stimme.apps.causes.models import Cause
from stimme.apps.moderation.models import Removal
from stimme.apps.moderation.removal_forms import MOST_LINES
from stimme.apps.moderation.removing import let_annul, may_annul
from stimme.apps.moderation.services import hide
from stimme.cli import run
from stimme.engines.translog import short_code
from tests.house import version_of, vote
from tests.visitors import Answer, text_of, visitor

NOTE = "The same address voted ten times within a second."
STRANGER = "AAAAAAAAAAAAAAAAAAAAAA"
PUBLIC = "/moderation/removals/"


@pytest.fixture
def dana(db: None) -> User:
    """Of the staff, with the role that Bob does not have."""
    user = User.objects.create_user("dana@example.org", is_staff=True)
    let_annul(user=user)
    return User.objects.get(pk=user.pk)


@pytest.fixture
def staff(dana: User) -> Client:
    return visitor(dana)


@pytest.fixture
def voted(cause: Cause, alice: User, bob: User, charlie: User) -> list[str]:
    """The pseudonyms of Alice and Bob, who are for it, and of Charlie, who is against it."""
    for user, choice in [(alice, "for"), (bob, "for"), (charlie, "against")]:
        vote(user, cause, choice)
    cid = version_of(cause).cid
    return [own_seats(user=user, cids=[cid])[cid].p for user in (alice, bob, charlie)]


def form(cause: Cause, *seats: str, **fields: str) -> dict[str, str]:
    version = str(version_of(cause).pk)
    return {"version": version, "seats": "\n".join(seats), "reason": "bot", "note": NOTE} | fields


def post(client: Client, path: str, fields: dict[str, str]) -> Answer:
    """See what it would do, and confirm."""
    seen = client.post(path, fields)
    assert seen.status_code == 200
    return client.post(path, fields | {"confirm": seen.context["confirm"]})


def annul(client: Client, cause: Cause, *seats: str, **fields: str) -> Answer:
    return post(client, f"/moderation/causes/{cause.slug}/annul/", form(cause, *seats, **fields))


def numbers(cause: Cause) -> tuple[int, int]:
    count = count_of(version_of(cause).cid)
    return count.votes_for, count.votes_against


def test_the_effect_is_shown_before_anything_is_done(
    staff: Client, cause: Cause, voted: list[str]
) -> None:
    path = f"/moderation/causes/{cause.slug}/annul/"
    page = staff.post(path, form(cause, voted[0], voted[2], STRANGER))
    effect = page.context["effect"]
    assert (effect.before_for, effect.before_against) == (2, 1)
    assert (effect.after_for, effect.after_against) == (1, 0)
    assert "2 votes would change" in text_of(page)
    assert "Not found among the votes of this version: 1." in text_of(page)
    assert numbers(cause) == (2, 1)
    assert not Removal.objects.exists()


def test_what_is_confirmed_is_done_and_everybody_can_read_it(
    staff: Client, cause: Cause, voted: list[str]
) -> None:
    assert annul(staff, cause, voted[0]).headers["Location"] == PUBLIC
    assert numbers(cause) == (1, 1)
    page = text_of(visitor().get(PUBLIC))
    assert "1 vote annulled" in page
    assert NOTE in page
    assert "cast by a machine" in page
    assert "dana@example.org" not in page


def test_a_confirmation_is_good_for_what_was_seen_alone(
    staff: Client, cause: Cause, voted: list[str]
) -> None:
    path = f"/moderation/causes/{cause.slug}/annul/"
    confirm = staff.post(path, form(cause, voted[0])).context["confirm"]
    for other in [form(cause, *voted), form(cause, voted[0], reason="law")]:
        page = staff.post(path, other | {"confirm": confirm})
        assert page.status_code == 200
        assert page.context["confirm"] != confirm
    assert numbers(cause) == (2, 1)


def test_votes_that_come_meanwhile_do_not_undo_a_confirmation(
    staff: Client, cause: Cause, voted: list[str]
) -> None:
    path = f"/moderation/causes/{cause.slug}/annul/"
    confirm = staff.post(path, form(cause, voted[0])).context["confirm"]
    vote(User.objects.create_user("erin@example.org"), cause, "for")
    assert staff.post(path, form(cause, voted[0], confirm=confirm)).status_code == 302
    assert numbers(cause) == (2, 1)
    removal = Removal.objects.get()
    assert (removal.before_for, removal.after_for, removal.raw_for) == (3, 2, 3)


def test_seats_are_named_by_short_codes_too(
    staff: Client, cause: Cause, voted: list[str], alice: User
) -> None:
    cid = version_of(cause).cid
    seal(everything=True)
    annul(staff, cause, short_code(own_seats(user=alice, cids=[cid])[cid].text))
    assert Removal.objects.get().pseudonyms == [voted[0]]


@pytest.mark.parametrize(
    "fields, field",
    [
        ({"note": ""}, "note"),
        ({"note": "Hidden \u202e text"}, "note"),
        ({"reason": "unwelcome"}, "reason"),
        ({"seats": ""}, "seats"),
        ({"seats": "all of them"}, "seats"),
        ({"seats": "\n".join(f"{n:021}A" for n in range(MOST_LINES + 1))}, "seats"),
        ({"version": "0"}, "version"),
    ],
)
def test_a_form_with_a_fault_changes_nothing(
    staff: Client, cause: Cause, voted: list[str], fields: dict[str, str], field: str
) -> None:
    path = f"/moderation/causes/{cause.slug}/annul/"
    page = staff.post(path, form(cause, voted[0]) | fields)
    if page.status_code == 200:  # a text that tries tricks is found when it is to be kept
        confirm = page.context["confirm"]
        page = staff.post(path, form(cause, voted[0], confirm=confirm) | fields)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert numbers(cause) == (2, 1)


def test_no_vote_of_another_cause_is_meant(
    staff: Client, cause: Cause, voted: list[str], alice: User
) -> None:
    from tests.house import start_cause

    other = start_cause(alice, cause.organisation, "Bring back Product Y")
    page = staff.post(f"/moderation/causes/{other.slug}/annul/", form(cause, *voted))
    assert page.status_code == 422
    assert numbers(cause) == (2, 1)


def test_all_or_some_of_a_removal_are_reinstated(
    staff: Client, cause: Cause, voted: list[str]
) -> None:
    annul(staff, cause, *voted)
    path = f"/moderation/removals/{Removal.objects.get().pk}/reinstate/"
    post(staff, path, {"seats": voted[2], "note": "A mistake."})
    assert numbers(cause) == (0, 1)
    page = text_of(staff.get(PUBLIC))
    assert "1 vote reinstated" in page
    assert page.count(path) == 1
    post(staff, path, {"seats": "", "note": "All of it was a mistake."})
    assert numbers(cause) == (2, 1)
    assert path not in text_of(staff.get(PUBLIC))
    assert sorted(PendingLine.objects.exclude(p="").values_list("kind", flat=True)) == (
        ["annul"] * 3 + ["reinstate"] * 3 + ["vote"] * 3
    )


def test_a_removal_reinstates_only_what_it_annulled(
    staff: Client, cause: Cause, voted: list[str]
) -> None:
    annul(staff, cause, voted[0])
    first = Removal.objects.get()
    annul(staff, cause, voted[1], reason="law")
    path = f"/moderation/removals/{first.pk}/reinstate/"
    post(staff, path, {"seats": "\n".join(voted), "note": "A mistake."})
    assert numbers(cause) == (1, 1)
    # Annulled anew by a third removal, it is no longer the first one's to give back.
    annul(staff, cause, voted[0])
    page = staff.post(path, {"seats": "", "note": "Once more."})
    assert page.context["effect"].seats == ()


def test_the_list_counts_by_reason(staff: Client, cause: Cause, voted: list[str]) -> None:
    annul(staff, cause, voted[0], voted[1])
    annul(staff, cause, voted[2], reason="duplicate")
    first = Removal.objects.order_by("pk")[0]
    post(staff, f"/moderation/removals/{first.pk}/reinstate/", {"seats": voted[0], "note": "No."})
    rows = visitor().get(PUBLIC).context["reasons"]
    assert [(row.label, row.annulled, row.reinstated) for row in rows] == [
        ("cast by a machine", 2, 1),
        ("a second vote of one person", 1, 0),
    ]


def test_a_hidden_cause_is_not_named_in_the_list(
    staff: Client, cause: Cause, voted: list[str], bob: User
) -> None:
    annul(staff, cause, voted[0])
    assert "Bring back Product X" in text_of(visitor().get(PUBLIC))
    hide(by=bob, target=cause, reason="It names a private person.")
    page = text_of(visitor().get(PUBLIC))
    assert "Bring back Product X" not in page
    assert "A hidden cause asked of Corner Shop" in page


def test_the_list_takes_as_many_queries_for_three_as_for_one(
    staff: Client,
    cause: Cause,
    voted: list[str],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for p in voted:
        annul(staff, cause, p)
        with django_assert_num_queries(3):
            assert visitor().get(PUBLIC).status_code == 200


def cells(page: Answer) -> list[str]:
    """The rows of the table that stands beside the count."""
    table = text_of(page).partition('data-live="raw"')[2].partition("</table>")[0]
    return re.findall(r"<t[hd][^>]*>([^<]+)</t", table)[3:]


def test_the_count_shows_what_counts_beside_what_was_cast(
    staff: Client, cause: Cause, voted: list[str]
) -> None:
    path = f"/tally/{version_of(cause).cid}"
    assert cells(visitor().get(path)) == []
    annul(staff, cause, voted[0])
    annul(staff, cause, voted[2], reason="duplicate")
    page = visitor().get(path)
    rows = ["Counted", "1", "0", "Annulled", "1", "1", "Cast in all", "2", "1"]
    assert cells(page) == rows
    assert "Why: cast by a machine 1, a second vote of one person 1." in text_of(page)
    annul(staff, cause, voted[1])
    page = visitor().get(path)
    assert "No vote counts now." in text_of(page)
    assert cells(page) == ["Counted", "0", "0", "Annulled", "2", "1", "Cast in all", "2", "1"]


def test_who_voted_so_is_told(staff: Client, cause: Cause, voted: list[str], alice: User) -> None:
    annul(staff, cause, voted[0])
    page = text_of(visitor(alice).get(f"/receipt/{version_of(cause).cid}/"))
    assert "It was annulled and is not counted: cast by a machine." in page
    assert "It is stored and counted." not in page
    told = "Annulled, and not counted: cast by a machine."
    assert told in text_of(visitor(alice).get("/votes/"))


def test_an_earlier_version_can_be_chosen(
    staff: Client, cause: Cause, voted: list[str], alice: User
) -> None:
    from stimme.apps.causes.services import Demand, revise_cause

    old = version_of(cause)
    revise_cause(by=alice, cause=cause, demand=Demand("Bring back Product X soon", "en", ""))
    annul(staff, cause, voted[0], version=str(old.pk))
    assert (count_of(old.cid).votes_for, count_of(old.cid).raw_for) == (1, 2)


def test_the_role_goes_with_the_staff(dana: User) -> None:
    dismissed = User.objects.get(pk=dismiss_staff(email=dana.email).pk)
    assert may_annul(dismissed) is False
    dismissed.is_staff = True
    assert may_annul(dismissed) is False


@pytest.mark.django_db
def test_the_role_is_given_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ["add dora@example.org", "add erin@example.org --annul", "list"]:
        assert run(["staff", *command.split()]) == 0
    assert capsys.readouterr().out.splitlines()[2:] == [
        "dora@example.org",
        "erin@example.org (may annul votes)",
    ]
