"""Every address of the site, and a house in which each has something to show."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from allauth.mfa.models import Authenticator
from django.contrib.contenttypes.models import ContentType
from django.urls import URLPattern, URLResolver, get_resolver, include, path
from django.utils import timezone

from stimme import urls
from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import voter_of
from stimme.apps.ballot.sealer import seal
from stimme.apps.ballot.selectors import own_seats
from stimme.apps.ballot.services import link_of
from stimme.apps.causes.corrections import Fault, record_correction
from stimme.apps.causes.models import Cause
from stimme.apps.deliberation.services import post_statement
from stimme.apps.ledger.notice_settings import feed_token, off_token, state_of
from stimme.apps.moderation.removing import annul_votes, let_annul
from stimme.apps.moderation.services import hide, report
from stimme.apps.organisations.commitments import record_commitment
from stimme.apps.organisations.models import Result
from stimme.apps.organisations.services import record_decision, record_response
from stimme.apps.rooms.services import open_room
from stimme.web.styleguide import styleguide
from tests.house import version_of, vote

# With the two that exist only where STIMME_DEMO or STIMME_DEBUG is set.
URLCONF: tuple[URLPattern | URLResolver, ...] = (
    path("demo/", include("stimme.web.demo_urls")),
    path("styleguide/", styleguide, name="styleguide"),
    *urls.urlpatterns,
)
OPEN, NOTHING, NO, NONE, POST_ONLY = "200", "204", "403", "404", "405"
SIGN_IN, AGAIN = "sign in", "sign in again"


class Answers(NamedTuple):
    """An address, and what a visitor, Charlie, the author Alice and Bob of the staff get there."""

    address: str
    visitor: str
    charlie: str
    alice: str
    bob: str


def everybody(address: str, outcome: str = OPEN) -> Answers:
    return Answers(address, outcome, outcome, outcome, outcome)


def people(address: str, outcome: str = OPEN, *, visitor: str = SIGN_IN) -> Answers:
    """The same for everybody who is signed in."""
    return Answers(address, visitor, outcome, outcome, outcome)


def author(address: str, others: str) -> Answers:
    return Answers(address, SIGN_IN, others, OPEN, others)


def staff(address: str, bob: str = OPEN) -> Answers:
    return Answers(address, SIGN_IN, NO, NO, bob)


def staff_model(app: str, model: str) -> dict[str, Answers]:
    """The pages of one model at the staff's site: to look, never to add or delete."""
    base = f"staff/{app}/{model}/"
    one, pattern = f"{base}{{{model}}}/", f"{base}<path:object_id>/"
    return {
        base: staff(base),
        f"{base}add/": staff(f"{base}add/", NO),
        pattern: staff(one, f"to /{one}change/"),
        f"{pattern}change/": staff(f"{one}change/"),
        f"{pattern}history/": staff(f"{one}history/"),
        f"{pattern}delete/": staff(f"{one}delete/", NO),
    }


