"""Whoever sends the form of a vote by other means than its page gets an answer, and no vote."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.test import Client
from django.utils import timezone, translation

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import account_secret
from stimme.apps.ballot import errors, papers
from stimme.apps.ballot.models import Promise, Seat
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.services import issue_paper
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand, close_cause, revise_cause
from stimme.apps.moderation.services import hide
from stimme.engines.translog import b64, hour_of, unsigned_vote, vote_signing_text
from tests.house import lines, version_of, vote
from tests.visitors import Answer, paper_in, text_of, visitor

LANGUAGES = [code for code, _name in settings.LANGUAGES]
COOKIE = settings.SESSION_COOKIE_NAME
LONG = "x" * 100_000
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def send(client: Client, paper: str, choice: str = "for") -> Answer:
    return client.post("/ballot", {"paper": paper, "choice": choice})


def stored() -> tuple[int, int, int]:
    return Seat.objects.count(), len(lines(kind="vote")), Promise.objects.count()


def assert_refused(response: Answer, error: type[errors.BallotError]) -> None:
    """The right status, the sentence of the error, and not a trace in the database."""
    assert response.status_code == error.status
    assert str(error.sentence) in text_of(response)
    assert stored() == (0, 0, 0)


class TestSessions:
    def test_none(self, cause: Cause, alice: User) -> None:
        paper = paper_in(visitor(alice), cause)
        assert_refused(send(visitor(), paper), errors.PaperRefused)

    @pytest.mark.parametrize("forged", ["a" * 32, "", "\u00e9", LONG[:3000]])
    def test_forged(self, cause: Cause, alice: User, forged: str) -> None:
        paper = paper_in(visitor(alice), cause)
        client = visitor()
        client.cookies[COOKIE] = forged
        assert_refused(send(client, paper), errors.PaperRefused)

    def test_of_somebody_else(self, cause: Cause, alice: User, charlie: User) -> None:
        paper = paper_in(visitor(alice), cause)
        assert_refused(send(visitor(charlie), paper), errors.PaperRefused)

    def test_another_of_the_same_person(self, cause: Cause, alice: User) -> None:
        paper = paper_in(visitor(alice), cause)
        assert_refused(send(visitor(alice), paper), errors.PaperRefused)

    def test_that_ended(self, cause: Cause, alice: User) -> None:
        client = visitor(alice)
        paper = paper_in(client, cause)
        client.logout()
        assert_refused(send(client, paper), errors.PaperRefused)

    def test_identity_is_taken_from_nothing_else(self, cause: Cause, alice: User) -> None:
        data = {"choice": "for", "user": alice.pk, "email": alice.email}
        response = visitor().post(
            "/ballot", {**data, "cid": version_of(cause).cid}, headers={"X-User": alice.email}
        )
        assert_refused(response, errors.PaperRefused)


@pytest.mark.usefixtures("cause")
class TestPapers:
    @pytest.mark.parametrize("paper", ["", "x", "x" * 92, LONG, "\0", "<script>", "\u202e"])
    def test_of_ones_own_making(self, alice: User, paper: str) -> None:
        assert_refused(send(visitor(alice), paper), errors.PaperRefused)

    def test_missing(self, alice: User) -> None:
        response = visitor(alice).post("/ballot", {"choice": "for"})
        assert_refused(response, errors.PaperRefused)

    def test_too_old(self, cause: Cause, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        client = visitor(alice)
        paper = paper_in(client, cause)
        late = papers.time.time() + papers.LIFETIME + 1
        monkeypatch.setattr(papers.time, "time", lambda: late)
        assert_refused(send(client, paper), errors.PaperExpired)

    def test_of_a_cause_that_does_not_exist(self, alice: User) -> None:
        client = visitor(alice)
        session = client.cookies[COOKIE].value
        paper = issue_paper(user=alice, session=session, cid="A" * 22)
        assert_refused(send(client, paper), errors.UnknownBox)


class TestChoices:
    @pytest.mark.parametrize("choice", ["", "FOR", "maybe", "for,against", LONG, "\0for", "<b>"])
    def test_unknown(self, cause: Cause, alice: User, choice: str) -> None:
        client = visitor(alice)
        response = send(client, paper_in(client, cause), choice)
        assert_refused(response, errors.UnknownChoice)

    def test_missing(self, cause: Cause, alice: User) -> None:
        client = visitor(alice)
        response = client.post("/ballot", {"paper": paper_in(client, cause)})
        assert_refused(response, errors.UnknownChoice)

    def test_withdrawing_what_was_never_given(self, cause: Cause, alice: User) -> None:
        client = visitor(alice)
        response = send(client, paper_in(client, cause), "withdrawn")
        assert_refused(response, errors.NothingToWithdraw)


class TestSignatures:
    """What the door refuses comes here to be explained, with the signature that it had."""

    @pytest.fixture
    def ballot(self, cause: Cause, alice: User) -> dict[str, Any]:
        """A well signed first vote of alice's."""
        cid, hour = version_of(cause).cid, hour_of(timezone.now())
        vk = b64(KEY.public_key().public_bytes_raw())
        p = pseudonym_of(secret=account_secret(user=alice), cid=cid)
        line = unsigned_vote(cid, p, 0, "for", "0", hour, vk)
        sig = b64(KEY.sign(vote_signing_text(settings.STIMME.origin, line)))
        return {"choice": "for", "seq": 0, "hour": hour, "vk": vk, "sig": sig}

    def send(self, cause: Cause, user: User, ballot: dict[str, Any]) -> Answer:
        client = visitor(user)
        return client.post("/ballot", {"paper": paper_in(client, cause), **ballot})

    def test_a_good_one_binds_the_vote(
        self, cause: Cause, alice: User, ballot: dict[str, Any]
    ) -> None:
        assert self.send(cause, alice, ballot).status_code == 302
        assert Seat.objects.get().bound_to == ballot["vk"]

    @pytest.mark.parametrize(
        "wrong, error",
        [
            ({"choice": "against"}, errors.BadVoteSignature),
            ({"sig": "A" * 86}, errors.BadVoteSignature),
            ({"vk": "A" * 43}, errors.BadVoteSignature),
            ({"vk": "-"}, errors.BadVoteSignature),
            ({"vk": ""}, errors.BadVoteSignature),
            ({"sig": "", "seq": ""}, errors.BadVoteSignature),
            ({"sig": LONG}, errors.BadVoteSignature),
            ({"seq": "x"}, errors.BadVoteSignature),
            ({"seq": -1}, errors.BadVoteSignature),
            ({"hour": "2020-01-01T00Z"}, errors.Stale),
            ({"paper": "x"}, errors.PaperRefused),
        ],
    )
    def test_a_vote_does_not_count_without_the_one_it_came_with(
        self,
        cause: Cause,
        alice: User,
        ballot: dict[str, Any],
        wrong: dict[str, Any],
        error: type[errors.BallotError],
    ) -> None:
        assert_refused(self.send(cause, alice, ballot | wrong), error)


