"""Which keys to believe, and where they came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stimme.cli.log_sources import CannotRun
from stimme.engines.translog import NoteError, Policy, PolicyError, Verifier, parse_policy

_LARGEST = 1_000_000
FROM_YOU = "what you gave with --vkey"
FROM_LOG = "the log itself"


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys by name, and in words where they are from."""

    by_name: dict[str, Verifier]
    source: str

    @classmethod
    def parse(cls, vkeys: Sequence[str], source: str) -> Keys:
        """Read keys of the form name+id+base64. Raises CannotRun."""
        try:
            found = [Verifier.from_vkey(vkey.strip()) for vkey in vkeys if vkey.strip()]
        except NoteError as error:
            raise CannotRun(f"{source} holds something that is no key. {error}") from error
        return cls({key.name: key for key in found}, source)

    @classmethod
    def of_policy(cls, policy: Policy, source: str) -> Keys:
        """The keys of the logs that a policy lists, which may be none."""
        return cls({log.verifier.name: log.verifier for log in policy.logs}, source)

    def named(self, name: str) -> Verifier:
        """Raises CannotRun when there is no key of this name."""
        if name not in self.by_name:
            found = ", ".join(self.by_name)[:300] or "none"
            raise CannotRun(f"The key named {name} is needed, but {self.source} holds: {found}.")
        return self.by_name[name]

    def main(self) -> str:
        """The name of the first key, which is the origin of its log. Raises CannotRun."""
        if not self.by_name:
            raise CannotRun(f"There is no key in {self.source}.")
        return next(iter(self.by_name))


def read_text(path: Path) -> str:
    """A small text from a file that the person named. Raises CannotRun."""
    try:
        return _read(path).decode()
    except UnicodeDecodeError as error:
        raise CannotRun(f"{path} is not a text.") from error


def read_policy(path: Path | None) -> Policy | None:
    """The policy in a file, if one was named. Raises CannotRun."""
    try:
        return parse_policy(_read(path)) if path else None
    except PolicyError as error:
        raise CannotRun(f"{path} is no policy. {error}") from error


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise CannotRun(
            f"{path} cannot be read: {(error.strerror or 'no reason').lower()}."
        ) from error
    if len(content) > _LARGEST:
        raise CannotRun(f"{path} is too large for what it should be.")
    return content
