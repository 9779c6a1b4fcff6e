"""The seed of the demo. Ids, pseudonyms and log differ between two seedings: nonces, account
secrets and keys are random. Everything that a visitor reads and counts is the same."""

import time
from collections import Counter
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import transaction

from stimme.apps.ballot import publisher
from stimme.apps.ballot.log_keys import log_signer
from stimme.apps.ballot.models import TurningPoint
from stimme.apps.ballot.sealer import seal
from stimme.apps.ballot.selectors import count_of
from stimme.apps.causes.considering import told_about
from stimme.apps.causes.models import Cause, CauseVersion, Correction, Provenance, Source
from stimme.apps.deliberation.models import Statement
from stimme.apps.moderation.models import Action, Removal, Report
from stimme.apps.organisations.models import Decision, OfficialResponse, Result
from stimme.apps.organisations.selectors import commitments_of
from stimme.demo.seeding import seed_demo
from stimme.demo.stories import Commitment, Story, stories
from stimme.engines.translog import Verifier, audit
from tests.house import lines, seats_counted

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 18, 34, tzinfo=UTC)
RETOLD = {"Amazon", "Emmi", "Migros", "Zweifel"}


class World(NamedTuple):
    """What can be read and counted, by the wording of the demand."""

    tallies: dict[str, list[tuple[int, int, int, int]]]
    clicks: dict[str, Counter[str]]


def seeded(*, seed: int = 1, factor: float = 0.1) -> World:
    seed_demo(seed=seed, factor=factor, now=NOW)
    cids = {version.ask: version.cid for version in CauseVersion.objects.all()}
    return World(
        {ask: tallies_of(cid) for ask, cid in cids.items()},
        {ask: clicks_of(cid) for ask, cid in cids.items()},
    )


def tallies_of(cid: str) -> list[tuple[int, int, int, int]]:
    levels = count_of(cid).levels
    return [(one.level, one.votes_for, one.votes_against, one.withdrawn) for one in levels]


def clicks_of(cid: str) -> Counter[str]:
    """Sequence number, choice, level, and the hour where the seed decides it (level 9)."""
    fields = [line.split(" ")[4:8] for line in lines(cid=cid, kind="vote")]
    return Counter(" ".join(field if field[2] == "9" else field[:3]) for field in fields)


def seeded_and_forgotten(**options: int) -> World:
    with transaction.atomic():
        world = seeded(**options)
        transaction.set_rollback(True)
    return world


def test_the_published_log_alone_gives_the_tallies_of_the_database() -> None:
    seeded()
    seal(everything=True)
    verifier = Verifier.from_vkey(log_signer().vkey)
    report = audit(publisher.read, verifier, settings.STIMME.origin, now=int(time.time()))
    assert (report.alarms, [cause.outside for cause in report.causes.values()]) == ([], [0] * 24)
    live = {key: number for key, number in seats_counted().items() if key[1] != "withdrawn"}
    assert report.tallies == live


def test_the_same_seed_gives_the_same_causes_choices_and_numbers() -> None:
    assert seeded_and_forgotten(seed=1) == seeded_and_forgotten(seed=1)


def test_another_seed_gives_other_numbers_to_the_same_causes() -> None:
    first, second = seeded_and_forgotten(seed=1), seeded_and_forgotten(seed=2)
    assert first.tallies.keys() == second.tallies.keys()
    assert first.tallies != second.tallies


def test_the_times_of_the_votes_follow_the_moment_of_seeding() -> None:
    seeded()
    hours = [line.split(" ")[7] for line in vote_lines(Provenance.IMPORTED)]
    assert (min(hours)[:10] >= "2026-07-02", max(hours) <= "2026-11-22T18Z") == (True, True)
    assert {line.split(" ")[7][:7] for line in vote_lines(Provenance.SIMULATED, "Amazon")} == {
        "2010-11"
    }


