"""What is kept in memory between requests, and for how long it is right."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

BYTES = 64 * 1024 * 1024
"""Of all feeds that are kept; the one not asked for longest goes first."""


class Kept(NamedTuple):
    """The bytes of a feed, the state of things for which they are right, and their ETag."""

    state: str
    body: bytes
    etag: str


class Shelf:
    """Feeds by name, each for one state, at most `limit` bytes of them."""

    def __init__(self, limit: int = BYTES) -> None:
        self._limit, self._size = limit, 0
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._lock = Lock()

    def get(self, name: str, state: str, make: Callable[[], bytes]) -> Kept:
        """What was made for this state, or is made now. Two at once may both make it: they make the same."""
        with self._lock:
            kept = self._kept.get(name)
            if kept is not None and kept.state == state:
                self._kept.move_to_end(name)
                return kept
        body = make()
        fresh = Kept(state, body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
        with self._lock:
            self._put(name, fresh)
        return fresh

    def _put(self, name: str, fresh: Kept) -> None:
        old = self._kept.pop(name, None)
        self._size += len(fresh.body) - (len(old.body) if old else 0)
        self._kept[name] = fresh
        while self._size > self._limit and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._size -= len(dropped.body)


class Latest(Generic[T]):
    """One value, for the latest state that was asked for; those who ask at once wait for one of them."""

    def __init__(self) -> None:
        self._state: str | None = None
        self._value: T | None = None
        self._lock = Lock()

    def get(self, state: str, load: Callable[[], T]) -> T:
        """The value of this state, loaded if it is not there."""
        with self._lock:
            if self._value is None or self._state != state:
                self._value = None  # both at once would be twice the memory
                self._value, self._state = load(), state
            return self._value
