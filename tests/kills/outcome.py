"""What a campaign came to, and the table of all of them."""

from __future__ import annotations

import math
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Hashable, Iterable
from importlib import import_module
from pathlib import Path

import msgspec

from tests.delivery.oracle import Figures

HEADS = (
    "killed", "store", "kills", "looked at", "lost", "doubled", "ambiguous", "recovery p50, s", "max, s", "seconds"
)  # fmt: skip


EXAMPLES = 5


class Wish(msgspec.Struct, frozen=True):
    """So many kills, or as many as there are until a moment of the monotonic clock; `seed` chooses them."""

    kills: int
    seed: int
    until: float = math.inf

    def more(self, kills: int) -> bool:
        """Whether so many are not enough yet."""
        return kills < self.kills and time.monotonic() < self.until


class Outcome(msgspec.Struct, kw_only=True):
    """`checked` things were compared: of these `lost` are missing, `doubled` there more often than need be.

    `ambiguous` are mails that came again, with the same Message-ID, because somebody was killed between the
    server's 250 and the record of it. `recovery` holds, for each wave, the seconds from its last kill until
    nothing of it was missing. `wrong` says in words what else must not be; `examples` of what is lost or doubled.
    """

    victim: str
    store: str
    kills: int = 0
    checked: int = 0
    lost: int = 0
    doubled: int = 0
    ambiguous: int = 0
    recovery: list[float] = []
    seconds: float = 0.0
    wrong: list[str] = []
    examples: list[str] = []

    @property
    def is_good(self) -> bool:
        """Whether all is there, and once."""
        return not (self.lost or self.doubled or self.wrong)

    def compare(self, wanted: Iterable[Hashable], found: Iterable[Hashable]) -> None:
        """Count what should be there against what is."""
        should, there = Counter(wanted), Counter(found)
        self.checked += should.total()
        lost, doubled = should - there, there - should
        self.lost += lost.total()
        self.doubled += doubled.total()
        self.examples += [f"lost: {one}"[:300] for one in list(lost)[:EXAMPLES]]
        self.examples += [f"doubled: {one}"[:300] for one in list(doubled)[:EXAMPLES]]

    def count(self, came: Figures) -> None:
        """Count what servers took against what was planned. A post of Slack never comes again."""
        self.checked += came.planned
        self.lost += came.lost + came.unsent
        self.doubled += came.outside + came.slack_repeats + came.strange
        self.ambiguous += max(0, came.mail_repeats - came.outside)
        if not came.is_exact:
            self.examples.append(f"received: {came}")

    def cells(self) -> list[str]:
        """A row of the table."""
        middle = f"{statistics.median(self.recovery):.1f}" if self.recovery else "-"
        longest = f"{max(self.recovery):.1f}" if self.recovery else "-"
        counts = [f"{n:,}" for n in (self.kills, self.checked, self.lost, self.doubled, self.ambiguous)]
        return [self.victim, self.store, *counts, middle, longest, f"{self.seconds:.0f}"]


def table(outcomes: Iterable[Outcome]) -> str:
    """All of them, as documents show it."""
    rows = [list(HEADS), ["---"] * len(HEADS), *(outcome.cells() for outcome in outcomes)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def one(victim: str, store: str, kills: int, seed: int, minutes: float) -> list[Outcome]:
    """One campaign, in a folder of its own; asked to end, it leaves nothing behind."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    begun = time.monotonic()
    wish = Wish(kills, seed, begun + 60 * minutes)
    with tempfile.TemporaryDirectory(prefix="cw-kills-") as name:
        found: list[Outcome] = import_module(f"tests.kills.{victim}").run(store, Path(name), wish)
    for outcome in found:
        outcome.seconds = time.monotonic() - begun
    return found
