import pytest

from stimme.engines.translog import (
    BadSignature,
    Checkpoint,
    CosignatureVerifier,
    Cosigner,
    NoteError,
    Signature,
    Signer,
    UnverifiedNote,
    Verifier,
    WrongOrigin,
    add_cosignatures,
    cosigned_at,
    open_checkpoint,
    open_note,
    sign,
    split_note,
)
from tests.unit.translog.small_log import LOG_KEY, ORIGIN, SmallLog, secret

ALICE = Signer.from_seed("alice", secret("alice"))
BOB = Signer.from_seed("bob", secret("bob"))
WITNESS = Cosigner.from_seed("witness.example/w1", secret("witness"))
TEXT = "first\n\nsecond – «text»\n"


def checkpoint() -> str:
    return SmallLog.of(["s1"]).checkpoints[-1]


def test_a_note_opens_with_the_keys_that_signed_it() -> None:
    note = sign(TEXT, [ALICE, BOB])
    opened = open_note(note, [ALICE.verifier])
    assert opened.text == TEXT
    assert [one.name for one in opened.verified] == ["alice"]
    assert [one.name for one in opened.unverified] == ["bob"]


def test_a_note_without_a_known_key_is_unverified() -> None:
    other = Signer.from_seed("alice", secret("another key of the same name"))
    with pytest.raises(UnverifiedNote):
        open_note(sign(TEXT, [ALICE]), [other.verifier, BOB.verifier])


def test_a_known_key_with_a_bad_signature_is_named() -> None:
    note = sign(TEXT, [ALICE, BOB]).replace("first", "other")
    with pytest.raises(BadSignature) as caught:
        open_note(note, [BOB.verifier])
    assert caught.value.name == "bob"


@pytest.mark.parametrize("text", ["", "no line feed", "tab\there\n", "cr\r\n", "\ud800\n"])
def test_other_texts_cannot_be_signed(text: str) -> None:
    with pytest.raises(NoteError):
        sign(text, [ALICE])


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        TEXT,
        TEXT + "\n",
        f"{TEXT}\n— alice AAAAAAA=\n",
        f"{TEXT}\n— alice AAAA\n",
        f"{TEXT}\n- alice AAAAAAAA\n",
        f"{TEXT}\n—  alice AAAAAAAA\n",
        f"{TEXT}\n— a+b AAAAAAAA\n",
        f"{TEXT}\n— alice AAAAAAAA",
        f"{TEXT}\n— alice AAAAAAAA\n" + "— bob AAAAAAAA\n" * 100,
        "x" * 1_000_000 + "\n\n— alice AAAAAAAA\n",
    ],
)
def test_malformed_notes_are_refused(wrong: str) -> None:
    with pytest.raises(NoteError):
        open_note(wrong, [ALICE.verifier])


def test_keys_are_read_back() -> None:
    assert Verifier.from_vkey(ALICE.vkey).vkey == ALICE.vkey
    assert Signer.from_skey(ALICE.skey).vkey == ALICE.vkey
    assert CosignatureVerifier.from_vkey(WITNESS.vkey).vkey == WITNESS.vkey


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "alice",
        ALICE.vkey + "A",
        ALICE.vkey.replace("alice", "alicia"),
        ALICE.vkey.replace("alice", ""),
        ALICE.vkey.replace("alice", "a b"),
        WITNESS.vkey,
        ALICE.skey,
    ],
)
def test_damaged_public_keys_are_refused(vkey: str) -> None:
    with pytest.raises(NoteError):
        Verifier.from_vkey(vkey)


def test_damaged_private_keys_are_refused_without_being_shown() -> None:
    for skey in (ALICE.vkey, ALICE.skey[12:], ALICE.skey.replace("alice", "alicia")):
        with pytest.raises(NoteError) as caught:
            Signer.from_skey(skey)
        assert ALICE.skey[-20:] not in str(caught.value)


def test_a_checkpoint_is_read_back() -> None:
    found = Checkpoint(ORIGIN, 7, secret("root"), ("extension",))
    assert Checkpoint.parse(found.encode()) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{ORIGIN}\n7\n",
        f"{ORIGIN}\n07\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        f"{ORIGIN}\n-7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        f"{ORIGIN}\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n",
        f"{ORIGIN}\n7\nAAAA\n",
        f"{ORIGIN}\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        f"{ORIGIN}\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
        "\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
    ],
)
def test_checkpoints_that_are_not_canonical_are_refused(text: str) -> None:
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


def test_a_checkpoint_opens_for_its_origin_only() -> None:
    assert open_checkpoint(checkpoint(), LOG_KEY.verifier, ORIGIN).size == 1
    with pytest.raises(WrongOrigin):
        open_checkpoint(checkpoint(), LOG_KEY.verifier, "other.example/log")
    with pytest.raises(UnverifiedNote):
        open_checkpoint(checkpoint(), ALICE.verifier, ORIGIN)


def test_a_cosignature_tells_when_the_witness_saw_the_checkpoint() -> None:
    line = WITNESS.cosign(checkpoint(), 1_800_000_000)
    note = add_cosignatures(checkpoint(), [line, line])
    assert cosigned_at(checkpoint(), WITNESS.verifier) is None
    assert cosigned_at(note, WITNESS.verifier) == 1_800_000_000
    assert len(split_note(note)[1]) == 2
    assert add_cosignatures(note, [line]) == note
    assert open_checkpoint(note, LOG_KEY.verifier, ORIGIN).size == 1


def test_a_cosignature_with_another_time_does_not_hold() -> None:
    one = Signature.parse(WITNESS.cosign(checkpoint(), 1_800_000_000))
    later = Signature(one.name, one.key_id, (1_900_000_000).to_bytes(8, "big") + one.blob[8:])
    note = add_cosignatures(checkpoint(), [str(later)])
    assert cosigned_at(note, WITNESS.verifier) is None


def test_only_checkpoints_are_cosigned() -> None:
    with pytest.raises(NoteError):
        WITNESS.cosign(sign(TEXT, [ALICE]), 1_800_000_000)


@pytest.mark.parametrize("line", ["", "two\nlines", "— w\n", "— w AAAAAAAA\n— x AAAAAAAA"])
def test_other_lines_are_not_added_to_a_note(line: str) -> None:
    with pytest.raises(NoteError):
        add_cosignatures(checkpoint(), [line])
