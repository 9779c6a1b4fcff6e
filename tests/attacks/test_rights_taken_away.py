"""Rights end at once, also in the browsers in which somebody is signed in already."""

import pytest
from django.test import Client

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import dismiss_staff
from stimme.apps.ballot.models import Seat
from stimme.apps.causes.models import Cause
from tests.house import vote
from tests.sign_in import CODE, ask_for_code
from tests.visitors import paper_in, visitor

OWN_PAGES = ["/account/", "/votes/", "/causes/start/", "/account/passkeys/", "/account/leave/"]
STAFF_PAGES = ["/staff/", "/staff/accounts/user/", "/moderation/causes/{}/"]


def switch_off(user: User, *, by: User) -> None:
    answer = visitor(by).post(f"/staff/accounts/user/{user.pk}/change/", {})
    assert answer.status_code == 302


def test_an_account_that_is_switched_off_is_signed_out_everywhere(
    cause: Cause, bob: User, charlie: User
) -> None:
    vote(charlie, cause, "for")
    client = visitor(charlie)
    assert [client.get(path).status_code for path in OWN_PAGES] == [200] * 4 + [302]
    switch_off(charlie, by=bob)
    for path in OWN_PAGES:
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"][:17]) == (302, "/account/sign-in/")
    page = client.get(cause.get_absolute_url())
    assert "paper" not in page.context


def test_it_cannot_sign_in_again(bob: User, charlie: User) -> None:
    switch_off(charlie, by=bob)
    client = Client()
    answer = client.post(CODE, {"code": ask_for_code(client, charlie.email)})
    assert (answer.status_code, answer["Location"]) == (302, "/account/inactive/")
    assert "_auth_user_id" not in client.session


def test_a_paper_that_was_open_still_gives_its_one_vote(
    cause: Cause, bob: User, charlie: User
) -> None:
    """Casting looks no account up; docs/operate/privacy.md says so. The page stays empty-handed."""
    client = visitor(charlie)
    paper = paper_in(client, cause)
    switch_off(charlie, by=bob)
    client.post("/ballot", {"paper": paper, "choice": "for"})
    client.post("/ballot", {"paper": paper, "choice": "against"})
    assert [seat.choice for seat in Seat.objects.all()] == ["against"]


@pytest.mark.parametrize("page", STAFF_PAGES)
def test_who_no_longer_belongs_to_the_staff_is_refused_at_once(
    cause: Cause, bob: User, page: str
) -> None:
    client, path = visitor(bob), page.format(cause.slug)
    assert client.get(path).status_code == 200
    dismiss_staff(email=bob.email)
    assert client.get(path).status_code == 403
    assert client.post(f"/moderation/hide/cause/{cause.pk}/", {"reason": "x"}).status_code == 403
