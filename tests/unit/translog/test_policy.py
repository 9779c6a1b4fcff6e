"""Policies as C2SP tlog-policy writes them: read strictly, and applied to cosignatures."""

from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stimme.engines.translog import (
    Cosigner,
    NoteError,
    PolicyError,
    Signer,
    Verifier,
    add_cosignatures,
    parse_policy,
)
from tests.unit.translog.small_log import LOG_KEY, SmallLog, many_votes, secret

NOTE = SmallLog.of(many_votes(2)).checkpoints[0]
KEYS = {
    name: Cosigner.from_seed(f"{name}.example/witness", secret(name))
    for name in ["X1", "X2", "X3", "Y1", "Y2"]
}
WITNESSES = "".join(f"witness {name} {key.vkey}\n" for name, key in KEYS.items())
TWO_LEVELS = f"""# Two of the X and one of the Y.
log {LOG_KEY.vkey}

{WITNESSES}
group X 2 X1 X2 X3
  group\tY  any Y1 Y2\t
group both all X Y
quorum both
"""


def subsets(names: set[str]) -> chain[tuple[str, ...]]:
    return chain.from_iterable(combinations(sorted(names), n) for n in range(len(names) + 1))


def test_a_quorum_counts_members_and_groups() -> None:
    policy = parse_policy(TWO_LEVELS.encode())
    for signed in subsets(set(KEYS)):
        xs = sum(name.startswith("X") for name in signed)
        assert policy.is_reached(signed) == (xs >= 2 and xs < len(signed))


def test_a_policy_knows_logs_and_witnesses_with_their_addresses() -> None:
    other = Signer.from_seed("other.example/log", secret("other"))
    policy = parse_policy(
        f"log {LOG_KEY.vkey}\nlog {other.vkey} https://other.example/log\n"
        f"witness X1 {KEYS['X1'].vkey} https://x1.example/witness\nquorum X1\n".encode()
    )
    assert [(log.verifier.name, log.url) for log in policy.logs] == [
        (LOG_KEY.name, ""),
        ("other.example/log", "https://other.example/log"),
    ]
    assert [(one.name, one.verifier.vkey, one.url) for one in policy.witnesses] == [
        ("X1", KEYS["X1"].vkey, "https://x1.example/witness")
    ]
    assert (policy.is_reached([]), policy.is_reached(["X1"])) == (False, True)


def test_without_a_quorum_no_cosignature_is_needed() -> None:
    assert parse_policy(b"quorum none\n").is_reached([])
    assert parse_policy(f"{WITNESSES}quorum none\n".encode()).is_reached(["Y2"])


def test_only_valid_cosignatures_of_known_keys_are_found() -> None:
    policy = parse_policy(TWO_LEVELS.encode())
    stranger = Cosigner.from_seed("X3.example/witness", secret("stranger"))
    other_note = SmallLog.of(many_votes(3)).checkpoints[0]
    lines = [
        KEYS["X1"].cosign(NOTE, 1_800_000_000),
        KEYS["Y1"].cosign(NOTE, 1_800_000_060),
        KEYS["X2"].cosign(other_note, 1_800_000_000),
        stranger.cosign(NOTE, 1_800_000_000),
    ]
    found = policy.cosigned(add_cosignatures(NOTE, lines))
    assert found == {"X1": 1_800_000_000, "Y1": 1_800_000_060}
    assert not policy.is_reached(found)
    with pytest.raises(NoteError):
        policy.cosigned("no note")


def test_names_are_bytes_and_comments_may_be_anything() -> None:
    """The Kelvin sign is not the letter K, and Latin-1 is no reason to refuse a comment."""
    kelvin, latin = b"\xe2\x84\xaa", b"Z\xfcrich"
    data = b"# Z\xfcrich\nwitness %s %s\nwitness K %s\nwitness %s %s\nquorum %s\n" % (
        kelvin,
        KEYS["X1"].vkey.encode(),
        KEYS["X2"].vkey.encode(),
        latin,
        KEYS["X3"].vkey.encode(),
        latin,
    )
    policy = parse_policy(data)
    assert [one.name.encode(errors="surrogateescape") for one in policy.witnesses] == [
        kelvin,
        b"K",
        latin,
    ]
    assert [policy.is_reached([one.name]) for one in policy.witnesses] == [False, False, True]


