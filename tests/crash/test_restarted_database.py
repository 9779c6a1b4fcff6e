"""PostgreSQL is restarted, or crashes, in a storm: the door waits for it and loses nothing."""

import pytest

from tests.crash.clusters import Cluster
from tests.crash.instances import Instance, answers, rounds, until
from tests.crash.storms import OK, Storm


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_the_door_finds_its_database_again(
    postgres: Cluster, on_postgres: Instance, mode: str
) -> None:
    storm, door = Storm(on_postgres), on_postgres.start_door()
    try:
        until(lambda: answers(on_postgres.port), "the door is open")
        family = door.family()
        for _ in range(max(1, rounds(1) // 10)):
            with storm.blowing():
                wait_for_votes(storm)
                postgres.restart(mode)
                wait_for_votes(storm)
        storm.settle()
        assert door.family() == family
        assert set(storm.statuses) <= {200, 429, 503}
    finally:
        door.end()
    storm.judge()


def wait_for_votes(storm: Storm) -> None:
    taken = storm.statuses.get(OK, 0)
    until(lambda: storm.statuses.get(OK, 0) > taken + 30, "votes are taken")
