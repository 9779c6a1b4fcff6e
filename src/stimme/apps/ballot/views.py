from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from stimme.apps.accounts.decorators import SignedInRequest
from stimme.apps.ballot import log_keys, publisher, witnessing
from stimme.apps.ballot.door.busy import CHOICE, PAPER
from stimme.apps.ballot.door.requests import BallotRequest
from stimme.apps.ballot.errors import BadVoteSignature, BallotError, PaperRefused, UnknownChoice
from stimme.apps.ballot.forms import BallotForm
from stimme.apps.ballot.receipts import Receipt, receipt_for
from stimme.apps.ballot.services import cast_form
from stimme.apps.ballot.sessions import session_of
from stimme.engines.translog import MissingResource, TileError, VoteLine, parse_resource_path


# The paper is the defence against forged requests: it opens only together with the session
# cookie it was issued for, so neither another site nor a stolen page can use it.
@csrf_exempt
@require_POST
def cast(request: HttpRequest) -> HttpResponse:
    """Take a vote: paper and choice in, a redirect to the receipt out."""
    form = BallotForm(request.POST)
    try:
        if not form.is_valid():
            raise _fault_of(form)
        result = cast_form(session=session_of(request), ballot=BallotRequest(**form.cleaned_data))
    except BallotError as error:
        context = {"error": error, "back": _came_from(request)}
        return render(request, "ballot/refused.html", context, status=error.status)
    return redirect("web:receipt", cid=VoteLine.parse(result.line).cid)


def _fault_of(form: BallotForm) -> type[BallotError]:
    faults: dict[str, type[BallotError]] = {"choice": UnknownChoice, "paper": PaperRefused}
    return next((fault for name, fault in faults.items() if name in form.errors), BadVoteSignature)


@require_safe
@cache_control(no_store=True)
def busy(request: HttpRequest) -> HttpResponse:
    """The page that the door gives to voters who have to wait, with room for their ballot."""
    return render(request, "ballot/busy.html", {"paper": PAPER, "choice": CHOICE})


def _came_from(request: HttpRequest) -> str:
    """The page of ours that had the form, or nothing: other sites get no link from us."""
    address = request.headers.get("Referer", "")
    own = url_has_allowed_host_and_scheme(address, {request.get_host()})
    return address if own else ""


@login_required
@require_safe
def promise(request: SignedInRequest, cid: str) -> HttpResponse:
    receipt = _own_receipt(request, cid)
    return _download(receipt.promise_file(), f"{receipt.code}.stimme-promise")


@login_required
@require_safe
def proof(request: SignedInRequest, cid: str) -> HttpResponse:
    receipt = _own_receipt(request, cid)
    content = receipt.proof_file()
    if content is None:
        raise Http404
    return _download(content, f"{receipt.code}.tlog-proof")


def _own_receipt(request: SignedInRequest, cid: str) -> Receipt:
    """Only ever the signed-in person's: the address says which cause, the session who."""
    receipt = receipt_for(user=request.user, cid=cid)
    if receipt is None:
        raise Http404
    return receipt


def _download(content: str, name: str) -> HttpResponse:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="text/plain; charset=utf-8", headers=disposition)


@require_safe
@cache_control(public=True, max_age=2)
def checkpoint(_request: HttpRequest) -> HttpResponse:
    note = publisher.published_checkpoint()
    if note is None:
        raise Http404
    return _open_to_all(HttpResponse(note, content_type="text/plain; charset=utf-8"))


@require_safe
@cache_control(public=True, max_age=300)
def public_keys(_request: HttpRequest) -> HttpResponse:
    """What the sealer publishes beside the tiles."""
    try:
        content = publisher.read(publisher.KEYS)
    except MissingResource as error:
        raise Http404 from error
    return _open_to_all(HttpResponse(content, content_type="text/plain; charset=utf-8"))


@require_safe
@cache_control(public=True, max_age=31536000, immutable=True)
def resource(_request: HttpRequest, resource: str) -> HttpResponse:
    """A tile or an entry bundle, under its one canonical path."""
    try:
        parse_resource_path(resource)
        content = publisher.read(resource)
    except (TileError, MissingResource) as error:
        raise Http404 from error
    return _open_to_all(HttpResponse(content, content_type="application/octet-stream"))


@require_safe
@cache_control(public=True, max_age=300)
def witness_key(_request: HttpRequest) -> HttpResponse:
    """The key with which this instance cosigns the logs of others, as vkey text."""
    return _open_to_all(
        HttpResponse(f"{log_keys.witness_cosigner().vkey}\n", content_type="text/plain")
    )


@csrf_exempt  # a log asks, not a browser: the checkpoint's signature says who
@require_POST
def add_checkpoint(request: HttpRequest) -> HttpResponse:
    answer = witnessing.add_checkpoint(request.body)
    return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)


def _open_to_all(response: HttpResponse) -> HttpResponse:
    """Let checkers on other sites read the log: it is public and carries no cookies."""
    response["Access-Control-Allow-Origin"] = "*"
    return response
