"""The read side: the public page of a cause, its tally, live tallies, link previews.

./dev bench reading [--only pages,live,previews] [--seconds 4] [--watchers 10000]
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection
from itertools import repeat as again

from kit.apart import apart
from kit.load import Load, repeat, request, run
from kit.processes import raise_file_limit
from kit.report import Row, at_least, at_most, busy, finish, holds
from kit.storm import Ballot
from kit.trial import Trial, trial
from kit.watchers import watch

PORT = 8120
CONNECTIONS = 64
PREVIEWS, PREVIEW_SECONDS = 250, 15.0  # the rate of 1,000 in a minute
BROWSER = ["Accept-Encoding: gzip", "Accept-Language: en"]
ROUNDS = 5  # votes that the watchers hear of


@dataclass(slots=True)
class Bench:
    """A served instance with one public cause that has votes, and what was found so far."""

    one: Trial
    slug: str
    cid: str
    options: argparse.Namespace
    rows: list[Row] = field(default_factory=list)
    facts: dict[str, float | None] = field(default_factory=dict)

    def get(self, path: str) -> bytes:
        return request("GET", path, host=self.one.made.host, headers=BROWSER)


def main() -> int:
    options = _options()
    raise_file_limit()
    load = busy()
    with trial(PORT, accounts=1000) as one:
        slug, cid = one.made.do(lambda inside: inside.publish("Bring back Product X"))
        one.storm(one.ballots(500, boxes=[cid]), seconds=2, connections=16)
        bench = Bench(one, slug, cid, options, facts={"load_before": load})
        for name in options.only:
            print(f"{name}: {PARTS[name].__doc__}", flush=True)
            PARTS[name](bench)
    return finish("reading", bench.rows, bench.facts)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the pages that everybody reads.")
    parser.add_argument(
        "--only", type=_parts, default=list(PARTS), help=f"some of: {', '.join(PARTS)}"
    )
    parser.add_argument("--seconds", type=float, default=4, help="of each load (%(default)s)")
    parser.add_argument("--watchers", type=int, default=10_000, help="open live tallies")
    return parser.parse_args()


def _parts(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(PARTS):
        raise argparse.ArgumentTypeError(f"there is no part called {unknown.pop()}")
    return names


def pages(bench: Bench) -> None:
    """The public cause page and the tally, from the cache of the door."""
    for name, path in [("cause_page", f"/causes/{bench.slug}/"), ("tally", f"/tally/{bench.cid}")]:
        load = _read(bench, path)
        print(f"  {name}: {load}", flush=True)
        bench.facts[f"{name}_per_second"] = load.rate if set(load.statuses) == {200} else 0.0
        what = f"{name.replace('_', ' ')} from cache, requests/s"
        bench.rows.append(at_least(what, bench.facts[f"{name}_per_second"] or 0.0, 5000))


def _read(bench: Bench, path: str) -> Load:
    asks, address = again(bench.get(path)), bench.one.server.address

    def work() -> Load:
        talks = [repeat(asks) for _ in range(CONNECTIONS)]
        return run(address, talks, seconds=bench.options.seconds)

    return apart(work)


def live(bench: Bench) -> None:
    """Open live tallies, and a vote that all of them hear of."""
    number, host = bench.options.watchers, bench.one.made.host
    votes = [
        partial(_vote, host, ballot) for ballot in bench.one.ballots(ROUNDS, boxes=[bench.cid])
    ]
    server, asks = bench.one.server, bench.get(f"/tally/{bench.cid}/live")
    watched = apart(lambda: watch(server.address, asks, number, votes, server.door_memory))
    bench.one.unanswered += ROUNDS  # their answers were not kept
    slowest, memory = max(watched.delays), watched.memory / 1e6
    print(f"  heard after {', '.join(f'{delay:.2f}' for delay in watched.delays)} s", flush=True)
    bench.facts |= {"watchers": number, "watchers_mb": memory, "watchers_told_s": slowest}
    bench.rows += [
        at_most(f"memory of the door with {number:,} open live tallies", memory, 300, " MB"),
        at_most("a vote's answer until everybody is updated, slowest", slowest, 1, " s"),
    ]


def _vote(host: str, ballot: Ballot) -> None:
    connection = HTTPConnection(host, timeout=30)
    head, body = ballot.request(host).split(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[2:])
    connection.request("POST", "/ballot", body, headers)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()  # noqa: PLR2004
    connection.close()


def previews(bench: Bench) -> None:
    """A link is shared: 1,000 servers in a minute fetch the page, each on a new connection."""
    asks, server = bench.get(f"/causes/{bench.slug}/"), bench.one.server
    at = [PREVIEW_SECONDS * place / PREVIEWS for place in range(PREVIEWS)]

    def work() -> Load:
        talks = [repeat([asks]) for _ in range(PREVIEWS)]
        return run(server.address, talks, at=at)

    idle = _cpu_share(bench, lambda: time.sleep(3))
    loads: list[Load] = []
    busy = _cpu_share(bench, lambda: loads.append(apart(work)))
    print(f"  {loads[0]}", flush=True)
    share = 100 * max(0.0, busy - idle)
    bench.facts |= {
        "preview_share_of_a_core": share / 100,
        "preview_p99_ms": loads[0].milliseconds(99),
    }
    ok = loads[0].statuses == {200: PREVIEWS} and not loads[0].errors
    bench.rows += [
        at_most("1,000 link previews in a minute", share, 5, " % of a core"),
        holds("every preview answered", str(PREVIEWS), str(loads[0].answers), ok=ok),
    ]


def _cpu_share(bench: Bench, work: Callable[[], object]) -> float:
    """CPU seconds of the server for each second that `work` takes."""
    cpu, start = bench.one.server.cpu(), time.perf_counter()
    work()
    return (bench.one.server.cpu() - cpu) / (time.perf_counter() - start)


PARTS: dict[str, Callable[[Bench], None]] = {
    part.__name__: part for part in (pages, live, previews)
}


if __name__ == "__main__":
    sys.exit(main())
