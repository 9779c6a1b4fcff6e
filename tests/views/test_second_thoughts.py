"""The page of a cause after the ground has shifted: corrections, surges, the considered tally."""

import datetime as dt

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from stimme.apps.accounts.models import User
from stimme.apps.ballot.models import Answer, TurningKind, TurningPoint
from stimme.apps.ballot.services import stand_by
from stimme.apps.causes.considering import FEWEST, told
from stimme.apps.causes.corrections import Fault, record_correction
from stimme.apps.causes.models import Cause, Surge
from stimme.apps.causes.services import Demand, close_cause, revise_cause
from stimme.apps.organisations.services import record_response
from stimme.engines.translog import hour_of
from tests.house import version_of, vote
from tests.visitors import text_of, visitor

DAY = dt.date(2026, 11, 20)
CONSIDERED = 'id="considered"'
NEW = Demand("Bring back Product X before Christmas", "en", "It is on the shelf again.")


def page(client: Client, cause: Cause, **query: str) -> str:
    response = client.get(cause.get_absolute_url(), query)
    assert response.status_code == 200
    return text_of(response)


def respond(cause: Cause, bob: User) -> None:
    record_response(by=bob, cause=cause, text="No.", source_url="", published_on=DAY)


def point(kind: TurningKind, asked: int) -> TurningPoint:
    return TurningPoint.objects.create(
        cid="A" * 22, edition=1, kind=kind, subject=1, at=timezone.now(), asked=asked
    )


def answered(number: int, before: str, after: str, *, start: int = 0) -> None:
    Answer.objects.bulk_create(
        Answer(cid="A" * 22, edition=1, p=f"{start + n:021}A", before=before, after=after)
        for n in range(number)
    )


def test_a_voter_is_asked_again_until_there_is_an_answer(
    cause: Cause, bob: User, charlie: User
) -> None:
    vote(charlie, cause, "for")
    client = visitor(charlie)
    cid = version_of(cause).cid
    link = f'href="/votes/{cid}/reconsider/"'
    assert link not in page(client, cause)
    respond(cause, bob)
    html = page(client, cause)
    assert "Since you voted, the organisation has answered." in html
    assert link in html
    assert link not in page(visitor(bob), cause)
    stand_by(user=charlie, cid=cid)
    assert link not in page(client, cause)


def test_a_new_wording_asks_until_it_has_a_vote(cause: Cause, alice: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    link = f'href="/votes/{version_of(cause).cid}/reconsider/"'
    revise_cause(by=alice, cause=cause, demand=NEW)
    assert link in page(visitor(charlie), cause)
    vote(charlie, cause, "against")
    assert link not in page(visitor(charlie), cause)


def test_who_voted_only_on_the_newest_wording_is_not_asked(
    cause: Cause, alice: User, bob: User, charlie: User
) -> None:
    vote(charlie, cause, "for")
    revise_cause(by=alice, cause=cause, demand=NEW)
    vote(alice, cause, "for")
    assert "/reconsider/" not in page(visitor(alice), cause)
    cause.refresh_from_db()
    respond(cause, bob)
    assert f"/votes/{version_of(cause).cid}/reconsider/" in page(visitor(alice), cause)


def test_a_closed_cause_asks_nobody(cause: Cause, alice: User, bob: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    close_cause(by=alice, cause=cause)
    respond(cause, bob)
    html = page(visitor(charlie), cause)
    assert "/reconsider/" not in html
    assert CONSIDERED not in html


def test_a_correction_stands_above_the_demand_for_good(cause: Cause, alice: User) -> None:
    fault = Fault("claim_false", "It was never sold.", DAY, "author")
    correction = record_correction(by=alice, cause=cause, fault=fault)
    revise_cause(by=alice, cause=cause, demand=NEW)
    html = page(visitor(), cause)
    assert f'href="{correction.get_absolute_url()}"' in html
    assert html.index("Corrected on") < html.index('<h1 class="demand"')


def test_a_surge_is_said_while_it_lasts(cause: Cause) -> None:
    now = timezone.now()
    surge = Surge.objects.create(
        version=version_of(cause),
        hours_from=hour_of(now),
        hours_to=hour_of(now),
        rate=400,
        usual=2,
        opened_at=now,
    )
    says = "votes come in more than ten times as fast as usual"
    html = page(visitor(), cause)
    assert says in html
    assert timezone.localtime(surge.start).strftime("Since %H:%M") in html
    surge.closed_at = now
    surge.save()
    assert says not in page(visitor(), cause)


@pytest.mark.django_db
class TestTheConsideredTally:
    def test_is_shown_where_the_count_is(self, cause: Cause, bob: User, charlie: User) -> None:
        vote(charlie, cause, "for")
        respond(cause, bob)
        for client in [visitor(), visitor(bob)]:
            assert CONSIDERED not in page(client, cause)
            assert CONSIDERED in page(client, cause, count="1")
        html = page(visitor(charlie), cause)
        assert "1 person was asked, and has not answered." in html

    def test_of_an_older_version_stands_on_its_page(
        self, cause: Cause, alice: User, bob: User, charlie: User
    ) -> None:
        vote(charlie, cause, "for")
        respond(cause, bob)
        revise_cause(by=alice, cause=cause, demand=NEW)
        assert CONSIDERED not in page(visitor(), cause, count="1")
        old = f"{cause.get_absolute_url()}versions/1/"
        assert CONSIDERED not in text_of(visitor().get(old))
        html = text_of(visitor().get(old, {"count": "1"}))
        assert "After the organisation’s reply" in html
        assert "After the new wording" not in html

    def test_is_the_one_of_the_issue(self) -> None:
        one = point(TurningKind.RESPONSE, 8000)
        answered(240, "against", "for")
        answered(139, "for", "against", start=1000)
        answered(31, "for", "withdrawn", start=2000)
        answered(1700, "for", "for", start=3000)
        html = render_to_string("causes/considered.html", {"told": told([one])})
        words = " ".join(html.split())
        assert (
            "Of 2 110 who answered after the organisation’s reply, 18 % changed their mind "
            "(against → for 240, for → against 139)."
        ) in words
        for row, number in [
            ("Stood by their vote", "1 700"),
            ("Changed from against to for", "240"),
            ("Changed from for to against", "139"),
            ("Withdrew their vote", "31"),
            ("Did not answer", "5 890"),
            ("Asked", "8 000"),
        ]:
            assert f'<th scope="row">{row}</th> <td class="number">{number}</td>' in words

    @pytest.mark.parametrize("number", [FEWEST - 1, FEWEST])
    def test_few_answers_are_not_told(self, number: int) -> None:
        one = point(TurningKind.DECISION, 30)
        answered(number, "for", "against")
        html = render_to_string("causes/considered.html", {"told": told([one])})
        assert ("<table" in html) == (number == FEWEST)
        assert ("too few" in html) == (number < FEWEST)

    @pytest.mark.parametrize(
        "changed, stood, per_cent", [(0, 10, 0), (1, 199, 1), (10, 0, 100), (1, 1999, 0)]
    )
    def test_rounds_to_whole_per_cent(self, changed: int, stood: int, per_cent: int) -> None:
        one = point(TurningKind.DECISION, 3000)
        answered(changed, "for", "against")
        answered(stood, "for", "for", start=5000)
        [only] = told([one])
        assert only.per_cent == per_cent
