"""Instances made once a run, and copied for each test."""

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.crash.clusters import Cluster, cluster
from tests.crash.instances import Instance, make


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    with cluster() as made:
        yield made


@pytest.fixture(scope="session")
def numbers() -> Iterator[int]:
    return count()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    return make(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_template(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Instance:
    return make(tmp_path_factory.mktemp("postgres"), postgres.create("template"))


@pytest.fixture
def on_sqlite(sqlite_template: Instance, tmp_path: Path) -> Instance:
    return copy(sqlite_template, tmp_path)


@pytest.fixture
def on_postgres(
    postgres: Cluster, postgres_template: Instance, numbers: Iterator[int], tmp_path: Path
) -> Instance:
    return copy(postgres_template, tmp_path, postgres.create(f"crash{next(numbers)}", "template"))


def copy(template: Instance, folder: Path, database_url: str = "") -> Instance:
    home = shutil.copytree(template.home, folder / "home")
    return Instance(home, database_url, template.settings)


@pytest.fixture(params=["sqlite", "postgres"])
def instance(request: pytest.FixtureRequest) -> Instance:
    """One of each kind."""
    found: Instance = request.getfixturevalue(f"on_{request.param}")
    return found
