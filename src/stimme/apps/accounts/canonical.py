"""Which addresses are one mailbox, by the published rules of large providers.

Whoever reads the mail of one such address reads that of all, so they are one account. For any
other provider an address is only itself: there `a+b` may be somebody else than `a`.
"""

_GOOGLE = {"gmail.com", "googlemail.com"}
# What follows a plus sign in a name is the owner's own label. Not Yahoo: labels there follow a
# hyphen, and the name before it need not be that of the mailbox.
_PLUS = _GOOGLE | {
    "fastmail.com",
    "fastmail.fm",
    "hotmail.ch",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.fr",
    "hotmail.it",
    "icloud.com",
    "live.com",
    "live.de",
    "live.fr",
    "live.it",
    "mac.com",
    "mailbox.org",
    "me.com",
    "msn.com",
    "outlook.com",
    "outlook.de",
    "outlook.fr",
    "outlook.it",
    "pm.me",
    "posteo.ch",
    "posteo.de",
    "posteo.net",
    "proton.me",
    "protonmail.ch",
    "protonmail.com",
}


def canonical(email: str) -> str:
    """Return the one form of all addresses of a mailbox, in lower case."""
    name, _, domain = email.lower().rpartition("@")
    if domain in _PLUS:
        name = name.partition("+")[0] or name
    if domain in _GOOGLE:
        name, domain = name.replace(".", ""), "gmail.com"
    return f"{name}@{domain}"


def domain_of(email: str) -> str:
    return email.lower().rpartition("@")[2]
