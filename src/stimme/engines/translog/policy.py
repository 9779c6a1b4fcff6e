"""Which logs to believe, and which witnesses must have cosigned: C2SP tlog-policy.

A text of lines; what stands after `#` at the beginning of a line is a comment:

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> all|any|<k> <name>...
    quorum <name>|none
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from .encoding import decimal
from .errors import LogError, NoteError
from .notes import CosignatureVerifier, Verifier, cosigned_at

NONE = "none"
MAX_POLICY = 1_000_000

_OUTSIDE = re.compile(rb"[^\t\n\x20-\x7e\x80-\xff]")
_SPACE = re.compile(r"[ \t]+")
_USAGE = {
    "log": "log <vkey> [<url>]",
    "witness": "witness <name> <vkey> [<url>]",
    "group": "group <name> all|any|<number> <name>...",
    "quorum": "quorum <name>|none",
}


class PolicyError(LogError):
    """A text is not a policy; the sentence begins with the line that is wrong."""


@dataclass(frozen=True)
class KnownLog:
    """A log whose checkpoints count. `url` may be empty."""

    verifier: Verifier
    url: str


@dataclass(frozen=True)
class KnownWitness:
    """A witness. `name` is the policy's own word for it, not the name of its key."""

    name: str
    verifier: CosignatureVerifier
    url: str


@dataclass(frozen=True)
class Group:
    """Counts as a witness once `threshold` of its members have cosigned."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """Groups stand in the order of the text: each names only what stands before it."""

    logs: tuple[KnownLog, ...]
    witnesses: tuple[KnownWitness, ...]
    groups: tuple[Group, ...]
    quorum: str

    def is_reached(self, names: Collection[str]) -> bool:
        """Whether cosignatures of the witnesses with these names in the policy are enough."""
        signed = {NONE, *names}
        for group in self.groups:
            if sum(member in signed for member in group.members) >= group.threshold:
                signed.add(group.name)
        return self.quorum in signed

    def complaint(self, names: Collection[str]) -> str:
        """A sentence for a checkpoint with these cosignatures, which are not enough."""
        known = ", ".join(one.name for one in self.witnesses if one.name in names) or "nobody"
        return f"The checkpoint lacks the quorum {self.quorum}: it was cosigned by {known}."

    def cosigned(self, checkpoint_note: str) -> dict[str, int]:
        """Names of the witnesses that have validly cosigned, and the unix time of each.

        Raises NoteError for a malformed note.
        """
        times = {one.name: cosigned_at(checkpoint_note, one.verifier) for one in self.witnesses}
        return {name: time for name, time in times.items() if time is not None}


def parse_policy(data: bytes) -> Policy:
    """Raises PolicyError unless `data` is a policy with keys of the types we know."""
    if len(data) > MAX_POLICY:
        raise PolicyError(f"The policy is longer than {MAX_POLICY} bytes.")
    *lines, rest = data.split(b"\n")
    if rest:
        raise PolicyError(f"Line {len(lines) + 1}: it must end in a line feed.")
    draft = _Draft()
    for number, line in enumerate(lines, start=1):
        try:
            draft.take(line)
        except (LogError, ValueError) as error:
            raise PolicyError(f"Line {number}: {error}") from error
    return draft.policy()


@dataclass
class _Draft:
    """A policy of which some lines are read."""

    logs: dict[bytes, KnownLog] = field(default_factory=dict)
    witnesses: dict[bytes, KnownWitness] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)
    quorum: str = ""
    names: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)

    def take(self, line: bytes) -> None:
        """Read one line, without its LF. Raises LogError or ValueError."""
        if _OUTSIDE.search(line):
            raise PolicyError("it holds a control character.")
        # Names are bytes to the format: what is no UTF-8 is carried through unchanged.
        text = line.decode(errors="surrogateescape").strip(" \t")
        if text and not text.startswith("#"):
            self._define(_SPACE.split(text))

    def _define(self, words: Sequence[str]) -> None:
        match words:
            case ["log", vkey, *url] if len(url) <= 1:
                self._log(vkey, *url)
            case ["witness", name, vkey, *url] if len(url) <= 1:
                self._witness(name, vkey, *url)
            case ["group", name, threshold, *members] if members:
                self._group(name, threshold, members)
            case ["quorum", name]:
                self._quorum(name)
            case _:
                usage = _USAGE.get(words[0], "log|witness|group|quorum ...")
                raise PolicyError(f"it must read `{usage}`.")

    def policy(self) -> Policy:
        if not self.quorum:
            raise PolicyError("The policy has no line `quorum <name>|none`.")
        logs, witnesses = tuple(self.logs.values()), tuple(self.witnesses.values())
        return Policy(logs, witnesses, tuple(self.groups), self.quorum)

    def _log(self, vkey: str, url: str = "") -> None:
        verifier = Verifier.from_vkey(_known_bytes(vkey))
        if verifier.public_key in self.logs:
            raise PolicyError("the key of this log stands there already.")
        self.logs[verifier.public_key] = KnownLog(verifier, url)

    def _witness(self, name: str, vkey: str, url: str = "") -> None:
        verifier = CosignatureVerifier.from_vkey(_known_bytes(vkey))
        if verifier.public_key in self.witnesses:
            raise PolicyError("the key of this witness stands there already.")
        self._name(name)
        self.witnesses[verifier.public_key] = KnownWitness(name, verifier, url)

    def _group(self, name: str, threshold: str, members: Sequence[str]) -> None:
        number = {"any": 1, "all": len(members)}.get(threshold) or decimal(threshold)
        if not 1 <= number <= len(members):
            raise PolicyError(f"a group of {len(members)} cannot need {number} of them.")
        for member in members:
            self._need(member)
            if member in self.members:
                raise PolicyError(f"{member[:80]!r} is a member of a group already.")
            self.members.add(member)
        self._name(name)
        self.groups.append(Group(name, number, tuple(members)))

    def _quorum(self, name: str) -> None:
        if self.quorum:
            raise PolicyError("there is a quorum already.")
        if name != NONE:
            self._need(name)
        self.quorum = name

    def _name(self, name: str) -> None:
        if name == NONE or name in self.names:
            raise PolicyError(f"the name {name[:80]!r} is taken.")
        self.names.add(name)

    def _need(self, name: str) -> None:
        if name not in self.names:
            raise PolicyError(f"{name[:80]!r} is not defined above.")


def _known_bytes(vkey: str) -> str:
    """The name of a key is hashed, so it must be Unicode. Raises NoteError."""
    try:
        vkey.encode()
    except UnicodeEncodeError as error:
        raise NoteError("the name of this key is not UTF-8.") from error
    return vkey
