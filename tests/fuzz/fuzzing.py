"""Every target under a coverage-guided fuzzer, from the corpus on, for its share of the time.

`./dev test tests/fuzz/fuzzing.py` takes STIMME_FUZZ_SECONDS in all (300), on as many cores as
pytest has workers. What it finds lies in the corpus afterwards, where every later run of the
tests meets it again.
"""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.fuzz.places import CORPUS, TARGETS
from tests.needs import missing

SECONDS = -(-int(os.environ.get("STIMME_FUZZ_SECONDS", "300")) // len(TARGETS))
LIMITS = ["-timeout=10", "-rss_limit_mb=1024"]  # seconds and memory that no input may take
# Lines of different kinds take the same way through our code: keep one of each to vary.
SEEDING = ["-keep_seed=1", "-print_final_stats=1"]


def fuzzed(target: str, folder: Path) -> subprocess.CompletedProcess[str]:
    kept = CORPUS / target
    command = [sys.executable, "-m", "tests.fuzz.engine", target, f"-max_total_time={SECONDS}"]
    command += [*LIMITS, *SEEDING, f"-artifact_prefix={kept}/"]
    # New inputs on the way go to the first folder; the corpus is only read.
    command += [str(folder), str(kept)]
    return subprocess.run(
        command, capture_output=True, check=False, encoding="utf-8", errors="replace"
    )


@pytest.mark.parametrize("target", TARGETS)
def test_no_input_breaks_the_parser(target: str, tmp_path: Path) -> None:
    if find_spec("atheris") is None:
        missing("the fuzzer atheris has no build for this machine")
    known = set((CORPUS / target).iterdir())
    result = fuzzed(target, tmp_path)
    found = sorted(str(path) for path in set((CORPUS / target).iterdir()) - known)
    if found or result.returncode:
        said = f"{result.stdout[-3000:]}\n{result.stderr[-3000:]}"
        pytest.fail(f"{target}: kept as {', '.join(found) or 'nothing'}\n{said}", pytrace=False)
    runs = re.search(r"number_of_executed_units: (\d+)", result.stderr)
    assert runs
    sys.stdout.write(f"{target}: {runs[1]} inputs in {SECONDS} s\n")
    assert int(runs[1]) > len(known)
