"""A demo on this machine: seeded once, then served like any instance."""

import argparse
import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

from stimme.cli import listening, load_instance
from stimme.cli.setup import prepare

HOST = "127.0.0.1"
NAME = "localhost"  # in addresses: passkeys are bound to a name
DEFAULTS = {"STIMME_DEMO": "1", "STIMME_SEAL_INTERVAL": "10", "STIMME_SEAL_MIN_BATCH": "1"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=listening.port, help="port (that of the first start, or 8000)"
    )
    parser.add_argument("--seed", type=int, default=1, help="number the demo is made from")
    parser.add_argument("--fresh", action="store_true", help="forget this demo and make a new one")
    parser.add_argument("--prepare-only", action="store_true", help="seed, but do not serve")


def run(options: argparse.Namespace) -> int:
    try:
        return _run(options)
    except KeyboardInterrupt:
        return 130


def _run(options: argparse.Namespace) -> int:
    home = Path(os.environ.get("STIMME_HOME") or "var").expanduser()
    marker = home / "demo"  # holds the address of the first start, which names the log
    url, port = _address(marker, options.port, fresh=options.fresh)
    if not options.prepare_only:
        listening.need_free(HOST, port, otherwise=f"./dev demo --port {port + 1}")
    _need_no_other(home, marker)
    os.environ.update({**DEFAULTS, "STIMME_URL": url, **os.environ})
    if options.fresh and marker.exists():
        _forget(home)
    load_instance()
    _need_demo(marker, options.seed, fresh=options.fresh)
    if not options.prepare_only:
        _announce(port)
        from stimme.cli.serve import serve  # noqa: PLC0415

        serve(host=HOST, port=port)
    return 0


def _address(marker: Path, port: int | None, *, fresh: bool) -> tuple[str, int]:
    """Return the instance's URL and the port to serve on; a later --port changes only that."""
    known = marker.exists() and not fresh
    first = marker.read_text().strip() if known else f"http://{NAME}:{port or 8000}"
    url = os.environ.get("STIMME_URL") or first
    return url, port or urlsplit(url).port or 8000


def _need_no_other(home: Path, marker: Path) -> None:
    """Leave an instance alone that is no demo; its database may be elsewhere, its log is here."""
    if (home / "log" / "checkpoint").exists() and not marker.exists():
        raise SystemExit(_refusal(home))


def _refusal(home: Path) -> str:
    return (
        f"stimme: {home} holds an instance that is no demo. "
        "Give the demo a directory of its own: STIMME_HOME=demo ./dev demo"
    )


def _forget(home: Path) -> None:
    """Remove keys and log; a log that begins anew must not bear the old one's signature."""
    shutil.rmtree(home / "keys", ignore_errors=True)
    shutil.rmtree(home / "log", ignore_errors=True)


def _need_demo(marker: Path, seed: int, *, fresh: bool) -> None:
    """Seed an empty instance. The marker comes first: an interrupted start is begun again."""
    prepare()
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    from stimme.apps.accounts.models import User  # noqa: PLC0415
    from stimme.demo.roles import DOMAIN  # noqa: PLC0415

    # The database may lie elsewhere than the marker, and not be the demo's.
    made_here = marker.exists() and User.objects.filter(email__endswith=f"@{DOMAIN}").exists()
    populated = User.objects.exists()
    if populated and not made_here:
        raise SystemExit(_refusal(settings.STIMME.home))
    if fresh and populated:
        call_command("flush", verbosity=0, interactive=False)
    if fresh or not populated:
        marker.write_text(f"{settings.STIMME.url}\n")
        _seed(seed)


def _seed(seed: int) -> None:
    from stimme.apps.ballot.sealer import SealingRefused, seal  # noqa: PLC0415
    from stimme.demo.seeding import seed_demo  # noqa: PLC0415

    print("Making the demo; this is done once.", flush=True)
    seed_demo(seed=seed)
    try:
        seal(everything=True)
    except SealingRefused as error:
        raise SystemExit(f"stimme: {error}") from error


def _announce(port: int) -> None:
    from django.conf import settings  # noqa: PLC0415

    from stimme.demo.roles import ROLES  # noqa: PLC0415

    here = f"http://{NAME}:{port}"
    lines = [
        "",
        f"  The demo is at {here}/",
        f"  Sign in with one press at {here}/demo/ as",
        *(f"    {role:<8}{email}" for role, email in ROLES.items()),
        "  or with an e-mail code: mails appear here.",
    ]
    if settings.STIMME.address.port != port:
        origin = settings.STIMME.origin
        lines += [
            f"  The log keeps the name it was born with, {origin}. To audit it:",
            f"    ./dev stimme audit {here}/log --origin {origin}",
        ]
    print("\n".join([*lines, "  Stop with Ctrl-C.", ""]), flush=True)
