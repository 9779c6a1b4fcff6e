import pytest

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause, CauseVersion
from stimme.apps.causes.services import close_cause
from stimme.apps.moderation.services import hide
from tests.house import version_of, vote
from tests.visitors import text_of, visitor

NEW = {"ask": "Bring back Product X by Easter", "what_changes": "It is on the shelf again."}


def test_the_page_begins_with_the_present_wording(cause: Cause, alice: User) -> None:
    html = text_of(visitor(alice).get(f"{cause.get_absolute_url()}revise/"))
    assert "Bring back Product X</textarea>" in html
    assert "frozen at its first vote" in html


def test_the_difference_is_shown_and_nothing_stored(cause: Cause, alice: User) -> None:
    response = visitor(alice).post(f"{cause.get_absolute_url()}revise/", {**NEW, "go": "preview"})
    assert response.status_code == 200
    assert "<ins>by Easter</ins>" in text_of(response)
    assert CauseVersion.objects.count() == 1


def test_from_the_difference_back_to_the_new_words(cause: Cause, alice: User) -> None:
    response = visitor(alice).post(f"{cause.get_absolute_url()}revise/", {**NEW, "go": "edit"})
    assert "Bring back Product X by Easter</textarea>" in text_of(response)


def test_publishing_makes_the_new_version(cause: Cause, alice: User) -> None:
    vote(alice, cause, "for")
    response = visitor(alice).post(f"{cause.get_absolute_url()}revise/", {**NEW, "go": "publish"})
    assert response.headers["Location"] == cause.get_absolute_url()
    assert (version_of(cause).number, version_of(cause).ask) == (2, NEW["ask"])


@pytest.mark.parametrize("go", ["preview", "publish"])
@pytest.mark.parametrize(
    "changes",
    [
        {"ask": "Bring back Product X"},
        {"ask": ""},
        {"ask": "Bring \u202eback Product X"},
        {"what_changes": "x" * 1201},
    ],
)
def test_what_is_not_a_new_wording_is_refused(
    cause: Cause, alice: User, go: str, changes: dict[str, str]
) -> None:
    response = visitor(alice).post(
        f"{cause.get_absolute_url()}revise/", {**NEW, **changes, "go": go}
    )
    assert response.status_code == 422
    assert CauseVersion.objects.count() == 1


def test_closing_asks_before_it_closes(cause: Cause, alice: User) -> None:
    client = visitor(alice)
    address = f"{cause.get_absolute_url()}close/"
    assert "This cannot be undone." in text_of(client.get(address))
    cause.refresh_from_db()
    assert cause.state == "open"
    assert client.post(address).headers["Location"] == cause.get_absolute_url()
    cause.refresh_from_db()
    assert cause.state == "closed"


@pytest.mark.parametrize("what", ["revise", "close"])
class TestNobodyElse:
    def test_can(self, cause: Cause, bob: User, charlie: User, what: str) -> None:
        address = f"{cause.get_absolute_url()}{what}/"
        for user in [bob, charlie]:
            client = visitor(user)
            assert client.get(address).status_code == 403
            assert client.post(address, {**NEW, "go": "publish"}).status_code == 403
        assert visitor().post(address, {**NEW, "go": "publish"}).status_code == 302
        cause.refresh_from_db()
        assert (cause.state, CauseVersion.objects.count()) == ("open", 1)

    def test_can_when_it_is_closed(self, cause: Cause, alice: User, what: str) -> None:
        close_cause(by=alice, cause=cause)
        response = visitor(alice).post(
            f"{cause.get_absolute_url()}{what}/", {**NEW, "go": "publish"}
        )
        assert response.status_code == 403

    def test_can_when_it_is_hidden(self, cause: Cause, alice: User, bob: User, what: str) -> None:
        hide(by=bob, target=cause, reason="Under review.")
        assert visitor(alice).get(f"{cause.get_absolute_url()}{what}/").status_code == 403
