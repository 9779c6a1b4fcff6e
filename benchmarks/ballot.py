"""Votes in a storm: how many, how fast, at what cost, beside two peers.

    ./dev bench ballot [--only sqlite,postgresql,…] [--seconds 4] [--rounds 3] [--seats 1000000]

Every vote is a real one: a sealed paper, a durable commit, a signed promise. After each part the
count is proven: every receipt is in the database and nothing else, each tally equals its recount,
promises verify, and the sealed log passes `stimme audit` without an alarm.
"""

import argparse
import sys
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice

from kit.apart import apart
from kit.growth import draw, grow
from kit.join import join
from kit.load import Load, repeat, run
from kit.peers import DJANGO_MOST, Peer, django_orm, express_pg
from kit.postgres import cluster
from kit.processes import raise_file_limit
from kit.proxy import tls_proxy
from kit.report import Row, at_least, at_most, busy, finish, holds
from kit.statistics import median
from kit.storm import WARM_UP
from kit.trial import FASTEST, Trial, trial

DOOR, PROXY, DJANGO, EXPRESS = range(8120, 8124)
# A slow disk: 10 ms more for every fsync. strace stops a thread at each system call until the
# first that it traces, so it also traces the two that every thread begins with.
SLOW_DISK = [
    *("strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", "signal=none"),
    *("-e", "trace=fsync,fdatasync,set_robust_list,rseq"),
    *("-e", "inject=fsync,fdatasync:delay_exit=10000"),
]
OK, SERVER_ERROR = 200, 500
SEATS = 1_000_000  # in the full database, unless asked otherwise
OVERLOAD = 4000  # connections: twice what may wait and be committed at once


@dataclass(slots=True)
class Bench:
    """What was asked for, and what has come of it so far."""

    seconds: float
    rounds: int
    seats: int
    rows: list[Row] = field(default_factory=list)
    facts: dict[str, float | None] = field(default_factory=dict)

    @property
    def voters(self) -> int:
        """More than can vote in one storm."""
        return int((WARM_UP + self.seconds) * FASTEST)


