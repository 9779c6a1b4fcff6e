"""Pages that explain: how we count, and how to check it in the browser."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from stimme.apps.accounts.levels import Level
from stimme.apps.ballot.log_keys import public_keys
from stimme.web import verify_sentences as sentences
from stimme.web.log_forms import OwnReceiptForm, ReceiptTextForm


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """The check happens in the browser; with ?cid= of a box it begins with one's own receipt."""
    own = OwnReceiptForm(request.GET)
    cid = own.cleaned_data["cid"] if own.is_valid() else None
    log_key, receipt_key = public_keys().split()
    context = {
        "form": ReceiptTextForm(),
        "own": {kind: reverse(f"ballot:{kind}", args=[cid]) for kind in ("proof", "promise")}
        if cid
        else None,
        "origin": settings.STIMME.origin,
        "log_key": log_key,
        "receipt_key": receipt_key,
        "sentences": [*sentences.VERDICTS, *sentences.FAULTS],
        "steps": sentences.STEPS,
        "levels": Level.choices,
    }
    return render(request, "web/verify.html", context)


@require_safe
def how_we_count(request: HttpRequest) -> HttpResponse:
    context = {"promise_minutes": -(-settings.STIMME.promise_deadline // 60)}
    return render(request, "web/how_we_count.html", context)
