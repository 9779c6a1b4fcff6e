"""What is done inside an instance. Each function runs where Django is set up: see Instance.do."""

import itertools
import secrets
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from stimme import keys
from stimme.apps.accounts.levels import Level
from stimme.apps.accounts.models import User
from stimme.apps.accounts.sessions import SessionStore
from stimme.apps.ballot import papers, services
from stimme.apps.ballot.casting import Cast, Vote
from stimme.apps.ballot.log_keys import receipt_signer
from stimme.apps.ballot.models import Entry, PendingLine
from stimme.apps.ballot.receipts import receipt_of
from stimme.apps.ballot.recounting import wrong_tallies
from stimme.apps.causes.models import Cause, Effect
from stimme.apps.causes.services import Demand, Party, publish_cause
from stimme.apps.organisations.services import find_or_add_organisation
from stimme.engines.translog import (
    PromiseFile,
    b64,
    cause_id,
    hour_of,
    verify_promise,
    vote_signing_text,
)

from .storm import Ballot

_AT_ONCE = 1000


def add_accounts(number: int) -> None:
    """Accounts as the sign-in makes them, but many: `roll` must cover every seat (rule R5)."""
    start = User.objects.count()
    names = (f"voter{one}@example.org" for one in range(start, start + number))
    users = [User(email=name, canonical_email=name, password="!") for name in names]  # noqa: S106
    User.objects.bulk_create(users, batch_size=_AT_ONCE)


@transaction.atomic
def open_boxes(number: int) -> list[str]:
    """Open ballot boxes, without pages around them; return their cids."""
    documents = [secrets.token_bytes(16) for _ in range(number)]
    return [services.open_box(cid=cause_id(one), document=one).cid for one in documents]


def publish(ask: str) -> tuple[str, str]:
    """Publish a cause with its page; return its slug and cid."""
    cause = publish_cause(
        author=User.objects.order_by("pk")[0],
        organisation=find_or_add_organisation(name="Corner Shop", kind="company"),
        demand=Demand(ask, "en", "It is on the shelf again."),
        parties=[Party("The supplier of the replacement", Effect.LOSES, "It loses its place.")],
        sources=[],
    )
    current = Cause.objects.select_related("current").get(pk=cause.pk).current
    assert current
    return cause.slug, current.cid


def ballots(cids: Sequence[str], each: int, *, keyed: bool = False) -> list[Ballot]:
    """Ballots of so many new voters in each box, one box after the other in turn.

    Their papers come from the function that issues every paper. Votes that are `keyed` are
    signed by the voter's own key.
    """
    hour = hour_of(timezone.now())
    made = [_of_box(cid, each, hour if keyed else "") for cid in cids]
    return list(itertools.chain.from_iterable(zip(*made, strict=True)))


def _of_box(cid: str, number: int, hour: str) -> Iterator[Ballot]:
    key, origin = keys.load(settings.STIMME.keys_dir, "paper"), settings.STIMME.origin
    for _ in range(number):
        session, p = secrets.token_hex(16), b64(secrets.token_bytes(16))
        paper = papers.issue(key, session, cid=cid, pseudonym=p, level=Level.EMAIL)
        signed = _signed(origin, cid, p, "for", hour) if hour else {}
        yield Ballot(session, {"paper": paper, "choice": "for", **signed})


def _signed(origin: str, cid: str, p: str, choice: str, hour: str) -> dict[str, str | int]:
    key = Ed25519PrivateKey.generate()
    vk = b64(key.public_key().public_bytes_raw())
    line = f"s1 vote {cid} {p} 0 {choice} {Level.EMAIL.value} {hour} {vk}"
    sig = b64(key.sign(vote_signing_text(origin, line)))
    return {"seq": 0, "hour": hour, "vk": vk, "sig": sig}


@transaction.atomic
def sign_in(number: int) -> list[str]:
    """Sessions of so many accounts, as the sign-in leaves them; return their cookies."""
    store, until = SessionStore(), timezone.now() + timedelta(days=1)
    rows = [
        Session(
            session_key=secrets.token_hex(16),
            session_data=store.encode(_session(user)),
            expire_date=until,
        )
        for user in User.objects.order_by("pk")[:number]
    ]
    Session.objects.bulk_create(rows, batch_size=_AT_ONCE)
    return [row.session_key for row in rows]


def _session(user: User) -> dict[str, str]:
    return {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }


def fill(cids: Sequence[str], voters: int) -> None:
    """Let so many voters vote in every box, by the step that every vote goes through."""
    hour = hour_of(timezone.now())
    for cid in cids:
        people = (b64(secrets.token_bytes(16)) for _ in range(voters))
        votes = (Vote(cid, p, "for", Level.EMAIL, hour) for p in people)
        while batch := list(itertools.islice(votes, _AT_ONCE)):
            assert all(isinstance(one, Cast) for one in services.cast_batch(batch))


def prove(lines: Sequence[str], promises: Sequence[str], unanswered: int) -> None:
    """Hold the database to what the voters were told. Raises AssertionError.

    `lines` are those of all votes that were taken since the last sealing. Every one must be
    pending, and no other unless its voter got no answer; every tally must equal its recount;
    every promise must prove its line under the published key.
    """
    pending = set(PendingLine.objects.filter(kind="vote").values_list("text", flat=True))
    assert len(set(lines)) == len(lines), "Two voters were given the same line."
    lost = set(lines) - pending
    assert not lost, f"{len(lost)} receipts without a line, {min(lost)} for example"
    untold = len(pending) - len(lines)
    assert untold <= unanswered, f"{untold} lines that no answer has told of"
    assert wrong_tallies() == [], "A tally differs from its recount."
    verifier = receipt_signer().verifier
    for text in promises:
        promise = verify_promise(PromiseFile.parse(text), verifier, settings.STIMME.origin)
        assert str(promise.line) in pending, "A promise speaks of a line that is not there."


def pending_lines() -> int:
    return PendingLine.objects.count()


def receipt_seconds(number: int) -> list[float]:
    """How long the proof of each of so many votes took, which lie all over the log."""
    votes = Entry.objects.filter(kind="vote")
    step = max(1, Entry.objects.count() // number)
    chosen = votes.annotate(rest=F("log_index") % step).filter(rest=step // 2)
    return [_receipt_seconds(text) for text in chosen.values_list("text", flat=True)]


def _receipt_seconds(line: str) -> float:
    _, _, cid, p, *_ = line.split(" ")
    start = time.perf_counter()
    receipt = receipt_of((cid, p))
    assert receipt
    assert receipt.proof_file()
    return time.perf_counter() - start
