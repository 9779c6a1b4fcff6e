from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stimme.apps.causes.importing.tables import Row

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken, and why; `text` is its beginning."""

    file: str
    line: int
    reason: str
    text: str


@dataclass(slots=True)
class Report:
    """What became of the rows of an import, filled while it runs.

    Every row with a vote is counted in exactly one of the numbers below `rows`, or is among
    `rejected`, as are statements that could not become causes.
    """

    causes: dict[str, str] = field(default_factory=dict)  # cid -> the demand
    causes_made: int = 0
    rows: int = 0
    votes: int = 0
    changes: int = 0
    withdrawals: int = 0
    repeated: int = 0  # the choice the signer had already
    passes: int = 0  # a pass where there was no vote to withdraw
    earlier: int = 0  # stored by an earlier import of the same source
    rejected: list[Rejected] = field(default_factory=list)

    def reject(self, file: str, line: int, reason: str, text: str = "") -> None:
        self.rejected.append(Rejected(file, line, reason, text[:_SHOWN]))

    def reject_row(self, file: str, row: Row, reason: str) -> None:
        self.reject(file, row.line, reason, ",".join(row.values))

    @property
    def cast(self) -> int:
        """Lines that the import added to the log."""
        return self.votes + self.changes + self.withdrawals
