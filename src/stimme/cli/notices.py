"""Mail the notices that are due: what became of causes that people voted on."""

import argparse
import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stimme.cli.metering import add_argument, metering
from stimme.cli.sealer import stop_on_signals
from stimme.cli.setup import open_instance

if TYPE_CHECKING:
    from stimme.apps.ledger.sending import Sent

logger = logging.getLogger("stimme.notices")
# The links in the mails are signed, and whom they are for is worked out from pseudonyms.
KEYS = ("django", "pseudonym")
_AT_ONCE = 200  # accounts: whoever stops the server waits for no more than this batch
_LOOK, _LONGEST = 30.0, 1800.0  # seconds between two looks, the longer the more often in vain


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stay", action="store_true", help="go on until it is interrupted")
    add_argument(parser)


def run(options: argparse.Namespace) -> int:
    with metering(options.metrics_port):
        open_instance(KEYS)
        if not _has_mail_server():
            print("stimme: STIMME_SMTP_URL is not set: there is no mail server to send them with")
            return 1
        if options.stay:
            send_until(stop_on_signals())
            return 0
        return _send_once()


def _send_once() -> int:
    total = _Total()
    while (sent := _send()).more:
        total.add(sent)
    total.add(sent)
    if sent.busy:
        print("stimme: another process is sending notices")
        return 0
    print(total)
    if sent.unreachable:
        print(f"stimme: the mail server takes nothing now ({sent.unreachable}); try again later")
    return 1 if sent.unreachable else 0


@dataclass
class _Total:
    looked_at: int = 0
    mailed: int = 0
    put_off: int = 0
    given_up: int = 0

    def add(self, sent: "Sent") -> None:
        self.looked_at += sent.looked_at
        self.mailed += sent.mailed
        self.put_off += sent.put_off
        self.given_up += sent.given_up

    def __str__(self) -> str:
        return (
            f"Accounts looked at: {self.looked_at}. Mails sent: {self.mailed}, "
            f"put off: {self.put_off}, given up: {self.given_up}."
        )


def send_until(stop: threading.Event) -> None:
    """Send what is due, again and again. No error ends it: the next round tries again."""
    if not _has_mail_server():
        return
    pause = 0.0
    while not stop.wait(pause):
        pause = _LOOK if _send_all(stop) else min(max(_LOOK, 2 * pause), _LONGEST)


def _send_all(stop: threading.Event) -> bool:
    """Send until nothing is due. Returns False where that did not succeed, to try again later."""
    from django.db import close_old_connections, connection  # noqa: PLC0415

    try:
        while (sent := _send(stop)).more and not stop.is_set():
            pass
    except Exception:
        logger.exception("notices were not sent; it will be tried again")
        connection.close()
        return False
    close_old_connections()
    if sent.unreachable:
        logger.warning("notices wait: the mail server takes nothing now (%s)", sent.unreachable)
    return not sent.unreachable


def _send(stop: threading.Event | None = None) -> "Sent":
    from stimme.apps.ledger.sending import send_due  # noqa: PLC0415

    return send_due(limit=_AT_ONCE, stopped=stop.is_set if stop else lambda: False)


def _has_mail_server() -> bool:
    from django.conf import settings  # noqa: PLC0415

    return bool(settings.STIMME.smtp_url)
