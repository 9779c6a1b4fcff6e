"""Passkeys with Chromium's own authenticator, virtual but for the finger."""

import base64
import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, Visits
from tests.browser.passkey import plug_in_authenticator
from tests.browser.sign_in import SIGN_IN, sign_in_by_code, sign_out
from tests.browser.voter import press


def vote_for_first_cause(page: Page) -> str:
    """Vote on the newest cause and return the line of the receipt's promise."""
    page.goto("/causes/?show=open")
    page.locator("article.cause h3 a").first.click()
    press(page, "for")
    page.wait_for_url("**/receipt/**")
    promise = page.request.get(f"{page.url.rstrip('/')}/promise")
    assert promise.ok
    return promise.text()


def test_sign_up_with_a_passkey_vote_at_level_1_and_come_back_with_it(
    visits: Visits, server: Server
) -> None:
    page = visits.open(SIGN_IN)
    plug_in_authenticator(page)
    link = page.get_by_role("link", name="No passkey yet? Sign in with a code and make one.")
    sign_in_by_code(page, server, "passkey@example.org", str(link.get_attribute("href")))
    page.get_by_label("Name of the passkey").fill("Phone")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    expect(page.get_by_text("1, passkey.")).to_be_visible()
    sign_out(page)
    page.goto(f"{SIGN_IN}?next=/account/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/account/")
    expect(page.get_by_role("rowheader", name="Phone")).to_be_visible()
    assert level_of(vote_for_first_cause(page)) == "1"


def level_of(promise: str) -> str:
    extra = re.search(r"^extra (\S+)$", promise, re.MULTILINE)
    assert extra
    return base64.b64decode(extra[1]).decode().split(" ")[6]


def test_adding_a_passkey_raises_the_level_and_removing_it_lowers_it(
    visits: Visits, server: Server
) -> None:
    page = visits.open()
    plug_in_authenticator(page)
    sign_in_by_code(page, server, "later@example.org")
    page.wait_for_url(f"{server.url}/")
    assert level_of(vote_for_first_cause(page)) == "0"
    page.goto("/account/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_text("1, passkey.")).to_be_visible()
    page.get_by_role("link", name="Remove Passkey 1").click()
    page.get_by_role("button", name="Remove the passkey").click()
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()
    page.goto("/account/")
    expect(page.get_by_text("0, e-mail address.")).to_be_visible()


def test_an_authenticator_that_refuses_is_explained(visits: Visits, server: Server) -> None:
    page = visits.open()
    session, authenticator = plug_in_authenticator(page)
    session.send(
        "WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False}
    )
    page.goto(SIGN_IN)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("No passkey was used.")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_enabled()


def test_a_browser_with_little_of_the_interface_can_sign_up_as_well(
    visits: Visits, server: Server
) -> None:
    """Older browsers have neither the conversion of options nor that of answers."""
    page = visits.open()
    plug_in_authenticator(page)
    page.add_init_script(
        """
        delete PublicKeyCredential.parseCreationOptionsFromJSON
        delete PublicKeyCredential.parseRequestOptionsFromJSON
        delete PublicKeyCredential.prototype.toJSON
        """
    )
    sign_in_by_code(page, server, "older@example.org", f"{SIGN_IN}?next=/account/passkeys/add/")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_text("1, passkey.")).to_be_visible()
    sign_out(page)
    page.goto(SIGN_IN)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{server.url}/")


def test_without_javascript_codes_do_it_all(visits: Visits, server: Server) -> None:
    page = visits.open(SIGN_IN, javascript=False)
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    expect(page.get_by_text("Passkeys need JavaScript")).to_be_visible()
    sign_in_by_code(page, server, "plain@example.org", f"{SIGN_IN}?next=/account/")
    page.wait_for_url("**/account/")
    page.get_by_role("link", name="Leave and erase my account").click()
    page.get_by_label("Withdraw all my votes").check()
    page.get_by_label("Erase my account. I know that nobody can bring it back.").check()
    page.get_by_role("button", name="Erase my account").click()
    expect(page.get_by_text("Your account is erased.")).to_be_visible()
