"""How many requests one address may make: a bucket that fills steadily and is emptied by requests."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable

BURST = 120
"""Requests that an address may make at once."""
PER_SECOND = 2.0
"""Requests a second that it may make for ever: calendar services ask for many readers from one address."""
REMEMBERED = 10_000
"""Addresses at most; the one not heard of for longest is forgotten first."""


class RateLimit:
    """Counts in memory; used from one thread (the event loop)."""

    def __init__(
        self, burst: int = BURST, per_second: float = PER_SECOND, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst, self._per_second, self._clock = burst, per_second, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> int:
        """Whole seconds that `address` has to wait; 0 if this request may pass (and counts)."""
        key, now = network(address), self._clock()
        left, at = self._buckets.pop(key, (float(self._burst), now))
        left = min(float(self._burst), left + (now - at) * self._per_second)
        allowed = left >= 1
        self._buckets[key] = (left - 1 if allowed else left, now)
        while len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1 - left) / self._per_second))


def network(address: str) -> str:
    """An IPv6 host has a whole /64 at its disposal, so that counts as one address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False))


class Once:
    """Remembers what was seen within the last `seconds`, at most `REMEMBERED` of it."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._seen: OrderedDict[str, float] = OrderedDict()

    def first(self, key: str) -> bool:
        """Whether `key` is seen for the first time; from then on it is not."""
        now = self._clock()
        while self._seen and (
            len(self._seen) > REMEMBERED or next(iter(self._seen.values())) < now - self._seconds
        ):
            self._seen.popitem(last=False)
        if key in self._seen:
            return False
        self._seen[key] = now
        return True
