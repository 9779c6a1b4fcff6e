from collections.abc import Iterator

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import clear_url_caches, include, path
from pytest_django import Settings

from stimme import urls
from stimme.apps.accounts.models import User
from stimme.demo.accounts import add_accounts
from stimme.demo.roles import ROLES

pytestmark = pytest.mark.django_db
DEMO_PATTERNS = (path("demo/", include("stimme.web.demo_urls")), *urls.urlpatterns)


@pytest.fixture
def with_address(settings: Settings) -> Iterator[None]:
    """The page has its address, as it would have with STIMME_DEBUG alone."""
    settings.ROOT_URLCONF = DEMO_PATTERNS
    clear_url_caches()
    yield
    clear_url_caches()


@pytest.fixture
def demo(settings: Settings, with_address: None) -> None:
    settings.STIMME = settings.STIMME.model_copy(update={"demo": True})
    add_accounts()


def signed_in_as(client: Client) -> str:
    return User.objects.get(pk=client.session["_auth_user_id"]).email


def press(client: Client, role: str, **fields: str) -> HttpResponseBase:
    return client.post("/demo/", {"role": role, **fields})


def test_a_normal_instance_has_no_such_page(client: Client) -> None:
    assert client.get("/demo/").status_code == 404
    assert press(client, "staff").status_code == 404


def test_an_instance_that_is_no_demo_signs_nobody_in(
    client: Client,
    with_address: None,
) -> None:
    add_accounts()
    assert client.get("/demo/").status_code == 404
    assert press(client, "staff").status_code == 404
    assert dict(client.session) == {}


@pytest.mark.usefixtures("demo")
class TestADemo:
    @pytest.mark.parametrize("role", ROLES)
    def test_one_press_signs_in(self, client: Client, role: str) -> None:
        response = press(client, role)
        assert (response.status_code, response["Location"]) == (302, "/")
        assert signed_in_as(client) == ROLES[role]

    def test_the_page_names_every_role_and_the_visitor_goes_back(self, client: Client) -> None:
        page = client.get("/demo/?next=/causes/").content.decode()
        assert [f'value="{role}"' in page for role in ROLES] == [True, True, True]
        assert press(client, "voter", next="/causes/")["Location"] == "/causes/"

    def test_nobody_is_sent_to_another_site(self, client: Client) -> None:
        assert press(client, "voter", next="https://elsewhere.example/")["Location"] == "/"

    @pytest.mark.parametrize("role", ["", "member01", "nobody", "superuser"])
    def test_other_accounts_cannot_be_entered(self, client: Client, role: str) -> None:
        assert press(client, role).status_code == 400
        assert dict(client.session) == {}

    def test_a_press_from_another_site_is_refused(self) -> None:
        client = Client(enforce_csrf_checks=True)
        assert press(client, "staff").status_code == 403

    def test_every_page_says_that_this_is_a_demo(self, client: Client) -> None:
        assert "Demo: votes are simulated" in client.get("/demo/", headers=ENGLISH).content.decode()


ENGLISH = {"Accept-Language": "en"}
