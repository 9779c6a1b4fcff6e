"""Changes that bytes alone do not hit upon: a word left out, repeated, or put elsewhere."""

import re
from collections.abc import Callable
from pathlib import Path
from random import Random

Mutator = Callable[[bytes, int, int], bytes]
Bytes = Callable[[bytes, int], bytes]

WORD = re.compile(rb"[\w@+/=.:-]+|[^\w@+/=.:-]+")
NUMBERS = [b"%d" % (edge + step) for edge in (1, 2**64, 10**18, 10**19) for step in (-1, 0)]


def words_of(corpus: Path) -> list[bytes]:
    contents = (path.read_bytes() for path in corpus.iterdir())
    return sorted({*NUMBERS, *(word for one in contents for word in WORD.findall(one))})


def mutator(corpus: Path, by_bytes: Bytes) -> Mutator:
    """Every second change is one of words, those of the corpus included; the others `by_bytes`."""
    known, random = words_of(corpus), Random()

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        if seed & 1:
            return by_bytes(data, most)
        return b"".join(changed(WORD.findall(data), known, random))[:most]

    return mutate


def changed(words: list[bytes], known: list[bytes], random: Random) -> list[bytes]:
    """Between words `at` and `end` others come: none, the same twice, or one known."""
    at = random.randrange(len(words) + 1)
    end = min(len(words), at + random.choice((0, 1, 1, 1, 2, 8)))
    between, one = words[at:end], random.choice([*known, *words])
    return words[:at] + random.choice((between * 2, [], [one])) + words[end:]
