from datetime import datetime

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _


class BallotError(Exception):
    """A vote was not taken, and nothing was stored.

    `sentence` says why to people, `code` to programs; `status` is for HTTP.
    """

    status: int = 400
    code: str
    sentence: LazyText


class PaperRefused(BallotError):
    status = 403
    code = "paper_refused"
    sentence = _(
        "This ballot paper does not belong to your session. Open the cause again and vote there."
    )


class PaperExpired(BallotError):
    status = 409
    code = "paper_expired"
    sentence = _("This page was open for too long. Open the cause again and vote there.")


class OpenedBefore(BallotError):
    """No paper: an earlier account of the mailbox, there until `since`, may have voted here."""

    status = 403
    code = "opened_before"
    sentence = _(
        "Your mailbox had an account here before, whose votes may still stand. You can vote on "
        "causes opened since then."
    )

    def __init__(self, since: datetime) -> None:
        super().__init__()
        self.since = since


class UnknownChoice(BallotError):
    code = "unknown_choice"
    sentence = _("A vote is for, against or withdrawn; this was something else.")


class UnknownBox(BallotError):
    status = 404
    code = "unknown_box"
    sentence = _("There is no such cause. It may have been reworded since you opened the page.")


class BoxSuspended(BallotError):
    status = 403
    code = "box_suspended"
    sentence = _("This cause is hidden at the moment, so it takes no votes.")


class BoxSuperseded(BallotError):
    status = 409
    code = "box_superseded"
    sentence = _(
        "This demand has a newer version. Here you can only withdraw; vote on the new version."
    )


class BoxClosed(BallotError):
    status = 409
    code = "box_closed"
    sentence = _("This cause is closed. Votes can no longer be cast, changed or withdrawn.")


class NothingToWithdraw(BallotError):
    status = 409
    code = "nothing_to_withdraw"
    sentence = _("You have no vote on this cause, so there is nothing to withdraw.")


class KeyNeeded(BallotError):
    status = 409
    code = "key_needed"
    sentence = _(
        "Your vote on this cause is bound to a key in a browser of yours. Change it there, or, "
        "if that key is lost, release the vote from its key on your receipt first."
    )


class NotBound(BallotError):
    status = 409
    code = "not_bound"
    sentence = _("No key is needed to change your vote on this cause, so there is none to replace.")


class BadVoteSignature(BallotError):
    code = "bad_signature"
    sentence = _("The signature of this vote is not that of its key. Nothing was counted.")


class ChangedTooOften(BallotError):
    status = 429
    code = "changed_too_often"
    sentence = _(
        "You have changed this vote many times within the hour. You can withdraw it now, or "
        "change it again in the next hour."
    )


class Busy(BallotError):
    """Too many votes wait, or the database failed. Asking again is safe: it counts once."""

    status = 503
    code = "busy"
    sentence = _(
        "So many people are voting at this moment that your vote has to wait. Nothing is lost: "
        "send it again in a few seconds."
    )


class Stale(BallotError):
    """A signed vote says another number or hour than is due. `seq` and `hour` would do."""

    status = 409
    code = "stale"
    sentence = _("Your vote has changed since this page was opened. Open the cause again.")

    def __init__(self, seq: int, hour: str) -> None:
        super().__init__()
        self.seq, self.hour = seq, hour
