"""Who asks, as far as the pages need to know it: an address, and whether it came by TLS."""

from typing import Any


def client_address(peer: str, headers: Any, proxies: int) -> str:  # noqa: ANN401
    """The visitor's address: the peer, or what the outermost of our own proxies saw.

    Of `X-Forwarded-For` only the entries that our proxies wrote count; all others are the
    visitor's own words.
    """
    seen = [part.strip() for part in (headers.get("x-forwarded-for") or "").split(",")]
    if proxies and len(seen) >= proxies and seen[-proxies]:
        return seen[-proxies]
    return peer.rpartition(":")[0].strip("[]")


def scheme_of(own: str, headers: Any, proxies: int) -> str:  # noqa: ANN401
    """`https` or `http`, as our proxy says, or as the request came."""
    told = headers.get("x-forwarded-proto") if proxies else ""
    return told if told in {"http", "https"} else own
