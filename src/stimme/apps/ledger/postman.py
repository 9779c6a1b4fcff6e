"""Handing mails to the mail server: what it says to one of them, and when it is away."""

import logging
from contextlib import suppress
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused
from types import TracebackType
from typing import Self

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

logger = logging.getLogger(__name__)
_TRIES = 3  # for one mail, each over a connection of its own
_PERMANENT = 500
_SERVICE_CLOSES = 421


class Unreachable(Exception):
    """The mail server takes no mail now; the text says what it said, and names nobody."""


class Refused(Exception):
    """The mail server does not take this one mail."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        # Whether trying again soon is of no use (RFC 5321, 4.2.1).
        self.for_good = code >= _PERMANENT


class Postman:
    """One connection, opened with the first mail, and anew whenever it breaks.

    A connection that breaks after a mail was handed over, but before the server said that it has
    it, leaves that mail in doubt: it is sent again, under the same Message-ID.
    """

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._hang_up()

    def send(self, mail: EmailMessage) -> None:
        """Return when the server has taken the mail. Raises Refused, or Unreachable."""
        why = ""
        for _ in range(_TRIES):
            try:
                self._hand_over(mail)
            except (SMTPException, OSError) as error:
                if (code := _code_for_this_mail(error)) is not None:
                    raise Refused(code) from None
                why = type(error).__name__
                self._hang_up()
            else:
                return
        raise Unreachable(why)

    def _hand_over(self, mail: EmailMessage) -> None:
        if self._connection is None:
            self._connection = get_connection()
            self._connection.open()
        self._connection.send_messages([mail])

    def _hang_up(self) -> None:
        if self._connection is not None:
            with suppress(SMTPException, OSError):
                self._connection.close()
        self._connection = None


def _code_for_this_mail(error: Exception) -> int | None:
    """The answer of a server that goes on working; None where the connection is of no use."""
    match error:
        case SMTPRecipientsRefused():
            code = next(iter(error.recipients.values()))[0]
        case SMTPDataError():
            code = error.smtp_code
        case _:
            return None
    return None if code == _SERVICE_CLOSES else code
