"""Pages of members: join with a code, vote, read, vote again. No account, no name."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import TypeVar, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from stimme.apps.accounts.networks import line_of
from stimme.apps.ballot.choices import Choice
from stimme.apps.rooms import selectors, services
from stimme.apps.rooms.cookies import member_in, remember
from stimme.apps.rooms.finding import TooManyWrongCodes, UnknownCode, find_room
from stimme.apps.rooms.forms import CodeForm, VoteForm
from stimme.apps.rooms.models import Member, Room, Stage

HIDDEN, NOT_FOUND, FULL, TOO_MANY, NO_CONTENT = 403, 404, 409, 429, 204
View = TypeVar("View", bound=Callable[..., HttpResponse])


def explain_wrong_codes(view: View) -> View:
    """Answer a wrong code with a page to try again, and too many with one that says to wait."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except UnknownCode as error:
            form = CodeForm({"code": str(error)})
            form.add_error("code", _("There is no room with this code, or it is over."))
            return render(request, "rooms/rooms.html", {"form": form}, status=NOT_FOUND)
        except TooManyWrongCodes:
            reason = _("Too many wrong codes were tried. Wait a minute, then type yours again.")
            return render(request, "429.html", {"reason": reason}, status=TOO_MANY)

    return cast("View", guarded)


@never_cache
@require_safe
@explain_wrong_codes
def rooms(request: HttpRequest) -> HttpResponse:
    """Type a code; whoever is signed in finds their own rooms."""
    form = CodeForm(request.GET) if "code" in request.GET else CodeForm()
    if form.is_valid():
        return redirect(find_room(code=form.cleaned_data["code"], network=line_of(request)))
    user = request.user
    own = selectors.own_rooms(facilitator=user) if user.is_authenticated else None
    context = {"form": form, "own": own, "days": services.DAYS}
    return render(request, "rooms/rooms.html", context)


@never_cache
@require_safe
@explain_wrong_codes
def room(request: HttpRequest, code: str) -> HttpResponse:
    """Show a member what the room is at, and whoever is none yet how to join."""
    member = member_in(request, code)
    if member is None:
        found = find_room(code=code, network=line_of(request))
        return render(request, "rooms/join.html", {"room": found})
    if member.room.version.cause.hidden:
        return render(request, "rooms/hidden.html", {"room": member.room}, status=HIDDEN)
    return render(request, "rooms/room.html", _shown_to(member))


def _shown_to(member: Member) -> dict[str, object]:
    room = member.room
    chosen = member.first if room.stage == Stage.FIRST_VOTE else member.second
    order = {"against_first": member.against_first}
    return {"choice": chosen, "first": member.first, **order, **shown_in(room)}


def shown_in(room: Room) -> dict[str, object]:
    """Return what a room sees at its stage. How it ended is not there before the end."""
    cause = room.version.cause
    context: dict[str, object] = {"room": room, "version": room.version, "cause": cause}
    if room.stage != Stage.FIRST_VOTE:
        context["story"] = selectors.story_of(cause)
    if room.stage == Stage.WHAT_HAPPENED:
        context["comparison"] = selectors.comparison_of(room)
    return context


@require_POST
@explain_wrong_codes
def join(request: HttpRequest, code: str) -> HttpResponse:
    """Become a member, once in a browser."""
    if member_in(request, code):
        return redirect("rooms:room", code)
    found = find_room(code=code, network=line_of(request))
    try:
        token = services.join(room=found)
    except services.NobodyElseCanJoin:
        context = {"room": found, "is_full": not found.closed}
        return render(request, "rooms/join.html", context, status=FULL)
    response = redirect(found)
    remember(response, found, token)
    return response


@require_POST
def vote(request: HttpRequest, code: str) -> HttpResponse:
    """Vote in the room. What came too late is not counted: the page says what the room is at."""
    member, form = member_in(request, code), VoteForm(request.POST)
    if member and form.is_valid():
        with suppress(services.NoVoteNow):
            services.vote(member=member, choice=Choice(form.cleaned_data["choice"]))
    return redirect("rooms:room", code)


@never_cache
@require_safe
def stage(request: HttpRequest, code: str) -> HttpResponse:
    """Tell a member's page, which asks every few seconds, whether it has to be read again."""
    member = member_in(request, code)
    return unchanged(member.room if member else None, request)


def unchanged(room: Room | None, request: HttpRequest) -> HttpResponse:
    """Return an answer without content; htmx loads the page again where it no longer fits."""
    response = HttpResponse(status=NO_CONTENT)
    if room is None or room.position != request.GET.get("at"):
        response.headers["HX-Refresh"] = "true"
    return response
