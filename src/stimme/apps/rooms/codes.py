"""The code by which one joins a room: short enough to type, too long to guess."""

import re
import secrets

LENGTH = 8
# Without vowels, so that it spells nothing, and without what looks like something else in it.
# 24^8 codes are 1.1 * 10^11: `limits.py` says how slowly anybody can try them.
ALPHABET = "BCDFGHJKMNPQRSTVWXYZ3479"
# What is not in the alphabet and looks like something that is.
_LOOK_ALIKES = str.maketrans("2568", "ZSGB")


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read_code(typed: str) -> str:
    """Return a typed code as it is stored: capitals, without spaces and dashes.

    What nobody could have been given comes back all the same; no room has it.
    """
    return re.sub(r"[\s\-–]", "", typed).upper().translate(_LOOK_ALIKES)


def spaced(code: str) -> str:
    """Return KMT4PQ7X as KMT4-PQ7X, the way it is shown and stands in addresses."""
    return f"{code[:4]}-{code[4:]}"


class RoomCodeConverter:
    """<room:code> in addresses: KMT4-PQ7X there, KMT4PQ7X in the program."""

    regex = f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}"

    def to_python(self, value: str) -> str:
        return value.replace("-", "")

    def to_url(self, value: str) -> str:
        return spaced(value)
