"""Pages of whoever opened a room: open it, go from stage to stage, show it to all, delete it."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from stimme.apps.accounts.decorators import SignedInRequest
from stimme.apps.causes.forms import SearchForm
from stimme.apps.causes.models import Cause
from stimme.apps.rooms import selectors, services
from stimme.apps.rooms.forms import OpenForm, StepForm
from stimme.apps.rooms.models import Room, Stage
from stimme.apps.rooms.qr import qr_svg
from stimme.apps.rooms.views import shown_in, unchanged


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def open_(request: SignedInRequest) -> HttpResponse:
    """Pick a cause, and open a room on it."""
    form = OpenForm(request.POST or request.GET)
    picked = form.cleaned_data["cause"] if form.is_valid() else None
    if request.method == "POST" and picked:
        return _opened(request, picked)
    q = SearchForm(request.GET).wanted()["q"]
    causes = [picked] if picked else selectors.causes_for_rooms(q=q)
    context = {"picked": picked, "causes": causes, "q": q, "days": services.DAYS}
    return render(request, "rooms/open.html", context)


def _opened(request: SignedInRequest, cause: Cause) -> HttpResponse:
    try:
        room = services.open_room(facilitator=request.user, cause=cause)
    except services.TooManyRooms:
        messages.error(request, _("You have as many rooms as one can have. Delete one first."))
        return redirect("rooms:rooms")
    return redirect("rooms:run", room.code)


def _own(request: SignedInRequest, code: str) -> Room:
    room = selectors.own_room(facilitator=request.user, code=code)
    if room is None:
        raise Http404
    return room


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def run(request: SignedInRequest, code: str) -> HttpResponse:
    """The facilitator's page: how to run it, and one button for each step."""
    room = _own(request, code)
    if request.method == "POST":
        return _step(request, room)
    context = {
        "room": room,
        "presence": selectors.presence_of(room),
        "stages": Stage.labels,
        **_way_in(room),
    }
    return render(request, "rooms/run.html", context)


def _step(request: SignedInRequest, room: Room) -> HttpResponse:
    form = StepForm(request.POST)
    if not form.is_valid():
        return redirect("rooms:run", room.code)
    step = form.cleaned_data["step"]
    if step in {StepForm.CLOSE, StepForm.REOPEN}:
        services.set_closed(room=room, closed=step == StepForm.CLOSE)
    else:
        services.go_to(room=room, stage=Stage(int(step)))
    return redirect(f"rooms:{form.cleaned_data['back']}", room.code)


def _way_in(room: Room) -> dict[str, object]:
    """How one joins: the address to type, and the code that a camera reads."""
    config = settings.STIMME
    label = _("QR code that leads to the room %(code)s") % {"code": room.spaced_code}
    return {
        "address": f"{config.address.netloc}/rooms/",
        "qr": qr_svg(config.url + room.get_absolute_url(), label=label),
    }


@never_cache
@login_required
@require_safe
def screen(request: SignedInRequest, code: str) -> HttpResponse:
    """What the whole room looks at, in large letters."""
    room = _own(request, code)
    context = {"presence": selectors.presence_of(room), **shown_in(room), **_way_in(room)}
    if room.version.cause.hidden:
        return render(request, "rooms/hidden.html", context, status=403)
    return render(request, "rooms/screen.html", context)


@never_cache
@require_safe
def presence(request: HttpRequest, code: str) -> HttpResponse:
    """How many have joined and voted, for a page of the facilitator that asks every few seconds."""
    user = request.user
    room = selectors.own_room(facilitator=user, code=code) if user.is_authenticated else None
    if room is None or room.position != request.GET.get("at"):
        return unchanged(None, request)
    context = {"room": room, "presence": selectors.presence_of(room)}
    return render(request, "rooms/presence.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: SignedInRequest, code: str) -> HttpResponse:
    """Delete the room, once confirmed."""
    room = _own(request, code)
    if request.method == "POST":
        services.delete_room(room=room)
        messages.success(request, _("The room is deleted, with all votes in it."))
        return redirect("rooms:rooms")
    return render(request, "rooms/delete.html", {"room": room})
