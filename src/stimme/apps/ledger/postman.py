"""Handing mails to the mail server: what it says to one of them, and when it is away."""

from contextlib import suppress
from smtplib import (
    SMTPDataError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
)
from types import TracebackType
from typing import Self

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

_TRIES = 3  # for one mail, each over a connection of its own
_PERMANENT = 500
_SERVICE_CLOSES = 421
_NO_SUCH_ADDRESS = 553


class Unreachable(Exception):
    """The mail server takes no mail now; the text says what it said, and names nobody."""

    def __init__(self, why: str, *, with_this_mail: bool) -> None:
        super().__init__(why)
        # Whether it answered first, and broke off each time that it was given this mail.
        self.with_this_mail = with_this_mail


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
        why, answered = "", False
        for _ in range(_TRIES):
            try:
                connection = self._connected()
                answered = True
                connection.send_messages([mail])
            except (SMTPException, OSError, ValueError) as error:
                if (code := _code_for_this_mail(error)) is not None:
                    raise Refused(code) from None
                why = type(error).__name__
                self._hang_up()
            else:
                return
        raise Unreachable(why, with_this_mail=answered)

    def _connected(self) -> BaseEmailBackend:
        if self._connection is None:
            connection = get_connection()
            connection.open()
            self._connection = connection
        return self._connection

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
        case SMTPNotSupportedError() | ValueError():  # an address that cannot be written to
            code = _NO_SUCH_ADDRESS
        case _:
            return None
    return None if code == _SERVICE_CLOSES else code
