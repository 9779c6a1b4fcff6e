"""Chromium's own authenticator, virtual but for the finger."""

from playwright.sync_api import CDPSession, Page


def plug_in_authenticator(page: Page) -> tuple[CDPSession, str]:
    """Give the page's browser a passkey device: the session to command it, and its id."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, added["authenticatorId"]
