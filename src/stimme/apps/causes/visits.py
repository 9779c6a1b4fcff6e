"""Who looks at a cause: the visitor's vote, the paper for it, and what was shown before it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from stimme.apps.accounts.services import Voter, voter_of
from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.coming import came_by
from stimme.apps.ballot.errors import OpenedBefore
from stimme.apps.ballot.models import TurningPoint
from stimme.apps.ballot.papers import NOTHING, Shown
from stimme.apps.ballot.selectors import count_of, how_voted
from stimme.apps.ballot.services import paper_of
from stimme.apps.ballot.sessions import session_of
from stimme.apps.ballot.tables import Held
from stimme.apps.causes import how_voting, selectors
from stimme.apps.causes.models import Cause, CauseVersion, State

# Says for a day, to the pages of one cause alone, of which version the count was seen.
COUNT_COOKIE = "stimme_count"
_A_DAY = 24 * 3600


def voter_in(request: HttpRequest) -> Voter | None:
    return voter_of(user=request.user) if request.user.is_authenticated else None


def without_tracks(request: HttpRequest, keep: str = "") -> HttpResponse:
    """Lead to the address as it is: others add to it from where and by whom one came.

    We do not want to know, and a cache would have to keep the page for each of them anew.
    """
    return redirect(request.path + (f"?{keep}=1" if keep in request.GET else ""))


def for_newcomer(request: HttpRequest, voter: Voter | None, slug: str) -> selectors.Briefing | None:
    """Return a briefing that may be a second old, or None for all but newcomers.

    Authors, staff and voters see at once what they did, and those who came back may have no vote
    here; the pages of strangers are kept elsewhere.
    """
    user = request.user
    if voter is None or voter.since or user.is_staff:
        return None
    recent = selectors.recent_briefing(slug)
    seats = selectors.seats_on(secret=voter.secret, versions=recent.versions)
    return None if seats or recent.cause.author_id == user.pk else recent


def is_plain(request: HttpRequest, briefing: selectors.Briefing) -> bool:
    """Whether the page says nothing but what it says to every newcomer."""
    asks = bool(request.META.get("QUERY_STRING"))
    return briefing.cause.state == State.OPEN and not asks and not len(get_messages(request))


def hidden_page(request: HttpRequest, cause: Cause) -> HttpResponse:
    context = {"cause": cause, "reason": selectors.hidden_because(cause)}
    return render(request, "causes/hidden.html", context, status=403)


def own_part(
    request: HttpRequest,
    shown: CauseVersion,
    voter: Voter | None,
    seats: Mapping[int, Held],
) -> dict[str, Any]:
    """The visitor's vote, the paper to give or change it, and the count if it is time for it."""
    voted = own_vote(request, shown, voter, seats) if voter else {}
    if voted.get("choice") or "count" in request.GET or shown.cause.state == State.CLOSED:
        how = how_voting.told(how_voted(shown.cid))
        return {**voted, "count": count_of(shown.cid), "how": how, "live": _live(shown)}
    return voted


def _live(shown: CauseVersion) -> str:
    """The box whose count may change while one looks at it, or nothing."""
    cause = shown.cause
    return shown.cid if cause.state == State.OPEN and cause.current_id == shown.pk else ""


def own_vote(
    request: HttpRequest,
    shown: CauseVersion,
    voter: Voter,
    seats: Mapping[int, Held],
    told: Shown = NOTHING,
) -> dict[str, Any]:
    """The visitor's vote, and the paper to give or change it; `told` is what the page tells."""
    seat = seats.get(shown.number)
    earlier = [
        number
        for number, old in seats.items()
        if number != shown.number and old.choice != Choice.WITHDRAWN
    ]
    context = {
        "seat": seat,
        "choice": seat.choice if seat else "",
        "earlier": max(earlier, default=0),
    }
    if shown.cause.state == State.OPEN:
        context |= _paper(request, shown, voter, told)
    return context


def since_briefed(
    seat: Held | None, points: Mapping[str, Sequence[TurningPoint]]
) -> list[TurningPoint]:
    """Return of these turning points what a voter who was briefed cannot have read then."""
    if seat is None or not seat.briefed:
        return []
    return [point for point in points.get(seat.cid, ()) if point.edition >= seat.briefed]


def _paper(request: HttpRequest, shown: CauseVersion, voter: Voter, told: Shown) -> dict[str, Any]:
    """The paper, or since when a cause must be open so that this visitor can vote on it."""
    cid = shown.cid
    told = seen_before(request, cid, told)
    try:
        return {"paper": paper_of(voter, session=session_of(request), cid=cid, shown=told)}
    except OpenedBefore as error:
        return {"votes_since": error.since}


def seen_before(request: HttpRequest, cid: str, told: Shown) -> Shown:
    """Add to what a page tells what this browser was shown before, and by whose link it came."""
    seen = request.COOKIES.get(COUNT_COOKIE) == cid
    return Shown(told.briefed, seen, told.answers, came_by(request, cid))


def note_count(response: HttpResponse, version: CauseVersion) -> None:
    """Let the browser remember for a day that it showed this count before a vote.

    The first vote takes it along, as a number among others. Scripts may read it: one sets it,
    where the page comes from a cache.
    """
    response.set_cookie(
        COUNT_COOKIE,
        version.cid,
        max_age=_A_DAY,
        path=version.cause.get_absolute_url(),
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
