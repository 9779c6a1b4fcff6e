from collections.abc import Callable
from importlib import import_module
from pathlib import Path

FOLDER = Path(__file__).parent
CORPUS = FOLDER / "corpus"
TARGETS = sorted(path.stem for path in FOLDER.glob("targets/*.py"))


def check_of(target: str) -> Callable[[bytes], None]:
    """The function that takes any bytes, and raises where a property of the parser fails."""
    found: Callable[[bytes], None] = import_module(f"tests.fuzz.targets.{target}").check
    return found
