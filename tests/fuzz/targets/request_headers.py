"""Cookie, language and forwarding headers: never an error, and cookies as the pages read them.

One header a line: Cookie, Accept-Language, X-Forwarded-For, X-Forwarded-Proto.
"""

from django.http import parse_cookie

from stimme import config
from stimme.apps.ballot.door.requests import cookie, language
from stimme.apps.ballot.door.visitors import client_address, scheme_of

KNOWN = config.LANGUAGE_CODES


def check(data: bytes) -> None:
    cookies, accepted, addresses, scheme = (*data.decode("latin-1").split("\n"), "", "", "", "")[:4]
    found = cookie(cookies, config.SESSION_COOKIE)
    if '"' not in cookies:
        assert found == parse_cookie(cookies).get(config.SESSION_COOKIE, "")
    assert language(found, accepted, KNOWN, "de") in KNOWN
    headers = {"x-forwarded-for": addresses, "x-forwarded-proto": scheme}
    for proxies in range(3):
        assert "," not in client_address("192.0.2.1:4711", headers, proxies)
        assert scheme_of("http", headers, proxies) in {"http", "https"}
    assert client_address("[2001:db8::1]:4711", headers, 0) == "2001:db8::1"