def vote_lines(provenance: Provenance, organisation: str = "") -> list[str]:
    causes = Cause.objects.filter(provenance=provenance, organisation__name__contains=organisation)
    cids = CauseVersion.objects.filter(cause__in=causes).values_list("cid", flat=True)
    return [line for cid in cids for line in lines(kind="vote", cid=cid)]


def test_every_state_a_visitor_should_see_is_there() -> None:
    tallies = seeded(factor=1.0).tallies
    versions = Counter(CauseVersion.objects.values_list("cause", flat=True))
    assert set(Cause.objects.values_list("state", "hidden")) == {
        ("open", False),
        ("closed", False),
        ("open", True),
    }
    assert set(Cause.objects.values_list("provenance", flat=True)) == set(Provenance.values)
    assert set(Decision.objects.values_list("result", flat=True)) == {
        Result.GRANTED,
        Result.PARTLY,
        Result.DECLINED,
        Result.ALREADY_SO,
    }
    assert {row.language for row in CauseVersion.objects.all()} == {"de", "fr", "it", "en"}
    assert sorted(versions.values())[-2:] == [1, 2]
    assert [ask for ask, rows in tallies.items() if not rows] == [
        "Öffnet die Stadtbibliothek auch am Sonntagnachmittag"
    ]
    assert OfficialResponse.objects.exclude(cause__decisions__isnull=False).count() == 2
    assert Source.objects.filter(hidden=True).count() == 1
    assert Action.objects.exclude(reason="").count() == 3
    assert Statement.objects.filter(hidden=True).count() == Report.objects.count() == 1
    assert set(Statement.objects.values_list("side", flat=True)) == {"for", "against"}
    assert Removal.objects.get().number == 6
    assert Correction.objects.get().own
    said = told_about(Correction.objects.get())
    assert said
    assert said.is_enough
    voters = sum(ayes + noes for rows in tallies.values() for _, ayes, noes, _ in rows)
    assert 3000 <= voters <= 6000


def test_simulated_and_imported_votes_are_called_so() -> None:
    seeded()
    started_here = {line.split(" ")[6] for line in vote_lines(Provenance.PERSON)}
    assert started_here == {"0"}
    imported = {line.split(" ")[6] for line in vote_lines(Provenance.IMPORTED)}
    assert imported == {"9"}
    assert set(
        Cause.objects.filter(organisation__name__in=RETOLD).values_list("provenance", flat=True)
    ) == {Provenance.SIMULATED}


def commitments_in(story: Story) -> list[Commitment]:
    return story.decision.commitments if story.decision else []


def test_commitments_are_kept_broken_overdue_open_and_revised() -> None:
    seeded()
    decisions = list(Decision.objects.values_list("pk", flat=True))
    found = [one for ones in commitments_of(decisions).values() for one in ones]
    assert Counter(one.stands for one in found) == {"kept": 1, "broken": 1, "due": 1, "open": 2}
    assert [one.status for one in found if one.due_now != one.due_on] == ["revised"]
    asked = TurningPoint.objects.filter(kind="commitment").values_list("subject", flat=True)
    assert sorted(asked) == sorted(one.pk for one in found if one.stands != "open")


def test_no_promise_is_invented_for_a_real_organisation() -> None:
    told = {story.organisation for story in stories().values() if commitments_in(story)}
    assert told & RETOLD == set()


def test_of_real_organisations_nothing_is_said_without_a_source() -> None:
    for story in stories().values():
        urls = [source.url for source in story.sources]
        urls += [response.url for response in story.responses]
        urls += [story.decision.url] if story.decision else []
        urls += [one.url for one in commitments_in(story) if one.url]
        invented = {urlsplit(url).hostname == "example.org" for url in urls}
        assert invented == {story.organisation not in RETOLD}, story.organisation


def test_the_german_of_the_demo_is_swiss() -> None:
    assert [name for name, story in stories().items() if "ß" in story.model_dump_json()] == []
