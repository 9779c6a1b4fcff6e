import pytest
from packaging.requirements import Requirement

from tools import locks

GOOD = "# compiled\nexample-one==1.2 ; python_version > '3' \\\n    --hash=sha256:aa\n"


@pytest.mark.parametrize(
    "lock, wanted, faults",
    [
        (GOOD, "Example.One>=1", []),
        (GOOD, "example-one>=2", ["x: example-one>=2 is not what is pinned (1.2)"]),
        (GOOD, "other", ["x: other is not what is pinned (nothing)"]),
        (GOOD + "--index-url x\n", "example-one", ["x: an index address: --index-url x"]),
        (GOOD + "two==1\n", "example-one", ["x: no hash: two==1"]),
    ],
)
def test_a_lock_that_does_not_fit_is_named(lock: str, wanted: str, faults: list[str]) -> None:
    assert list(locks.faults("x", lock, [Requirement(wanted)])) == faults


def test_the_lock_files_fit() -> None:
    assert locks.check() == 0
