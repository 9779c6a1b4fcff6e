"""Pages for strangers: the same bytes for all of one language, so that a cache can serve them."""

import gzip

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause
from stimme.apps.moderation.services import hide
from stimme.web.middleware import Handler
from tests.house import version_of, vote
from tests.visitors import Answer, click, visitor

PUBLIC = "public, max-age=0, s-maxage=1, must-revalidate"


@pytest.fixture
def pages(cause: Cause, alice: User) -> list[str]:
    vote(alice, cause, "for")
    page, cid = cause.get_absolute_url(), version_of(cause).cid
    lists = ["/", "/causes/", "/causes/?q=product", "/organisations/", "/log/"]
    one = ["/organisations/corner-shop/", f"/log/causes/{cid}/", f"/tally/{cid}"]
    return [page, f"{page}?count=1", f"{page}briefing/", *lists, *one]


def is_public(answer: Answer) -> bool:
    return "public" in answer.headers["Cache-Control"]


def test_strangers_get_the_same_bytes(pages: list[str]) -> None:
    """Even one who was at a form before, whose token must not reach the others."""
    been_around = visitor()
    been_around.get("/account/sign-in/")
    assert "stimme_csrf" in been_around.cookies
    for page in pages:
        answers = [visitor().get(page), visitor().get(page), been_around.get(page)]
        assert {answer.headers["Cache-Control"] for answer in answers} == {PUBLIC}, page
        assert len({answer.content for answer in answers}) == 1, page
        assert not any(answer.cookies for answer in answers), page
        assert b"csrfmiddlewaretoken" not in answers[0].content, page


def test_the_name_asked_for_does_not_reach_the_page(pages: list[str]) -> None:
    """A cache keeps a page by its path: nobody may choose what stands in it for others."""
    for page in pages:
        asked = [visitor().get(page, headers={"host": name}) for name in ["localhost", "127.0.0.1"]]
        assert asked[0].content == asked[1].content, page


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "Referer", "HX-Request", "User-Agent"])
def test_no_other_header_reaches_the_page(pages: list[str], header: str) -> None:
    for page in pages:
        other = visitor().get(page, headers={header: "true"})
        assert other.content == visitor().get(page).content, (page, header)


def test_each_language_has_its_own(cause: Cause) -> None:
    page = cause.get_absolute_url()
    tags = {visitor(language=code).get(page).headers["ETag"] for code in ["de", "fr", "it", "en"]}
    assert len(tags) == 4


class TestTheTag:
    def test_spares_sending_what_has_not_changed(self, pages: list[str]) -> None:
        for page in pages:
            tag = visitor().get(page).headers["ETag"]
            again = visitor().get(page, headers={"If-None-Match": tag})
            assert (again.status_code, again.content) == (304, b""), page
            assert again.headers["Cache-Control"] == PUBLIC, page

    def test_changes_with_the_page(self, cause: Cause, alice: User) -> None:
        page = cause.get_absolute_url()
        tag = visitor().get(page).headers["ETag"]
        vote(alice, cause, "for")
        again = visitor().get(page, headers={"If-None-Match": tag})
        assert again.status_code == 200

    def test_is_of_the_bytes_before_they_are_compressed(self, cause: Cause) -> None:
        """Compressed, an answer is padded at random; the tag stays, and says it is weak."""
        page, plain = cause.get_absolute_url(), visitor().get(cause.get_absolute_url())
        accepts = {"Accept-Encoding": "gzip"}
        small = [visitor().get(page, headers=accepts) for _ in range(2)]
        assert [gzip.decompress(answer.content) for answer in small] == [plain.content] * 2
        assert {answer.headers["ETag"] for answer in small} == {"W/" + plain.headers["ETag"]}
        again = visitor().get(page, headers={**accepts, "If-None-Match": small[0].headers["ETag"]})
        assert again.status_code == 304


