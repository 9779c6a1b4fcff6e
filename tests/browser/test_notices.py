"""From a mail with notices to the end of mails, and the settings on the site."""

import re
import subprocess
import sys
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, Visits, demo_environment
from tests.browser.sign_in import sign_in_as
from tests.mail_server import mail_server

VOTER = "voter@demo.example"


@pytest.fixture(scope="module")
def mail(server: Server) -> EmailMessage:
    """What the voter of the demo is mailed of its decided causes."""
    with mail_server() as (mailbox, url):
        environment = {**demo_environment(server.home, server.url), "STIMME_SMTP_URL": url}
        command = [sys.executable, "-m", "stimme", "notices"]
        subprocess.run(command, env=environment, check=True, capture_output=True)
    ((_, found),) = [(address, one) for address, one in mailbox.taken if address == VOTER]
    assert isinstance(found, EmailMessage)
    return found


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_one_press_in_a_mail_ends_the_mails(
    visits: Visits, mail: EmailMessage, *, javascript: bool
) -> None:
    page = visits.open(mail["List-Unsubscribe"].strip(" <>"), javascript=javascript, phone=True)
    page.get_by_role("button", name="Send me no more").click()
    expect(page.get_by_role("heading", name="You get no more mails with notices")).to_be_visible()
    sign_in_as(page, "voter")
    page.goto("/votes/notices/settings/")
    expect(page.get_by_label("Never")).to_be_checked()
    page.get_by_label("Once a week").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("That is how notices come from now on.")).to_be_visible()
    expect(page.get_by_label("Once a week")).to_be_checked()


@pytest.mark.parametrize("language", ["de", "fr", "it", "en"])
def test_the_pages_behind_the_link_are_for_everybody(
    visits: Visits, mail: EmailMessage, accessible: Callable[[Page], None], language: str
) -> None:
    page = visits.open(mail["List-Unsubscribe"].strip(" <>"), language=language, phone=True)
    accessible(page)
    page.locator("main form button").click()
    expect(page.locator("main form button")).to_have_count(0)
    accessible(page)


def test_the_mail_itself_is_for_everybody(
    visits: Visits, mail: EmailMessage, accessible: Callable[[Page], None]
) -> None:
    html = mail.get_body(("html",))
    assert html
    page = visits.open(phone=True)
    page.set_content(html.get_content())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.get_by_role("link", name="No more mails")).to_be_visible()


def test_a_notice_leads_to_the_question(visits: Visits, mail: EmailMessage) -> None:
    page = visits.open()
    sign_in_as(page, "voter")
    page.goto("/votes/notices/")
    page.locator("article.cause h3 a").first.click()
    expect(page).to_have_url(re.compile("/reconsider/$"))
