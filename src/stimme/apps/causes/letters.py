"""The page of a cause as a form letter: written once a second, filled in for each newcomer.

In a storm nearly everybody is one: signed in, and without a vote on the cause yet. Their pages
differ in a few values. The letter is written to nobody, an account made up at random, so that
nothing of one visitor can stand in the page of another.
"""

import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from django.utils.html import escape
from django.utils.translation import get_language

from stimme.apps.accounts.levels import Level
from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import Voter
from stimme.apps.ballot.papers import NOTHING, Shown
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.services import paper_of
from stimme.apps.ballot.sessions import session_of
from stimme.apps.ballot.signing import against_first
from stimme.apps.causes.background import Background
from stimme.apps.causes.selectors import Briefing
from stimme.apps.causes.self_check import Question, questions_of
from stimme.apps.causes.visits import seen_before

_MOST = 100  # letters kept, each of some 40 kB


@dataclass(frozen=True, slots=True)
class Letter:
    """Pieces of the page; at odd places stands the name of what belongs between them."""

    pieces: tuple[str, ...]

    def to(self, values: dict[str, str]) -> str:
        filled = list(self.pieces)
        filled[1::2] = [values[name] for name in self.pieces[1::2]]
        return "".join(filled)


class Sheet(NamedTuple):
    """What a letter says: the page of a cause or, with a background, its briefing."""

    template: str
    briefing: Briefing
    background: Background | None = None

    @property
    def address(self) -> str:
        if self.background:
            return reverse("causes:briefing", args=[self.briefing.cause.slug])
        return self.briefing.cause.get_absolute_url()

    def told(self, *, against_first: bool) -> Shown:
        """Return what a paper that comes with it says of it."""
        if self.background is None:
            return NOTHING
        questions = self._questions(against_first=against_first)
        answers = tuple(question.right for question in questions)
        return Shown(briefed=1 + self.background.edition, answers=answers)

    def context(self, *, against_first: bool) -> dict[str, Any]:
        """Return all that the template needs but for what is the visitor's own."""
        context: dict[str, Any] = {"briefing": self.briefing, "background": self.background}
        if self.background:
            context["questions"] = self._questions(against_first=against_first)
        return context

    def _questions(self, *, against_first: bool) -> list[Question]:
        assert self.background
        reasons = self.background.reasons
        return questions_of(self.briefing, reasons, against_first=against_first)


def letter_for(request: HttpRequest, voter: Voter, sheet: Sheet) -> HttpResponse:
    """Return the page of an open cause for somebody who has no part in it yet."""
    user = request.user
    assert user.is_authenticated
    cid = sheet.briefing.current.cid
    pseudonym = pseudonym_of(secret=voter.secret, cid=cid)
    order = against_first(pseudonym)
    letter = _letter(sheet, voter.level, get_language(), order)
    told = seen_before(request, cid, sheet.told(against_first=order))
    paper = paper_of(voter, session=session_of(request), cid=cid, shown=told)
    return HttpResponse(letter.to(_values(user, pseudonym, paper)))


def _values(user: User, pseudonym: str, paper: str) -> dict[str, str]:
    """Return all in which the pages of two newcomers of one level and order may differ."""
    return {
        "paper": paper,
        "pseudonym": pseudonym,
        "account": str(user.pk),
        "address": escape(user.email),
    }


@lru_cache(maxsize=_MOST)
def _letter(sheet: Sheet, level: Level, _language: str, order: bool) -> Letter:  # noqa: FBT001
    """Render the page for nobody, and cut out what is nobody's."""
    nobody = User(pk=secrets.randbits(62), email=f"{secrets.token_hex(16)}@nobody.invalid")
    cid = sheet.briefing.current.cid
    voter = _nobody(cid, level, order=order)
    session = secrets.token_hex(16)
    paper = paper_of(voter, session=session, cid=cid)
    values = _values(nobody, pseudonym_of(secret=voter.secret, cid=cid), paper)
    context = {**sheet.context(against_first=order), "paper": paper}
    html = render_to_string(sheet.template, context, _request_of(nobody, session, sheet.address))
    names = {value: name for name, value in values.items()}
    pieces = re.split("(" + "|".join(map(re.escape, names)) + ")", html)
    return Letter(tuple(names.get(piece, piece) for piece in pieces))


def _nobody(cid: str, level: Level, *, order: bool) -> Voter:
    """Make up somebody who meets the two choices in this order: one in two does."""
    while True:
        voter = Voter(secrets.token_bytes(32), level)
        if against_first(pseudonym_of(secret=voter.secret, cid=cid)) == order:
            return voter


def _request_of(user: User, session: str, path: str) -> HttpRequest:
    """Make a request from nothing: no header, cookie, token or message is anybody's."""
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = path
    request.resolver_match = resolve(path)
    request.COOKIES = {settings.SESSION_COOKIE_NAME: session}
    request.user = user
    return request
