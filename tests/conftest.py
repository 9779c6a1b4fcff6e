"""What every test stands on: a home directory of its own, loopback only, and real parts."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import pytest

from tests.needs import missing

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"
# One worker takes all tests of a group: a demo, and a Chromium, are made once for each. The
# browser's tests are two groups, since they are half of the whole time.
TOGETHER = {
    "tests/browser/test_key_bound_votes.py": "voting in a browser",
    "tests/browser/test_lying_operator.py": "voting in a browser",
    "tests/browser/test_voting_key.py": "voting in a browser",
    "tests/browser/": "browser",
    "tests/crash/": "crash",
    "tests/services/test_behind_a_proxy.py": "proxies",
    "tests/services/test_demo_command.py": "demo",
}
KEPT = (
    "STIMME_CHROMIUM",
    "STIMME_CRASH_ROUNDS",
    "STIMME_FUZZ_SECONDS",
    "STIMME_TEST_DATABASE_URL",
)

# Before Django loads: nothing of the developer's own instance reaches a test.
for name in [name for name in os.environ if name.startswith("STIMME_") and name not in KEPT]:
    del os.environ[name]
HOME = Path(tempfile.mkdtemp(prefix="stimme-test-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
(HOME / "static").mkdir()
os.environ["STIMME_HOME"] = str(HOME)
os.environ["STIMME_DATABASE_URL"] = os.environ.get("STIMME_TEST_DATABASE_URL", "")
os.environ["DJANGO_SETTINGS_MODULE"] = "stimme.settings"
django.setup()

pytest_plugins = ["tests.house"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    # A worker that inherited it would load Django before it has a home of its own.
    del os.environ["DJANGO_SETTINGS_MODULE"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            groups = (name for start, name in TOGETHER.items() if nodeid.startswith(start))
            return next(groups, nodeid)

    return Together(config, log)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and vectors that stands beside the repository."""
    if not SHARED.is_dir():
        missing("the folder ../shared is not here")
    return SHARED


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
) -> None:
    """Test on an SQLite file, as in production: a database in memory locks differently."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database.setdefault("TEST", {})["NAME"] = str(HOME / "test.sqlite3")


@pytest.fixture(autouse=True, scope="session")
def _plain_static_files() -> None:
    """Pages name static files as they lie in the source; collecting them is the server's work."""
    from django.conf import settings

    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES["staticfiles"]["BACKEND"] = backend


@pytest.fixture(autouse=True)
def _empty_log() -> Iterator[None]:
    """Every test begins with a log of its own; its keys stay."""
    yield
    shutil.rmtree(HOME / "log", ignore_errors=True)


@pytest.fixture(autouse=True)
def _fresh_caches() -> Iterator[None]:
    """What one test put into a cache, such as parts of pages, does not reach the next."""
    from django.core.cache import caches

    yield
    for cache in caches.all(initialized_only=True):
        cache.clear()
