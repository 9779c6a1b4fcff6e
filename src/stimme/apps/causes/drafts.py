"""A cause being written, kept from visit to visit, until it is published or thrown away."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause, Draft
from stimme.apps.causes.services import Demand, Party, Reference, publish_cause
from stimme.apps.organisations.services import find_or_add_organisation

Typed = Mapping[str, str] | Sequence[Mapping[str, str]]


class NoDraft(Exception):
    """The draft is published already, or was thrown away, perhaps in another window."""


def draft_of(user: User) -> Draft:
    """Return the account's draft; an empty one is not stored."""
    return Draft.objects.filter(author=user).first() or Draft(author=user)


@transaction.atomic
def save_step(*, author: User, step: str, typed: Typed) -> Draft:
    """Keep what was typed in one step, right or wrong: nobody types it twice."""
    draft, _created = Draft.objects.select_for_update().get_or_create(author=author)
    draft.steps[step] = _storable(typed)
    draft.save()
    return draft


def _storable(typed: Typed) -> Typed:
    """PostgreSQL's JSON holds no NUL; no keyboard types one."""
    if isinstance(typed, Mapping):
        return {name: text.replace("\0", "") for name, text in typed.items()}
    return [{name: text.replace("\0", "") for name, text in row.items()} for row in typed]


def discard(*, author: User) -> None:
    Draft.objects.filter(author=author).delete()


@transaction.atomic
def publish_draft(
    *,
    author: User,
    organisation: Mapping[str, str],
    demand: Demand,
    parties: Sequence[Party],
    sources: Sequence[Reference],
) -> Cause:
    """Publish what the draft's forms accepted, and end the draft: a second click finds none.

    `organisation` has the arguments of `find_or_add_organisation`. Raises NoDraft, and what
    `publish_cause` raises; then the draft stays.
    """
    if not Draft.objects.select_for_update().filter(author=author).exists():
        raise NoDraft
    cause = publish_cause(
        author=author,
        organisation=find_or_add_organisation(**organisation),
        demand=demand,
        parties=parties,
        sources=sources,
    )
    discard(author=author)
    return cause