def main() -> int:
    options = _options()
    raise_file_limit()
    bench = Bench(options.seconds, options.rounds, options.seats)
    # The last line has these even where a part was left out.
    first = ("votes_per_second", "ratio_django_orm", "ratio_node_pg", "p99_ms", "cpu_us_per_vote")
    bench.facts = {**dict.fromkeys(first), "load_before": busy()}
    for name in options.only:
        print(f"{name}: {PARTS[name].__doc__}", flush=True)
        try:
            PARTS[name](bench)
        except Exception as error:  # noqa: BLE001  # the other parts can still be measured
            traceback.print_exc()
            bench.rows.append(holds(name, "measured and proven", repr(error)[:80], ok=False))
    return finish("ballot", bench.rows, bench.facts)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure voting, beside two peers.")
    parser.add_argument(
        "--only", type=_parts, default=list(PARTS), help=f"some of: {', '.join(PARTS)}"
    )
    parser.add_argument("--seconds", type=float, default=4, help="of each storm (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="of which the middle counts")
    parser.add_argument(
        "--seats", type=int, default=SEATS, help="in the full database (%(default)s)"
    )
    return parser.parse_args()


def _parts(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(PARTS):
        raise argparse.ArgumentTypeError(f"there is no part called {unknown.pop()}")
    return names


def sqlite(bench: Bench) -> None:
    """One door on SQLite, 512 connections, beside the peers in turn."""
    django_votes = int((WARM_UP + bench.seconds) * bench.rounds * DJANGO_MOST)
    with ExitStack() as stack:
        one = stack.enter_context(trial(DOOR, accounts=bench.voters))
        django = stack.enter_context(django_orm(django_votes, DJANGO))
        express = stack.enter_context(express_pg(EXPRESS, stack.enter_context(cluster())))
        own = _Rounds()
        peers = {
            "django_orm": django,
            "node_pg_insert": express["insert"],
            "node_pg": express["equal"],
            "node_pg_tuned": express["tuned"],
        }
        rates: dict[str, list[float]] = {name: [] for name in peers}
        for _ in range(bench.rounds):
            own.take(one, bench)
            for name, peer in peers.items():
                load = _of_peer(peer, bench.seconds)
                print(f"  {name}: {load}", flush=True)
                rates[name].append(load.rate)
        few, _ = one.storm(one.ballots(bench.voters), connections=128, seconds=bench.seconds)
    own.tell(bench, few.load.milliseconds(99))
    _tell_ratios(bench, {name: median(of) for name, of in rates.items()})


@dataclass(slots=True)
class _Rounds:
    rates: list[float] = field(default_factory=list)
    p99s: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)

    def take(self, one: Trial, bench: Bench) -> None:
        done, cost = one.storm(one.ballots(bench.voters), seconds=bench.seconds)
        self.rates.append(done.rate)
        self.p99s.append(done.load.milliseconds(99))
        self.costs.append(1e6 * cost)

    def tell(self, bench: Bench, p99_of_few: float) -> None:
        bench.facts |= {
            "votes_per_second": median(self.rates),
            "p99_ms": median(self.p99s),
            "cpu_us_per_vote": median(self.costs),
            "p99_ms_128": p99_of_few,
        }
        bench.rows += [
            at_least("durable votes/s, SQLite, 512 connections", median(self.rates), 10_000),
            at_most("server CPU per vote", median(self.costs), 100, " µs"),
            at_most("p99 at saturation", median(self.p99s), 60, " ms"),
            at_most("p99 at 128 connections", p99_of_few, 20, " ms"),
        ]


def _of_peer(peer: Peer, seconds: float) -> Load:
    requests = list(islice(peer.requests, int((WARM_UP + seconds) * peer.most)))

    def work() -> Load:
        waiting = iter(requests)
        talks = [repeat(waiting) for _ in range(512)]
        return run(peer.address, talks, seconds=seconds, warm_up=WARM_UP)

    load = apart(work)
    assert set(load.statuses) == {OK}, f"A peer did not take every vote: {load}"
    return load


def _tell_ratios(bench: Bench, rates: dict[str, float]) -> None:
    votes = bench.facts["votes_per_second"] or 0.0
    ratios = {name: votes / rate if rate else 0.0 for name, rate in rates.items()}
    bench.facts |= {f"{name}_per_second": rate for name, rate in rates.items()}
    bench.facts |= {f"ratio_{name}": ratio for name, ratio in ratios.items()}
    told = {
        "django_orm": ("plain Django and ORM, SQLite", 40),
        "node_pg_insert": ("express and pg, one INSERT", 4),
        "node_pg": ("express and pg, equal guarantees", 8),
    }
    bench.rows += [
        at_least(f"votes/s against {what}", ratios[name], bar, " ×", f"{rates[name]:,.0f}/s")
        for name, (what, bar) in told.items()
    ]
    print(f"  and {ratios['node_pg_tuned']:.1f} × the latter when it is one statement", flush=True)


def postgresql(bench: Bench) -> None:
    """Two doors on PostgreSQL, and plain Django there."""
    own, django_votes = _Rounds(), int((WARM_UP + bench.seconds) * DJANGO_MOST)
    doors = ["--doors", "2"]
    with cluster() as on, trial(DOOR, on, accounts=bench.voters, options=doors) as two:
        for _ in range(bench.rounds):
            own.take(two, bench)
    with cluster() as on, django_orm(django_votes, DJANGO, on, workers=2) as peer:
        plain = _of_peer(peer, bench.seconds)
    print(f"  django_orm: {plain}", flush=True)
    votes = median(own.rates)
    bench.facts |= {"postgresql_votes_per_second": votes, "django_orm_postgresql": plain.rate}
    bench.rows.append(at_least("votes/s, PostgreSQL, two doors", votes, 8000))


def keyed(bench: Bench) -> None:
    """Votes signed by the voter's own key, checked before the answer."""
    with trial(DOOR, accounts=bench.voters) as one:
        ballots = one.ballots(int((WARM_UP + bench.seconds) * 10_000), keyed=True)
        done, cost = one.storm(ballots, seconds=bench.seconds)
    bench.facts |= {"keyed_votes_per_second": done.rate, "keyed_cpu_us_per_vote": 1e6 * cost}
    bench.rows.append(at_least("key-bound votes/s", done.rate, 4000))


def slow(bench: Bench) -> None:
    """10 ms added to every fsync."""
    with trial(DOOR, accounts=bench.voters, under=SLOW_DISK) as one:
        done, _ = one.storm(one.ballots(bench.voters), seconds=bench.seconds)
    bench.facts["slow_disk_votes_per_second"] = done.rate
    bench.rows.append(at_least("votes/s with 10 ms added to every fsync", done.rate, 6000))


def tls(bench: Bench) -> None:
    """Through nginx with TLS, warm connections."""
    with (
        trial(DOOR, accounts=bench.voters, proxies="1") as one,
        tls_proxy(PROXY, one.server.address) as proxy,
    ):
        ballots = one.ballots(bench.voters)
        done, _ = one.storm(ballots, seconds=bench.seconds, through=proxy)
    bench.facts["tls_votes_per_second"] = done.rate
    bench.rows.append(at_least("votes/s through a TLS proxy", done.rate, 6000))


def overload(bench: Bench) -> None:
    """A full queue on a slow disk; who is turned away comes again when told to."""
    with trial(DOOR, accounts=bench.voters, under=SLOW_DISK) as one:
        ballots = one.ballots(bench.voters)
        done, _ = one.storm(ballots, connections=OVERLOAD, seconds=bench.seconds, patient=True)
    taken = done.load.milliseconds(99, OK)
    bench.facts |= {"overload_p99_ms": taken, "overload_votes_per_second": done.rate}
    note = f"{OVERLOAD} connections; {done.load.statuses.get(503, 0):,} times turned away"
    bench.rows.append(at_most("p99 of what is accepted in overload", taken, 200, " ms", note))


def voters(bench: Bench) -> None:
    """10,000 people open the real page and vote, all within 10 s."""
    arrivals = 10_000
    with trial(DOOR, accounts=arrivals) as one:
        cpu = one.server.cpu()
        done, seconds = join(one, arrivals, within=10.0)
        cost = (one.server.cpu() - cpu) / arrivals
    statuses = done.load.statuses.items()
    failed = sum(number for status, number in statuses if status >= SERVER_ERROR)
    ok = not failed and not done.unanswered and len(done.lines) == arrivals
    bench.facts |= {"join_seconds": seconds, "join_votes": len(done.lines), "join_5xx": failed}
    bench.facts["join_cpu_ms_per_voter"] = 1000 * cost
    told = f"{len(done.lines):,} votes, {failed + done.unanswered} failures"
    note = f"all had voted after {seconds:.0f} s, {1000 * cost:.1f} ms CPU each"
    what = f"{arrivals:,} voters arrive within 10 s, papers from the real pages"
    bench.rows.append(holds(what, "every vote once, no 5xx", told, ok=ok, note=note))


def growth(bench: Bench) -> None:
    """Cost per vote, rate and memory as seats and log entries grow."""
    with trial(DOOR, accounts=max(bench.seats // 100, bench.voters)) as one:
        steps = grow(one, bench.seats, bench.seconds, bench.voters)
    first, last = steps[0], steps[-1]
    if bench.seats == SEATS:
        draw(steps)
    bench.facts |= {
        "seats": last.seats,
        "ratio_full": last.rate / first.rate,
        "door_mb_full": last.memory / 1e6,
        "cpu_us_per_vote_full": last.cost,
    }
    bench.rows += [
        at_least(
            f"votes/s with {last.seats:,} seats and entries, against empty",
            last.rate / first.rate,
            0.8,
            " ×",
            f"{first.rate:,.0f} and {last.rate:,.0f}/s",
        ),
        at_most(f"memory of the door at {last.seats:,} seats", last.memory / 1e6, 150, " MB"),
        at_most(
            "cost per vote, most against least, as seats grow",
            max(one.cost for one in steps) / min(one.cost for one in steps),
            1.35,
            " ×",
        ),
    ]


PARTS: dict[str, Callable[[Bench], None]] = {
    part.__name__: part for part in (sqlite, postgresql, keyed, slow, overload, tls, voters, growth)
}


if __name__ == "__main__":
    sys.exit(main())
