"""Pages that explain: how we count, what a click does, and how to check it in the browser."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from stimme.apps.accounts import departures
from stimme.apps.accounts.growth import DAYS, FEW, TIMES
from stimme.apps.accounts.levels import Level
from stimme.apps.accounts.limits import CODES, CODES_IN_ALL
from stimme.apps.accounts.models import User
from stimme.apps.ballot import publisher
from stimme.apps.ballot.receipts import receipt_for
from stimme.apps.causes import considering, surges
from stimme.apps.causes.services import REWORDINGS_PER_DAY
from stimme.apps.deliberation.services import MARKS, MOST_AT_ONCE, STATEMENTS
from stimme.apps.deliberation.strength import ENOUGH
from stimme.apps.moderation.services import REPORTS
from stimme.web import verify_sentences as sentences
from stimme.web.log_forms import OwnReceiptForm, ReceiptTextForm


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """The check happens in the browser; with ?cid= of a box it begins with one's own receipt."""
    asked = OwnReceiptForm(request.GET)
    cid = asked.cleaned_data["cid"] if asked.is_valid() else None
    context = {
        "form": ReceiptTextForm(),
        "asked_for_own": cid,
        "own": _own_receipt(request.user, cid) if cid else None,
        "origin": settings.STIMME.origin,
        "keys": publisher.published_keys(),
        "sentences": [*sentences.VERDICTS, *sentences.FAULTS],
        "steps": sentences.STEPS,
        "levels": Level.choices,
    }
    return render(request, "web/verify.html", context)


def _own_receipt(user: User | AnonymousUser, cid: str) -> str | None:
    """Where the page finds the visitor's proof or, before sealing, the promise."""
    receipt = receipt_for(user=user, cid=cid) if user.is_authenticated else None
    if receipt is None:
        return None
    return reverse("ballot:proof" if receipt.sealed else "ballot:promise", args=[cid])


@require_safe
def how_we_count(request: HttpRequest) -> HttpResponse:
    context = {
        "promise_minutes": -(-settings.STIMME.promise_deadline // 60),
        "limits": published_limits(),
    }
    return render(request, "web/how_we_count.html", context)


@require_safe
def what_your_click_does(request: HttpRequest) -> HttpResponse:
    return render(request, "web/what_your_click_does.html")


def published_limits() -> dict[str, int]:
    """Return every limit that the page tells, from where it is enforced."""
    return {
        "causes": settings.STIMME.causes_per_day,
        "rewordings": REWORDINGS_PER_DAY,
        "codes": CODES.burst,
        "minutes": round(CODES.every / 60),
        "codes_in_all": CODES_IN_ALL.burst,
        "minutes_in_all": round(CODES_IN_ALL.every / 60),
        "sign_ins": settings.STIMME.sign_ins_per_minute,
        "few": FEW,
        "times": TIMES,
        "days": DAYS,
        "days_after_leaving": departures.DAYS,
        "statements": STATEMENTS.burst,
        "statements_at_once": MOST_AT_ONCE,
        "marks": MARKS.burst,
        "enough_marks": ENOUGH,
        "reports": REPORTS.burst,
        "fewest_answers": considering.FEWEST,
        "surge_times": surges.TIMES,
        "surge_fewest": surges.FEWEST,
        "surge_days": surges.DAYS,
    }