class TestCausesThatTakeNoVotes:
    """The page was open before; the form is sent after."""

    @pytest.mark.parametrize("choice", ["for", "against"])
    def test_closed(self, cause: Cause, alice: User, charlie: User, choice: str) -> None:
        client = visitor(charlie)
        paper = paper_in(client, cause)
        close_cause(by=alice, cause=cause)
        assert_refused(send(client, paper, choice), errors.BoxClosed)

    def test_hidden(self, cause: Cause, bob: User, charlie: User) -> None:
        client = visitor(charlie)
        paper = paper_in(client, cause)
        hide(by=bob, target=cause, reason="Under review.")
        assert_refused(send(client, paper), errors.BoxSuspended)

    def test_reworded_before_anybody_voted(self, cause: Cause, alice: User, charlie: User) -> None:
        client = visitor(charlie)
        paper = paper_in(client, cause)
        revise_cause(by=alice, cause=cause, demand=Demand("Bring back Product Y", "en"))
        assert_refused(send(client, paper), errors.BoxClosed)

    def test_superseded(self, cause: Cause, alice: User, charlie: User) -> None:
        client = visitor(charlie)
        paper = paper_in(client, cause)
        vote(alice, cause, "for")
        revise_cause(by=alice, cause=cause, demand=Demand("Bring back Product Y", "en"))
        response = send(client, paper)
        assert response.status_code == errors.BoxSuperseded.status
        assert str(errors.BoxSuperseded.sentence) in text_of(response)
        assert stored() == (1, 1, 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentence_is_in_the_persons_language(cause: Cause, alice: User, language: str) -> None:
    response = send(visitor(alice, language=language), "x")
    assert response.headers["Content-Language"] == language
    with translation.override(language):
        assert str(errors.PaperRefused.sentence) in text_of(response)


def test_a_refusal_leads_back_to_our_page_and_to_nobody_elses(cause: Cause) -> None:
    own = f"http://testserver{cause.get_absolute_url()}"
    for referer, linked in [
        (own, True),
        ("https://evil.example/causes/", False),
        ("javascript:alert(1)", False),
        ("//evil.example", False),
    ]:
        response = visitor().post("/ballot", {}, headers={"Referer": referer})
        assert (f'href="{referer}"' in text_of(response)) is linked


def test_the_ballot_takes_nothing_by_address(cause: Cause, alice: User) -> None:
    client = visitor(alice)
    response = client.get("/ballot", {"paper": paper_in(client, cause), "choice": "for"})
    assert response.status_code == 405
    assert stored() == (0, 0, 0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_body_larger_than_any_form_is_not_read(cause: Cause, alice: User, language: str) -> None:
    client = visitor(alice, language=language)
    paper = paper_in(client, cause)
    data = {"paper": paper, "choice": "for", "more": "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE}
    for address in ["/ballot", "/causes/start/"]:
        response = client.post(address, data)
        assert response.status_code == 413
        with translation.override(language):
            sentence = translation.gettext("That was too much at once")
        assert sentence in text_of(response)
        assert f'<html lang="{language}">' in text_of(response)
    assert stored() == (0, 0, 0)


@pytest.mark.parametrize("length", ["-1", "1e3", "x", "99999999999999999999"])
def test_a_body_of_no_sensible_length_is_not_read(db: None, length: str) -> None:
    response = visitor().post("/ballot", {}, headers={"Content-Length": length})
    assert response.status_code == 413


class TestReceiptsOfOthers:
    @pytest.fixture(autouse=True)
    def _alice_voted(self, cause: Cause, alice: User) -> None:
        vote(alice, cause, "for")

    @pytest.mark.parametrize("what", ["", "promise", "proof"])
    def test_are_at_no_address(self, cause: Cause, alice: User, charlie: User, what: str) -> None:
        address = f"/receipt/{version_of(cause).cid}/{what}"
        response = visitor(charlie).get(address, {"user": alice.pk})
        assert response.status_code == 404
        assert Seat.objects.get().p not in text_of(response)

    @pytest.mark.parametrize("what", ["", "promise", "proof"])
    def test_are_nothing_for_strangers(self, cause: Cause, what: str) -> None:
        response = visitor().get(f"/receipt/{version_of(cause).cid}/{what}")
        assert response.status_code == 302
        assert "/account/" in response.headers["Location"]

    def test_are_not_on_the_pages_of_others(self, cause: Cause, charlie: User) -> None:
        pseudonym = Seat.objects.get().p
        for address in ["/", "/causes/", cause.get_absolute_url(), "/votes/"]:
            assert pseudonym not in text_of(visitor(charlie).get(address))

    @pytest.mark.parametrize("what", ["", "promise", "proof"])
    @pytest.mark.parametrize("cid", ["A" * 22, "A" * 21 + "B", "%00" * 22, "é", "A" * 2000])
    def test_nonsense_is_not_found(self, cause: Cause, charlie: User, cid: str, what: str) -> None:
        client = visitor(charlie)
        assert paper_in(client, cause)  # from here on Charlie has a pseudonym anywhere
        assert client.get(f"/receipt/{cid}/{what}").status_code == 404
