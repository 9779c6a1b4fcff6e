"""A log of the tests' own, signed by the keys of the server, in place of the one it serves."""

import time

from playwright.sync_api import Page, Route, expect

from stimme.engines.translog import Proof, Signer, Tree, promise_batch
from tests.browser.conftest import Server
from tests.unit.translog.small_log import SmallLog, many_votes

SIZES = (100, 280, 700)
VOTES = many_votes(SIZES[-1] - 1)
MINE = 42
NOT_SERVED = ("status of 404",)


class House:
    def __init__(self, server: Server) -> None:
        origin = f"{server.url.removeprefix('http://')}/log"
        keys = server.home / "keys"
        self.origin = origin
        self.log_key = Signer.from_seed(origin, (keys / "log").read_bytes())
        receipts = f"{origin}/receipt"
        self.receipt_key = Signer.from_seed(receipts, (keys / "receipt").read_bytes())
        self.log = self.make(VOTES[:100], VOTES[100:280], VOTES[280:])

    def make(self, *batches: list[str]) -> SmallLog:
        log = SmallLog(self.log_key, self.origin)
        for lines in batches:
            log.seal(lines)
        return log

    def proof(self, size: int = 280, index: int = MINE) -> Proof:
        """What a voter holds who downloaded the proof when the log had `size` lines."""
        tree = Tree(self.log.read, size)
        path = tuple(tree.inclusion_path(index))
        checkpoint = self.log.checkpoints[SIZES.index(size)]
        return Proof(VOTES[index].encode(), index, path, checkpoint)

    def promise(self, line: str, seconds: int) -> str:
        """The promise for `line` in a batch of three, due in so many seconds."""
        batch = [VOTES[7], line, VOTES[8]]
        due = int(time.time()) + seconds
        return promise_batch(self.receipt_key, self.origin, batch, due)[1].encode()


def serve(page: Page, files: dict[str, bytes]) -> None:
    def answer(route: Route) -> None:
        body = files.get(route.request.url.split("/log/")[1])
        route.fulfill(status=404 if body is None else 200, body=body or b"")

    page.route("**/log/**", answer)


def verdict(page: Page) -> tuple[str, str]:
    heading = page.locator("#result .notice h2")
    expect(heading).to_be_visible()
    text = page.locator("#result .notice p").inner_text()
    return heading.inner_text(), text.replace("\u00a0", " ")
