"""What is one network, for limits and for counting."""

import pytest
from django.test import RequestFactory

from stimme.apps.accounts.networks import line_of, neighbourhood_of


def line(address: str) -> str:
    return line_of(RequestFactory().get("/", REMOTE_ADDR=address))


def neighbourhood(address: str) -> str:
    return neighbourhood_of(RequestFactory().get("/", REMOTE_ADDR=address))


def test_a_line_is_one_address_of_version_4() -> None:
    assert line("192.0.2.7") == "192.0.2.7/32"
    assert line("::ffff:192.0.2.7") == "192.0.2.7/32"


def test_a_line_is_all_that_one_router_hands_out_of_version_6() -> None:
    assert line("2001:db8:1:2::7") == line("2001:db8:1:2:ffff::") == "2001:db8:1:2::/64"
    assert line("2001:db8:1:3::7") != line("2001:db8:1:2::7")


@pytest.mark.parametrize(
    "one, neighbour, stranger",
    [
        ("192.0.2.7", "192.0.2.200", "192.0.3.7"),
        ("2001:db8:1:2::7", "2001:db8:1:ffff::7", "2001:db8:2::7"),
    ],
)
def test_neighbours_are_counted_together_under_a_secret_name(
    one: str, neighbour: str, stranger: str
) -> None:
    assert neighbourhood(one) == neighbourhood(neighbour)
    assert neighbourhood(one) != neighbourhood(stranger)
    assert len(bytes.fromhex(neighbourhood(one))) == 4
