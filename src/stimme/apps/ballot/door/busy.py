"""The page for a voter who has to wait: made by the pages beforehand, while there is time."""

import asyncio

from stimme import config
from stimme.apps.ballot.door.requests import BallotRequest
from stimme.apps.ballot.door.upstream import Answer, Headers, PagesAway, Request, Upstream

# What stands in the page where the voter's own ballot belongs.
PAPER, CHOICE = "PAPER-OF-THE-VOTER", "CHOICE-OF-THE-VOTER"
_AGAIN = 2.0  # seconds
_PLAIN = (
    [("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store")],
    "Your vote has to wait. Go back, and send it again in a few seconds.\n",
)


class BusyPages:
    """One page a language. It holds the ballot as a form, so that it is sent again as it was."""

    def __init__(self, upstream: Upstream, host: Headers) -> None:
        self._upstream, self._host = upstream, host
        self._pages: dict[str, Answer] = {}

    async def load(self) -> None:
        """Fetch the pages, trying until they are there."""
        for code in config.LANGUAGE_CODES:
            self._pages[code] = await self._fetch(code)

    async def _fetch(self, code: str) -> Answer:
        headers = [*self._host, ("accept-language", code)]
        while True:
            try:
                answer = await self._upstream.fetch(Request("GET", "/ballot/busy", headers))
            except PagesAway:
                await asyncio.sleep(_AGAIN)
                continue
            if answer.status == 200:  # noqa: PLR2004
                return answer
            await asyncio.sleep(_AGAIN)

    def page(self, code: str, ballot: BallotRequest) -> tuple[Headers, str]:
        """Return headers and text. A paper that could be more than a paper is left out.

        One that is signed is not kept: sent again without its signature, it would be another vote.
        """
        made, paper, choice = self._pages.get(code), ballot.paper, ballot.choice
        if not made or ballot.vk:
            return _PLAIN
        safe = all(one.replace("-", "").replace("_", "").isalnum() for one in (paper, choice))
        page = made.body.decode()
        page = page.replace(PAPER, paper if safe else "").replace(CHOICE, choice if safe else "")
        return made.headers, page
