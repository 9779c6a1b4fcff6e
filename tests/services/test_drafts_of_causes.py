import pytest
from django.conf import settings

from stimme.apps.accounts.models import User
from stimme.apps.causes import drafts
from stimme.apps.causes.models import Cause, Draft
from stimme.apps.causes.services import Demand, TooManyCauses
from stimme.apps.organisations.models import Organisation
from tests.house import PARTIES, SOURCES, start_cause


def publish(author: User) -> Cause:
    return drafts.publish_draft(
        author=author,
        organisation={"name": "Town Hall", "kind": "authority"},
        demand=Demand("Open the town hall on Saturdays", "en"),
        parties=PARTIES,
        sources=SOURCES,
    )


def test_looking_at_a_draft_stores_nothing(alice: User) -> None:
    assert drafts.draft_of(alice).steps == {}
    assert not Draft.objects.exists()


def test_what_was_typed_is_kept_step_by_step(alice: User, charlie: User) -> None:
    drafts.save_step(author=alice, step="demand", typed={"ask": "Open"})
    drafts.save_step(author=alice, step="sources", typed=[{"title": "A", "url": "?"}])
    drafts.save_step(author=alice, step="demand", typed={"ask": "Open now"})
    assert drafts.draft_of(alice).steps == {
        "demand": {"ask": "Open now"},
        "sources": [{"title": "A", "url": "?"}],
    }
    assert drafts.draft_of(charlie).steps == {}


def test_a_nul_is_left_out(alice: User) -> None:
    drafts.save_step(author=alice, step="demand", typed={"ask": "Open\0"})
    drafts.save_step(author=alice, step="sources", typed=[{"title": "\0A"}])
    kept = drafts.draft_of(alice).steps
    assert kept == {"demand": {"ask": "Open"}, "sources": [{"title": "A"}]}


def test_publishing_ends_the_draft(alice: User) -> None:
    drafts.save_step(author=alice, step="demand", typed={"ask": "Open"})
    cause = publish(alice)
    assert (cause.author, cause.organisation.name) == (alice, "Town Hall")
    assert not Draft.objects.exists()


def test_publishing_twice_is_one_cause(alice: User) -> None:
    drafts.save_step(author=alice, step="demand", typed={"ask": "Open"})
    publish(alice)
    with pytest.raises(drafts.NoDraft):
        publish(alice)
    assert Cause.objects.count() == 1


def test_a_cause_too_many_leaves_the_draft_and_adds_no_organisation(
    alice: User, shop: Organisation
) -> None:
    for number in range(settings.STIMME.causes_per_day):
        start_cause(alice, shop, f"Bring back Product {number}")
    drafts.save_step(author=alice, step="demand", typed={"ask": "Open"})
    with pytest.raises(TooManyCauses):
        publish(alice)
    assert drafts.draft_of(alice).steps == {"demand": {"ask": "Open"}}
    assert list(Organisation.objects.all()) == [shop]
