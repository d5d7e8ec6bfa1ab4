"""Keeps posts to one place a while apart. The wait is its lane's own: nobody else's messages stand still."""

from __future__ import annotations

import time


class Pace:
    """`pause`: seconds between two posts of one lane. Used by several threads, but by one at a time for a lane."""

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._next: dict[str, float] = {}

    def wait(self, lane: str) -> None:
        """Sleep until the lane may post again."""
        now = time.monotonic()
        begin = max(now, self._next.get(lane, now))
        self._next[lane] = begin + self._pause
        if begin > now:
            time.sleep(begin - now)
