"""Leaving: the ballot and the account each do their part, in this order."""

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import erase_account
from stimme.apps.ballot.services import withdraw_all
from stimme.apps.deliberation.services import withdraw_everything


def leave(*, user: User, withdraw: bool) -> int:
    """Erase the account, and return how many votes were withdrawn before.

    The votes go first, batch by batch, and with them reasons and marks: should that be
    interrupted, the account is still there and leaving can be tried again. The other way round
    nobody could withdraw them any more. Votes that stay keep their reasons, as nobody's texts.
    """
    withdrawn = withdraw_all(user=user) if withdraw else 0
    if withdraw:
        withdraw_everything(user=user)
    erase_account(user=user)
    return withdrawn
