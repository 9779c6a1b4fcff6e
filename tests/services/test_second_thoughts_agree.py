"""Any history of votes, corrections, wordings and answers: model, pages and log say the same."""

import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import account_secret
from stimme.apps.ballot import publisher
from stimme.apps.ballot.answers import considered, turning_points
from stimme.apps.ballot.errors import BallotError
from stimme.apps.ballot.log_keys import log_signer
from stimme.apps.ballot.models import PendingLine
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.sealer import seal
from stimme.apps.ballot.services import annul, reinstate, stand_by
from stimme.apps.causes import services as causes
from stimme.apps.causes.corrections import Fault, let_correct, record_correction
from stimme.apps.causes.models import CauseVersion
from stimme.apps.causes.services import Demand, revise_cause
from stimme.apps.ledger.reconsider import question_of
from stimme.apps.ledger.selectors import ledger_of
from stimme.apps.organisations.models import Organisation
from stimme.engines.translog import audit
from tests.crash.instances import rounds
from tests.house import start_cause, version_of, vote

PEOPLE = 5
SOURCE = [causes.Reference("The admission", "https://shop.example/admission")]
Moved = Counter[tuple[str, int, str, str]]  # cid, edition, before, after


@dataclass
class Place:
    choice: str
    edition: int
    annulled: bool = False


@dataclass
class Box:
    """The model of a ballot box, in which people are numbers."""

    version: CauseVersion
    edition: int = 0
    places: dict[int, Place] = field(default_factory=dict)
    answers: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)

    def asks(self, who: int) -> bool:
        place = self.places.get(who)
        live = place and place.choice != "withdrawn" and not place.annulled
        return bool(live and place and self.edition > place.edition)

    def put(self, who: int, choice: str) -> None:
        place, key = self.places.get(who), (self.edition, who)
        if place is None:
            self.places[who] = Place(choice, self.edition)
        elif place.choice != choice:
            if key in self.answers:
                self.answers[key] = self.answers[key][0], choice
            elif self.asks(who):
                self.answers[key] = place.choice, choice
            place.choice = choice

    def stand_by(self, who: int) -> None:
        if self.asks(who):
            choice = self.places[who].choice
            self.answers.setdefault((self.edition, who), (choice, choice))


class World:
    """Each step is done by the real services and, independently, by the model."""

    def __init__(self, shop: Organisation) -> None:
        self.alice = User.objects.create_user("author@example.org")
        dana = User.objects.create_user("corrects@example.org", is_staff=True)
        let_correct(user=dana)
        self.dana = User.objects.get(pk=dana.pk)
        self.people = [User.objects.create_user(f"p{n}@example.org") for n in range(PEOPLE)]
        self.cause = start_cause(self.alice, shop, "Bring back Product X")
        self.boxes = [Box(version_of(self.cause))]
        self.numbers = count()

    def vote(self, who: int, back: int, choice: str) -> None:
        box = self.boxes[max(0, len(self.boxes) - 1 - back)]
        place = box.places.get(who)
        fits = place if box is not self.boxes[-1] or choice == "withdrawn" else True
        same = place and place.choice == choice
        possible = fits and (same or box is self.boxes[-1] or choice == "withdrawn")
        try:
            vote(self.people[who], box.version, choice)
        except BallotError:
            assert not possible
            return
        assert possible
        box.put(who, choice)

    def correct(self, _who: int, _back: int, _choice: str) -> None:
        what = f"Error {next(self.numbers)}"
        fault = Fault("claim_false", what, timezone.localdate(), "organisation", SOURCE)
        record_correction(by=self.dana, cause=self.cause, fault=fault)
        self.boxes[-1].edition += 1

    def revise(self, _who: int, _back: int, _choice: str) -> None:
        demand = Demand(f"Bring back Product {next(self.numbers)}", "en", "Soon.")
        version = revise_cause(by=self.alice, cause=self.cause, demand=demand)
        if self.boxes[-1].places or self.boxes[-1].edition:
            self.boxes[-1].edition += 1
        else:
            self.boxes.pop()
        self.boxes.append(Box(version))

    def stand_by(self, who: int, back: int, _choice: str) -> None:
        box = self.boxes[max(0, len(self.boxes) - 1 - back)]
        stand_by(user=self.people[who], cid=box.version.cid)
        box.stand_by(who)

    def annul(self, who: int, back: int, choice: str) -> None:
        """Or reinstate, for some choices."""
        box = self.boxes[max(0, len(self.boxes) - 1 - back)]
        if who not in box.places:
            return
        cid, seats = box.version.cid, [self.p(who, box.version.cid)]
        if choice == "withdrawn":
            reinstate(cid=cid, pseudonyms=seats)
        else:
            annul(cid=cid, pseudonyms=seats, reason="test")
        box.places[who].annulled = choice != "withdrawn"

    def p(self, who: int, cid: str) -> str:
        return pseudonym_of(secret=account_secret(user=self.people[who]), cid=cid)

    def check(self) -> None:
        self._check_counts(_moved_in_the_log())
        for who, user in enumerate(self.people):
            self._check_ledger(who, user)
        while PendingLine.objects.exists():
            seal(everything=True)
        assert _audited() == self._votes()

    def _check_counts(self, in_the_log: Moved) -> None:
        found = turning_points([box.version.cid for box in self.boxes])
        for box in self.boxes:
            points = found.get(box.version.cid, [])
            assert [point.edition for point in points] == list(range(1, box.edition + 1))
            for point in points:
                counts = considered([point])[point.pk]
                told = self._answers(box, point.edition)
                moved = {pair: n for pair, n in told.items() if pair[0] != pair[1]}
                assert dict(counts.moved) == moved
                assert counts.stood == sum(told.values()) - sum(moved.values())
                key = box.version.cid, point.edition
                assert moved == {pair[2:]: n for pair, n in in_the_log.items() if pair[:2] == key}

    def _answers(self, box: Box, edition: int) -> Counter[tuple[str, str]]:
        return Counter(
            said
            for (at, who), said in box.answers.items()
            if at == edition and not box.places[who].annulled
        )

    def _check_ledger(self, who: int, user: User) -> None:
        own = [box for box in self.boxes if who in box.places]
        entries = {entry.version.cid: entry for entry in ledger_of(user=user)}
        assert set(entries) == {box.version.cid for box in own}
        for box in own:
            entry = entries[box.version.cid]
            assert entry.receipt.choice == box.places[who].choice
            self._check_question(who, user, box)

    def _check_question(self, who: int, user: User, box: Box) -> None:
        question = question_of(user=user, cid=box.version.cid)
        later = self.boxes[self.boxes.index(box) + 1 :]
        is_latest = not any(who in other.places for other in later)
        asks = is_latest and box.asks(who) and (box.edition, who) not in box.answers
        assert question
        said = [one.answer for one in question.happened if one.answer]
        told = {one.edition: (one.before, one.after) for one in said}
        assert told == {at: one for (at, someone), one in box.answers.items() if someone == who}
        assert (question.asks.edition if question.asks else 0) == (box.edition if asks else 0)

    def _votes(self) -> dict[tuple[str, str], int]:
        return dict(
            Counter(
                (box.version.cid, place.choice)
                for box in self.boxes
                for place in box.places.values()
                if place.choice != "withdrawn" and not place.annulled
            )
        )


