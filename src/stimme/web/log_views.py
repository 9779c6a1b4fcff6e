"""The public log for people. What machines read of it is served by the ballot."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stimme.apps.ballot import publisher
from stimme.apps.ballot.entries import entry_of_code
from stimme.apps.ballot.models import Entry
from stimme.apps.causes.models import CauseVersion
from stimme.engines.translog import Checkpoint, Signature, split_note
from stimme.web.log_forms import CodeForm, LineForm
from stimme.web.log_lines import (
    CauseLog,
    by_hour,
    cause_log,
    entries_at,
    entry_in_words,
    level_label,
)
from stimme.web.log_witnesses import last_round

CAUSES_A_PAGE = 50
LINES_A_PAGE = 200
_TIME_BYTES = 8
_COSIGNATURE_BYTES = _TIME_BYTES + 64


@dataclass(frozen=True, slots=True)
class Published:
    """The newest published checkpoint, and who signed it beside the log."""

    note: str
    checkpoint: Checkpoint
    at: datetime
    cosignatures: list[tuple[str, datetime]]

    @property
    def size(self) -> int:
        return self.checkpoint.size

    @property
    def root(self) -> str:
        return b64encode(self.checkpoint.root).decode()


def published() -> Published | None:
    note = publisher.published_checkpoint()
    if note is None:
        return None
    text, signatures = split_note(note)
    cosignatures = [
        (one.name, _cosigned_at(one)) for one in signatures if len(one.blob) == _COSIGNATURE_BYTES
    ]
    return Published(note, Checkpoint.parse(text), publisher.published_at(), cosignatures)


def _cosigned_at(signature: Signature) -> datetime:
    return datetime.fromtimestamp(int.from_bytes(signature.blob[:_TIME_BYTES], "big"), UTC)


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    newest = published()
    size = newest.size if newest else 0
    context = {
        "published": newest,
        "last_round": last_round(),
        "keys": publisher.published_keys(),
        "form": CodeForm(),
        "page": _causes(size, request.GET.get("page")),
    }
    return render(request, "web/log.html", context)


def _causes(size: int, number: str | None) -> Page:
    """Versions whose opening is in the log, newest first, each with its number of lines."""
    lines = Entry.objects.filter(log_index__lt=size).order_by()
    number_of = lines.filter(cid=OuterRef("cid")).values("cid").annotate(number=Count("pk"))
    opened = lines.filter(kind="cause").values("cid")
    versions = (
        CauseVersion.objects.filter(cid__in=opened, discarded=False, cause__hidden=False)
        .select_related("cause__organisation")
        .annotate(number_of_lines=Subquery(number_of.values("number")))
        .order_by("-published_at", "-pk")
    )
    return Paginator(versions, CAUSES_A_PAGE).get_page(number)


@require_safe
def log_cause(request: HttpRequest, cid: str) -> HttpResponse:
    version = CauseVersion.objects.select_related("cause__organisation").filter(cid=cid).first()
    size = publisher.size_of(publisher.published_checkpoint())
    found = cause_log(cid=cid, size=size)
    if not (version or found.indices):
        raise Http404
    page = _page_of_lines(request, found)
    context = {
        "cid": cid,
        # Staff hid the demand, not the votes: the lines say nothing of what was asked.
        "version": version if version and not version.cause.hidden else None,
        "page": page,
        "hours": by_hour(entries_at(list(page))),
        "recount": found.recount,
        "by_level": _by_level(found),
        "rekeys": found.rekeys,
        "size": size,
    }
    return render(request, "web/log_cause.html", context)


def _page_of_lines(request: HttpRequest, found: CauseLog) -> Page:
    """The page asked for by its number, or by a line that it shows."""
    paginator = Paginator(found.indices, LINES_A_PAGE)
    form = LineForm(request.GET)
    line = form.cleaned_data["line"] if form.is_valid() else None
    if line in found.indices:
        return paginator.page(found.indices.index(line) // LINES_A_PAGE + 1)
    return paginator.get_page(request.GET.get("page"))


def _by_level(found: CauseLog) -> list[dict[str, str | int]]:
    rows = found.recount.levels if found.recount else ()
    return [
        {"label": level_label(level), "votes_for": votes_for, "votes_against": votes_against}
        for level, votes_for, votes_against in rows
    ]


@require_safe
def log_find(request: HttpRequest) -> HttpResponse:
    form = CodeForm(request.GET or None)
    code = form.cleaned_data["code"] if form.is_valid() else None
    size = publisher.size_of(publisher.published_checkpoint())
    entry = entry_of_code(code) if code else None
    if entry and entry.log_index >= size:
        entry = None
    context = {
        "form": form,
        "code": code,
        "cid": entry.cid if entry else "",
        "entry": entry_in_words(entry) if entry else None,
    }
    return render(request, "web/log_find.html", context)
