"""Who asks: only what our own proxies say is believed."""

import pytest

from stimme.apps.ballot.door.visitors import client_address, scheme_of, without_claims

PEER = "192.0.2.1:5000"


@pytest.mark.parametrize(
    "proxies, forwarded, address",
    [
        (0, None, "192.0.2.1"),
        (0, "198.51.100.7", "192.0.2.1"),  # nobody's proxy
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.9, 198.51.100.7", "198.51.100.7"),  # the first is the visitor's own word
        (2, "203.0.113.9, 198.51.100.7, 10.0.0.1", "198.51.100.7"),
        (2, "198.51.100.7", "192.0.2.1"),  # past one of the proxies
        (1, None, "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "203.0.113.9, ", "192.0.2.1"),
    ],
)
def test_the_address_is_what_the_outermost_of_our_proxies_saw(
    proxies: int, forwarded: str | None, address: str
) -> None:
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    assert client_address(PEER, headers, proxies) == address


class Headers:
    """Those of a request, of which some may come twice; as granian tells them."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self._pairs = pairs

    def items(self) -> list[tuple[str, str]]:
        return list(self._pairs)

    def get(self, key: str) -> str | None:
        return next((value for name, value in self._pairs if name == key), None)


def test_a_header_that_a_proxy_adds_below_the_visitors_is_heard() -> None:
    headers = Headers(("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "198.51.100.7"))
    assert client_address(PEER, headers, 1) == "198.51.100.7"


def test_what_only_the_door_may_say_is_not_passed_on_from_a_visitor() -> None:
    claims = ["x-forwarded-for", "x-forwarded-proto", "forwarded", "x-real-ip"]
    spelt_otherwise = ["x_forwarded_for", "x-forwarded_proto", "x_real_ip"]
    headers = Headers(("cookie", "a=1"), *((name, "1") for name in claims + spelt_otherwise))
    assert without_claims(headers) == [("cookie", "a=1")]


def test_an_address_of_ipv6_is_given_without_its_brackets() -> None:
    assert client_address("[2001:db8::1]:5000", {}, 0) == "2001:db8::1"


@pytest.mark.parametrize(
    "proxies, told, scheme",
    [
        (0, "https", "http"),
        (1, "https", "https"),
        (1, "http", "http"),
        (1, "gopher", "http"),
        (1, None, "http"),
    ],
)
def test_the_scheme_is_what_our_proxy_says_or_how_the_request_came(
    proxies: int, told: str | None, scheme: str
) -> None:
    headers = {} if told is None else {"x-forwarded-proto": told}
    assert scheme_of("http", headers, proxies) == scheme
