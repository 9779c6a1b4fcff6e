"""Any legal history, with crashes and old backups in it: log, database and a model agree."""

import hashlib
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pytest_django import Settings

from stimme.apps.accounts.limits import Rate
from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import account_secret
from stimme.apps.ballot import casting, publisher, rekeying
from stimme.apps.ballot.casting import CUSTODY, Vote
from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.errors import BallotError
from stimme.apps.ballot.log_keys import log_signer, receipt_signer
from stimme.apps.ballot.models import Box, PendingLine
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.receipts import receipt_for
from stimme.apps.ballot.recounting import wrong_tallies
from stimme.apps.ballot.restoring import restore
from stimme.apps.ballot.sealer import seal
from stimme.apps.ballot.services import annul, cast_batch, issue_paper, reinstate, rekey
from stimme.apps.causes import services as causes
from stimme.apps.causes.importing.events import Event, cast_events
from stimme.apps.causes.importing.report import Report
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand, close_cause, revise_cause
from stimme.apps.moderation import services as moderation
from stimme.apps.organisations.models import Organisation
from stimme.engines.translog import ANNUL_REASONS, audit, b64, hour_of, unsigned_vote
from stimme.engines.translog import vote_signing_text as signing_text
from stimme.web.leaving import leave
from tests.backups import Backup, backup, put_back, state
from tests.ballot_model import Ballots, Person, Topic
from tests.crash.instances import rounds
from tests.house import SESSION, seats_counted, start_cause, version_of, vote
from tests.power_cuts import Fails, PowerCut

LONG_AFTER = 3600
MOST_TOPICS = 3  # so that steps meet each other
IMPORTED = 9
CHOICES = list(Choice)


def vk_of(key: Ed25519PrivateKey) -> str:
    return b64(key.public_key().public_bytes_raw())


NUMBER = st.integers(0, 63)
KEYS = st.sampled_from([None, 0, 1])


