"""People who open the page of a cause and vote there: the paper comes from the page."""

import json
import re
from collections.abc import Callable

from .apart import apart
from .load import Talk, body_of, request, run, status_of
from .storm import Storm
from .trial import Trial

_PAPER = re.compile(rb'name="paper" value="([^"]+)"')
_OK = 200


def join(one: Trial, number: int, *, within: float) -> tuple[Storm, float]:
    """Let so many signed-in people arrive evenly within some seconds, each on a new connection.

    Returns what came of it, and after how many seconds all were done.
    """
    slug, _ = one.made.do(lambda inside: inside.publish("Bring back Product X"))
    sessions = one.made.do(lambda inside: inside.sign_in(number))
    at = [within * place / number for place in range(number)]
    address, host, path = one.server.address, one.made.host, f"/causes/{slug}/"

    def work() -> Storm:
        answers: list[bytes] = []
        talks = [_voter(host, path, session, answers.append) for session in sessions]
        return Storm.of(run(address, talks, at=at, seconds=300), answers)

    done = apart(work)
    one.remember(done)
    print(f"  {number:,} voters: {done.load}", flush=True)
    return done, done.load.seconds


def _voter(host: str, path: str, session: str, keep: Callable[[bytes], object]) -> Talk:
    cookie = f"Cookie: stimme_session={session}"
    page = yield request("GET", path, host=host, headers=[cookie])
    found = _PAPER.search(body_of(page))
    if status_of(page) != _OK or not found:
        return
    body = json.dumps({"paper": found[1].decode(), "choice": "for"}).encode()
    headers = [cookie, "Content-Type: application/json"]
    answer = yield request("POST", "/ballot", host=host, body=body, headers=headers)
    keep(answer)
