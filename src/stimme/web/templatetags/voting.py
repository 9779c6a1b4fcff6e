"""What the vote's form and the voter's receipts hand to their scripts."""

from collections.abc import Sequence

from django import template
from django.conf import settings
from django.template import Context

from stimme.apps.ballot import signing
from stimme.apps.ballot.errors import BallotError
from stimme.apps.ballot.sessions import session_of
from stimme.web import voting_sentences
from stimme.web.voting_sentences import Said

register = template.Library()


@register.simple_tag(takes_context=True)
def to_sign(context: Context, paper: str, seat: signing.Voted | None) -> signing.ToSign | None:
    """Return what the browser signs with this paper; None for a paper that is only a specimen."""
    try:
        session = session_of(context["request"])
        return signing.to_sign(paper=paper, session=session, seat=seat or None)
    except BallotError:
        return None


@register.simple_tag
def log_origin() -> str:
    """Return the name of this instance's log."""
    origin: str = settings.STIMME.origin
    return origin


@register.simple_tag
def sentences(about: str) -> Sequence[Said]:
    """Return all that a script can say: about voting, watching or the key."""
    return voting_sentences.ABOUT[about]