class World(RuleBasedStateMachine):
    """Each step is done by the real services and, independently, by the model."""

    staff: User
    shop: Organisation

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.author = User.objects.create_user("author@example.org")
        self.people: list[Person] = []
        self.topics: list[Topic] = []
        self.promises: list[str] = []
        self.checkpoints: list[str] = []
        self.backup: Backup = []
        self.numbers = count()
        self.publish()

    def teardown(self) -> None:
        """Seal what is left, look once more, and leave nothing."""
        try:
            seal(everything=True)
            assert not PendingLine.objects.exists()
            self.check(now=int(time.time()) + LONG_AFTER)
        finally:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)
            shutil.rmtree(publisher.directory(), ignore_errors=True)

    def _topic(self, number: int) -> Topic:
        return self.topics[number % len(self.topics)]

    def _box(self, number: int, version: int) -> Ballots:
        boxes = self._topic(number).boxes
        # Most go to the newest version, some to an older one.
        return boxes[-1 - (version % len(boxes) if version > 6 else 0)]

    @precondition(lambda self: sum(not one.closed for one in self.topics) < MOST_TOPICS)
    @rule()
    def publish(self) -> None:
        cause = start_cause(self.author, self.shop, f"Bring back Product {next(self.numbers)}")
        self.topics.append(Topic(cause, [Ballots(version_of(cause))]))

    @rule(where=NUMBER, version=NUMBER, choice=st.sampled_from(CHOICES[:2]), key=st.booleans())
    def join(self, where: int, version: int, choice: Choice, *, key: bool) -> None:
        user = User.objects.create_user(f"person{next(self.numbers)}@example.org")
        self.people.append(Person(user))
        self._vote(self.people[-1], self._box(where, version), choice, 0 if key else None)

    @precondition(lambda self: self.people)
    @rule(who=NUMBER, where=NUMBER, choice=st.sampled_from(CHOICES), key=KEYS)
    def vote(self, who: int, where: int, choice: Choice, key: int | None) -> None:
        person = self._person(who)
        self._vote(person, self._box_of(person, where), choice, key)

    @precondition(lambda self: self.people)
    @rule(who=NUMBER, where=NUMBER, choice=st.sampled_from(CHOICES))
    def vote_as_before(self, who: int, where: int, choice: Choice) -> None:
        """With the key that the seat is bound to, if it is to one."""
        person = self._person(who)
        box = self._box_of(person, where)
        place = box.places.get(person)
        keys = [number for number in (0, 1) if place and place.bound == self._vk(person, number)]
        self._vote(person, box, choice, keys[0] if keys else None)

    def _box_of(self, person: Person, number: int) -> Ballots:
        """Most often one in which this person has voted already."""
        boxes = [box for topic in self.topics for box in topic.boxes]
        own = [box for box in boxes if person in box.places]
        return own[number % len(own)] if own and number % 5 else boxes[number % len(boxes)]

    def _person(self, number: int) -> Person:
        return self.people[number % len(self.people)]

    def _key(self, person: Person, number: int) -> Ed25519PrivateKey:
        seed = hashlib.sha256(f"{person.user.email} {number}".encode()).digest()
        return Ed25519PrivateKey.from_private_bytes(seed)

    def _vk(self, person: Person, number: int) -> str:
        return vk_of(self._key(person, number))

    def _vote(self, person: Person, box: Ballots, choice: Choice, key: int | None) -> None:
        vk = "" if key is None else self._vk(person, key)
        taken = box.takes(person, choice, vk)
        try:
            self._cast(person, box, choice, key)
        except BallotError:
            assert not taken
            return
        assert taken
        box.put(person, choice, person.level, vk)
        box.places[person].p = self._p(person, box)
        receipt = receipt_for(user=person.user, cid=box.cid)
        assert receipt
        self.promises.append(receipt.promise_file())

    def _p(self, person: Person, box: Ballots) -> str:
        return pseudonym_of(secret=account_secret(user=person.user), cid=box.cid)

    def _cast(self, person: Person, box: Ballots, choice: Choice, key: int | None) -> None:
        if key is None:
            vote(person.user, box.version, choice)
            return
        # Whoever signs has a paper, too; with it the account is known to have reached its level.
        issue_paper(user=person.user, session=SESSION, cid=box.cid)
        p, hour, seq = self._p(person, box), hour_of(timezone.now()), box.due(person)
        vk, level = self._vk(person, key), person.level
        line = unsigned_vote(box.cid, p, seq, choice.value, str(level), hour, vk)
        text = signing_text(django_settings.STIMME.origin, line)
        sig = b64(self._key(person, key).sign(text))
        [result] = cast_batch([Vote(box.cid, p, choice.value, level, hour, seq, vk, sig)])
        if isinstance(result, BallotError):
            raise result

    @precondition(lambda self: self.people)
    @rule(who=NUMBER, where=NUMBER, choice=st.sampled_from(CHOICES), key=st.booleans())
    def crash_in_a_vote(self, who: int, where: int, choice: Choice, *, key: bool) -> None:
        """The process dies before the commit: nobody was told anything."""
        person = self._person(who)
        box = self._box_of(person, where)
        with suppress(PowerCut, BallotError), transaction.atomic():
            self._cast(person, box, choice, 0 if key else None)
            raise PowerCut

    @precondition(lambda self: self.people)
    @rule(who=NUMBER, where=NUMBER, key=KEYS)
    def rekey(self, who: int, where: int, key: int | None) -> None:
        person = self._person(who)
        box = self._box_of(person, where)
        place = box.places.get(person)
        vk = None if key is None else self._vk(person, key)
        possible = place and place.bound and box.state != "closed"
        try:
            rekey(user=person.user, cid=box.cid, vk=vk)
        except BallotError:
            assert not possible
            return
        assert possible
        assert place
        place.bound = vk or CUSTODY

    @rule(
        where=NUMBER,
        version=NUMBER,
        some=st.integers(1, 255),
        reason=st.sampled_from([*sorted(ANNUL_REASONS), ""]),
    )
    def remove(self, where: int, version: int, some: int, reason: str) -> None:
        """Annul some of the seats of a box, or, without a reason, reinstate them."""
        box = self._box(where, version)
        known = [place for place in box.places.values() if place.p]
        chosen = [place for bit, place in enumerate(known) if some >> (bit % 8) & 1]
        pseudonyms = [place.p for place in chosen]
        if reason:
            annul(cid=box.cid, pseudonyms=pseudonyms, reason=reason)
        else:
            reinstate(cid=box.cid, pseudonyms=pseudonyms)
        for place in chosen:
            place.annulled = bool(reason)

    @precondition(lambda self: self.people)
    @rule(step=st.integers(0, 5), who=NUMBER, where=NUMBER)
    def happens_seldom(self, step: int, who: int, where: int) -> None:
        """Steps of which a few are enough to change what all others meet."""
        [
            lambda: self._change_level(who),
            lambda: self._erase(who, withdraw=True),
            lambda: self._erase(who, withdraw=False),
            lambda: self._revise(where),
            lambda: self._show(where),
            lambda: self._close(where),
        ][step]()

    def _change_level(self, who: int) -> None:
        person = self._person(who)
        keys = Authenticator.objects.filter(user=person.user)
        person.level = 1 - person.level
        if person.level:
            keys.create(user=person.user, type="webauthn", data={})
        else:
            keys.delete()

    def _erase(self, who: int, *, withdraw: bool) -> None:
        person = self.people.pop(who % len(self.people))
        leave(user=User.objects.get(pk=person.user.pk), withdraw=withdraw)
        for topic in self.topics if withdraw else []:
            for box in topic.boxes:
                self._take_out(person, box)

    def _take_out(self, person: Person, box: Ballots) -> None:
        """Who leaves needs no key: the votes are given into custody first."""
        place = box.places.get(person)
        if place is None or place.choice == Choice.WITHDRAWN or box.state == "closed":
            return
        place.bound = CUSTODY if place.bound else ""
        box.put(person, Choice.WITHDRAWN, person.level)

    def _revise(self, where: int) -> None:
        topic = self._topic(where)
        demand = Demand(f"Bring back Product {next(self.numbers)}", "en", "It is there again.")
        if topic.hidden or topic.closed:
            with pytest.raises(ValidationError):
                revise_cause(by=self.author, cause=topic.cause, demand=demand)
            return
        version = revise_cause(by=self.author, cause=topic.cause, demand=demand)
        if not topic.boxes[-1].places:
            topic.boxes[-1].state = "closed"
        topic.boxes.append(Ballots(version))
        topic.settle()

    def _show(self, where: int) -> None:
        topic = self._topic(where)
        hidden = not topic.hidden
        act: Callable[..., object] = moderation.hide if hidden else moderation.restore
        act(by=self.staff, target=Cause.objects.get(pk=topic.cause.pk), reason="A reason.")
        topic.hidden = hidden
        topic.settle()

    def _close(self, where: int) -> None:
        topic = self._topic(where)
        close_cause(by=self.author, cause=Cause.objects.get(pk=topic.cause.pk))
        topic.closed = True
        topic.settle()

    @rule(where=NUMBER, version=NUMBER, signers=st.lists(st.sampled_from(CHOICES), max_size=5))
    def import_votes(self, where: int, version: int, signers: list[Choice]) -> None:
        box, now = self._box(where, version), timezone.now()
        rows = [(f"signer {number % 3}", choice) for number, choice in enumerate(signers)]
        events = [Event("f", number, "s", *row, now) for number, row in enumerate(rows)]
        source = f"source {next(self.numbers)}"
        cast_events(events, boxes={"s": box.cid}, source=source, report=Report())
        for signer, choice in rows:
            who = source, signer
            if box.takes(who, choice):
                box.put(who, choice, IMPORTED)

    @rule(everything=st.booleans())
    def seal(self, *, everything: bool) -> None:
        seal(everything=everything)
        self.check(now=int(time.time()))

    @rule(call=st.integers(1, 30))
    def crash_in_sealing(self, call: int) -> None:
        """The process dies at a system call; what is published is whole at that moment, too."""
        with pytest.MonkeyPatch.context() as patch:
            Fails(patch, call, PowerCut)
            with suppress(PowerCut):
                seal(everything=True)
        if publisher.published_checkpoint():
            self.audited(now=int(time.time()))

    @rule()
    def keep_a_backup(self) -> None:
        self.backup = backup()

    @precondition(lambda self: self.backup)
    @rule()
    def go_back_to_the_backup(self) -> None:
        """All that was sealed since comes back from the log."""
        seal(everything=True)
        before, states = state(), list(Box.objects.values_list("cid", "state"))
        put_back(self.backup)
        restore()
        for cid, one in states:  # whether a cause is hidden, the log does not tell
            Box.objects.filter(cid=cid).exclude(state="closed").update(state=one)
        assert state() == before
        self.check(now=int(time.time()))

    def audited(self, *, now: int) -> dict[tuple[str, str, str], int]:
        signer = log_signer()
        report = audit(
            publisher.read,
            signer.verifier,
            signer.name,
            earlier=self.checkpoints,
            receipts=self.promises,
            receipt_verifier=receipt_signer().verifier,
            now=now,
        )
        assert report.alarms == [], report.alarms
        self.checkpoints.append(publisher.published_checkpoint() or "")
        return report.tallies

    def check(self, *, now: int) -> None:
        """Audit as an outsider, and count in four ways."""
        tallies = self.audited(now=now)
        assert seats_counted() == dict(self.expected())
        assert wrong_tallies() == []
        if not PendingLine.objects.exists():
            live = {key: seats for key, seats in seats_counted().items() if key[1] != "withdrawn"}
            assert tallies == live

    def expected(self) -> Counter[tuple[str, str, str]]:
        return Counter(
            (box.cid, place.choice.value, str(place.level))
            for topic in self.topics
            for box in topic.boxes
            for place in box.places.values()
            if not place.annulled
        )


@contextmanager
def without_limits() -> Iterator[None]:
    """How often a vote, its key or a demand may change is tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(casting, "MOST_CHANGES_AN_HOUR", 1000)
        patch.setattr(causes, "REWORDINGS_PER_DAY", 1000)
        patch.setattr(rekeying, "REKEYS", Rate(burst=1000, every=1))
        yield


def test_log_database_and_model_agree(bob: User, shop: Organisation, settings: Settings) -> None:
    changes = {"seal_min_batch": 4, "causes_per_day": 1000}
    settings.STIMME = django_settings.STIMME.model_copy(update=changes)
    World.staff, World.shop = bob, shop
    with without_limits():
        run_state_machine_as_test(World, settings=OFTEN)


OFTEN = settings(
    max_examples=rounds(8),
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
