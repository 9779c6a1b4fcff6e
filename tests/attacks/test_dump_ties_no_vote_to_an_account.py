"""Who steals the whole database, but no key, learns of nobody what they voted, or where.

With the key of the pseudonyms the ties can be computed: that is how people find their own votes,
and it shows that this search would find them.
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Callable, Collection

import pytest
from django.db import connection
from django.test import Client

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import account_secret, voter_of
from stimme.apps.ballot import pseudonyms
from stimme.apps.ballot.links import code_of
from stimme.apps.ballot.models import Box, Link, Seat
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.sealer import seal
from stimme.apps.ballot.selectors import own_seats
from stimme.apps.ballot.services import link_of
from stimme.apps.ballot.tables import Held
from stimme.apps.causes.models import Cause, CauseVersion
from stimme.apps.causes.services import Demand, revise_cause
from stimme.apps.deliberation.models import Statement
from stimme.apps.deliberation.services import mark, post_statement
from stimme.apps.ledger.sending import send_due
from stimme.apps.organisations.models import Organisation, Result
from stimme.apps.organisations.services import record_decision
from stimme.apps.rooms.services import join, open_room
from stimme.engines.translog import b64, short_code
from tests.dump import Column, Dump, Row
from tests.house import start_cause, version_of
from tests.sign_in import ask_for_code
from tests.visitors import click, visitor

# Who started a cause, or leads a room, is meant to be known: neither says what they voted.
ROLES: set[Column] = {("causes_cause", "author_id"), ("rooms_room", "facilitator_id")}
REASON = "They asked us before they took it away, and nobody answered."


@pytest.fixture
def dora(db: None) -> User:
    return User.objects.create_user("dora@example.org")


def sign_in_to_vote(browser: Client, user: User, cause: Cause) -> None:
    """By a code, as people do who came to vote and were asked who they are."""
    browser.get("/account/sign-in/", {"next": f"{cause.get_absolute_url()}#vote"})
    code = ask_for_code(browser, user.email)
    assert browser.post("/account/sign-in/code/", {"code": code}).status_code == 302


@pytest.fixture
def voters(
    alice: User, bob: User, charlie: User, dora: User, cause: Cause, shop: Organisation
) -> list[User]:
    """Three who did all that voters can do; Alice wrote the causes, and leads a room on one."""
    other = start_cause(alice, shop, "Bring back Product Y")
    code = link_of(voter_of(user=alice), version_of(cause).cid).code
    browsers = {user: visitor() for user in (charlie, dora, alice)}
    for number, (user, browser) in enumerate(browsers.items()):
        sign_in_to_vote(browser, user, cause)
        browser.get(f"/by/{code}")
        browser.get(f"{cause.get_absolute_url()}briefing/")
        click(browser, cause, ["for", "against"][number % 2])
        click(browser, other, "for")
        browser.post(f"/votes/{version_of(cause).cid}/link")
        browser.get("/votes/notices/")
    join(room=open_room(facilitator=alice, cause=cause))
    statement = post_statement(by=charlie, cause=cause, side="for", text=REASON)
    mark(by=dora, statement=statement, wording=1)
    decide(bob, cause)
    browsers[charlie].post(f"/votes/{version_of(cause).cid}/reconsider/")
    click(browsers[dora], cause, "withdrawn")
    revise_cause(by=alice, cause=cause, demand=Demand("Bring back Product X soon", "en"))
    click(browsers[charlie], cause, "against")
    seal(everything=True)
    send_due()
    return list(browsers)


def decide(bob: User, cause: Cause) -> None:
    record_decision(
        by=bob,
        cause=cause,
        result=Result.DECLINED,
        summary="We will not.",
        source_url="",
        decided_on=dt.date(2026, 11, 2),
    )


def of_votes(*, own: User | None = None) -> set[str]:
    """Texts that tell of a vote: where it can be cast, and what it leaves.

    With `own` only what one account left: their pseudonyms, codes and lines.
    """
    if own:
        seats = own_seats(user=own, cids=list(Box.objects.values_list("cid", flat=True)))
        left = [(seat.cid, seat.p, seat.text) for seat in seats.values()]
        codes = {code_of(voter_of(user=own), cid) for cid in seats}
        return {text for _, p, line in left for text in (p, short_code(line))} | codes
    causes = {
        text
        for version in CauseVersion.objects.select_related("cause")
        for text in (version.cid, version.ask, version.cause.slug)
    }
    reasons = set(Statement.objects.values_list("text", flat=True))
    codes = set(Link.objects.values_list("code", flat=True))
    return causes | reasons | codes | {str(seat.p) for seat in Seat.objects.all()}


def ties(rows: Collection[Row], texts: Collection[str]) -> list[Row]:
    return [row for row in rows if any(text in "\n".join(row.texts) for text in texts)]


def test_there_is_something_to_find(voters: list[User]) -> None:
    tables = {row.table for row in Dump().rows}
    ballot = {"seat", "answer", "entry", "promise", "tally", "turningpoint", "howvoted", "link"}
    assert {f"ballot_{name}" for name in ballot} <= tables
    others = {"deliberation_statement", "deliberation_mark", "rooms_room", "rooms_member"}
    assert others | {"ledger_noticestate", "django_session"} <= tables
    for user in voters:
        assert {row.table for row in Dump().naming(user)} >= {
            "accounts_user",
            "accounts_accountsecret",
            "account_emailaddress",
            "django_session",
        }


def test_no_row_that_names_a_voter_leads_to_a_vote_or_a_cause(voters: list[User]) -> None:
    dump, texts = Dump(), of_votes()
    for user in voters[:2]:
        assert ties(dump.reachable(user), texts) == []


def test_roles_are_known_and_what_their_holders_voted_is_not(voters: list[User]) -> None:
    alice = voters[2]
    assert ties(Dump().naming(alice), of_votes()) != []
    assert ties(Dump(ROLES).reachable(alice), of_votes()) == []
    assert ties(Dump().naming(alice), of_votes(own=alice)) == []


def test_nothing_of_a_vote_can_be_computed_from_an_account(voters: list[User]) -> None:
    dump = Dump()
    for user in voters:
        assert ties(dump.computable(user), of_votes(own=user)) == []


def test_with_the_key_it_can_be_computed(voters: list[User]) -> None:
    charlie, dora, alice = voters
    for user in (charlie, dora, alice):
        secret = account_secret(user=user)
        for seat in own_seats(user=user, cids=[box.cid for box in Box.objects.all()]).values():
            assert pseudonym_of(secret=secret, cid=seat.cid) == seat.p
    assert len(of_votes(own=charlie)) == 9  # two causes, one of them in two versions


def test_with_another_key_it_cannot(voters: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pseudonyms, "_instance_key", lambda: bytes(32))
    assert [of_votes(own=user) for user in voters] == [set()] * 3


def planted(table: str, columns: str, *values: str | int) -> None:
    """A table as somebody might add it one day."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {table} ({columns})")
        marks = ", ".join(["%s"] * len(values))
        cursor.execute(f"INSERT INTO {table} VALUES ({marks})", values)