_CAUSE = "causes/<slug:slug>/"
_REASON = "reasons/<slug:slug>/<int:number>/"
_REMOVAL = "moderation/removals/<int:pk>/"
_PASSKEY = "account/passkeys/<int:pk>/"
_ROOM = "rooms/<room:code>/"
_APPS = "accounts|organisations|causes|moderation"
TABLE: dict[str, Answers] = {
    "": everybody(""),
    "ballot": everybody("ballot", POST_ONLY),
    "ballot/busy": everybody("ballot/busy"),
    "how-we-count/": everybody("how-we-count/"),
    "what-your-click-does/": everybody("what-your-click-does/"),
    "verify/": everybody("verify/"),
    "styleguide/": everybody("styleguide/"),
    "demo/": everybody("demo/", NONE),
    "language/": everybody("language/", POST_ONLY),
    "robots.txt": everybody("robots.txt"),
    "tally/<cid:cid>": everybody("tally/{cid}"),
    "tally/<cid:cid>/live": everybody("tally/{cid}/live", NOTHING),
    "votes/": people("votes/"),
    "votes/notices/": people("votes/notices/"),
    "votes/notices/settings/": people("votes/notices/settings/"),
    "votes/notices/feed": people("votes/notices/feed", POST_ONLY),
    # Whoever has the link: it comes by mail, and is for programs that are not signed in.
    "votes/notices/off/<str:token>/": everybody("votes/notices/off/{off}/"),
    "votes/feed/<str:token>.xml": everybody("votes/feed/{feed}.xml"),
    "votes/<int:year>/": author("votes/{year}/", NONE),
    "votes/export.csv": people("votes/export.csv"),
    "votes/export.json": people("votes/export.json"),
    "votes/<cid:cid>/": author("votes/{cid}/", NONE),
    "votes/<cid:cid>/link": people("votes/{cid}/link", POST_ONLY),
    "votes/<cid:cid>/card/": author("votes/{cid}/card/", NONE),
    "votes/<cid:cid>/reconsider/": author("votes/{cid}/reconsider/", NONE),
    "votes/<cid:cid>/card.svg": author("votes/{cid}/card.svg", NONE),
    "by/<link:code>": everybody("by/{code}", "to /causes/{slug}/"),
    # What is one's own has no owner in its address: for everybody else it is not there.
    "receipt/<cid:cid>/": author("receipt/{cid}/", NONE),
    "receipt/<cid:cid>/promise": author("receipt/{cid}/promise", NONE),
    "receipt/<cid:cid>/proof": author("receipt/{cid}/proof", NONE),
    "receipt/<cid:cid>/rekey": people("receipt/{cid}/rekey", POST_ONLY),
    "log/": everybody("log/"),
    "log/find/": everybody("log/find/"),
    "log/causes/<cid:cid>/": everybody("log/causes/{cid}/"),
    "log/checkpoint": everybody("log/checkpoint"),
    "log/keys": everybody("log/keys"),
    "log/<path:resource>": everybody("log/tile/0/000.p/{size}"),
    "witness/key": everybody("witness/key"),
    "witness/add-checkpoint": everybody("witness/add-checkpoint", POST_ONLY),
    "causes/": everybody("causes/"),
    "causes/start/": people("causes/start/"),
    "causes/start/<slug:name>/": people("causes/start/demand/"),
    "causes/start/preview/": people("causes/start/preview/", "to /causes/start/"),
    "causes/documents/<cid:cid>.json": everybody("causes/documents/{cid}.json"),
    _CAUSE: everybody("causes/{slug}/"),
    f"{_CAUSE}briefing/": everybody("causes/{slug}/briefing/"),
    f"{_CAUSE}affected/": people("causes/{slug}/affected/"),
    f"{_CAUSE}how-voted.csv": everybody("causes/{slug}/how-voted.csv"),
    # For those of the staff who have the role; Bob has not.
    f"{_CAUSE}sources/<int:pk>/check/": staff("causes/{slug}/sources/{source}/check/", NO),
    f"{_CAUSE}versions/<int:number>/": everybody("causes/{slug}/versions/1/", "to /causes/{slug}/"),
    f"{_CAUSE}revise/": author("causes/{slug}/revise/", NO),
    f"{_CAUSE}close/": author("causes/{slug}/close/", NO),
    # For the author, and for those of the staff who have the role; Bob has not.
    f"{_CAUSE}correct/": author("causes/{slug}/correct/", NO),
    f"{_CAUSE}corrections/<int:pk>/": everybody("causes/{slug}/corrections/{correction}/"),
    "organisations/": everybody("organisations/"),
    "organisations/<slug:slug>/": everybody("organisations/corner-shop/"),
    "organisations/<slug:slug>/commitments/": everybody("organisations/corner-shop/commitments/"),
    "organisations/decisions/<int:pk>/commit/": staff("organisations/decisions/{decision}/commit/"),
    "organisations/commitments/<int:pk>/follow-up/": staff(
        "organisations/commitments/{commitment}/follow-up/"
    ),
    f"organisations/{_CAUSE}respond/": staff("organisations/causes/{slug}/respond/"),
    f"organisations/{_CAUSE}decide/": staff("organisations/causes/{slug}/decide/"),
    "moderation/": everybody("moderation/"),
    "moderation/growth/": staff("moderation/growth/"),
    "moderation/removals/": everybody("moderation/removals/"),
    # For those of the staff who have the role; Bob has not.
    "moderation/removals/<int:pk>/reinstate/": staff(
        "moderation/removals/{removal}/reinstate/", NO
    ),
    f"moderation/{_CAUSE}annul/": staff("moderation/causes/{slug}/annul/", NO),
    f"moderation/{_CAUSE}": staff("moderation/causes/{slug}/"),
    "moderation/<slug:verb>/<slug:kind>/<int:pk>/": staff("moderation/hide/cause/{cause}/"),
    "moderation/reports/": staff("moderation/reports/"),
    "moderation/reports/<int:pk>/dismiss/": staff(
        "moderation/reports/{report}/dismiss/", POST_ONLY
    ),
    "moderation/reasons/<slug:slug>/<int:number>/report/": people(
        "moderation/reasons/{slug}/{statement}/report/"
    ),
    "reasons/<slug:slug>/": everybody("reasons/{slug}/"),
    "reasons/<slug:slug>/give/": people("reasons/{slug}/give/"),
    f"{_REASON}edit/": author("reasons/{slug}/{statement}/edit/", NO),
    f"{_REASON}withdraw/": author("reasons/{slug}/{statement}/withdraw/", NO),
    f"{_REASON}mark/": people("reasons/{slug}/{statement}/mark/", POST_ONLY),
    "rooms/": everybody("rooms/"),
    "rooms/open/": people("rooms/open/"),
    # Whoever has the code; it is guarded as a secret. Those that only tell a page to be read
    # again tell it to all, so that nobody learns from them which codes there are.
    _ROOM: everybody("rooms/{room}/"),
    f"{_ROOM}join/": everybody("rooms/{room}/join/", POST_ONLY),
    f"{_ROOM}vote/": everybody("rooms/{room}/vote/", POST_ONLY),
    f"{_ROOM}stage/": everybody("rooms/{room}/stage/", NOTHING),
    f"{_ROOM}presence/": Answers("rooms/{room}/presence/?at=1", NOTHING, NOTHING, OPEN, NOTHING),
    f"{_ROOM}run/": author("rooms/{room}/run/", NONE),
    f"{_ROOM}screen/": author("rooms/{room}/screen/", NONE),
    f"{_ROOM}delete/": author("rooms/{room}/delete/", NONE),
    "account/": people("account/"),
    "account/sign-in/": people("account/sign-in/", "to /", visitor=OPEN),
    "account/sign-in/code/": people("account/sign-in/code/", "to /"),
    "account/sign-in/passkey/": people("account/sign-in/passkey/", "to /"),
    "account/sign-in/again/": people("account/sign-in/again/"),
    "account/sign-out/": people("account/sign-out/", visitor="to /"),
    "account/inactive/": everybody("account/inactive/"),
    "account/address/": people("account/address/", AGAIN),
    "account/address/code/": people("account/address/code/", "to /account/address/"),
    "account/voting-key/": people("account/voting-key/"),
    "account/leave/": people("account/leave/", AGAIN),
    "account/passkeys/": people("account/passkeys/"),
    "account/passkeys/add/": people("account/passkeys/add/", AGAIN),
    f"{_PASSKEY}rename/": author("account/passkeys/{passkey}/rename/", NONE),
    f"{_PASSKEY}remove/": people("account/passkeys/{passkey}/remove/", AGAIN),
    "staff/": staff("staff/"),
    "staff/login/": staff("staff/login/"),
    "staff/logout/": staff("staff/logout/", POST_ONLY),
    "staff/autocomplete/": staff("staff/autocomplete/", NO),
    "staff/jsi18n/": staff("staff/jsi18n/"),
    "staff/r/<path:content_type_id>/<path:object_id>/": staff(
        "staff/r/{type}/{cause}/", "to /causes/{slug}/"
    ),
    f"staff/^(?P<app_label>{_APPS})/$": staff("staff/causes/"),
    "staff/(?P<url>.*)$": staff("staff/nothing/", NONE),
    **staff_model("accounts", "user"),
    **staff_model("causes", "cause"),
    **staff_model("moderation", "action"),
    **staff_model("organisations", "decision"),
    **staff_model("organisations", "officialresponse"),
    **staff_model("organisations", "organisation"),
}


