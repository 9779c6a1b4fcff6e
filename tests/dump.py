"""A whole database as somebody sees it who stole it: every table, every column, every join.

Found by asking the database, not the models, so that tables of the future are looked at, too.
"""

import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64encode
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.db.models import ForeignKey

import stimme
from stimme.apps.accounts.models import AccountSecret, User

ACCOUNTS = User._meta.db_table
# Random enough that two rows which share it belong together.
TOKEN = re.compile(r"[A-Za-z0-9_+/-]{11,}")
LABEL = re.compile(r"\bstimme/[a-z0-9./-]+")
# Columns that name an account although the database does not know it.
NAMES_AN_ACCOUNT = re.compile(r"user|account|author|owner|voter", re.IGNORECASE)
COMPARED = 10  # characters: what is derived may have been cut short

Column = tuple[str, str]  # table, column
Columns = Collection[Column]


@dataclass(eq=False)
class Row:
    """One row: its values by column, and all that can be read in it, sessions opened."""

    table: str
    values: dict[str, Any]
    texts: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"{self.table} {self.values}"

    @property
    def tokens(self) -> set[str]:
        found = (token for text in self.texts for token in TOKEN.findall(text))
        return {token for token in found if not token.islower() or re.search(r"\d", token)}


class Dump:
    """All rows; `leaving_out` columns are not followed: what they say is public."""

    def __init__(self, leaving_out: Columns = ()) -> None:
        self._references = dict(_references())
        self._left_out = set(leaving_out)
        self.rows = [row for table in _tables() for row in _rows(table)]
        self._by_value: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        self._by_token: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            for column, value in row.values.items():
                self._by_value[row.table, column, str(value)].append(row)
            for token in row.tokens:
                self._by_token[token].append(row)

    def naming(self, user: User) -> list[Row]:
        """Rows that name an account: its own, those that point to it, or bear its address."""
        return [row for row in self.rows if self._names(row, user)]

    def _names(self, row: Row, user: User) -> bool:
        if row.table == ACCOUNTS:
            return row.values["id"] == user.pk
        pointing = any(
            str(value) == str(user.pk)
            for column, value in row.values.items()
            if (row.table, column) not in self._left_out and self._may_be_account(row.table, column)
        )
        words = "\n".join(row.texts)
        return pointing or user.email in words or f'"{SESSION_KEY}": "{user.pk}"' in words

    def _may_be_account(self, table: str, column: str) -> bool:
        if target := self._references.get((table, column)):
            return target[0] == ACCOUNTS
        return bool(NAMES_AN_ACCOUNT.search(column))

    def reachable(self, user: User) -> list[Row]:
        """Every row that joins lead to from those that name the account, in any direction.

        A join follows a reference, or a random text that stands in both rows.
        """
        found = {id(row): row for row in self.naming(user)}
        queue = list(found.values())
        while queue:
            for row in self._joined(queue.pop()):
                if id(row) not in found and not self._is_another(row, user):
                    found[id(row)] = row
                    queue.append(row)
        return list(found.values())

    def _is_another(self, row: Row, user: User) -> bool:
        return row.table == ACCOUNTS and row.values["id"] != user.pk

    def _joined(self, row: Row) -> Iterator[Row]:
        for (table, column), (to_table, to_column) in self._references.items():
            if (table, column) in self._left_out:
                continue
            if table == row.table and row.values[column] is not None:
                yield from self._by_value[to_table, to_column, str(row.values[column])]
            if to_table == row.table:
                yield from self._by_value[table, column, str(row.values[to_column])]
        for token in row.tokens:
            yield from self._by_token[token]

    def computable(self, user: User) -> list[Row]:
        """Rows with something that can be computed from what the dump has of the account.

        Tried are hashes of it with every text that looks random, under every label that stands in
        the program, which is public.
        """
        known = {token[:COMPARED] for token in self._by_token}
        found = {code for code in self._derived(user) if code in known}
        return [row for row in self.rows if {token[:COMPARED] for token in row.tokens} & found]

    def _derived(self, user: User) -> Iterator[str]:
        secret = AccountSecret.objects.filter(user=user).first()
        own = [str(user.pk).encode(), user.email.encode()]
        own += [bytes(secret.secret)] if secret else []
        random = [token.encode() for token in self._by_token]
        for mine, label, other in product(own, _labels(), [b"", *random]):
            yield from _hashes(mine, label + other)


def _hashes(mine: bytes, other: bytes) -> Iterator[str]:
    digests = [
        hashlib.sha256(mine + other).digest(),
        hashlib.sha256(other + mine).digest(),
        hmac.digest(mine, other, "sha256"),
        hmac.digest(other, mine, "sha256"),
    ]
    for digest in digests:
        yield urlsafe_b64encode(digest).decode()[:COMPARED]
        yield digest.hex()[:COMPARED]


def _labels() -> set[bytes]:
    source = Path(stimme.__file__).parent
    told = {label for path in source.rglob("*.py") for label in LABEL.findall(path.read_text())}
    versioned = {label.encode() for label in told if re.search(r"v\d+$", label)}
    return {b"", *versioned, *(label + b"\n" for label in versioned)}


def _tables() -> list[str]:
    with connection.cursor() as cursor:
        return connection.introspection.table_names(cursor)


def _references() -> Iterator[tuple[Column, Column]]:
    """References as the database knows them, and those that only the program knows."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            relations = connection.introspection.get_relations(cursor, table)
            for column, (to_column, to_table) in relations.items():
                yield (table, column), (to_table, to_column)
    for model in apps.get_models(include_auto_created=True):
        for one in model._meta.concrete_fields:
            if isinstance(one, ForeignKey):
                target = one.target_field
                place = target.model._meta.db_table, str(target.column)
                yield (model._meta.db_table, str(one.column)), place


def _rows(table: str) -> Iterator[Row]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        columns = [column[0] for column in cursor.description]
        for values in cursor.fetchall():
            row = Row(table, dict(zip(columns, values, strict=True)))
            row.texts = [text for value in values for text in _read(value)]
            yield row


def _read(value: object) -> Iterator[str]:
    """What can be read in a value: bytes in the two usual spellings, sessions as what they hold."""
    if isinstance(value, bytes | memoryview):
        yield bytes(value).hex()
        yield urlsafe_b64encode(bytes(value)).decode().rstrip("=")
    elif isinstance(value, str):
        yield value
        with suppress(Exception):
            if ":" in value and (session := SessionStore().decode(value)):
                yield json.dumps(session)
    elif isinstance(value, list | dict):
        yield json.dumps(value)
