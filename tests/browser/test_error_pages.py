"""The pages that a visitor sees only when something is wrong, in the site's own clothes."""

from itertools import product
from typing import Literal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory

from tests.browser.conftest import DESKTOP, PHONE, Visits, violations

# 400 and 500 are rendered without a request: what makes one may be what failed.
BARE = ["400.html", "500.html"]
DRESSED = ["403.html", "403_csrf.html", "404.html", "413.html", "429.html", "503.html"]
LIGHTS: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def rendered(template: str) -> str:
    if template in BARE:
        return render_to_string(template)
    request = RequestFactory().get("/wrong/")
    request.user = AnonymousUser()
    return render_to_string(template, request=request)


@pytest.mark.parametrize("template", BARE + DRESSED)
def test_it_breaks_no_rule_and_fits(visits: Visits, template: str) -> None:
    html, page = rendered(template), visits.open()
    page.route("**/wrong/", lambda route: route.fulfill(content_type="text/html", body=html))
    page.goto("/wrong/")
    for screen, light in product((PHONE, DESKTOP), LIGHTS):
        page.set_viewport_size(screen)
        page.emulate_media(color_scheme=light)
        assert violations(page) == ""
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
