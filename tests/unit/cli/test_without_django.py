"""Whoever checks a log needs neither an instance nor a database."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("name", ["audit", "verify"])
def test_checking_a_log_loads_no_django(name: str) -> None:
    program = (
        "import sys, importlib\n"
        f"importlib.import_module('stimme.cli.{name}')\n"
        "sys.exit(any(module.split('.')[0] == 'django' for module in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
