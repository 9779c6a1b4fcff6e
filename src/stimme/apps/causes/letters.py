"""The page of a cause as a form letter: written once a second, filled in for each newcomer.

In a storm nearly everybody is one: signed in, and without a vote on the cause yet. Their pages
differ in a few values. The letter is written to nobody, an account made up at random, so that
nothing of one visitor can stand in the page of another.
"""

import re
import secrets
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import resolve
from django.utils.html import escape
from django.utils.translation import get_language

from stimme.apps.accounts.levels import Level
from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import Voter
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.services import paper_of
from stimme.apps.causes.selectors import Briefing

_MOST = 100  # letters kept, each of some 40 kB


@dataclass(frozen=True, slots=True)
class Letter:
    """Pieces of the page; at odd places stands the name of what belongs between them."""

    pieces: tuple[str, ...]

    def to(self, values: dict[str, str]) -> str:
        filled = list(self.pieces)
        filled[1::2] = [values[name] for name in self.pieces[1::2]]
        return "".join(filled)


def page_for(*, user: User, voter: Voter, session: str, briefing: Briefing) -> str:
    """Return the page of an open cause for somebody who has no part in it yet."""
    letter = _letter(briefing, voter.level, get_language())
    return letter.to(_values(user=user, voter=voter, session=session, briefing=briefing))


def _values(*, user: User, voter: Voter, session: str, briefing: Briefing) -> dict[str, str]:
    """Return all in which the pages of two newcomers of one level may differ."""
    cid = briefing.current.cid
    return {
        "paper": paper_of(voter, session=session, cid=cid),
        "pseudonym": pseudonym_of(secret=voter.secret, cid=cid),
        "account": str(user.pk),
        "address": escape(user.email),
    }


@lru_cache(maxsize=_MOST)
def _letter(briefing: Briefing, level: Level, _language: str) -> Letter:
    """Render the page for nobody, and cut out what is nobody's."""
    nobody = User(pk=secrets.randbits(62), email=f"{secrets.token_hex(16)}@nobody.invalid")
    voter = Voter(secrets.token_bytes(32), level)
    session = secrets.token_hex(16)
    values = _values(user=nobody, voter=voter, session=session, briefing=briefing)
    context = {"briefing": briefing, "paper": values["paper"]}
    request = _request_of(nobody, session, briefing.cause.get_absolute_url())
    html = render_to_string("causes/cause.html", context, request)
    names = {value: name for name, value in values.items()}
    pieces = re.split("(" + "|".join(map(re.escape, names)) + ")", html)
    return Letter(tuple(names.get(piece, piece) for piece in pieces))


def _request_of(user: User, session: str, path: str) -> HttpRequest:
    """Make a request from nothing: no header, cookie, token or message is anybody's."""
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = path
    request.resolver_match = resolve(path)
    request.COOKIES = {settings.SESSION_COOKIE_NAME: session}
    request.user = user
    return request
