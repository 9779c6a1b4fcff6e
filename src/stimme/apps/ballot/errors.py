from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _


class BallotError(Exception):
    """A vote was not taken, and nothing was stored. `sentence` says why, `status` is for HTTP."""

    status: int = 400
    sentence: LazyText


class PaperRefused(BallotError):
    status = 403
    sentence = _(
        "This ballot paper does not belong to your session. Open the cause again and vote there."
    )


class PaperExpired(BallotError):
    status = 409
    sentence = _("This page was open for too long. Open the cause again and vote there.")


class UnknownChoice(BallotError):
    sentence = _("A vote is for, against or withdrawn; this was something else.")


class UnknownBox(BallotError):
    status = 404
    sentence = _("There is no such cause. It may have been reworded since you opened the page.")


class BoxSuspended(BallotError):
    status = 403
    sentence = _("This cause is hidden at the moment, so it takes no votes.")


class BoxSuperseded(BallotError):
    status = 409
    sentence = _(
        "This demand has a newer version. Here you can only withdraw; vote on the new version."
    )


class BoxClosed(BallotError):
    status = 409
    sentence = _("This cause is closed. Votes can no longer be cast, changed or withdrawn.")


class NothingToWithdraw(BallotError):
    status = 409
    sentence = _("You have no vote on this cause, so there is nothing to withdraw.")
