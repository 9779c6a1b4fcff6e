"""What the check in the browser can say, by the code that its script gives.

Words in braces are filled in by the script.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Sentence(NamedTuple):
    code: str
    kind: str
    title: str | Promise
    text: str | Promise


_UNREAD = _("We cannot read this")
_UNPROVEN = _("This receipt proves nothing")
_WRONG = _("The log is not as it should be")

VERDICTS: Sequence[Sentence] = [
    Sentence(
        "proven",
        "success",
        _("Your vote is in the public log"),
        _(
            "It is line {index}. It cannot be changed or dropped any more without everybody being "
            "able to prove it."
        ),
    ),
    Sentence(
        "kept",
        "success",
        _("The promise was kept"),
        _("The promised vote is line {index} of the public log."),
    ),
    Sentence(
        "not-due",
        "info",
        _("The promise holds, and is not due yet"),
        _("The line is not in the log so far. It has to be there by {due}. Check again then."),
    ),
    Sentence(
        "broken",
        "error",
        _("The promise was broken"),
        _(
            "By {due} this line had to be in the public log, and it is not. The file is signed: it "
            "is evidence against the operator. Keep it, and show it to others."
        ),
    ),
    Sentence(
        "not-found",
        "warning",
        _("Not among the newest lines"),
        _(
            "The line is not among the newest {number} lines, and this page looks no further. It "
            "had to be in the log by {due}. The command stimme audit looks at all of it."
        ),
    ),
    Sentence(
        "no-ed25519",
        "warning",
        _("This browser cannot check signatures"),
        _(
            "It lacks Ed25519 signatures, or this page did not come over a secure connection. Use "
            "a newer browser, or one of the other ways below."
        ),
    ),
    Sentence(
        "unexpected",
        "error",
        _("The check stopped"),
        _("Something happened that this page did not expect. Use one of the other ways below."),
    ),
]

FAULTS: Sequence[Sentence] = [
    Sentence(
        "no-receipt",
        "warning",
        _UNREAD,
        _(
            "This is neither a proof nor a promise. A proof begins with c2sp.org/tlog-proof@v1, a "
            "promise with stimme/promise@v1."
        ),
    ),
    Sentence(
        "damaged",
        "warning",
        _UNREAD,
        _("The file is incomplete or was changed. Download it once more."),
    ),
    Sentence(
        "no-line", "warning", _UNREAD, _("The file does not contain the line that it is about.")
    ),
    Sentence("note", "error", _UNPROVEN, _("What should be signed is not in the agreed form.")),
    Sentence("key", "error", _UNPROVEN, _("The log’s public key is not in the agreed form.")),
    Sentence(
        "origin",
        "error",
        _("This belongs to another log"),
        _("It speaks of {found}. This page checks {origin} only."),
    ),
    Sentence(
        "bad-signature",
        "error",
        _("The signature is wrong"),
        _(
            "It bears the name {name}, but that key did not sign this text. Somebody changed the "
            "text, or forged it."
        ),
    ),
    Sentence(
        "unsigned",
        "error",
        _("The signature is missing"),
        _("The key {name} did not sign this text."),
    ),
    Sentence(
        "path",
        "error",
        _UNPROVEN,
        _("The hashes in the file do not lead from this line to what was signed."),
    ),
    Sentence(
        "unreachable",
        "warning",
        _("The log did not answer"),
        _("We could not read {path}. Check your connection and try again."),
    ),
    Sentence(
        "missing",
        "error",
        _WRONG,
        _("It does not serve {path}, although its signature covers it."),
    ),
    Sentence(
        "rolled-back",
        "error",
        _("The log was rolled back"),
        _(
            "Your proof shows that {seen} lines were signed; now the log shows only {size}. Keep "
            "the file: it is evidence against the operator."
        ),
    ),
    Sentence(
        "forked",
        "error",
        _("The log was forked"),
        _(
            "The log that your proof belongs to is not the beginning of the log shown now: two "
            "histories were signed. Keep the file: it is evidence against the operator."
        ),
    ),
    Sentence(
        "tiles",
        "error",
        _WRONG,
        _("The hashes that it serves do not give the signed root over {size} lines."),
    ),
    Sentence("tile", "error", _WRONG, _("The hash file {path} was changed or is damaged.")),
    Sentence("bundle", "error", _WRONG, _("The file of lines {path} was changed or is damaged.")),
    Sentence(
        "other-words",
        "error",
        _WRONG,
        _("At line {index} it serves another text than the one it signed, which is yours."),
    ),
]

STEPS: Sequence[tuple[str, str | Promise]] = [
    ("proof-signed", _("The file carries a state of the log with {size} lines, signed by {name}.")),
    ("proof-path", _("The hashes in the file lead from your line, number {index}, to that state.")),
    ("promise-signed", _("The promise is signed by {name}. It is due by {due}.")),
    ("promise-path", _("The hashes in the file lead from your line to what was signed.")),
    ("log-signed", _("The log as it is served now, with {size} lines, is signed as well.")),
    (
        "log-grew",
        _("It begins with the {seen} lines of your proof: none of them was changed since."),
    ),
    (
        "log-remembered",
        _("It begins with the {seen} lines that this browser has seen of it before."),
    ),
    ("log-shows", _("Your line stands in it as number {index}, letter for letter.")),
]
