"""Work in lanes: in each one thing after the other, all of them side by side, those of each channel on threads of
their own. So a lane that is slow holds up what is in it, and nothing else."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Generic, TypeVar

Work = TypeVar("Work")
Lane = tuple[str, str]
"""A channel, and the name of the lane there; a channel with one lane for everything calls it ""."""


class Lanes(Generic[Work]):
    """`do` is called for everything that is put in, on one of `threads` threads of the channel.

    `enough` is how much may wait in the one lane of a channel before it takes no more.
    """

    def __init__(self, do: Callable[[Work], None], threads: int, enough: int) -> None:
        self._do, self._threads, self._enough = do, threads, enough
        self._waiting: dict[Lane, deque[Work]] = {}
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._lock = threading.Lock()
        self._news: SimpleQueue[tuple[bool, BaseException | None]] = SimpleQueue()
        self._running = 0
        self._stopped = False

    def put(self, lane: Lane, work: Work) -> None:
        """Append to a lane."""
        with self._lock:
            if lane in self._waiting:
                self._waiting[lane].append(work)
                return
            self._waiting[lane] = deque([work])
        self._running += 1
        self._pool(lane[0]).submit(self._run, lane)

    def full(self) -> set[str]:
        """Channels that take no more for now."""
        with self._lock:
            waiting = {lane: len(queue) for lane, queue in self._waiting.items()}
        busy = Counter(channel for channel, _ in waiting)
        full = {channel for channel, number in busy.items() if number >= 2 * self._threads}
        return full | {channel for (channel, name), n in waiting.items() if not name and n > self._enough}

    def wait(self) -> bool:
        """Until a lane has ended or has room again; False when none is left. Raises what `do` raised."""
        if not self._running:
            return False
        ended, error = self._news.get()
        self._running -= ended
        if error is not None:
            raise error
        return True

    def close(self) -> None:
        """Let what has been begun come to its end; the rest is not begun."""
        self._stopped = True
        for pool in self._pools.values():
            pool.shutdown()

    def _pool(self, channel: str) -> ThreadPoolExecutor:
        if channel not in self._pools:
            self._pools[channel] = ThreadPoolExecutor(self._threads, thread_name_prefix=channel)
        return self._pools[channel]

    def _run(self, lane: Lane) -> None:
        queue, error = self._waiting[lane], None
        while not self._stopped:
            try:
                self._do(queue[0])
            except BaseException as raised:  # noqa: BLE001 - it is raised again by `wait`
                error = raised
            with self._lock:
                queue.popleft()
                if error is not None or not queue:
                    del self._waiting[lane]
                    break
            if len(queue) == self._enough:
                self._news.put((False, None))
        self._news.put((True, error))
