import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from stimme.apps.accounts.models import User
from stimme.apps.ballot.errors import BoxClosed, BoxSuperseded
from stimme.apps.ballot.models import Box
from stimme.apps.ballot.selectors import count_of
from stimme.apps.causes import services
from stimme.apps.causes.models import Cause, CauseVersion
from stimme.apps.causes.services import Demand, close_cause, revise_cause
from stimme.apps.moderation.services import hide
from tests.house import version_of, vote

NEW = Demand("Bring back Product X before Christmas", "en", "It is on the shelf again.")


def test_after_a_vote_it_is_a_new_version_with_an_empty_tally(
    cause: Cause, alice: User, charlie: User
) -> None:
    first = version_of(cause)
    vote(charlie, cause, "for")
    second = revise_cause(by=alice, cause=cause, demand=NEW)
    assert version_of(cause) == second
    assert (second.number, second.supersedes) == (2, first)
    assert json.loads(second.document)["supersedes"] == first.cid
    assert (count_of(first.cid).voters, count_of(second.cid).voters) == (1, 0)


def test_the_old_version_takes_withdrawals_only(
    cause: Cause, alice: User, bob: User, charlie: User
) -> None:
    first = version_of(cause)
    vote(charlie, cause, "for")
    revise_cause(by=alice, cause=cause, demand=NEW)
    with pytest.raises(BoxSuperseded):
        vote(bob, first, "for")
    vote(charlie, first, "withdrawn")
    assert count_of(first.cid).withdrawn == 1


def test_the_old_wording_stays_as_it_was(cause: Cause, alice: User, charlie: User) -> None:
    before = CauseVersion.objects.values().get()
    vote(charlie, cause, "for")
    revise_cause(by=alice, cause=cause, demand=NEW)
    assert CauseVersion.objects.values().get(pk=before["id"]) == before


def test_before_the_first_vote_the_wording_is_replaced(
    cause: Cause, alice: User, charlie: User
) -> None:
    first = version_of(cause)
    second = revise_cause(by=alice, cause=cause, demand=NEW)
    assert (second.number, second.supersedes) == (1, None)
    first.refresh_from_db()
    assert first.discarded
    with pytest.raises(BoxClosed):
        vote(charlie, first, "for")


def test_a_withdrawn_vote_freezes_the_text_too(cause: Cause, alice: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    vote(charlie, cause, "withdrawn")
    assert revise_cause(by=alice, cause=cause, demand=NEW).number == 2


def test_the_search_finds_the_new_wording(cause: Cause, alice: User) -> None:
    revise_cause(by=alice, cause=cause, demand=NEW)
    cause.refresh_from_db()
    assert "before christmas" in cause.search_text


def test_the_same_wording_is_no_version(cause: Cause, alice: User) -> None:
    same = Demand(" Bring  back Product X ", "en", "It is on the shelf again.")
    with pytest.raises(ValidationError) as refusal:
        revise_cause(by=alice, cause=cause, demand=same)
    assert refusal.value.code == "unchanged"
    assert CauseVersion.objects.count() == 1


def test_a_demand_is_reworded_so_many_times_a_day_and_no_more(
    cause: Cause, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "REWORDINGS_PER_DAY", 2)
    for month in ["May", "June"]:
        revise_cause(by=alice, cause=cause, demand=Demand(f"Bring it back in {month}", "en"))
    with pytest.raises(ValidationError) as refusal:
        revise_cause(by=alice, cause=cause, demand=NEW)
    assert refusal.value.code == "too_often"
    CauseVersion.objects.update(published_at=timezone.now() - timedelta(days=1))
    assert revise_cause(by=alice, cause=cause, demand=NEW) == version_of(cause)


def test_only_the_author_rewords(cause: Cause, bob: User, charlie: User) -> None:
    for user in [bob, charlie]:
        with pytest.raises(PermissionDenied):
            revise_cause(by=user, cause=cause, demand=NEW)
    assert CauseVersion.objects.count() == Box.objects.count() == 1


def test_a_closed_cause_is_not_reworded(cause: Cause, alice: User) -> None:
    close_cause(by=alice, cause=cause)
    with pytest.raises(ValidationError) as refusal:
        revise_cause(by=alice, cause=cause, demand=NEW)
    assert refusal.value.code == "not_open"


def test_a_hidden_cause_is_not_reworded(cause: Cause, alice: User, bob: User) -> None:
    hide(by=bob, target=cause, reason="It names a private person.")
    with pytest.raises(ValidationError) as refusal:
        revise_cause(by=alice, cause=cause, demand=NEW)
    assert refusal.value.code == "not_open"