X1 = f"witness X1 {KEYS['X1'].vkey}\n"


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("", "The policy has no line `quorum <name>|none`."),
        (X1, "The policy has no line `quorum <name>|none`."),
        ("quorum none", "Line 1: it must end in a line feed."),
        ("quorum none\n\nquorum none\n", "Line 3: there is a quorum already."),
        ("quorum none\r\n", "Line 1: it holds a control character."),
        ("quorum X1\n", "Line 1: 'X1' is not defined above."),
        (f"quorum X1\n{X1}", "Line 1: 'X1' is not defined above."),
        ("witness X1\n", "Line 1: it must read `witness <name> <vkey> [<url>]`."),
        ("group G any\n", "Line 1: it must read `group <name> all|any|<number> <name>...`."),
        ("quorum\n", "Line 1: it must read `quorum <name>|none`."),
        ("quorum none # as yet\n", "Line 1: it must read `quorum <name>|none`."),
        ("Quorum none\n", "Line 1: it must read `log|witness|group|quorum ...`."),
        (
            f"witness X1 {LOG_KEY.vkey}\n",
            f"Line 1: The key of {LOG_KEY.name} has type 1 instead of 4.",
        ),
        (
            f"log {KEYS['X1'].vkey}\n",
            "Line 1: The key of X1.example/witness has type 4 instead of 1.",
        ),
        ("log key\n", "Line 1: This is not a public key in the form name+id+base64."),
        (f"{X1}{X1}", "Line 2: the key of this witness stands there already."),
        (
            f"log {LOG_KEY.vkey}\nlog {Verifier('b', LOG_KEY.verifier.public_key).vkey}\n",
            "Line 2: the key of this log stands there already.",
        ),
        (f"{X1}witness X1 {KEYS['X2'].vkey}\n", "Line 2: the name 'X1' is taken."),
        (f"witness none {KEYS['X1'].vkey}\n", "Line 1: the name 'none' is taken."),
        (f"{X1}group X1 any X1\n", "Line 2: the name 'X1' is taken."),
        (f"{X1}group G any G\n", "Line 2: 'G' is not defined above."),
        ("group G any none\n", "Line 1: 'none' is not defined above."),
        (f"{X1}group G any X1 X1\n", "Line 2: 'X1' is a member of a group already."),
        (f"{X1}group G any X1\ngroup H any X1\n", "Line 3: 'X1' is a member of a group already."),
        (f"{X1}group G 0 X1\n", "Line 2: a group of 1 cannot need 0 of them."),
        (f"{X1}group G 2 X1\n", "Line 2: a group of 1 cannot need 2 of them."),
        (
            f"{X1}group G 01 X1\n",
            "Line 2: A number must be decimal, without leading zeros.",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, complaint: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text.encode())
    assert str(caught.value) == complaint


def test_a_chain_of_many_groups_is_no_trouble() -> None:
    chain_ = "".join(f"group {n + 1} all {n}\n" for n in range(5000))
    text = f"witness 0 {KEYS['X1'].vkey}\n{chain_}quorum 5000\n"
    policy = parse_policy(text.encode())
    assert (policy.is_reached(["0"]), policy.is_reached([])) == (True, False)


WORDS = [b"log", b"witness", b"group", b"quorum", b"none", b"any", b"all", b"1", b"G", b"X1", b"\n"]
PARTS = st.sampled_from([*WORDS, b" ", b"\t", b"#", *(key.vkey.encode() for key in KEYS.values())])


@given(st.one_of(st.binary(max_size=200), st.lists(PARTS, max_size=60).map(b" ".join)))
def test_any_bytes_are_a_policy_or_refused_as_none(data: bytes) -> None:
    try:
        policy = parse_policy(data)
    except PolicyError:
        return
    assert policy.is_reached([one.name for one in policy.witnesses])
