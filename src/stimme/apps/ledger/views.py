from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from stimme.apps.accounts.decorators import SignedInRequest
from stimme.apps.ledger import selectors

PER_PAGE = 20


@never_cache
@login_required
@require_safe
def votes(request: SignedInRequest) -> HttpResponse:
    """Every cause I voted on, what I voted, and what became of it."""
    receipts = selectors.own_receipts(user=request.user)
    page = Paginator(receipts, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "entries": selectors.entries(list(page))}
    return render(request, "ledger/votes.html", context)
