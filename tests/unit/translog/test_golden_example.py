"""The example of the format: every derived value, to the last character."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stimme.engines.translog import (
    Replay,
    VoteLine,
    b64,
    cause_id,
    document_hash,
    leaf_hash,
    parse_line,
    pseudonym,
    root_of,
    short_code,
    unsigned_vote,
    vote_key_seed,
    vote_signing_text,
)
from stimme.engines.translog.encoding import std64
from tests.unit.translog.small_log import DOCUMENT, EXAMPLE, LOG_KEY, ORIGIN, SmallLog, secret

CID = "P0zf875xeNbzuPiW4kUPPQ"


def test_the_cause_line_is_derived_from_its_document() -> None:
    assert cause_id(DOCUMENT) == CID
    assert EXAMPLE[0] == f"s1 cause {CID} {document_hash(DOCUMENT)} 2027-03-01T13Z"


def test_the_pseudonyms_are_derived_from_account_and_cause() -> None:
    key = secret("example pseudonym key")
    assert pseudonym(key, secret("example account secret"), CID) == "EahA2NdnkTkAF7RNlwygZA"
    assert pseudonym(key, secret("acc2"), CID) == "ZrQq8Xc7KqIGO78FoW6QnA"


def test_the_votes_are_signed_by_the_key_of_the_device() -> None:
    key = Ed25519PrivateKey.from_private_bytes(vote_key_seed(secret("example device secret"), CID))
    for expected in (EXAMPLE[1], EXAMPLE[3]):
        vote = parse_line(expected)
        assert isinstance(vote, VoteLine)
        vk = b64(key.public_key().public_bytes_raw())
        line = unsigned_vote(
            vote.cid, vote.pseudonym, vote.seq, vote.choice, vote.level, vote.hour, vk
        )
        assert f"{line} {b64(key.sign(vote_signing_text(ORIGIN, line)))}" == expected


def test_every_line_is_in_canonical_form() -> None:
    assert [str(parse_line(line)) for line in EXAMPLE] == EXAMPLE


def test_root_key_leaf_and_short_code_are_those_of_the_format() -> None:
    hashes = [leaf_hash(line.encode()) for line in EXAMPLE]
    assert std64(root_of(hashes)) == "jJdp7Nvop+A3RsWZHVqfFEoZ1n6fpXcSGGxPllGWOxw="
    assert std64(hashes[1]) == "74hSVHHO632S4ah4q2PzNiSeEM7DWg8ATP5+t3kHHps="
    assert short_code(EXAMPLE[1]) == "56ef-evdr-z3vx-3exb-vb4k-wy7t"
    vkey = "stimme.example/log+b7c321ee+AftxvhxfqVayiuqH2Cvv7CbZp13RkKJd+4pckRxJKR7I"
    assert LOG_KEY.vkey == vkey


def test_the_log_sealed_at_sizes_1_3_and_4_serves_these_files() -> None:
    log = SmallLog.of(EXAMPLE[:1], EXAMPLE[1:3], EXAMPLE[3:])
    kinds = ["tile/0/000.p/", "tile/entries/000.p/"]
    assert sorted(log.files) == ["checkpoint", *[f"{kind}{n}" for kind in kinds for n in (1, 3, 4)]]


def test_the_replay_counts_one_for_and_one_against() -> None:
    replay = Replay(ORIGIN)
    replay.feed_many(0, [line.encode() for line in EXAMPLE])
    replay.finish()
    assert replay.alarms == []
    assert replay.tallies() == {(CID, "against", "0"): 1, (CID, "for", "2"): 1}
