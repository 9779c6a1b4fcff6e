"""Random legal histories: the log, the database and a simple model agree on every count."""

import shutil
import time
from collections import Counter
from dataclasses import dataclass, field

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from stimme.apps.accounts.models import User
from stimme.apps.ballot import publisher
from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.errors import BallotError
from stimme.apps.ballot.log_keys import log_signer, receipt_signer
from stimme.apps.ballot.models import PendingLine
from stimme.apps.ballot.receipts import receipt_for
from stimme.apps.ballot.sealer import seal
from stimme.apps.causes.importing.events import Event, cast_events
from stimme.apps.causes.importing.report import Report
from stimme.apps.causes.models import Cause, CauseVersion
from stimme.apps.causes.services import Demand, close_cause, revise_cause
from stimme.apps.moderation.services import hide, restore
from stimme.apps.organisations.models import Organisation
from stimme.apps.organisations.services import record_response
from stimme.engines.translog import audit
from stimme.web.leaving import leave
from tests.house import seats_counted, start_cause, version_of, vote

LONG_AFTER = 3600
CHOICES = list(Choice)

Key = tuple[str, str, str]  # cid, choice, level


@dataclass(eq=False)
class Person:
    user: User
    level: int = 0


@dataclass
class Box:
    """The model of a ballot box: who sits there, with which choice and level."""

    version: CauseVersion
    state: str = "open"
    seats: dict[object, tuple[Choice, int]] = field(default_factory=dict)

    def takes(self, who: object, choice: Choice) -> bool:
        if who in self.seats and self.seats[who][0] == choice:
            return True  # the same vote again, and no new one
        if choice == Choice.WITHDRAWN:
            return self.state != "closed" and who in self.seats
        return self.state == "open"

    def put(self, who: object, choice: Choice, level: int) -> None:
        if self.seats.get(who, (None, 0))[0] != choice:
            self.seats[who] = choice, level


@dataclass
class Topic:
    cause: Cause
    boxes: list[Box]
    hidden: bool = False
    closed: bool = False

    def settle(self) -> None:
        """The states of the boxes follow from that of the cause."""
        for box in self.boxes:
            if box.state != "closed":
                last = "open" if box is self.boxes[-1] else "superseded"
                box.state = "closed" if self.closed else "suspended" if self.hidden else last


