"""What the browser says about votes that it signs, keeps and checks, by the codes of its scripts.

Words in braces are filled in by the scripts.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stimme.web.verify_sentences import FAULTS


class Said(NamedTuple):
    """`evidence` is what to keep and show to others; `was_me` offers to say that it was oneself."""

    code: str
    kind: str
    title: str | Promise
    text: str | Promise
    evidence: str = ""
    was_me: bool = False


_NOT_SENT = _("Your browser stopped before anything was signed")
_LOG_FAULTS = [Said(*fault) for fault in FAULTS]

_MEMORY = [
    Said(
        "other-keys",
        "error",
        _("The log names other keys than before"),
        _(
            "This browser noted with which keys the log signs, and now it names others. If the "
            "operator announced new keys, and said why, forget the old ones on the page “Your "
            "voting key”. If not, somebody else may be answering you."
        ),
        "{known}\n{found}",
    ),
    Said(
        "shrunk",
        "error",
        _("The log was rolled back"),
        _(
            "This browser has seen it with {seen} lines; now it shows only {size}. Keep what was "
            "signed then: it is evidence against the operator."
        ),
        "{old}\n{note}",
    ),
    Said(
        "two-logs",
        "error",
        _("You are shown another log than before"),
        _(
            "The {seen} lines that this browser saw are not the beginning of the {size} that are "
            "shown now. Two histories were signed: the one that you saw before, and the one that "
            "you see now. Keep both: together they are evidence against the operator."
        ),
        "{old}\n{note}",
    ),
]

_STOPPED = [
    Said(
        "no-ed25519",
        "warning",
        _("This browser cannot check signatures"),
        _("It lacks Ed25519 signatures, or this page did not come over a secure connection."),
    ),
    Said(
        "unexpected",
        "warning",
        _("The check stopped"),
        _("Something happened that this page did not expect. Load it again."),
    ),
]

_TAKEN = Said(
    "taken",
    "error",
    _("This vote is no longer bound to your key"),
    _(
        "You signed it in this browser, and now the site says that another key, or none, may "
        "change it. If you gave it a new key yourself, on another device, say so here. If not, "
        "somebody used your account, or the operator did this: the log counts every new key "
        "publicly."
    ),
    "{line}\n{shown}",
    was_me=True,
)

_CLASH = Said(
    "clash",
    "error",
    _("This is not the receipt of your vote"),
    _(
        "The site answered with the line of another vote. It may have shown the same receipt to "
        "several people and counted it once. Keep both lines."
    ),
    "{line}\n{shown}",
)

VOTING: Sequence[Said] = [
    *_LOG_FAULTS,
    *_MEMORY,
    *_STOPPED,
    _TAKEN,
    _CLASH,
    Said("checking", "info", "", _("Checking what you are about to sign …")),
    Said("sending", "info", "", _("Sending your vote …")),
    Said("signing", "info", _("This is what you sign"), "", "{line}"),
    Said(
        "busy",
        "info",
        _("Very many vote right now"),
        _(
            "Your choice is kept here, and this page tries again within {seconds} seconds. "
            "Clicking again is not needed, and would change nothing."
        ),
    ),
    Said(
        "gave-up",
        "warning",
        _("The site does not answer"),
        _(
            "We do not know whether your vote arrived. Click once more when you are online: "
            "however often you do, it counts once, and you get the same receipt."
        ),
    ),
    Said(
        "reworded",
        "error",
        _("Your vote would be for other words than these"),
        _(
            "The page asks: “{shown}”. But your vote would be counted for: “{ask}”. Nothing was "
            "signed and nothing was sent. Show this to others: no vote may ever be moved to "
            "another wording."
        ),
    ),
    Said(
        "no-document",
        "warning",
        _NOT_SENT,
        _("The exact words of the demand could not be read, so you would sign unseen. Try again."),
    ),
    Said(
        "other-seat",
        "error",
        _NOT_SENT,
        _(
            "The site gives you another pseudonym in this cause than before. Either you signed in "
            "with another account, or your earlier vote would be left to somebody else."
        ),
        "{line}",
    ),
    Said(
        "forgotten",
        "error",
        _("The site has forgotten your last vote"),
        _(
            "It says that your next vote on this cause is number {seq}, but this browser keeps a "
            "signed receipt for that number or a later one. Keep it: it is evidence."
        ),
        "{promise}",
    ),
    Said(
        "clock",
        "warning",
        _("Your clock and ours disagree"),
        _(
            "The site wants the hour {hour} in your vote; your device says {now}. Set its date, "
            "time and time zone, and try again. Nothing was counted."
        ),
    ),
    Said(
        "empty-promise",
        "error",
        _("The site promises nothing"),
        _(
            "It took your vote, but did not sign that this line will be in the log in time. Keep "
            "the line."
        ),
        "{line}",
    ),
]

_NOT_KEPT = "{promise}\n{shown}"

WATCHING: Sequence[Said] = [
    *_LOG_FAULTS,
    *_MEMORY,
    *_STOPPED,
    _TAKEN,
    _CLASH,
    Said(
        "kept-proven",
        "success",
        _("This browser checked it"),
        _(
            "Signed receipts checked just now: {number}. Their lines stand in the public log, "
            "letter for letter, and the site shows no other."
        ),
    ),
    Said(
        "kept-waiting",
        "info",
        "",
        _("This browser keeps the signed promise, and checks it once the vote is sealed."),
    ),
    Said(
        "dropped",
        "error",
        _("A promised vote is missing"),
        _(
            "By {due} it had to stand in the public log, and it does not. The operator signed "
            "that promise: it is evidence. Keep it, and show it to others."
        ),
        "{promise}",
    ),
    Said(
        "not-among-newest",
        "warning",
        _("Not among the newest lines"),
        _(
            "Your line had to be in the log by {due}. This page looks at the newest 16,000 lines "
            "only; the command stimme audit looks at all of them."
        ),
        "{promise}",
    ),
    Said(
        "vanished",
        "error",
        _("The site has forgotten your vote"),
        _("This browser keeps its signed promise; the site says that there is no such vote."),
        "{promise}",
    ),
    Said(
        "rolled-back-vote",
        "error",
        _("The site shows an older vote of yours"),
        _("This browser keeps the signed promise of a later one. Keep it: it is evidence."),
        _NOT_KEPT,
    ),
    Said(
        "changed",
        "error",
        _("Your vote was changed"),
        _(
            "In its place the site shows another line than the one it signed for you. Keep both: "
            "together they are evidence against the operator."
        ),
        _NOT_KEPT,
    ),
    Said(
        "changed-in-custody",
        "warning",
        _("Your vote was changed elsewhere"),
        _(
            "After the vote that you cast in this browser there is another. It bears no key of "
            "yours, so nothing shows who did it. If it was you, say so here."
        ),
        _NOT_KEPT,
        was_me=True,
    ),
    Said(
        "stripped",
        "error",
        _("Your signature was left out"),
        _(
            "Your browser signed this vote, and the site took it without the signature: as it "
            "stands, it could be changed in your name. Withdraw it, and tell others."
        ),
    ),
    Said("signed-out", "info", "", _("To check your votes, sign in again.")),
]

KEY: Sequence[Said] = [
    *_STOPPED,
    Said("no-secret", "info", "", _("This browser has no voting key of yours yet.")),
    Said("has-secret", "success", "", _("This browser has your voting key.")),
    Said("forgotten-here", "success", "", _("Your voting key is forgotten in this browser.")),
    Said("restored", "success", "", _("Your voting key is in this browser now.")),
    Said(
        "word-count",
        "error",
        _("These are not 24 words"),
        _("There are {number}. Enter all of them, in their order."),
    ),
    Said(
        "no-word",
        "error",
        _("One word is not in the list"),
        _("“{word}” is none of the words that such a key is written with. Look for a slip there."),
    ),
    Said(
        "words",
        "error",
        _("These words do not belong together"),
        _("Each word is in the list, but together they fail the check. Compare them one by one."),
    ),
]

ABOUT: Mapping[str, Sequence[Said]] = {
    "voting": VOTING,
    "watching": WATCHING,
    "key": KEY,
    "memory": _MEMORY,
}
