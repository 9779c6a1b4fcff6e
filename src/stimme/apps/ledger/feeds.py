"""The notices of one account as an Atom feed (RFC 4287)."""

from django.conf import settings
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.utils.translation import override

from stimme.apps.ledger.models import NoticeState
from stimme.apps.ledger.notice_settings import feed_token
from stimme.apps.ledger.notices import Notice, in_order, own_points

_ENTRIES = 30


def feed_of(state: NoticeState) -> bytes:
    """Return the newest notices, in the language of the account."""
    with override(state.language or settings.LANGUAGE_CODE):
        points, _asking = own_points(user=state.user)
        feed = _empty(state)
        for notice in in_order(points[:_ENTRIES]):
            _add(feed, notice)
        return feed.writeString("utf-8").encode()


def _empty(state: NoticeState) -> Atom1Feed:
    page = f"{settings.STIMME.url}{reverse('ledger:notices')}"
    own = f"{settings.STIMME.url}{reverse('ledger:feed', args=[feed_token(state)])}"
    title = _("Notices of %(name)s") % {"name": settings.STIMME.name}
    words = _("What happened to causes that you voted on.")
    return Atom1Feed(title, page, words, feed_url=own, language=state.language or None)


def _add(feed: Atom1Feed, notice: Notice) -> None:
    host = settings.STIMME.address.hostname
    feed.add_item(
        title=notice.headline,
        link=notice.url,
        description="\n\n".join(filter(None, [notice.ask, notice.quote])),
        unique_id=f"tag:{host},{notice.at.year}:notice/{notice.point.pk}",
        updateddate=notice.at,
        pubdate=notice.at,
    )
