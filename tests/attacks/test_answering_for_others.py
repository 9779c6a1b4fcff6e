"""Nobody answers for somebody else, without a vote, or twice."""

import pytest
from django.utils import timezone

from stimme.apps.accounts.models import User
from stimme.apps.ballot.answers import considered
from stimme.apps.ballot.models import Answer, TurningPoint
from stimme.apps.causes.corrections import Fault, record_correction
from stimme.apps.causes.models import Cause
from stimme.apps.organisations.services import record_response
from tests.house import start_cause, version_of, vote
from tests.visitors import text_of, visitor


@pytest.fixture
def path(cause: Cause, charlie: User, bob: User) -> str:
    """Charlie is for it; the organisation has answered since."""
    vote(charlie, cause, "for")
    day = timezone.localdate()
    record_response(by=bob, cause=cause, text="No.", source_url="", published_on=day)
    return f"/votes/{version_of(cause).cid}/reconsider/"


def test_without_a_vote_there_is_no_question(path: str, alice: User, bob: User) -> None:
    for user in [alice, bob]:
        client = visitor(user)
        assert [client.get(path).status_code, client.post(path).status_code] == [404, 404]
    assert visitor().post(path).status_code == 302
    assert not Answer.objects.exists()


@pytest.mark.parametrize("cid", ["A" * 22, "A" * 21 + "B", "x", "A" * 23, "%00" * 22, ".." * 11])
def test_a_forged_box_is_not_there(path: str, charlie: User, cid: str) -> None:
    forged = f"/votes/{cid}/reconsider/"
    for answer in [visitor(charlie).get(forged), visitor(charlie).post(forged)]:
        assert answer.status_code == 404
    assert not Answer.objects.exists()


def test_a_vote_on_another_cause_answers_nothing_here(
    path: str, cause: Cause, alice: User, charlie: User
) -> None:
    other = start_cause(alice, cause.organisation, "Bring back Product Y")
    vote(alice, other, "against")
    assert visitor(alice).post(path).status_code == 404
    elsewhere = f"/votes/{version_of(other).cid}/reconsider/"
    assert "Nothing is asked" in text_of(visitor(alice).post(elsewhere, follow=True))
    assert not Answer.objects.exists()


def test_another_site_cannot_answer(path: str, charlie: User) -> None:
    assert visitor(charlie, csrf=True).post(path, {"edition": "1"}).status_code == 403
    assert not Answer.objects.exists()


def test_reloading_does_not_count_twice(path: str, charlie: User) -> None:
    client = visitor(charlie)
    for _ in range(5):
        client.post(path, {"edition": "1"})
    [point] = TurningPoint.objects.all()
    counts = considered([point])[point.pk]
    assert (counts.asked, counts.stood, counts.answered) == (1, 1, 1)


def test_opening_the_page_answers_nothing(path: str, charlie: User) -> None:
    client = visitor(charlie)
    client.get(path)
    client.get(path, {"choice": "for", "stand": "1"})
    client.head(path)
    assert not Answer.objects.exists()


def test_no_choice_of_somebody_else_is_told(path: str, charlie: User, alice: User) -> None:
    """Fields of the form say nothing: who answers, and what, comes from session and seat."""
    client = visitor(charlie)
    forged = {"p": "A" * 22, "before": "against", "after": "against", "edition": "7"}
    client.post(path, forged)
    assert not Answer.objects.exists()
    client.post(path, forged | {"edition": "1"})
    assert list(Answer.objects.values_list("edition", "before", "after")) == [(1, "for", "for")]


def test_no_script_comes_in_by_what_happened(
    path: str, cause: Cause, alice: User, charlie: User
) -> None:
    evil = "<script>alert(1)</script>"
    fault = Fault("claim_false", evil, timezone.localdate(), "author")
    record_correction(by=alice, cause=cause, fault=fault)
    page = text_of(visitor(charlie).get(path))
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_it_is_kept_by_no_cache(path: str, charlie: User) -> None:
    assert "no-store" in visitor(charlie).get(path).headers["Cache-Control"]