class World:
    """Each action is done by the real services and, independently, by the model."""

    def __init__(self, author: User, staff: User, shop: Organisation) -> None:
        self.author, self.staff, self.shop = author, staff, shop
        self.people: list[Person] = []
        self.topics: list[Topic] = []
        self.promises: list[str] = []
        self.checkpoints: list[str] = []
        self.number = 0
        self.publish(0, 0, 0)

    def do(self, action: str, one: int, two: int, three: int) -> None:
        self.number += 1
        getattr(self, action)(one, two, three)

    def _topic(self, number: int) -> Topic:
        return self.topics[number % len(self.topics)]

    def _box(self, number: int, version: int) -> Box:
        boxes = self._topic(number).boxes
        # Most go to the newest version, some to an older one.
        return boxes[-1 - (version % len(boxes) if version > 6 else 0)]

    def publish(self, _one: int, _two: int, _three: int) -> None:
        cause = start_cause(self.author, self.shop, f"Bring back Product {self.number}")
        self.topics.append(Topic(cause, [Box(version_of(cause))]))

    def join(self, one: int, two: int, three: int) -> None:
        user = User.objects.create_user(f"person{self.number}@example.org")
        self.people.append(Person(user))
        self._vote(self.people[-1], self._box(one, two), CHOICES[three % 2])

    def vote(self, one: int, two: int, three: int) -> None:
        if self.people:
            person = self.people[one % len(self.people)]
            self._vote(person, self._box(one // 8, two), CHOICES[three % 3])

    def _vote(self, person: Person, box: Box, choice: Choice) -> None:
        taken = box.takes(person, choice)
        if taken:
            box.put(person, choice, person.level)
        try:
            vote(person.user, box.version, choice)
        except BallotError:
            assert not taken
            return
        assert taken
        receipt = receipt_for(user=person.user, cid=box.version.cid)
        assert receipt
        self.promises.append(receipt.promise_file())

    def passkey(self, one: int, _two: int, _three: int) -> None:
        if self.people:
            person = self.people[one % len(self.people)]
            keys = Authenticator.objects.filter(user=person.user)
            person.level = 1 - person.level
            if person.level:
                keys.create(user=person.user, type="webauthn", data={})
            else:
                keys.delete()

    def leave(self, one: int, two: int, _three: int) -> None:
        if not self.people:
            return
        person = self.people.pop(one % len(self.people))
        leave(user=User.objects.get(pk=person.user.pk), withdraw=bool(two % 2))
        for topic in self.topics if two % 2 else []:
            for box in topic.boxes:
                if box.takes(person, Choice.WITHDRAWN):
                    box.put(person, Choice.WITHDRAWN, person.level)

    def import_votes(self, one: int, two: int, three: int) -> None:
        box = self._box(one, two)
        signers = [(f"signer {n % 3}", CHOICES[(three + n) % 3]) for n in range(two % 6)]
        now, cid = timezone.now(), box.version.cid
        events = [Event("f", n, "s", *row, now) for n, row in enumerate(signers)]
        source = f"source {self.number}"
        cast_events(events, boxes={"s": cid}, source=source, report=Report())
        for signer, choice in signers:
            who = source, signer
            if box.takes(who, choice):
                box.put(who, choice, 9)

    def revise(self, one: int, _two: int, _three: int) -> None:
        topic = self._topic(one)
        demand = Demand(f"Bring back Product {self.number}", "en", "It is there again.")
        if topic.hidden or topic.closed:
            with pytest.raises(ValidationError):
                revise_cause(by=self.author, cause=topic.cause, demand=demand)
            return
        version = revise_cause(by=self.author, cause=topic.cause, demand=demand)
        if not topic.boxes[-1].seats:
            topic.boxes[-1].state = "closed"
        topic.boxes.append(Box(version))
        topic.settle()

    def hide(self, one: int, _two: int, _three: int) -> None:
        self._show(self._topic(one), hidden=True)

    def restore(self, one: int, _two: int, _three: int) -> None:
        self._show(self._topic(one), hidden=False)

    def _show(self, topic: Topic, *, hidden: bool) -> None:
        if topic.hidden == hidden:
            return
        act = hide if hidden else restore
        act(by=self.staff, target=Cause.objects.get(pk=topic.cause.pk), reason="A reason.")
        topic.hidden = hidden
        topic.settle()

    def close(self, one: int, _two: int, _three: int) -> None:
        topic = self._topic(one)
        close_cause(by=self.author, cause=Cause.objects.get(pk=topic.cause.pk))
        topic.closed = True
        topic.settle()

    def respond(self, one: int, _two: int, _three: int) -> None:
        cause = Cause.objects.get(pk=self._topic(one).cause.pk)
        record_response(
            by=self.staff,
            cause=cause,
            text="We will see.",
            source_url="",
            published_on=timezone.localdate(),
        )

    def seal(self, one: int, _two: int, _three: int) -> None:
        seal(everything=bool(one % 2))
        self.check(now=int(time.time()))

    def end(self) -> None:
        seal(everything=True)
        assert not PendingLine.objects.exists()
        self.check(now=int(time.time()) + LONG_AFTER)

    def check(self, *, now: int) -> None:
        """Audit as an outsider, and count in three ways."""
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
        assert report.alarms == []
        self.checkpoints.append(publisher.published_checkpoint() or "")
        assert seats_counted() == dict(self.expected())
        if not PendingLine.objects.exists():
            live = {key: seats for key, seats in seats_counted().items() if key[1] != "withdrawn"}
            assert report.tallies == live

    def expected(self) -> Counter[Key]:
        return Counter(
            (box.version.cid, choice.value, str(level))
            for topic in self.topics
            for box in topic.boxes
            for choice, level in box.seats.values()
        )


@pytest.fixture
def small_batches(settings: Settings) -> None:
    changes = {"seal_min_batch": 4, "causes_per_day": 1000}
    settings.STIMME = django_settings.STIMME.model_copy(update=changes)


OFTEN = ["join", "vote", "vote", "vote", "seal"]
SELDOM = ["publish", "passkey", "leave", "import_votes", "revise", "hide", "restore", "close"]
NUMBER = st.integers(0, 63)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.tuples(st.sampled_from([*OFTEN, *OFTEN, *SELDOM, "respond"]), NUMBER, NUMBER, NUMBER),
        min_size=15,
        max_size=60,
    )
)
def test_log_database_and_model_agree(
    small_batches: None, bob: User, shop: Organisation, actions: list[tuple[str, int, int, int]]
) -> None:
    with transaction.atomic():
        author = User.objects.create_user("author@example.org")
        world = World(author, bob, shop)
        for action in actions:
            world.do(*action)
        world.end()
        transaction.set_rollback(True)
    shutil.rmtree(publisher.directory())
