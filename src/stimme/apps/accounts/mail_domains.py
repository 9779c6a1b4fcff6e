"""Mail domains whose mailboxes anybody opens without end, for one message each."""

from collections.abc import Iterator

from disposable_email_domains import blocklist
from django.conf import settings


def is_disposable(domain: str) -> bool:
    """Say whether no new account is made for a domain: it, or one above it, is listed.

    What the operator allows goes before what the operator or the list refuses.
    """
    names = set(_with_parents(domain.lower()))
    if names & set(settings.STIMME.allowed_domains.split()):
        return False
    return bool(names & blocklist or names & set(settings.STIMME.refused_domains.split()))


def _with_parents(domain: str) -> Iterator[str]:
    labels = domain.split(".")
    return (".".join(labels[start:]) for start in range(len(labels) - 1))
