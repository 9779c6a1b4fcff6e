import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.ballot.sealer import seal
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand, close_cause, revise_cause
from stimme.apps.moderation.services import hide
from stimme.apps.organisations.services import record_response
from stimme.engines.translog import short_code
from tests.house import lines, version_of, vote
from tests.visitors import click, text_of, visitor

NEW = Demand("Bring back Product X before Christmas", "en")
HTMX = {"HX-Request": "true"}


def address_of(cause: Cause) -> str:
    return f"/receipt/{version_of(cause).cid}/"


def test_a_click_leads_to_the_receipt(cause: Cause, charlie: User) -> None:
    response = click(visitor(charlie), cause, "for")
    assert response.headers["Location"] == address_of(cause)


def test_it_says_all_that_was_promised(cause: Cause, charlie: User) -> None:
    client = visitor(charlie)
    click(client, cause, "for")
    html = text_of(client.get(address_of(cause)))
    [line] = lines(kind="vote")
    for part in [
        "You voted for it",
        line,
        short_code(line),
        "Bring back Product X",
        "promised",
        "we signed that",
        "e-mail address",
        f'href="{address_of(cause)}promise"',
        f'href="/verify/?cid={version_of(cause).cid}"',
        '<dl class="tally-numbers"',
    ]:
        assert part in html
    assert f'href="{address_of(cause)}proof"' not in html


def test_after_sealing_it_has_the_proof(cause: Cause, charlie: User) -> None:
    client = visitor(charlie)
    click(client, cause, "for")
    seal(everything=True)
    html = text_of(client.get(address_of(cause)))
    assert f'href="{address_of(cause)}proof"' in html
    assert "<dt>Line in the log</dt>" in html
    assert client.get(f"{address_of(cause)}proof").status_code == 200
    assert client.get(f"{address_of(cause)}promise").status_code == 200


def test_it_asks_for_its_slip_until_the_vote_is_sealed(cause: Cause, charlie: User) -> None:
    client = visitor(charlie)
    click(client, cause, "for")
    assert 'hx-trigger="every 10s"' in text_of(client.get(address_of(cause)))
    slip = text_of(client.get(address_of(cause), headers=HTMX))
    assert slip.startswith('<div class="stack" id="slip" hx-get=')
    seal(everything=True)
    slip = text_of(client.get(address_of(cause), headers=HTMX))
    assert "hx-" not in slip
    page = text_of(client.get(address_of(cause)))
    assert "hx-trigger" not in page
    assert "htmx-4" not in page


def test_only_this_page_carries_htmx(cause: Cause, charlie: User) -> None:
    client = visitor(charlie)
    click(client, cause, "for")
    assert "htmx-4" in text_of(client.get(address_of(cause)))
    for address in ["/", "/causes/", cause.get_absolute_url(), "/votes/"]:
        assert "htmx-4" not in text_of(client.get(address))


def test_the_vote_can_be_changed_and_withdrawn_from_it(cause: Cause, charlie: User) -> None:
    client = visitor(charlie)
    click(client, cause, "for")
    for choice, heading in [
        ("against", "You voted against it"),
        ("withdrawn", "You withdrew your vote"),
        ("for", "You voted for it"),
    ]:
        page = client.get(address_of(cause))
        assert f'name="choice" value="{choice}"' in text_of(page)
        client.post("/ballot", {"paper": page.context["paper"], "choice": choice})
        assert heading in text_of(client.get(address_of(cause)))


def test_after_rewording_it_only_withdraws(cause: Cause, alice: User, charlie: User) -> None:
    address = address_of(cause)
    vote(charlie, cause, "for")
    revise_cause(by=alice, cause=cause, demand=NEW)
    html = text_of(visitor(charlie).get(address))
    assert 'value="withdrawn"' in html
    assert 'value="against"' not in html
    assert "newer version" in html


def test_after_closing_it_is_only_read(cause: Cause, alice: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    close_cause(by=alice, cause=cause)
    assert 'name="choice"' not in text_of(visitor(charlie).get(address_of(cause)))


def test_of_a_hidden_cause_it_tells_the_vote_but_not_the_demand(
    cause: Cause, bob: User, charlie: User
) -> None:
    vote(charlie, cause, "for")
    hide(by=bob, target=cause, reason="It names a private person.")
    html = text_of(visitor(charlie).get(address_of(cause)))
    assert "Product X" not in html
    assert "Hidden by moderation" in html
    assert lines(kind="vote")[0] in html


def test_it_is_kept_by_no_cache(cause: Cause, charlie: User) -> None:
    vote(charlie, cause, "for")
    response = visitor(charlie).get(address_of(cause))
    assert "no-store" in response.headers["Cache-Control"]


def test_it_asks_again_once_something_has_happened(cause: Cause, bob: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    client, address = visitor(charlie), address_of(cause)
    asks = f"/votes/{version_of(cause).cid}/reconsider/"
    assert asks not in text_of(client.get(address))
    day = timezone.localdate()
    record_response(by=bob, cause=cause, text="No.", source_url="", published_on=day)
    page = text_of(client.get(address))
    assert "Since you voted, the organisation has answered." in page
    assert asks in page


@pytest.mark.parametrize("again", [0, 2])
def test_queries(
    cause: Cause, charlie: User, again: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for choice in ["for", "against", "for"][: again + 1]:
        vote(charlie, cause, choice)
    client, address = visitor(charlie), address_of(cause)
    with django_assert_num_queries(10):  # among them: what has happened since
        client.get(address)
    with django_assert_num_queries(7):
        client.get(address, headers=HTMX)
