"""Nobody is briefed by saying so: what counts is what the site sealed into the paper."""

import pytest
from django.test import Client

from stimme.apps.accounts.models import User
from stimme.apps.ballot.models import HowVoted, Seat
from stimme.apps.ballot.readings import Reading
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand, revise_cause
from stimme.apps.causes.visits import COUNT_COOKIE
from stimme.apps.organisations.models import Organisation
from tests.house import start_cause, version_of, vote
from tests.visitors import Answer, paper_in, paper_on, visitor

ALL = {"seconds": "90", "both": "1", "source": "1", "q1": "0", "q2": "0", "q3": "0"}


def briefing_paper(client: Client, cause: Cause) -> str:
    return paper_on(client, cause, "briefing/")


def send(client: Client, paper: str, **fields: str) -> Answer:
    return client.post("/ballot", {"paper": paper, "choice": "for", **fields})


def readings() -> list[Reading]:
    return [Reading.unpacked(row.reading) for row in HowVoted.objects.all()]


@pytest.mark.parametrize("field", ALL)
def test_the_paper_of_the_cause_page_cannot_say_what_was_read(
    cause: Cause, charlie: User, field: str
) -> None:
    client = visitor(charlie)
    assert send(client, paper_in(client, cause), **{field: ALL[field]}).status_code == 403
    assert Seat.objects.count() == 0


def test_a_flag_of_ones_own_is_not_heard(cause: Cause, charlie: User) -> None:
    client = visitor(charlie)
    send(client, paper_in(client, cause), briefed="1", count_seen="1")
    assert readings() == [Reading()]
    assert Seat.objects.get().briefed == 0


def test_the_paper_of_somebody_elses_briefing_is_refused(
    cause: Cause, alice: User, charlie: User
) -> None:
    paper = briefing_paper(visitor(alice), cause)
    assert send(visitor(charlie), paper).status_code == 403
    assert Seat.objects.count() == 0


def test_the_briefing_of_one_cause_counts_for_no_other(
    cause: Cause, alice: User, charlie: User, shop: Organisation
) -> None:
    other = start_cause(alice, shop, "Open at eight on Saturdays")
    client = visitor(charlie)
    send(client, briefing_paper(client, cause), **ALL)
    send(client, paper_in(client, other))
    briefed = dict(Seat.objects.values_list("cid", "briefed"))
    assert briefed == {version_of(cause).cid: 1, version_of(other).cid: 0}


def test_the_briefing_of_an_earlier_version_counts_for_no_later_one(
    cause: Cause, alice: User, charlie: User
) -> None:
    client = visitor(charlie)
    paper = briefing_paper(client, cause)
    vote(alice, cause, "for")
    revise_cause(by=alice, cause=cause, demand=Demand("Bring back Product Y", "en"))
    assert send(client, paper).status_code == 409
    assert Seat.objects.count() == 1


def test_reloading_moves_no_number(cause: Cause, charlie: User) -> None:
    client = visitor(charlie)
    papers = [briefing_paper(client, cause) for _ in range(5)]
    assert HowVoted.objects.count() == 0
    for paper in papers:
        send(client, paper, **ALL)
    assert [row.number for row in HowVoted.objects.all()] == [1]


@pytest.mark.parametrize(
    "fields",
    [
        {"seconds": "-1"},
        {"seconds": "1e9"},
        {"seconds": "9" * 30},
        {"both": "yes"},
        {"source": "2"},
        {"q1": "4"},
        {"q1": "<b>"},
    ],
)
def test_what_no_briefing_sends_is_refused(
    cause: Cause, charlie: User, fields: dict[str, str]
) -> None:
    client = visitor(charlie)
    assert send(client, briefing_paper(client, cause), **fields).status_code == 403
    assert Seat.objects.count() == 0


def test_nobody_read_for_longer_than_the_paper_is_old(cause: Cause, charlie: User) -> None:
    client = visitor(charlie)
    send(client, briefing_paper(client, cause), **{**ALL, "seconds": "7200"})
    assert [one.time for one in readings()] == [1]


@pytest.mark.parametrize("value", ["1", "A" * 22, "x" * 3000, "\u00e9"])
def test_a_made_up_cookie_is_not_a_count_that_was_seen(
    cause: Cause, charlie: User, value: str
) -> None:
    client = visitor(charlie)
    client.cookies[COUNT_COOKIE] = value
    send(client, briefing_paper(client, cause))
    assert readings() == [Reading(briefed=True)]
