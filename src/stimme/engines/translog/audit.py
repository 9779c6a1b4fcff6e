"""Audit a log against its own signatures, earlier checkpoints, and the receipts of voters."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field

from .encoding import std64
from .errors import LogError, NoteError
from .notes import Checkpoint, Verifier, open_checkpoint
from .policy import Policy
from .receipts import Receipts
from .replay import Alarm, Replay
from .resources import Read
from .scan import Scan
from .seats import CauseSummary

Progress = Callable[[int, int], None]
"""Called with the entries done and the entries in all."""


@dataclass(frozen=True)
class Witnessed:
    """What a policy asks of the checkpoint; `times` by the name of the witness, in unix seconds.

    None in place of a time: this witness has not cosigned.
    """

    quorum: str
    reached: bool
    times: dict[str, int | None]


@dataclass
class Report:
    """What an audit found: an empty `alarms` means that the log is as it should be.

    `tallies` counts seats by (cid, choice, level); it is empty when entries could not be read.
    `checkpoint` is the signed note, empty when it is not the log's; `witnessed` is None until
    `hold_to` a policy. `notes` says what could not be judged.
    """

    origin: str
    checkpoint: str = ""
    size: int = 0
    root: bytes = b""
    tallies: dict[tuple[str, str, str], int] = field(default_factory=dict)
    causes: dict[str, CauseSummary] = field(default_factory=dict)
    alarms: list[Alarm] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    witnessed: Witnessed | None = None

    @property
    def ok(self) -> bool:
        return not self.alarms

    def to_json(self) -> str:
        """The report as a JSON object; `tallies` as a list, `root` in base64."""
        tallies = [
            {"cid": cid, "choice": choice, "level": level, "seats": seats}
            for (cid, choice, level), seats in self.tallies.items()
        ]
        content = {
            "ok": self.ok,
            "origin": self.origin,
            "size": self.size,
            "root": std64(self.root),
            "tallies": tallies,
            "causes": [asdict(cause) for cause in self.causes.values()],
            "alarms": [asdict(alarm) for alarm in self.alarms],
            "notes": self.notes,
            "witnessed": asdict(self.witnessed) if self.witnessed else None,
        }
        return json.dumps(content, indent=2, ensure_ascii=False)

    def hold_to(self, policy: Policy) -> None:
        """Look who has cosigned the checkpoint; an alarm "witness" when they are not enough."""
        if not self.checkpoint:
            return
        found = policy.cosigned(self.checkpoint)
        times = {one.name: found.get(one.name) for one in policy.witnesses}
        self.witnessed = Witnessed(policy.quorum, policy.is_reached(found), times)
        if not self.witnessed.reached:
            self.alarm("witness", policy.complaint(found))

    def alarm(self, rule: str, sentence: str) -> None:
        self.alarms.append(Alarm(None, rule, None, sentence))


def audit(
    read: Read,
    verifier: Verifier,
    origin: str,
    *,
    earlier: Sequence[str] = (),
    receipts: Sequence[str] = (),
    receipt_verifier: Verifier | None = None,
    now: int,
    progress: Progress | None = None,
) -> Report:
    """Check everything a log serves, recount it, and name each fault in one sentence.

    `earlier` are signed checkpoints of the log seen before; `receipts` the texts of promise or
    proof files; `now` is in unix seconds. Alarms bear the rule they break: R1 to R5, "tally",
    "checkpoint", "tiles", "history" (rolled back or forked) or "receipt". Only errors of
    `read` other than FileNotFoundError are raised.
    """
    report = Report(origin)
    checkpoint = _checkpoint(read, verifier, report)
    if checkpoint is None:
        return report
    report.size, report.root = checkpoint.size, checkpoint.root
    claims = Receipts(receipts, verifier, receipt_verifier, origin)
    scan = Scan(read, checkpoint.size, checkpoint.root)
    replay = _replay(scan, claims, Replay(origin), progress)
    scan.judge()
    for fault in scan.faults:
        report.alarm("tiles", fault)
    _recount(scan, replay, report)
    _judge_history([*earlier, *claims.checkpoints], verifier, scan, report)
    for fault in claims.judge(scan.leaf_hash, checkpoint.size, now):
        report.alarm("receipt", fault)
    report.notes += claims.notes
    return report


def _checkpoint(read: Read, verifier: Verifier, report: Report) -> Checkpoint | None:
    try:
        note = read("checkpoint").decode()
        checkpoint = open_checkpoint(note, verifier, report.origin)
    except FileNotFoundError:
        report.alarm("checkpoint", "The log serves no checkpoint.")
    except UnicodeDecodeError:
        report.alarm("checkpoint", "The checkpoint is not a text.")
    except NoteError as error:
        report.alarm("checkpoint", str(error))
    else:
        report.checkpoint = note
        return checkpoint
    return None


def _replay(scan: Scan, claims: Receipts, replay: Replay, progress: Progress | None) -> Replay:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for first, entries, hashes in scan.bundles():
            claims.look(first, entries, hashes)
            # Beyond a gap each line would break R1: there is nothing left to recount.
            if scan.whole:
                replay.feed_many(first, entries, pool)
            if progress:
                progress(first + len(entries), scan.size)
    replay.finish()
    return replay


def _recount(scan: Scan, replay: Replay, report: Report) -> None:
    report.alarms += replay.alarms
    report.notes += replay.notes
    if scan.whole:
        report.tallies, report.causes = replay.tallies(), replay.summaries()
    else:
        report.notes.append("The votes were not recounted, since entries could not be read.")


def _judge_history(notes: Sequence[str], verifier: Verifier, scan: Scan, report: Report) -> None:
    for note in dict.fromkeys(notes):
        try:
            seen = open_checkpoint(note, verifier, report.origin)
        except LogError as error:
            report.alarm("history", f"An earlier checkpoint proves nothing. {error}")
            continue
        fault = _history_fault(seen, scan)
        if fault:
            report.alarm("history", fault)


def _history_fault(seen: Checkpoint, scan: Scan) -> str | None:
    if seen.size > scan.size:
        return f"The log was rolled back: it signed {seen.size} entries and shows {scan.size}."
    if seen.size == scan.size:
        forked = seen.root != scan.root
    else:
        forked = scan.root_at(seen.size) not in (None, seen.root)
    if forked:
        return f"The log was forked: it signed two different histories of {seen.size} entries."
    return None
