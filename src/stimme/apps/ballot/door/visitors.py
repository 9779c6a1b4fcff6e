"""Who asks, as far as the pages need to know it: an address, and whether it came by TLS."""

from typing import Any

_CLAIMS = {"x-forwarded-for", "x-forwarded-proto", "forwarded", "x-real-ip"}


def client_address(peer: str, headers: Any, proxies: int) -> str:  # noqa: ANN401
    """The visitor's address: the peer, or what the outermost of our own proxies saw.

    Of `X-Forwarded-For` only the entries that our proxies wrote count; all others are the
    visitor's own words.
    """
    # A proxy may add a header of its own below the visitor's; `get` would tell the first alone.
    told = (
        [value for name, value in headers.items() if name == "x-forwarded-for"] if proxies else []
    )
    seen = [part.strip() for part in ",".join(told).split(",")]
    if proxies and len(seen) >= proxies and seen[-proxies]:
        return seen[-proxies]
    return peer.rpartition(":")[0].strip("[]")


def without_claims(headers: Any) -> list[tuple[str, str]]:  # noqa: ANN401
    """The headers of a request but for what only the door may say.

    WSGI takes an underscore for a hyphen, so a name with one could say it, too.
    """
    return [
        (name, value) for name, value in headers.items() if not ("_" in name or name in _CLAIMS)
    ]


def scheme_of(own: str, headers: Any, proxies: int) -> str:  # noqa: ANN401
    """`https` or `http`, as our proxy says, or as the request came."""
    told = headers.get("x-forwarded-proto") if proxies else ""
    return told if told in {"http", "https"} else own
