"""kill -9 at random moments of a storm: whatever was acknowledged is there, and promises hold."""

import os
import signal
import time
from collections.abc import Callable

import pytest

from tests.crash.instances import Instance, Running, answers, children, rounds, running, until
from tests.crash.storms import Storm


def kill_worker(door: Running) -> None:
    """The process that takes the votes; the one that watches it starts another."""
    worker = children(door.process.pid)[-1]
    os.kill(worker, signal.SIGKILL)


def kill_main(door: Running) -> None:
    """The process that watches: its worker must not go on without it."""
    door.process.kill()
    door.process.wait()


def kill_all(door: Running) -> None:
    door.kill()


def come_back(instance: Instance, door: Running, start: Callable[[], Running]) -> Running:
    """Start anew unless the door does so by itself; return once votes are taken."""
    if door.ended():
        until(lambda: not answers(instance.port), "the port is free")
        door = start()
    until(lambda: answers(instance.port), "the door is back")
    return door


def test_a_door_that_is_killed_again_and_again_loses_nothing(instance: Instance) -> None:
    storm, door = Storm(instance), instance.start_door()
    kills = [kill_worker, kill_main, kill_all]
    try:
        until(lambda: answers(instance.port), "the door is open")
        for number in range(rounds(3)):
            with storm.blowing():
                time.sleep(storm.random.uniform(0.1, 0.7))
                kills[number % len(kills)](door)
                door = come_back(instance, door, instance.start_door)
        storm.settle()
    finally:
        door.end()
    assert len(storm.receipts) > rounds(3)
    storm.judge()


def test_a_whole_instance_that_is_killed_again_and_again_loses_nothing(instance: Instance) -> None:
    """Door, pages and the sealer together, in the middle of whatever each does."""

    def start() -> Running:
        return instance.start("serve", "--port", str(instance.port))

    storm, server = Storm(instance), start()
    try:
        until(lambda: answers(instance.port), "the door is open")
        for _ in range(rounds(2) // 2):
            with storm.blowing():
                time.sleep(storm.random.uniform(0.5, 2.5))
                server.kill()
                storm.keep_checkpoint()
                server = come_back(instance, server, start)
        storm.settle()
    finally:
        server.end()
    storm.judge()


@pytest.mark.parametrize("part", ["serve", "door"])
def test_nothing_outlives_the_process_that_was_started(on_sqlite: Instance, part: str) -> None:
    """Killed alone it leaves nobody behind who keeps the port or the database's one door."""
    arguments = [part, "--port", str(on_sqlite.port)]
    arguments += ["--pages", "/nowhere"] if part == "door" else []
    with running(on_sqlite.start(*arguments)) as server:
        until(lambda: answers(on_sqlite.port), "the door is open")
        family = server.family()
        kill_main(server)
        until(lambda: not any(map(os.path.exists, (f"/proc/{pid}" for pid in family))), "all ended")