def _moved_in_the_log() -> Moved:
    """Replay the lines as they were committed: who said something else after a turning point."""
    editions: Counter[str] = Counter()
    first: dict[tuple[str, str], int] = {}
    choices: dict[tuple[str, str], str] = {}
    annulled: set[tuple[str, str]] = set()
    said: dict[tuple[str, str], dict[int, tuple[str, str]]] = defaultdict(dict)
    newest = ""
    for text in PendingLine.objects.order_by("id").values_list("text", flat=True):
        _s1, word, *rest = text.split()
        if word == "cause":
            if editions[newest] or any(cid == newest for cid, _p in first):
                editions[newest] += 1
            newest = rest[0]
        elif word == "text" and rest[0] == "correction":
            editions[rest[1]] += 1
        elif word in {"annul", "reinstate"}:
            (annulled.add if word == "annul" else annulled.discard)((rest[0], rest[1]))
        elif word == "vote":
            seat, choice, edition = (rest[0], rest[1]), rest[3], editions[rest[0]]
            before = choices.get(seat)
            if before is None:
                first[seat] = edition
            elif edition in said[seat]:
                said[seat][edition] = said[seat][edition][0], choice
            elif edition > first[seat] and before != "withdrawn" and seat not in annulled:
                said[seat][edition] = before, choice
            choices[seat] = choice
    return Counter(
        (seat[0], edition, *pair)
        for seat, answers in said.items()
        for edition, pair in answers.items()
        if pair[0] != pair[1] and seat not in annulled
    )


def _audited() -> dict[tuple[str, str], int]:
    signer = log_signer()
    report = audit(publisher.read, signer.verifier, signer.name, now=int(time.time()))
    assert report.alarms == [], report.alarms
    votes: Counter[tuple[str, str]] = Counter()
    for (cid, choice, _level), number in report.tallies.items():
        votes[cid, choice] += number
    return dict(votes)


@contextmanager
def example() -> Iterator[None]:
    """Leave nothing behind."""
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(causes, "REWORDINGS_PER_DAY", 1000)
        yield
        transaction.set_rollback(True)
    shutil.rmtree(publisher.directory(), ignore_errors=True)


STEPS = ["vote", "vote", "vote", "vote", "correct", "revise", "stand_by", "stand_by", "annul"]
HISTORIES = st.lists(
    st.tuples(
        st.sampled_from(STEPS),
        st.integers(0, PEOPLE - 1),
        st.sampled_from([0, 0, 0, 1]),
        st.sampled_from(["for", "against", "withdrawn"]),
    ),
    max_size=40,
)


@settings(max_examples=rounds(15), deadline=None, suppress_health_check=list(HealthCheck))
@given(HISTORIES)
def test_model_considered_tally_ledger_and_log_agree(
    shop: Organisation, history: list[tuple[str, int, int, str]]
) -> None:
    with example():
        world = World(shop)
        for step, who, back, choice in history:
            getattr(world, step)(who, back, choice)
        world.check()
