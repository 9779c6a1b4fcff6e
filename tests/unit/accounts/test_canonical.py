"""Which addresses are one mailbox."""

import pytest

from stimme.apps.accounts.canonical import canonical


@pytest.mark.parametrize(
    "address",
    [
        "alice@gmail.com",
        "Alice@Gmail.com",
        "a.l.i.c.e@gmail.com",
        "alice+votes@gmail.com",
        "a.lice+x+y@googlemail.com",
    ],
)
def test_google_ignores_dots_and_labels_and_has_two_names(address: str) -> None:
    assert canonical(address) == "alice@gmail.com"


@pytest.mark.parametrize("domain", ["outlook.com", "icloud.com", "proton.me", "posteo.de"])
def test_others_ignore_labels_but_not_dots(domain: str) -> None:
    assert canonical(f"alice.b+votes@{domain}") == f"alice.b@{domain}"
    assert canonical(f"aliceb@{domain}") != canonical(f"alice.b@{domain}")


@pytest.mark.parametrize(
    "address", ["alice+votes@example.org", "a.lice@example.org", "alice-votes@yahoo.com"]
)
def test_where_no_rule_is_published_an_address_is_only_itself(address: str) -> None:
    """There it may be somebody else's: whoever reads one must not get the account of the other."""
    assert canonical(address) == address


def test_a_name_that_is_only_a_label_keeps_it() -> None:
    assert canonical("+votes@gmail.com") == "+votes@gmail.com"


def test_an_address_may_hold_a_quoted_at_sign() -> None:
    assert canonical('"a@b"@example.org') == '"a@b"@example.org'
