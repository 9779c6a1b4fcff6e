import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from stimme.apps.accounts.models import User
from stimme.apps.ballot.models import Box
from stimme.apps.causes.models import Cause, Effect, Provenance
from stimme.apps.causes.services import Demand, Party, Reference, TooManyCauses, publish_cause
from stimme.apps.organisations.models import Organisation
from stimme.engines.translog import cause_id
from tests.house import PARTIES, SOURCES, lines, start_cause, version_of

DEMAND = Demand("Open on Sundays, please", "en", "The doors are open.")


def publish(author: User | None, organisation: Organisation, **changes: Any) -> Cause:  # noqa: ANN401
    arguments = {"demand": DEMAND, "parties": PARTIES, "sources": SOURCES, **changes}
    return publish_cause(author=author, organisation=organisation, **arguments)


def test_a_published_cause_has_a_first_version_and_an_open_box(cause: Cause) -> None:
    version = version_of(cause)
    assert (version.number, version.supersedes, version.discarded) == (1, None, False)
    assert Box.objects.get().cid == version.cid
    assert Box.objects.get().state == "open"


def test_the_id_is_a_hash_of_the_exact_document(cause: Cause) -> None:
    version = version_of(cause)
    assert cause_id(version.document.encode()) == version.cid
    fields = json.loads(version.document)
    nonce = fields.pop("nonce")
    assert len(nonce) == 22
    assert fields == {
        "ask": "Bring back Product X",
        "changes": "It is on the shelf again.",
        "lang": "en",
        "org": "Corner Shop",
        "supersedes": None,
    }


def test_the_log_learns_of_it(cause: Cause) -> None:
    [line] = lines()
    assert line.split(" ")[:3] == ["s1", "cause", version_of(cause).cid]


def test_the_same_words_twice_are_two_causes(alice: User, shop: Organisation) -> None:
    first, second = publish(alice, shop), publish(alice, shop)
    assert first.slug != second.slug
    assert version_of(first).cid != version_of(second).cid


def test_parties_and_sources_are_kept_in_order(cause: Cause) -> None:
    parties = [(party.name, party.effect, party.how) for party in cause.parties.all()]
    assert parties == [(party.name, party.effect, party.how) for party in PARTIES]
    assert [(source.title, source.url) for source in cause.sources.all()] == [
        ("Annual report", "https://example.org/report")
    ]


@pytest.mark.parametrize(
    "parties", [[], PARTIES[:1]], ids=["nobody is affected", "everybody gains"]
)
def test_a_cause_names_somebody_who_would_lose(
    alice: User, shop: Organisation, parties: list[Party]
) -> None:
    with pytest.raises(ValidationError) as refusal:
        publish(alice, shop, parties=parties)
    assert refusal.value.code == "no_loser"
    assert not Cause.objects.exists()
    assert lines() == []


def test_somebody_who_gains_and_loses_is_enough(alice: User, shop: Organisation) -> None:
    both = [Party("Neighbours", Effect.BOTH, "A garden, and its noise.")]
    assert publish(alice, shop, parties=both).parties.count() == 1


def test_a_cause_from_a_file_need_not_name_anybody(shop: Organisation) -> None:
    cause = publish(None, shop, parties=[], provenance=Provenance.IMPORTED)
    assert cause.author is None


@pytest.mark.parametrize(
    "changes",
    [
        {"demand": Demand("Open on Sun\u202edays", "en")},
        {"demand": Demand("Open on Sundays", "en", "Zero\u200bwidth")},
        {"demand": Demand("Open the b\u0430nk", "en")},
        {"demand": Demand("?!", "en")},
        {"parties": [Party("St\u200baff", Effect.LOSES, "Work")]},
        {"parties": [Party("Staff", Effect.LOSES, "W\u043erk")]},
        {"sources": [Reference("Re\u2066port", "https://example.org")]},
    ],
)
def test_a_trick_in_any_text_stores_nothing(
    alice: User, shop: Organisation, changes: dict[str, object]
) -> None:
    with pytest.raises(ValidationError):
        publish(alice, shop, **changes)
    assert not Cause.objects.exists()
    assert not Box.objects.exists()
    assert lines() == []


def test_one_account_starts_only_so_many_in_a_day(alice: User, shop: Organisation) -> None:
    for number in range(settings.STIMME.causes_per_day):
        start_cause(alice, shop, f"Bring back Product {number}")
    with pytest.raises(TooManyCauses):
        publish(alice, shop)
    Cause.objects.update(opened_at=timezone.now() - timedelta(days=1, minutes=1))
    assert publish(alice, shop).pk


def test_the_limit_is_of_each_account(alice: User, charlie: User, shop: Organisation) -> None:
    for number in range(settings.STIMME.causes_per_day):
        start_cause(alice, shop, f"Bring back Product {number}")
    assert publish(charlie, shop).pk
