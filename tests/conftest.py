"""What every test stands on: a home directory of its own, loopback only, and real parts."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"
CI = os.environ.get("CI") == "true"
KEPT = ("STIMME_CHROMIUM", "STIMME_TEST_DATABASE_URL")

pytest_plugins = ["tests.support.browser"]

# Before Django loads: nothing of the developer's own instance reaches a test.
for name in [name for name in os.environ if name.startswith("STIMME_") and name not in KEPT]:
    del os.environ[name]
_home = tempfile.TemporaryDirectory(prefix="stimme-test-")
HOME = Path(_home.name)
(HOME / "static").mkdir()
os.environ["STIMME_HOME"] = str(HOME)
os.environ["STIMME_DATABASE_URL"] = os.environ.get("STIMME_TEST_DATABASE_URL", "")
os.environ["DJANGO_SETTINGS_MODULE"] = "stimme.settings"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    # A worker that inherited it would load Django before it has a home of its own.
    del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_unconfigure() -> None:
    _home.cleanup()


def missing(what: str) -> None:
    """Skip the running test because `what` is missing here; in CI that is a failure.

    Raises pytest's Skipped or Failed.
    """
    if CI:
        pytest.fail(f"{what} (and CI must run this)", pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and vectors that stands beside the repository."""
    if not SHARED.is_dir():
        missing("../shared is not here")
    return SHARED


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,  # noqa: ARG001
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
def _fresh_cache() -> Iterator[None]:
    """Rate limits of one test do not reach the next."""
    from django.core.cache import cache

    yield
    cache.clear()
