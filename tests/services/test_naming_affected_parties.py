"""Readers name who is affected: few at a time, on open causes, and nothing says who did."""

import pytest
from django.core.exceptions import ValidationError
from django.forms.models import model_to_dict

from stimme.apps.accounts.models import User
from stimme.apps.causes.affected import MOST_PARTIES, name_party
from stimme.apps.causes.models import AffectedParty, Cause, Effect
from stimme.apps.causes.services import Party, close_cause
from stimme.apps.moderation.services import hide
from tests.house import PARTIES

DRIVERS = Party("Delivery drivers", Effect.GAINS, "They have more to carry.")


def fault(user: User, cause: Cause, party: Party = DRIVERS) -> str | None:
    with pytest.raises(ValidationError) as caught:
        name_party(by=user, cause=cause, party=party)
    return caught.value.code


def test_a_reader_names_one_and_no_account_is_stored_with_it(cause: Cause, charlie: User) -> None:
    party = name_party(by=charlie, cause=cause, party=DRIVERS)
    stored = model_to_dict(AffectedParty.objects.get(pk=party.pk))
    assert stored == {
        "id": party.pk,
        "cause": cause.pk,
        "name": "Delivery drivers",
        "effect": "gains",
        "how": "They have more to carry.",
        "hidden": False,
        "by_reader": True,
    }


def test_those_of_the_author_are_not_marked(cause: Cause) -> None:
    assert [party.by_reader for party in cause.parties.all()] == [False] * len(PARTIES)


@pytest.mark.parametrize(
    "party, code",
    [
        (Party("shoppers", Effect.LOSES, "So."), "known"),
        (Party("", Effect.GAINS, "So."), "empty"),
        (Party("!", Effect.GAINS, "So."), "empty"),
        (Party("Drivers", Effect.GAINS, " "), "empty"),
        (Party("Drivers\u202e", Effect.GAINS, "So."), "invisible"),
        (Party("Drivers", Effect.GAINS, "P\u0430id."), "mixed_scripts"),
    ],
)
def test_what_is_refused(cause: Cause, charlie: User, party: Party, code: str) -> None:
    assert fault(charlie, cause, party) == code


def test_what_staff_hid_is_not_put_back(cause: Cause, bob: User, charlie: User) -> None:
    party = name_party(by=charlie, cause=cause, party=DRIVERS)
    hide(by=bob, target=party, reason="A private person.")
    assert fault(charlie, cause) == "known"


def test_not_on_a_closed_or_hidden_cause(
    cause: Cause, alice: User, bob: User, charlie: User
) -> None:
    hide(by=bob, target=cause, reason="Under review.")
    assert fault(charlie, cause) == "not_open"
    close_cause(by=alice, cause=cause)
    assert fault(charlie, cause) == "not_open"


def test_not_more_than_would_be_read(cause: Cause, charlie: User) -> None:
    for number in range(MOST_PARTIES - len(PARTIES)):
        AffectedParty.objects.create(cause=cause, name=f"P {number}", effect="gains", how="So.")
    assert fault(charlie, cause) == "full"


def test_not_many_at_once(cause: Cause, charlie: User) -> None:
    for number in range(3):
        name_party(by=charlie, cause=cause, party=Party(f"P {number}", Effect.GAINS, "So."))
    assert fault(charlie, cause) == "too_often"