def furnish(*, cause: Cause, alice: User, bob: User, charlie: User) -> dict[str, str | int]:
    """Give every address something to show, and return what the braces in TABLE stand for.

    Alice has the cause, a sealed vote on it, annulled by Dana, and a passkey; Bob did what staff
    can do.
    """
    vote(alice, cause, "for")
    size = seal(everything=True).size
    dana = User.objects.create_user("dana@example.org", is_staff=True)
    let_annul(user=dana)
    cid = version_of(cause).cid
    removal = annul_votes(
        by=dana,
        version=version_of(cause),
        pseudonyms=[own_seats(user=alice, cids=[cid])[cid].p],
        reason="test",
        note="A test.",
    )
    admitted = Fault("claim_false", "The date was wrong.", date(2026, 11, 3), "author")
    correction = record_correction(by=alice, cause=cause, fault=admitted)
    passkey = Authenticator.objects.create(user=alice, type="webauthn", data={"name": "Phone"})
    day = date(2026, 11, 20)
    response = record_response(by=bob, cause=cause, text="No.", source_url="", published_on=day)
    decision = record_decision(
        by=bob, cause=cause, result=Result.DECLINED, summary="No.", source_url="", decided_on=day
    )
    statement = post_statement(by=alice, cause=cause, side="for", text="It is healthy.")
    commitment = record_commitment(
        by=bob, decision=decision, what="A letter.", due_on=date(2126, 1, 1), how_seen="It is sent."
    )
    notices = state_of(alice)
    return {
        "feed": feed_token(notices),
        "off": off_token(alice.pk, notices.salt),
        "cid": cid,
        "code": link_of(voter_of(user=alice), cid).code,
        "year": timezone.localdate().year,
        "removal": removal.pk,
        "report": report(by=charlie, statement=statement, reason="It is an insult.").pk,
        "statement": statement.number,
        "slug": cause.slug,
        "size": size,
        "passkey": passkey.pk,
        "room": open_room(facilitator=alice, cause=cause).spaced_code,
        "type": ContentType.objects.get_for_model(Cause).pk,
        "user": charlie.pk,
        "cause": cause.pk,
        "source": cause.sources.all()[0].pk,
        "organisation": cause.organisation_id,
        "officialresponse": response.pk,
        "decision": decision.pk,
        "commitment": commitment.pk,
        "correction": correction.pk,
        "action": hide(by=bob, target=cause.sources.all()[0], reason="Broken link").pk,
    }


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Every pattern below this one, written as the whole path."""
    for found in (resolver or get_resolver()).url_patterns:
        here = f"{prefix}{found.pattern}"
        if isinstance(found, URLResolver):
            yield from patterns(found, here)
        else:
            yield here
