"""`stimme import`: votes from files, through the same inner step as the page, then the audit."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stimme.cli.output import Bar, plain
from stimme.cli.setup import open_instance

if TYPE_CHECKING:
    from stimme.apps.causes.importing.report import Report
    from stimme.apps.causes.importing.votes import NewCause
    from stimme.apps.causes.models import CauseVersion

REFUSED = 2
_INTERRUPTED = 130
_LONGEST_LANGUAGE = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="votes|polis")
    votes = kinds.add_parser("votes", help="a CSV file of one cause: time, signer, choice")
    votes.add_argument("path", type=Path, metavar="FILE", help="UTF-8, with a header line")
    votes.add_argument("--cause", help="a cause that is there: its slug or its cid")
    votes.add_argument("--organisation", help="or: whom a new cause asks …")
    votes.add_argument("--ask", help="… and for what, in one sentence")
    polis = kinds.add_parser("polis", help="the export of a Polis conversation")
    polis.add_argument("path", type=Path, metavar="DIR", help="with votes.csv, comments.csv")
    polis.add_argument("--organisation", required=True, help="whom the statements ask")
    for kind in (votes, polis):
        _add_common(kind)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--language", default="en", type=_language, help="of new causes (%(default)s)"
    )
    parser.add_argument(
        "--source", default="", metavar="NAME", help="whose signers these are (name of the file)"
    )
    parser.add_argument("--rejects", type=Path, metavar="FILE", help="list every rejected row")
    parser.add_argument("--no-seal", action="store_true", help="neither seal nor audit afterwards")


def _language(text: str) -> str:
    if len(text) > _LONGEST_LANGUAGE or not (text.isascii() and text.replace("-", "").isalpha()):
        raise argparse.ArgumentTypeError("a language is written like de or zh-Hant")
    return text


def run(options: argparse.Namespace) -> int:
    if options.kind == "votes" and not _has_one_target(options):
        return _refused("Give --cause, or --organisation and --ask.")
    open_instance()
    from django.utils import translation  # noqa: PLC0415

    from stimme.apps.causes.importing.report import Report  # noqa: PLC0415

    report = Report()
    with translation.override("en"):
        return _import(options, report) or _conclude(options, report)


def _has_one_target(options: argparse.Namespace) -> bool:
    new = bool(options.organisation) and bool(options.ask)
    return new != bool(options.cause) and (new or not (options.organisation or options.ask))


def _refused(sentence: str) -> int:
    print(f"stimme: {plain(sentence)} Nothing was stored.", file=sys.stderr)
    return REFUSED


def _import(options: argparse.Namespace, report: Report) -> int:
    from django.core.exceptions import ValidationError  # noqa: PLC0415
    from django.db import DatabaseError  # noqa: PLC0415

    from stimme.apps.causes.importing.tables import BadFile  # noqa: PLC0415
    from stimme.cli.import_report import print_reasons  # noqa: PLC0415

    try:
        with Bar("votes") as bar:
            _cast(options, report, bar)
    except BadFile as error:
        print_reasons(report)
        return _refused(str(error))
    except ValidationError as error:
        return _refused(" ".join(error.messages))
    except (KeyboardInterrupt, DatabaseError) as error:
        _stopped(report, error)
        return _INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _stopped(report: Report, error: BaseException) -> None:
    why = plain(str(error)) or "you interrupted it"
    print(
        f"stimme: The import stopped after {report.cast:,} votes, changes and withdrawals, "
        f"which are stored: {why}. The same command again goes on from there.",
        file=sys.stderr,
    )


def _cast(options: argparse.Namespace, report: Report, bar: Bar) -> None:
    from stimme.apps.causes.importing.polis import import_polis  # noqa: PLC0415
    from stimme.apps.causes.importing.votes import import_votes  # noqa: PLC0415

    path, source = options.path, options.source
    if options.kind == "votes":
        into = _target(options)
        import_votes(path, into=into, source=source, report=report, progress=bar)
    else:
        import_polis(
            path,
            organisation=options.organisation,
            language=options.language,
            source=source,
            report=report,
            progress=bar,
        )


def _target(options: argparse.Namespace) -> CauseVersion | NewCause:
    from stimme.apps.causes.importing.votes import NewCause, version_called  # noqa: PLC0415
    from stimme.apps.causes.services import Demand  # noqa: PLC0415

    if options.cause:
        return version_called(options.cause)
    return NewCause(options.organisation, Demand(options.ask, options.language))


def _conclude(options: argparse.Namespace, report: Report) -> int:
    from stimme.cli.import_report import print_report, seal_and_audit, write_rejects  # noqa: PLC0415

    print_report(report, options.path.name)
    if options.rejects:
        write_rejects(report, options.rejects)
    return 0 if options.no_seal else seal_and_audit(report)
