"""Bad days of a portal, to be switched on while the stand-in runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from callwatch.demo.standin.asked import Asked


@dataclass(kw_only=True)
class Knobs:
    """Which requests are spoiled, and how. All at their defaults: a good day.

    Which (all must hold):
      `endpoint`  "search" (default), "facet", "robots.txt" …; "" is any
      `only_type` searches whose query filters on this type ("8"); "" is any
      `only_page` this pageNumber; 0 is any
      `when`      a predicate over the request, for everything else
      `after`     the first so many selected requests are still answered well
      `times`     only so many are spoiled; 0 is always

    The whole answer is replaced:
      `status`       this HTTP status with the portal's error body; `retry_after` adds a Retry-After header
                     (status=429, retry_after="2", times=3: too many requests three times, then good)
      `redirect`     302 to this URL
      `html`         a maintenance page: HTML with status 200
      `gzip_bomb_mb` Content-Encoding: gzip of so many megabytes of zeros
      `huge_mb`      the right answer behind so many megabytes of white space (valid JSON)

    The answer says something wrong (searches only):
      `ignore_filters` as after a wrong encoding: status 200, everything in every language, a huge total
      `empty`          no results and a total of 0
      `short_page`     at most so many results although the total is right (0: none)
      `stuck_page`     page 1 whatever page was asked, echoing the number that was asked
      `repeated_rows`  on every page but the first so many rows, chosen anew each time, give way to rows of the
                       page before: some rows come twice, some never, the total stays
      `jumping_total`  every second spoiled answer announces so many more
      `no_total`       totalResults is missing
      `echo_size`      pageSize that is echoed, and the most that is served (a portal that lowered its cap)
      `hostile`        the first item of the page is spoiled: a name of `hostile.KINDS`

    The answer comes badly:
      `delay`         seconds before the first byte
      `trickle`       seconds between two pieces of the body, each of `trickle_bytes`
      `cut`           connection closed in the middle of the body although Content-Length said more
      `broken_json`   the body ends in the middle, and Content-Length agrees
    """

    endpoint: str = "search"
    only_type: str = ""
    only_page: int = 0
    when: Callable[[Asked], bool] | None = None
    after: int = 0
    times: int = 0

    status: int = 0
    retry_after: str = ""
    redirect: str = ""
    html: bool = False
    gzip_bomb_mb: int = 0
    huge_mb: int = 0

    ignore_filters: bool = False
    empty: bool = False
    short_page: int | None = None
    stuck_page: bool = False
    repeated_rows: int = 0
    jumping_total: int = 0
    no_total: bool = False
    echo_size: int = 0
    hostile: str = ""

    delay: float = 0.0
    trickle: float = 0.0
    trickle_bytes: int = 1024
    cut: bool = False
    broken_json: bool = False

    selected: int = field(default=0, init=False, repr=False, compare=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def spoils(self, asked: Asked) -> bool:
        """Whether this request is spoiled; counts it, so ask once per request."""
        if not self._concerns(asked):
            return False
        with self._lock:
            self.selected += 1
            turn = self.selected - self.after
        return turn >= 1 and (not self.times or turn <= self.times)

    @property
    def spoiled(self) -> int:
        """How many requests were spoiled so far."""
        turns = max(0, self.selected - self.after)
        return min(turns, self.times) if self.times else turns

    def _concerns(self, asked: Asked) -> bool:
        return (
            self.endpoint in ("", asked.endpoint)
            and (not self.only_type or self.only_type in asked.types)
            and (not self.only_page or str(self.only_page) == asked.parameters.get("pageNumber", "1"))
            and (self.when is None or self.when(asked))
        )


def active(knobs: Knobs | Iterable[Knobs], asked: Asked) -> list[Knobs]:
    """Those that spoil this request; each that concerns it is counted."""
    return [k for k in ([knobs] if isinstance(knobs, Knobs) else list(knobs)) if k.spoils(asked)]
