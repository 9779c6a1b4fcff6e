"""A small world for tests: Alice owns a cause, Bob is staff, Charlie and others vote."""

import pytest
from django.db.models import Sum

from stimme.apps.accounts.models import User
from stimme.apps.ballot import services as ballot
from stimme.apps.ballot.casting import Cast
from stimme.apps.ballot.models import Entry, PendingLine, Tally
from stimme.apps.causes.models import Cause, CauseVersion, Effect
from stimme.apps.causes.services import Demand, Party, Reference, publish_cause
from stimme.apps.organisations.models import Organisation
from stimme.apps.organisations.services import find_or_add_organisation

SESSION = "a-session-cookie"
PARTIES = [
    Party("Shoppers", Effect.GAINS, "They can buy the product again."),
    Party("The supplier of the replacement", Effect.LOSES, "It loses its place on the shelf."),
]
SOURCES = [Reference("Annual report", "https://example.org/report")]


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice@example.org")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob@example.org", is_staff=True)


@pytest.fixture
def charlie(db: None) -> User:
    return User.objects.create_user("charlie@example.org")


@pytest.fixture
def shop(db: None) -> Organisation:
    return find_or_add_organisation(name="Corner Shop", kind="company")


@pytest.fixture
def cause(alice: User, shop: Organisation) -> Cause:
    return start_cause(alice, shop, "Bring back Product X")


def start_cause(author: User, organisation: Organisation, ask: str) -> Cause:
    return publish_cause(
        author=author,
        organisation=organisation,
        demand=Demand(ask, "en", "It is on the shelf again."),
        parties=PARTIES,
        sources=SOURCES,
    )


def version_of(cause: Cause) -> CauseVersion:
    version = Cause.objects.select_related("current").get(pk=cause.pk).current
    assert version
    return version


def vote(user: User, cause: Cause | CauseVersion, choice: str, session: str = SESSION) -> Cast:
    """Vote as a page lets somebody vote: with a paper issued to their session."""
    version = cause if isinstance(cause, CauseVersion) else version_of(cause)
    paper = ballot.issue_paper(user=user, session=session, cid=version.cid)
    return ballot.cast_vote(paper=paper, session=session, choice=choice)


def lines(**fields: str) -> list[str]:
    """Lines with these fields: the sealed ones as in the log, then those that are pending."""
    sealed = Entry.objects.filter(**fields).order_by("log_index").values_list("text", flat=True)
    pending = PendingLine.objects.filter(**fields).order_by("id").values_list("text", flat=True)
    return [*sealed, *pending]


def seats_counted() -> dict[tuple[str, str, str], int]:
    """Seats by cid, choice and level as the tallies have them, without those annulled."""
    alike = Tally.objects.filter(annulled=False).values_list("cid", "choice", "level")
    rows = alike.annotate(number=Sum("number")).order_by()
    return {(cid, choice, str(level)): number for cid, choice, level, number in rows if number}
