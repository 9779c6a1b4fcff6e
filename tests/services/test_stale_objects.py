"""A request that read a cause some time ago decides by what is true now."""

import datetime as dt

from stimme.apps.accounts.models import User
from stimme.apps.ballot.models import Box, State, TurningPoint
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand, close_cause, revise_cause, set_hidden
from stimme.apps.organisations.services import record_response
from tests.house import version_of, vote

REWORDED = Demand("Bring back Product X in glass", "en", "It is on the shelf again.")


def states(*cids: str) -> list[str]:
    return [Box.objects.get(cid=cid).state for cid in cids]


def test_showing_again_opens_the_box_that_is_current_now(cause: Cause, alice: User) -> None:
    vote(alice, cause, "for")
    read_before = Cause.objects.get(pk=cause.pk)
    old = version_of(cause).cid
    new = revise_cause(by=alice, cause=cause, demand=REWORDED).cid
    set_hidden(cause=read_before, hidden=False)
    assert states(old, new) == [State.SUPERSEDED, State.OPEN]


def test_closing_twice_keeps_the_time_of_the_first(cause: Cause, alice: User) -> None:
    read_before = Cause.objects.get(pk=cause.pk)
    close_cause(by=alice, cause=cause)
    closed_at = Cause.objects.get(pk=cause.pk).closed_at
    close_cause(by=alice, cause=read_before)
    assert Cause.objects.get(pk=cause.pk).closed_at == closed_at


def test_an_answer_asks_those_who_voted_on_the_wording_that_is_current_now(
    cause: Cause, alice: User, bob: User
) -> None:
    vote(alice, cause, "for")
    read_before = Cause.objects.select_related("current").get(pk=cause.pk)
    new = revise_cause(by=alice, cause=cause, demand=REWORDED)
    record_response(
        by=bob, cause=read_before, text="No.", source_url="", published_on=dt.date(2026, 1, 2)
    )
    assert [(point.cid, point.kind) for point in TurningPoint.objects.order_by("pk")][1:] == [
        (new.cid, "response")
    ]
