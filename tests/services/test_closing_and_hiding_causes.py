import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from stimme.apps.accounts.models import User
from stimme.apps.ballot.errors import BoxClosed, BoxSuspended
from stimme.apps.ballot.models import Box
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand, close_cause, revise_cause
from stimme.apps.moderation.models import Action
from stimme.apps.moderation.services import hide, restore
from tests.house import lines, version_of, vote

NEW = Demand("Bring back Product X before Christmas", "en")


def states() -> list[str]:
    return sorted(Box.objects.values_list("state", flat=True))


def test_closing_ends_the_vote_on_every_version(cause: Cause, alice: User, charlie: User) -> None:
    first = version_of(cause)
    vote(charlie, cause, "for")
    revise_cause(by=alice, cause=cause, demand=NEW)
    close_cause(by=alice, cause=cause)
    cause.refresh_from_db()
    assert cause.state == "closed"
    assert cause.closed_at
    assert states() == ["closed", "closed"]
    for version in [first, version_of(cause)]:
        with pytest.raises(BoxClosed):
            vote(charlie, version, "withdrawn")


def test_closing_twice_leaves_one_line(cause: Cause, alice: User) -> None:
    close_cause(by=alice, cause=cause)
    close_cause(by=alice, cause=cause)
    assert len(lines(kind="close")) == 1


def test_author_and_staff_close_and_nobody_else(cause: Cause, bob: User, charlie: User) -> None:
    with pytest.raises(PermissionDenied):
        close_cause(by=charlie, cause=cause)
    assert states() == ["open"]
    close_cause(by=bob, cause=cause)
    assert states() == ["closed"]


def test_a_hidden_cause_takes_no_votes_until_it_is_shown_again(
    cause: Cause, bob: User, charlie: User
) -> None:
    hide(by=bob, target=cause, reason="It names a private person.")
    with pytest.raises(BoxSuspended):
        vote(charlie, cause, "for")
    restore(by=bob, target=cause, reason="The name is gone.")
    assert vote(charlie, cause, "for").changed


def test_showing_again_leaves_old_versions_superseded(
    cause: Cause, alice: User, bob: User, charlie: User
) -> None:
    vote(charlie, cause, "for")
    revise_cause(by=alice, cause=cause, demand=NEW)
    hide(by=bob, target=cause, reason="Under review.")
    assert states() == ["suspended", "suspended"]
    restore(by=bob, target=cause, reason="Reviewed.")
    assert states() == ["open", "superseded"]


def test_showing_again_does_not_open_a_closed_cause(cause: Cause, alice: User, bob: User) -> None:
    close_cause(by=alice, cause=cause)
    hide(by=bob, target=cause, reason="Under review.")
    restore(by=bob, target=cause, reason="Reviewed.")
    assert states() == ["closed"]


def test_one_party_or_source_can_be_hidden(cause: Cause, bob: User) -> None:
    party, source = cause.parties.all()[0], cause.sources.all()[0]
    hide(by=bob, target=party, reason="A private person.")
    hide(by=bob, target=source, reason="Leads to malware.")
    party.refresh_from_db()
    source.refresh_from_db()
    assert (party.hidden, source.hidden) == (True, True)
    assert states() == ["open"]


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_hiding_needs_a_reason(cause: Cause, bob: User, reason: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        hide(by=bob, target=cause, reason=reason)
    assert refusal.value.code == "no_reason"
    assert not Action.objects.exists()
    assert states() == ["open"]


def test_only_staff_hides(cause: Cause, alice: User) -> None:
    with pytest.raises(PermissionDenied):
        hide(by=alice, target=cause, reason="I changed my mind.")
    assert not Action.objects.exists()
