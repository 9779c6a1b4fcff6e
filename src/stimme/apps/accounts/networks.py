"""From which network somebody comes, only ever compared, counted and forgotten."""

from ipaddress import ip_address, ip_network

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

# What one line has: a provider hands a router one IPv4 address, or at least a /64, in which
# each device changes its own address as it likes. A wider net would mix strangers.
_LINE = {4: 32, 6: 64}
# What one customer of a data centre can have many lines of. Good for counting, not for limits.
_NEIGHBOURHOOD = {4: 24, 6: 48}


def line_of(request: HttpRequest) -> str:
    """Return the network of one household, school or office."""
    return _network(request, _LINE)


def neighbourhood_of(request: HttpRequest) -> str:
    """Return a keyed hash of the wider network; nobody without the key can tell which it is."""
    network = _network(request, _NEIGHBOURHOOD)
    return salted_hmac("stimme.accounts.growth", network, algorithm="sha256").hexdigest()[:8]


def _network(request: HttpRequest, prefixes: dict[int, int]) -> str:
    address = ip_address(get_adapter().get_client_ip(request).partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return str(ip_network((address, prefixes[address.version]), strict=False))
