"""Keeps posts to one place a while apart. The wait is its lane's own: nobody else's messages stand still."""

from __future__ import annotations

import time
from collections.abc import Callable


class Pace:
    """`pause`: seconds between two posts of one lane. Used by several threads, but by one at a time for a lane.

    `turn` is asked where other processes post to the same lanes: see `ChannelSettings`.
    """

    def __init__(self, pause: float, turn: Callable[[str, float], float] | None = None) -> None:
        self._pause, self._turn = pause, turn
        self._next: dict[str, float] = {}

    def wait(self, lane: str) -> None:
        """Sleep until the lane may post again."""
        if self._turn is not None:
            time.sleep(self._turn(lane, self._pause))
            return
        now = time.monotonic()
        begin = max(now, self._next.get(lane, now))
        self._next[lane] = begin + self._pause
        if begin > now:
            time.sleep(begin - now)
