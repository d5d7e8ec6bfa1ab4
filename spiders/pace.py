"""One pace for all crawls of the process: portals that share a host are asked as if they were one portal.

Scrapy spaces the requests of one crawl; it knows nothing of the other crawls beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

Origin = tuple[str, str]


class Gate:
    """Lets at most as many requests through to one origin as the most careful of its users allows.

    After a request of another user it waits for the longest pause that one of them asks for.
    """

    def __init__(self) -> None:
        self._users: dict[object, tuple[int, float]] = {}
        self._turn = asyncio.Condition()
        self._inside = 0
        self._last: object = None
        self._last_end = float("-inf")

    @asynccontextmanager
    async def passing(self, user: object, at_once: int, pause: float) -> AsyncIterator[None]:
        """Wait for one's turn, and hold it."""
        self._users[user] = at_once, pause
        async with self._turn:
            await self._turn.wait_for(self._free)
            self._inside += 1
        try:
            await self._rest(user)
            yield
        finally:
            self._last, self._last_end = user, asyncio.get_running_loop().time()
            self._inside -= 1
            async with self._turn:
                self._turn.notify_all()

    def leave(self, user: object) -> None:
        """This user asks nothing more."""
        self._users.pop(user, None)

    def _free(self) -> bool:
        return self._inside < min((number for number, _ in self._users.values()), default=1)

    async def _rest(self, user: object) -> None:
        if self._last in (None, user):
            return
        longest = max(pause for _, pause in self._users.values())
        await asyncio.sleep(max(0.0, self._last_end + longest - asyncio.get_running_loop().time()))


_gates: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Origin, Gate]] = WeakKeyDictionary()


def gate(scheme: str, place: str) -> Gate:
    """The gate of an origin (`place`: host and port) in the running loop; all crawls have the same."""
    gates = _gates.setdefault(asyncio.get_running_loop(), {})
    return gates.setdefault((scheme, place.lower()), Gate())


def leave(user: object) -> None:
    """This user asks nothing more, nowhere."""
    for each in _gates.get(asyncio.get_running_loop(), {}).values():
        each.leave(user)
