"""One target under libFuzzer: `python -m tests.fuzz.engine TARGET [libFuzzer's arguments]`.

What guides it is the coverage of our own code, the second readers in this folder included.
"""

import sys

import atheris  # type: ignore[import-untyped]
import django

from tests.fuzz.mutator import mutator
from tests.fuzz.places import CORPUS, check_of

MEASURED = [
    "altcha",
    "stimme.engines",
    "stimme.apps.accounts.proof_of_work",
    "stimme.apps.ballot",
    "stimme.apps.causes.importing",
    "stimme.cli",
    "tests.fuzz",
]


def by_bytes(data: bytes, most: int) -> bytes:
    """libFuzzer's own changes; atheris binds the name anew when the fuzzing begins."""
    changed: bytes = atheris.Mutate(data, most)
    return changed


def main(target: str, *arguments: str) -> None:
    with atheris.instrument_imports(include=MEASURED):
        django.setup()
        check = check_of(target)
    changes = mutator(CORPUS / target, by_bytes)
    atheris.Setup([target, *arguments], check, custom_mutator=changes)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
