"""`stimme audit`: recount a log that somebody else keeps. Needs no instance and no database."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stimme.cli.audit_report import Findings, print_json, print_report
from stimme.cli.documents import demands_of
from stimme.cli.log_sources import (
    CannotRun,
    Server,
    address_of,
    folder_of,
    read_folder,
)
from stimme.cli.output import Bar, plain
from stimme.cli.trust import FROM_LOG, FROM_YOU, Keys, read_policy, read_text
from stimme.engines.translog import MissingResource, Policy, Read, Verifier, audit

COULD_NOT_RUN = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "log", metavar="URL|PATH", help="https://…, the folder of a log, or an instance's home"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--vkey", action="append", default=[], metavar="KEY", help="a key you trust, as vkey text"
    )
    parser.add_argument(
        "--policy",
        type=Path,
        metavar="FILE",
        help="logs and witnesses you trust, and the quorum that must have cosigned",
    )
    parser.add_argument("--origin", help="the log's name, where it is read at another address")
    parser.add_argument(
        "--checkpoint",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="a checkpoint of the log that you kept: nothing before it may have changed",
    )
    parser.add_argument(
        "--receipt",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="a promise or proof that you kept: its line must be in the log",
    )
    parser.add_argument(
        "--documents", action="store_true", help="fetch the demands too, and hold them to their cid"
    )
    parser.add_argument(
        "--timeout", type=float, default=20, metavar="SECONDS", help="for one answer (%(default)s)"
    )
    parser.add_argument(
        "--progress", action="store_true", help="show a bar even when not on a terminal"
    )


@dataclass(frozen=True, slots=True)
class _Source:
    """A log to read, the name that its address gives it, and its server if it has one."""

    read: Read
    name: str | None
    server: Server | None = None


def run(options: argparse.Namespace) -> int:
    """Exit status: 0 no alarm, 1 an alarm, 2 the audit could not be done."""
    try:
        with _source(options) as source:
            return _audit(options, source)
    except CannotRun as error:
        if options.json:
            print_json({"ok": False, "error": str(error)})
        print(f"stimme: {plain(str(error))}", file=sys.stderr)
        return COULD_NOT_RUN


@contextmanager
def _source(options: argparse.Namespace) -> Iterator[_Source]:
    if "://" not in options.log:
        yield _Source(read_folder(folder_of(Path(options.log))), None)
        return
    address = address_of(options.log)
    with Server(address, seconds=options.timeout) as server:
        yield _Source(server.read, address.partition("://")[2], server)


def _audit(options: argparse.Namespace, source: _Source) -> int:
    policy = read_policy(options.policy)
    keys = _keys(options, policy, source)
    origin = options.origin or source.name or keys.main()
    log_key = keys.named(origin)
    with Bar("entries", always=options.progress) as bar:
        report = audit(
            source.read,
            log_key,
            origin,
            earlier=[read_text(path) for path in options.checkpoint],
            receipts=[read_text(path) for path in options.receipt],
            receipt_verifier=_receipt_key(options, source, keys, origin),
            now=int(time.time()),
            progress=bar,
        )
    if policy:
        report.hold_to(policy)
    demands = demands_of(source.server, report) if options.documents and source.server else {}
    found = Findings(report, log_key.vkey, keys.source, demands)
    print_json(found.as_json()) if options.json else print_report(found)
    return 0 if report.ok else 1


def _keys(options: argparse.Namespace, policy: Policy | None, source: _Source) -> Keys:
    """The keys that were given, else those of the policy's logs, else what the log says."""
    given = Keys.parse(options.vkey, FROM_YOU)
    if policy and policy.logs and not given.by_name:
        given = Keys.of_policy(policy, str(options.policy))
    return given if given.by_name else _published(source)


def _published(source: _Source) -> Keys:
    try:
        return Keys.parse(source.read("keys").decode().splitlines(), FROM_LOG)
    except (MissingResource, UnicodeDecodeError) as error:
        raise CannotRun("The log publishes no keys: give its key with --vkey.") from error


def _receipt_key(
    options: argparse.Namespace, source: _Source, keys: Keys, origin: str
) -> Verifier | None:
    """The key of promises; where it was not given, the one that the log publishes."""
    name = f"{origin}/receipt"
    if options.receipt and name not in keys.by_name:
        return _published(source).by_name.get(name)
    return keys.by_name.get(name)
