"""What an account wants to be told by mail, and the links that work without signing in."""

import re

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import F, Max

from stimme.apps.accounts.models import User
from stimme.apps.ballot.models import TurningPoint
from stimme.apps.ledger.models import Frequency, NoticeState

_OFF = "stimme.ledger.notices.off"
_FEED = "stimme.ledger.notices.feed"
_TOKEN = re.compile(r"[1-9][0-9]{0,17}\.[A-Za-z0-9_-]{43}")


def state_of(user: User) -> NoticeState:
    """Return the account's settings, making them with the defaults at first use."""
    state, _is_new = NoticeState.objects.get_or_create(user=user)
    return state


@transaction.atomic
def choose(*, user: User, frequency: Frequency, language: str) -> None:
    """Set how often mails come, and their language. Nothing from before they were on is sent."""
    state = state_of(user)
    if state.frequency == Frequency.OFF and frequency != Frequency.OFF:
        newest = TurningPoint.objects.aggregate(key=Max("pk"))["key"] or 0
        state.urgent_up_to = state.digest_up_to = newest
    state.frequency, state.language = frequency, language
    state.save(update_fields=["frequency", "language", "urgent_up_to", "digest_up_to"])


def speak(*, user: User, language: str) -> None:
    """Remember the language that somebody used when signing in."""
    NoticeState.objects.update_or_create(user=user, defaults={"language": language})


def switch_off(token: str) -> bool:
    """Send no more mails to whom the link in a mail was sent; False for a link of nobody."""
    state = _state_behind(token, _OFF)
    if state is None:
        return False
    NoticeState.objects.filter(pk=state.pk).update(frequency=Frequency.OFF)
    return True


def is_off_link(token: str) -> bool:
    return _state_behind(token, _OFF) is not None


def off_token(account: int, salt: str) -> str:
    """Return what stands in the link that ends the mails; good as long as there is the account."""
    return _signer(_OFF, salt).sign(str(account))


def feed_token(state: NoticeState) -> str:
    """Return what stands in the address of the feed, until `renew_feed`."""
    return _signer(_FEED, f"{state.salt}.{state.feed}").sign(str(state.pk))


def renew_feed(*, user: User) -> None:
    """Make the address of the feed anew; the old one is of nobody from now on."""
    state_of(user)
    NoticeState.objects.filter(user=user).update(feed=F("feed") + 1)


def state_of_feed(token: str) -> NoticeState | None:
    """Return whose feed it is, or None for an address of nobody, and while they are shut out."""
    state = _state_behind(token, _FEED)
    return state if state and state.user.is_active else None


def _state_behind(token: str, purpose: str) -> NoticeState | None:
    """The settings of the account that a link was made for, or None."""
    if not _TOKEN.fullmatch(token):
        return None
    account = int(token.partition(".")[0])
    state = NoticeState.objects.select_related("user").filter(pk=account).first()
    if state is None:
        return None
    salt = state.salt if purpose == _OFF else f"{state.salt}.{state.feed}"
    try:
        _signer(purpose, salt).unsign(token)
    except BadSignature:
        return None
    return state


def _signer(purpose: str, salt: str) -> Signer:
    return Signer(salt=f"{purpose}.{salt}", sep=".")