class TestNeverPublic:
    def test_is_a_page_of_somebody_signed_in(self, pages: list[str], bob: User) -> None:
        for page in pages[:-1]:
            answer = visitor(bob).get(page)
            assert "no-store" in answer.headers["Cache-Control"], page
            assert not answer.has_header("ETag"), page

    def test_is_a_page_with_a_message(self, cause: Cause, alice: User) -> None:
        client = visitor(alice)
        client.post("/account/sign-out/")
        answer = client.get(cause.get_absolute_url())
        assert b"messages" in answer.content
        assert "no-store" in answer.headers["Cache-Control"]

    @pytest.mark.parametrize("cookie", ["", "x", "a" * 32])
    def test_is_a_page_for_any_session_cookie(self, pages: list[str], cookie: str) -> None:
        """Also for one that is empty, made up or expired: absence alone makes a stranger."""
        for page in pages[:-1]:
            answer = visitor().get(page, headers={"Cookie": f"stimme_session={cookie}"})
            assert "no-store" in answer.headers["Cache-Control"], page

    @pytest.mark.usefixtures("db")
    def test_is_a_page_with_a_token(self) -> None:
        client = visitor()
        for _ in range(2):  # the second time without a new cookie
            assert not is_public(client.get("/account/sign-in/"))

    def test_is_a_page_of_staff(self, cause: Cause, bob: User) -> None:
        for user in [None, bob]:
            assert not is_public(visitor(user).get("/staff/"))
            assert not is_public(visitor(user).get(f"/moderation/causes/{cause.slug}/"))

    def test_is_a_refusal(self, cause: Cause, bob: User) -> None:
        hide(by=bob, target=cause, reason="It names a private person.")
        for path in [cause.get_absolute_url(), "/causes/nothing-of-the-kind/"]:
            assert not is_public(visitor().get(path))
        assert not is_public(visitor().post("/causes/"))

    def test_is_an_answer_that_sets_a_cookie(self, cause: Cause, settings: Settings) -> None:
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.with_a_cookie"]
        answer = Client().get(cause.get_absolute_url())
        assert "seen" in answer.cookies
        assert not is_public(answer)


def with_a_cookie(get_response: Handler) -> Handler:
    """What a careless middleware of tomorrow would do."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.set_cookie("seen", "1")
        return response

    return middleware


def test_a_stranger_costs_no_session(
    cause: Cause, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = visitor()
    client.get(cause.get_absolute_url())
    with django_assert_num_queries(8):
        client.get(cause.get_absolute_url())


def test_voting_changes_no_page_of_a_stranger_but_the_number(cause: Cause, alice: User) -> None:
    click(visitor(alice), cause, "for")
    assert b"You voted" not in visitor().get(cause.get_absolute_url()).content


@pytest.mark.parametrize("tracks", ["fbclid=x", "utm_source=y&utm_medium=z", "count=1&x=2"])
def test_what_others_add_to_an_address_leads_to_the_one_page(cause: Cause, tracks: str) -> None:
    """A cache need not keep a page for each post that links it, and nobody is followed here."""
    answer = visitor().get(f"{cause.get_absolute_url()}?{tracks}")
    assert answer.status_code == 302
    count = "?count=1" if "count" in tracks else ""
    assert answer.headers["Location"] == cause.get_absolute_url() + count


def test_link_previews_show_the_demand_and_no_count(cause: Cause, alice: User) -> None:
    vote(alice, cause, "for")
    html = visitor().get(cause.get_absolute_url()).content.decode()
    head = html[: html.index("</head>")]
    assert '<meta property="og:title" content="Bring back Product X">' in head
    assert 'content="http://localhost:8000/static/stimme/img/preview.png"' in " ".join(head.split())
    assert f'property="og:url" content="http://localhost:8000{cause.get_absolute_url()}"' in head
    assert 'content="A demand to Corner Shop: Bring back Product X"' in head
    assert "voter" not in head


def test_robots_may_read_what_is_public(db: None) -> None:
    text = visitor().get("/robots.txt").content.decode()
    assert text.startswith("User-agent: *\n")
    assert "Disallow: /account/\n" in text
    assert "/causes" not in text