def test_a_table_that_joins_accounts_to_causes_would_be_found(voters: list[User]) -> None:
    user, [cid, *_] = voters[0], Box.objects.values_list("cid", flat=True)
    planted("visit", "user_id integer, cid varchar(22)", user.pk, cid)
    assert [row.table for row in ties(Dump().reachable(user), of_votes())][:1] == ["visit"]


def test_a_row_with_an_address_would_be_found(voters: list[User]) -> None:
    user, [p, *_] = voters[0], [seat.p for seat in Seat.objects.all()]
    planted("mail", "text varchar(200)", f"To: {user.email}. You are {p}.")
    assert "mail" in {row.table for row in ties(Dump().reachable(user), of_votes())}


def test_two_tables_with_a_random_text_in_common_would_be_found(voters: list[User]) -> None:
    user, [p, *_] = voters[0], [seat.p for seat in Seat.objects.all()]
    planted("device", "user_id integer, token varchar(40)", user.pk, "Zq8-d0_pW4uN2xYb")
    planted("reading", "token varchar(40), p varchar(22)", "Zq8-d0_pW4uN2xYb", p)
    assert "reading" in {row.table for row in ties(Dump().reachable(user), of_votes())}


@pytest.mark.parametrize(
    "derive",
    [
        lambda secret, seat: hmac.digest(secret, b"stimme/link/v1\n" + seat.p.encode(), "sha256"),
        lambda secret, seat: hmac.digest(secret, seat.cid.encode(), "sha256"),
        lambda secret, _seat: hashlib.sha256(secret).digest(),
    ],
)
def test_a_code_that_needs_no_key_would_be_found(
    voters: list[User], derive: Callable[[bytes, Held], bytes]
) -> None:
    user = voters[0]
    seat = next(iter(own_seats(user=user, cids=[version_of_first()]).values()))
    code = b64(derive(account_secret(user=user), seat)[:8])
    planted("code", "code varchar(11), p varchar(22)", code, seat.p)
    assert "code" in {row.table for row in ties(Dump().computable(user), of_votes(own=user))}


def version_of_first() -> str:
    return CauseVersion.objects.order_by("pk")[0].cid
