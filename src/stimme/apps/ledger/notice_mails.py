"""A mail with notices: plain text and HTML, in one language, without a trace of who reads it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from stimme.apps.ballot.models import TurningKind
from stimme.apps.ledger.notice_settings import off_token
from stimme.apps.ledger.notices import Notice


@dataclass(frozen=True, slots=True)
class Addressee:
    """What a mail needs of an account."""

    account: int
    email: str
    language: str
    salt: str


def mail_with(
    notices: Sequence[Notice], *, to: Addressee, message_key: str
) -> EmailMultiAlternatives:
    """Make the mail; the same `message_key` gives the same Message-ID.

    Headers hold words of our own only. The links are those of this account.
    """
    off = f"{settings.STIMME.url}{_off_path(to)}"
    with override(to.language):
        context = {
            "instance": settings.STIMME,
            "language": to.language,
            "notices": notices,
            "off": off,
            "often": f"{settings.STIMME.url}{reverse('ledger:notice_settings')}",
        }
        text = render_to_string("ledger/mail/notices.txt", context)
        html = render_to_string("ledger/mail/notices.html", context)
        subject = _subject(notices)
    mail = EmailMultiAlternatives(subject, text, to=[to.email], headers=_headers(off, message_key))
    mail.attach_alternative(html, "text/html")
    return mail


def _off_path(to: Addressee) -> str:
    return reverse("ledger:notices_off", args=[off_token(to.account, to.salt)])


def _subject(notices: Sequence[Notice]) -> str:
    """Never which cause: subjects are read by whoever looks at the screen."""
    number = len(notices)
    if all(notice.point.kind == TurningKind.DECISION for notice in notices):
        return ngettext(
            "Decided: a cause you voted on", "Decided: %(n)s causes you voted on", number
        ) % {"n": number}
    if number == 1:
        return _("News of a cause you voted on")
    return _("%(n)s notices about causes you voted on") % {"n": number}


def _headers(off: str, message_key: str) -> dict[str, str]:
    host = settings.STIMME.address.hostname
    return {
        "Message-ID": f"<{message_key}@{host}>",
        "List-ID": f"<notices.{host}>",
        # RFC 8058: one press in the mail program, without opening a page.
        "List-Unsubscribe": f"<{off}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        # RFC 3834: no answering machine answers.
        "Auto-Submitted": "auto-generated",
    }
