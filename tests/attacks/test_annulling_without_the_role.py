"""Who may not annul votes does not, by whatever they send."""

import pytest
from django.core.exceptions import PermissionDenied

from stimme.apps.accounts.models import User
from stimme.apps.ballot.models import PendingLine, Seat
from stimme.apps.ballot.selectors import own_seats
from stimme.apps.causes.models import Cause
from stimme.apps.moderation.models import Removal
from stimme.apps.moderation.removing import annul_votes, let_annul, reinstate_votes
from tests.house import version_of, vote
from tests.visitors import visitor

NOTE = "I do not like what they say."


@pytest.fixture
def seat(cause: Cause, alice: User) -> str:
    vote(alice, cause, "for")
    cid = version_of(cause).cid
    return own_seats(user=alice, cids=[cid])[cid].p


@pytest.fixture
def removal(cause: Cause, seat: str) -> Removal:
    dana = User.objects.create_user("dana@example.org", is_staff=True)
    let_annul(user=dana)
    return annul_votes(
        by=dana, version=version_of(cause), pseudonyms=[seat], reason="bot", note="A test of ours."
    )


def with_rights(user: User) -> User:
    """Permissions are read once for each object."""
    return User.objects.get(pk=user.pk)


def fields(cause: Cause, seat: str) -> dict[str, str]:
    version = str(version_of(cause).pk)
    return {"version": version, "seats": seat, "reason": "bot", "note": NOTE, "confirm": "1"}


@pytest.mark.parametrize("who", ["visitor", "charlie", "author", "staff"])
def test_without_the_role_neither_page_answers(
    who: str, cause: Cause, removal: Removal, alice: User, bob: User, charlie: User
) -> None:
    user = {"visitor": None, "charlie": charlie, "author": alice, "staff": bob}[who]
    client, before = visitor(user), list(PendingLine.objects.values_list("text"))
    for path in [
        f"/moderation/causes/{cause.slug}/annul/",
        f"/moderation/removals/{removal.pk}/reinstate/",
    ]:
        for answer in [client.get(path), client.post(path, fields(cause, "A" * 22))]:
            assert answer.status_code == (403 if user else 302)
    assert list(PendingLine.objects.values_list("text")) == before
    assert Removal.objects.count() == 1


def test_the_role_without_being_of_the_staff_is_none(
    cause: Cause, removal: Removal, seat: str, charlie: User
) -> None:
    let_annul(user=charlie)
    user = with_rights(charlie)
    assert visitor(user).get(f"/moderation/causes/{cause.slug}/annul/").status_code == 403
    with pytest.raises(PermissionDenied):
        reinstate_votes(by=user, removal=removal, note=NOTE)
    with pytest.raises(PermissionDenied):
        annul_votes(by=user, version=version_of(cause), pseudonyms=[seat], reason="bot", note=NOTE)


def test_another_site_cannot_make_somebody_annul(cause: Cause, seat: str, bob: User) -> None:
    let_annul(user=bob)
    client = visitor(with_rights(bob), csrf=True)
    path = f"/moderation/causes/{cause.slug}/annul/"
    assert client.post(path, fields(cause, seat)).status_code == 403
    assert not Seat.objects.exclude(annulled="").exists()


def test_nothing_is_annulled_unseen(cause: Cause, seat: str, bob: User) -> None:
    let_annul(user=bob)
    path = f"/moderation/causes/{cause.slug}/annul/"
    for confirm in ["", "1", "true", "\x00", "é" * 64]:
        answer = visitor(with_rights(bob)).post(path, fields(cause, seat) | {"confirm": confirm})
        assert answer.status_code in {200, 422}
    assert not Removal.objects.exists()


def test_no_script_comes_in_by_the_note(cause: Cause, removal: Removal) -> None:
    Removal.objects.update(note="<script>alert(1)</script>")
    page = visitor().get("/moderation/removals/").content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
