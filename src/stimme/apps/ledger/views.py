from collections.abc import Iterable

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from stimme.apps.accounts.decorators import SignedInRequest
from stimme.apps.accounts.services import voter_of
from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.links import code_of, link_with
from stimme.apps.ballot.selectors import Count, count_of
from stimme.apps.ledger import exports, selectors
from stimme.apps.ledger.places import own_lines, place_of
from stimme.apps.ledger.summary import summary_of

PER_PAGE = 20


@never_cache
@login_required
@require_safe
def votes(request: SignedInRequest) -> HttpResponse:
    """Every cause I voted on, what I voted, and what became of it."""
    entries = selectors.ledger_of(user=request.user)
    page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "entries": list(page),
        "summary": summary_of(entries),
        "years": _years(entries),
    }
    return render(request, "ledger/votes.html", context)


@never_cache
@login_required
@require_safe
def year(request: SignedInRequest, year: int) -> HttpResponse:
    """The votes of one year on one page, to print."""
    ledger = selectors.ledger_of(user=request.user)
    entries = [entry for entry in ledger if entry.year == year]
    if not entries:
        raise Http404
    context = {
        "year": year,
        "years": _years(ledger),
        "entries": entries,
        "summary": summary_of(entries),
    }
    return render(request, "ledger/year.html", context)


def _years(entries: Iterable[selectors.Entry]) -> list[int]:
    return sorted({entry.year for entry in entries}, reverse=True)


@never_cache
@login_required
@require_safe
def vote(request: SignedInRequest, cid: str) -> HttpResponse:
    """All there is to know of one vote of mine."""
    entry, count = own_entry(request, cid), count_of(cid)
    own = own_lines(entry.receipt.seat)
    context = {
        "entry": entry,
        "receipt": entry.receipt,
        "cause": entry.version.cause,
        "lines": own.said,
        "is_sealed": own.index is not None,
        "place": None if own.index is None else place_of(cid, own.index),
        "voters": count.voters,
        "same_choice": _same_choice(entry, count),
        "link": link_with(code_of(voter_of(user=request.user), cid)),
    }
    return render(request, "ledger/vote.html", context)


def _same_choice(entry: selectors.Entry, count: Count) -> int:
    """How many votes that count are like this one; none where it does not count itself."""
    if not entry.counts:
        return 0
    return count.votes_for if entry.receipt.choice == Choice.FOR else count.votes_against


def own_entry(request: SignedInRequest, cid: str) -> selectors.Entry:
    """The address says which cause, the session whose vote. Raises Http404."""
    entry = selectors.entry_of(user=request.user, cid=cid)
    if entry is None:
        raise Http404
    return entry


@never_cache
@login_required
@require_safe
def export_json(request: SignedInRequest) -> HttpResponse:
    content = exports.as_json(selectors.ledger_of(user=request.user))
    return _download(content, "application/json", "json")


@never_cache
@login_required
@require_safe
def export_csv(request: SignedInRequest) -> HttpResponse:
    content = exports.as_csv(selectors.ledger_of(user=request.user))
    return _download(content, "text/csv; charset=utf-8", "csv")


def _download(content: str, kind: str, ending: str) -> HttpResponse:
    disposition = {"Content-Disposition": f'attachment; filename="my-votes.{ending}"'}
    return HttpResponse(content, content_type=kind, headers=disposition)
