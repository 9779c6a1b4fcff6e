from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause
from stimme.apps.moderation.services import hide
from stimme.apps.organisations.commitments import record_commitment, record_status
from stimme.apps.organisations.models import (
    Commitment,
    CommitmentStatus,
    Decision,
    Organisation,
    Result,
)
from stimme.apps.organisations.services import record_decision
from tests.visitors import visitor

TODAY = timezone.localdate()
COMMITMENT = {
    "what": "The product is back in every shop.",
    "due_on": "2126-11-20",
    "how_seen": "It stands on the shelf.",
}
STATUS = {
    "status": "broken",
    "note": "In none of five shops.",
    "evidence_url": "https://example.org/shelf",
    "since": "2026-11-20",
    "new_due_on": "",
}


@pytest.fixture
def decision(cause: Cause, bob: User) -> Decision:
    return record_decision(
        by=bob,
        cause=cause,
        result=Result.GRANTED,
        summary="Yes.",
        source_url="",
        decided_on=date(2026, 11, 1),
        review_on=date(2127, 3, 1),
    )


def commit(bob: User, decision: Decision, what: str, due_on: date) -> Commitment:
    return record_commitment(
        by=bob, decision=decision, what=what, due_on=due_on, how_seen="On the shelf."
    )


@pytest.fixture
def commitment(decision: Decision, bob: User) -> Commitment:
    return commit(bob, decision, "Back in every shop.", date(2126, 11, 20))


@pytest.fixture
def staff(client: Client, bob: User) -> Client:
    client.force_login(bob)
    return client


def address(decision: Decision) -> str:
    return f"/organisations/decisions/{decision.pk}/commit/"


def follow_up(commitment: Commitment) -> str:
    return f"/organisations/commitments/{commitment.pk}/follow-up/"


def page(cause: Cause) -> str:
    return visitor().get(cause.get_absolute_url()).content.decode()


def test_staff_record_a_commitment_and_the_cause_shows_it(
    staff: Client, cause: Cause, decision: Decision, bob: User
) -> None:
    assert staff.get(address(decision)).status_code == 200
    answer = staff.post(address(decision), COMMITMENT)
    assert (answer.status_code, answer["Location"]) == (302, cause.get_absolute_url())
    recorded = Commitment.objects.get()
    assert (recorded.what, recorded.recorded_by) == (COMMITMENT["what"], bob)
    shown = page(cause)
    told = [COMMITMENT["what"], COMMITMENT["how_seen"], "Due by 20 November 2126", "state-open"]
    assert [words in shown for words in told] == [True] * 4
    assert "To be looked at on 1 March 2127" in shown


def test_staff_record_what_became_of_it_and_the_cause_shows_it(
    staff: Client, cause: Cause, commitment: Commitment
) -> None:
    assert staff.get(follow_up(commitment)).status_code == 200
    assert staff.post(follow_up(commitment), STATUS)["Location"] == cause.get_absolute_url()
    shown = page(cause)
    told = [STATUS["note"], f'href="{STATUS["evidence_url"]}"', "state-broken"]
    assert [words in shown for words in told] == [True] * 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"what": ""},
        {"what": "x" * 501},
        {"what": "\u202eback"},
        {"how_seen": ""},
        {"how_seen": "On the sh\u0435lf"},
        {"due_on": "2026-11-01"},
        {"due_on": "soon"},
    ],
)
def test_a_wrong_commitment_is_explained_and_not_stored(
    staff: Client, decision: Decision, wrong: dict[str, str]
) -> None:
    answer = staff.post(address(decision), COMMITMENT | wrong)
    assert (answer.status_code, Commitment.objects.count()) == (422, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "due"},
        {"note": ""},
        {"note": "x" * 1001},
        {"evidence_url": ""},
        {"evidence_url": "javascript:alert(1)"},
        {"evidence_url": "http://example.org"},
        {"since": "2126-11-20"},
        {"new_due_on": "2126-11-20"},
    ],
)
def test_a_wrong_status_is_explained_and_not_stored(
    staff: Client, commitment: Commitment, wrong: dict[str, str]
) -> None:
    answer = staff.post(follow_up(commitment), STATUS | wrong)
    assert (answer.status_code, CommitmentStatus.objects.count()) == (422, 0)


