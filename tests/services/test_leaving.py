"""Erasure, section 8 of the log's specification: the person goes, the log stays whole."""

import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stimme.apps.accounts.models import AccountSecret, User
from stimme.apps.accounts.selectors import accounts_by_level
from stimme.apps.accounts.services import erase_account
from stimme.apps.ballot import publisher
from stimme.apps.ballot import services as ballot
from stimme.apps.ballot.log_keys import log_signer, receipt_signer
from stimme.apps.ballot.models import State
from stimme.apps.ballot.receipts import receipt_for
from stimme.apps.ballot.sealer import seal
from stimme.apps.ballot.selectors import count_of
from stimme.apps.causes.models import Cause, Draft
from stimme.apps.causes.services import close_cause
from stimme.engines.translog import audit
from stimme.web.leaving import leave
from tests.house import lines, start_cause, version_of, vote
from tests.sign_in import sign_in

LEAVE = "/account/leave/"


def numbers(cause: Cause) -> tuple[int, int, int]:
    count = count_of(version_of(cause).cid)
    return count.votes_for, count.votes_against, count.withdrawn


@pytest.fixture
def causes(alice: User, cause: Cause) -> list[Cause]:
    """Three causes, of which the last is closed after the votes."""
    names = ["Bring back Product Y", "Bring back Product Z"]
    return [cause, *(start_cause(alice, cause.organisation, name) for name in names)]


def test_all_votes_that_can_be_are_withdrawn(
    causes: list[Cause], alice: User, charlie: User
) -> None:
    for one, choice in zip(causes, ["for", "against", "for"], strict=True):
        vote(charlie, one, choice)
        vote(alice, one, "for")
    close_cause(by=alice, cause=causes[2])
    assert leave(user=charlie, withdraw=True) == 2
    assert [numbers(one) for one in causes] == [(1, 0, 1), (1, 0, 1), (2, 0, 0)]


def test_superseded_and_suspended_votes_are_withdrawn_too(
    causes: list[Cause], charlie: User
) -> None:
    for one in causes:
        vote(charlie, one, "for")
    for one, state in zip(causes[:2], [State.SUPERSEDED, State.SUSPENDED], strict=True):
        ballot.set_box_state(cid=version_of(one).cid, state=state)
    assert ballot.withdraw_all(user=charlie) == 3
    assert [numbers(one) for one in causes] == [(0, 0, 1)] * 3


def test_withdrawing_twice_adds_nothing(cause: Cause, charlie: User) -> None:
    vote(charlie, cause, "for")
    assert (ballot.withdraw_all(user=charlie), ballot.withdraw_all(user=charlie)) == (1, 0)
    assert len(lines(kind="vote")) == 2


def test_more_boxes_than_fit_a_batch_are_all_visited(
    causes: list[Cause], charlie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ballot, "_WITHDRAWN_AT_ONCE", 2)
    for one in causes:
        vote(charlie, one, "for")
    assert ballot.withdraw_all(user=charlie) == 3


def test_votes_can_be_left_as_numbers(causes: list[Cause], charlie: User) -> None:
    for one in causes:
        vote(charlie, one, "for")
    assert leave(user=charlie, withdraw=False) == 0
    assert [numbers(one) for one in causes] == [(1, 0, 0)] * 3


def test_nothing_of_the_person_is_left(
    client: Client, cause: Cause, alice: User, charlie: User
) -> None:
    sign_in(client, charlie.email)
    Client().force_login(alice)
    vote(charlie, cause, "for")
    Draft.objects.create(author=charlie)
    Authenticator.objects.create(user=charlie, type="webauthn", data={"name": "Phone"})
    leave(user=charlie, withdraw=False)
    left = [AccountSecret, Authenticator, Draft, EmailAddress]
    assert [model.objects.count() for model in left] == [0, 0, 0, 0]
    assert list(User.objects.all()) == [alice]
    sessions = [session.get_decoded() for session in Session.objects.all()]
    assert [session.get("_auth_user_id") for session in sessions] == [str(alice.pk)]
    assert "_auth_user_id" not in client.session


def test_the_sessions_of_all_are_looked_through_while_others_can_vote(charlie: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        erase_account(user=charlie)
    said = [query["sql"] for query in queries]
    begins = next(at for at, sql in enumerate(said) if sql.startswith("SAVEPOINT"))
    reads = [at for at, sql in enumerate(said) if "django_session" in sql and "SELECT" in sql]
    assert len(reads) == 1
    assert reads[0] < begins


def test_the_address_is_not_left_among_the_notes_of_staff(
    client: Client, bob: User, alice: User, charlie: User
) -> None:
    client.force_login(bob)
    for user in [alice, charlie]:
        client.post(f"/staff/accounts/user/{user.pk}/change/", {"is_active": "on"})
        client.post(f"/staff/accounts/user/{user.pk}/change/", {})
    leave(user=charlie, withdraw=False)
    assert {entry.object_repr for entry in LogEntry.objects.all()} == {alice.email}


@pytest.mark.parametrize("withdraw", [True, False])
def test_the_log_and_its_proofs_stay_valid(
    cause: Cause, alice: User, charlie: User, *, withdraw: bool
) -> None:
    """The audit includes R5: live seats of a level are at most its roll."""
    Authenticator.objects.create(user=charlie, type="webauthn", data={"name": "Phone"})
    vote(charlie, cause, "for")
    vote(alice, cause, "against")
    seal(everything=True)
    receipt = receipt_for(user=charlie, cid=version_of(cause).cid)
    assert receipt
    proof = receipt.proof_file()
    assert proof
    leave(user=charlie, withdraw=withdraw)
    seal(everything=True)
    report = audit(
        publisher.read,
        log_signer().verifier,
        settings.STIMME.origin,
        receipts=[proof],
        receipt_verifier=receipt_signer().verifier,
        now=int(time.time()),
    )
    assert report.alarms == []
    seats = {(choice, level): number for (_, choice, level), number in report.tallies.items()}
    stayed = {} if withdraw else {("for", "1"): 1}
    assert seats == {("against", "0"): 1, **stayed}


def test_the_roll_still_counts_who_left(cause: Cause, alice: User, charlie: User) -> None:
    Authenticator.objects.create(user=charlie, type="webauthn", data={"name": "Phone"})
    vote(charlie, cause, "for")
    vote(alice, cause, "for")
    before = accounts_by_level()
    leave(user=charlie, withdraw=False)
    assert accounts_by_level() == before
    assert (before[0], before[1]) == (2, 1)


def test_leaving_on_the_page(client: Client, cause: Cause, charlie: User) -> None:
    vote(charlie, cause, "for")
    sign_in(client, charlie.email)
    assert client.get(LEAVE).status_code == 200
    answer = client.post(
        LEAVE, {"votes": "withdraw", "sure": "on"}, headers={"accept-language": "en"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert not User.objects.filter(pk=charlie.pk).exists()
    assert numbers(cause) == (0, 0, 1)
    page = client.get("/", headers={"accept-language": "en"}).content.decode()
    assert "Your account is erased. 1 vote was withdrawn." in page


@pytest.mark.parametrize(
    "wrong", [{"sure": "on"}, {"votes": "withdraw"}, {"votes": "all", "sure": "on"}]
)
def test_nothing_happens_by_half(
    client: Client, cause: Cause, charlie: User, wrong: dict[str, str]
) -> None:
    vote(charlie, cause, "for")
    sign_in(client, charlie.email)
    assert client.post(LEAVE, wrong).status_code == 422
    assert User.objects.filter(pk=charlie.pk).exists()
    assert numbers(cause) == (1, 0, 0)
