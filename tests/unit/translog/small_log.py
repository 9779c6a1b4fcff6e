"""A log in memory, written by the engine as the sealer does, and the example of the format."""

from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stimme.engines.translog import (
    Checkpoint,
    Proof,
    Signer,
    Tree,
    append,
    b64,
    sign,
    unsigned_vote,
    vote_signing_text,
)

ORIGIN = "stimme.example/log"
DOCUMENT = b'{"ask":"Bring back Product X","org":"example.org","lang":"en"}'
HOUR = "2027-03-01T14Z"


def secret(name: str) -> bytes:
    return sha256(name.encode()).digest()


LOG_KEY = Signer.from_seed(ORIGIN, secret("example log key"))
RECEIPT_KEY = Signer.from_seed(f"{ORIGIN}/receipt", secret("example receipt key"))
EXAMPLE = [
    "s1 cause P0zf875xeNbzuPiW4kUPPQ 0x0lKayTa8rGAatN_Rscq3qiTxeUPXhkMSoxW9THV1U 2027-03-01T13Z",
    (
        "s1 vote P0zf875xeNbzuPiW4kUPPQ EahA2NdnkTkAF7RNlwygZA 0 for 0 2027-03-01T14Z "
        "BxtIXltduWf_NJKqv6GCLDZFBWS4HglZCkYSswhvvlw "
        "eSYzrb2oylOFyBZ4aveFNWg6dJ2SegGcj-1fUVqpCr8OI1DqHgHRKJgma9v5TTNtDz6SVnGJgtzYsgWC7qoACg"
    ),
    "s1 vote P0zf875xeNbzuPiW4kUPPQ ZrQq8Xc7KqIGO78FoW6QnA 0 for 2 2027-03-01T14Z - -",
    (
        "s1 vote P0zf875xeNbzuPiW4kUPPQ EahA2NdnkTkAF7RNlwygZA 1 against 0 2027-03-02T09Z "
        "BxtIXltduWf_NJKqv6GCLDZFBWS4HglZCkYSswhvvlw "
        "WZJAnI1KP9gQEKwIpb_LgojdLJnsk2cMiJze6n3NnZE4COzA7SI0RJYawwjHt3HsqT24D_v0qejYOJGlmWt3DA"
    ),
]


def cid_of(name: str) -> str:
    return b64(secret(name)[:16])


def cause_line(cid: str) -> str:
    return f"s1 cause {cid} {b64(secret(cid))} {HOUR}"


def custodial(cid: str, seat: str, seq: int, choice: str, level: str = "0") -> str:
    return f"s1 vote {cid} {b64(secret(seat)[:16])} {seq} {choice} {level} {HOUR} - -"


def keyed(cid: str, seat: str, seq: int, choice: str, key: str) -> str:
    """A vote line that the voter's key named `key` has signed."""
    private = Ed25519PrivateKey.from_private_bytes(secret(key))
    vk = b64(private.public_key().public_bytes_raw())
    line = unsigned_vote(cid, b64(secret(seat)[:16]), seq, choice, "0", HOUR, vk)
    return f"{line} {b64(private.sign(vote_signing_text(ORIGIN, line)))}"


def many_votes(count: int, cid: str | None = None) -> list[str]:
    cid = cid or cid_of("cause")
    votes = (custodial(cid, f"seat {i}", 0, "for" if i % 3 else "against") for i in range(count))
    return [cause_line(cid), *votes]


@dataclass
class SmallLog:
    """`files` are what the log serves; `checkpoints` all that it has signed, in order."""

    signer: Signer = LOG_KEY
    origin: str = ORIGIN
    size: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    checkpoints: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, *batches: list[str]) -> "SmallLog":
        log = cls()
        for lines in batches:
            log.seal(lines)
        return log

    def seal(self, lines: list[str]) -> None:
        appended = append(self.read, self.size, [line.encode() for line in lines])
        self.files |= appended.resources
        self.size = appended.size
        text = Checkpoint(self.origin, appended.size, appended.root).encode()
        self.publish(sign(text, [self.signer]))

    def publish(self, checkpoint: str) -> None:
        self.checkpoints.append(checkpoint)
        self.files["checkpoint"] = checkpoint.encode()

    def read(self, path: str) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(path)
        return self.files[path]

    def proof(self, index: int) -> Proof:
        tree = Tree(self.read, self.size)
        (entry,) = tree.entries(index, index + 1)
        return Proof(entry, index, tuple(tree.inclusion_path(index)), self.checkpoints[-1])

    def write(self, folder: Path) -> None:
        for path, data in self.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
