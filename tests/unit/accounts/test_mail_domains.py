"""Domains whose mailboxes anybody opens without end."""

import pytest
from pytest_django import Settings

from stimme.apps.accounts.mail_domains import is_disposable


def allow_and_refuse(settings: Settings, *, allowed: str = "", refused: str = "") -> None:
    changes = {"allowed_domains": allowed, "refused_domains": refused}
    settings.STIMME = settings.STIMME.model_copy(update=changes)


@pytest.mark.parametrize("domain", ["mailinator.com", "Mailinator.com", "any.mailinator.com"])
def test_listed_domains_and_what_is_below_them_are_disposable(domain: str) -> None:
    assert is_disposable(domain)


@pytest.mark.parametrize("domain", ["gmail.com", "example.org", "mailinator.example", "com", ""])
def test_others_are_not(domain: str) -> None:
    assert not is_disposable(domain)


def test_the_operator_refuses_more(settings: Settings) -> None:
    allow_and_refuse(settings, refused="throwaway.example other.example")
    assert is_disposable("other.example")
    assert is_disposable("a.throwaway.example")
    assert not is_disposable("example")


def test_the_operator_allows_what_the_list_refuses(settings: Settings) -> None:
    allow_and_refuse(settings, allowed="mailinator.com", refused="mailinator.com")
    assert not is_disposable("mailinator.com")
    assert is_disposable("yopmail.com")
