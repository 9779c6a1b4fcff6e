"""What a test may need of the machine: absent here it is not run, absent in CI it fails."""

import os
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Give up the running test because of `what`. Raises pytest's Skipped, in CI its Failed."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} (in CI every test must run)", pytrace=False)
    pytest.skip(what)