def test_markup_in_what_is_recorded_is_shown_as_text(
    staff: Client, cause: Cause, decision: Decision
) -> None:
    markup = "<script>alert(1)</script>"
    staff.post(address(decision), COMMITMENT | {"what": markup, "how_seen": markup})
    staff.post(follow_up(Commitment.objects.get()), STATUS | {"note": markup})
    pages = [page(cause), visitor().get("/organisations/corner-shop/commitments/").content.decode()]
    assert [markup in shown for shown in pages] == [False, False]
    assert [shown.count("&lt;script&gt;") >= 3 for shown in pages] == [True, True]


def test_nobody_but_staff_may_record(cause: Cause, commitment: Commitment, alice: User) -> None:
    owner = visitor(alice)
    paths = [address(commitment.decision), follow_up(commitment)]
    answers = [
        owner.post(path, form) for path, form in zip(paths, [COMMITMENT, STATUS], strict=True)
    ]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert (Commitment.objects.count(), CommitmentStatus.objects.count()) == (1, 0)
    shown = owner.get(cause.get_absolute_url()).content.decode()
    assert [path in shown for path in paths] == [False, False]


def test_the_cause_leads_staff_there(staff: Client, cause: Cause, commitment: Commitment) -> None:
    shown = staff.get(cause.get_absolute_url()).content.decode()
    paths = [address(commitment.decision), follow_up(commitment)]
    assert [path in shown for path in paths] == [True, True]


def test_the_page_of_the_organisation_counts_them_and_lists_each_kind(
    cause: Cause, decision: Decision, commitment: Commitment, bob: User
) -> None:
    commit(bob, decision, "A poster in every shop.", date(2026, 11, 5))
    for what, status in [("A letter.", "kept"), ("A new price.", "broken"), ("A date.", "kept")]:
        record_status(
            by=bob,
            commitment=commit(bob, decision, what, date(2126, 1, 1)),
            status=status,
            note="Seen.",
            since=TODAY,
            evidence_url="https://example.org",
        )
    shown = visitor().get("/organisations/corner-shop/").content.decode()
    counts = ["Kept: 2", "Overdue: 1", "Broken: 1", "Open: 1"]
    assert [words in shown for words in counts] == [True] * 4
    whats = ["A letter.", "A poster in every shop.", "A new price.", "Back in every shop."]
    for number, show in enumerate(["kept", "due", "broken", "open"]):
        path = f"/organisations/corner-shop/commitments/?show={show}"
        assert f'href="{path}"' in shown
        listed = visitor().get(path).content.decode()
        assert [what in listed for what in whats] == [number == n for n in range(4)]
    everything = visitor().get("/organisations/corner-shop/commitments/?show=x").content.decode()
    assert [what in everything for what in whats] == [True] * 4


def test_those_of_a_hidden_cause_are_not_shown(
    cause: Cause, commitment: Commitment, bob: User
) -> None:
    hide(by=bob, target=cause, reason="Under review.")
    for path in ["/organisations/corner-shop/", "/organisations/corner-shop/commitments/"]:
        assert commitment.what not in visitor().get(path).content.decode()


def test_an_organisation_without_commitments_says_so(shop: Organisation) -> None:
    listed = visitor().get("/organisations/corner-shop/commitments/").content.decode()
    assert "No commitment of it is recorded here." in listed
    assert "/commitments/" not in visitor().get("/organisations/corner-shop/").content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_queries(
    decision: Decision,
    bob: User,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for n in range(number):
        commit(bob, decision, f"Step {n}", TODAY + timedelta(days=n + 1))
    for path, queries in [("", 7), ("commitments/", 3)]:
        with django_assert_num_queries(queries):
            visitor().get(f"/organisations/corner-shop/{path}")
