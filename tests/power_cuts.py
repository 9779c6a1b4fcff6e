"""Sealings that stop at a system call, in the process of the test."""

import os
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import pytest

P = ParamSpec("P")
T = TypeVar("T")
# All that changes the disk; `open` of tempfile and of directories included.
CALLS = ["open", "mkdir", "rename", "fsync", "fchmod"]


class PowerCut(BaseException):
    """Nothing catches it: what was to come after does not happen."""


class Fails:
    """Let the n-th system call of a sealing fail, and count them."""

    def __init__(
        self, patch: pytest.MonkeyPatch, at: int, error: Callable[[], BaseException]
    ) -> None:
        self.calls, self.at, self.error = 0, at, error
        for name in CALLS:
            patch.setattr(os, name, self.failing(getattr(os, name)))

    def failing(self, call: Callable[P, T]) -> Callable[P, T]:
        def one(*arguments: P.args, **options: P.kwargs) -> T:
            self.calls += 1
            if self.calls == self.at:
                raise self.error()
            return call(*arguments, **options)

        return one
