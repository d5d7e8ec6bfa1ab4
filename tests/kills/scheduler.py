"""Killed: `callwatch run` and `callwatch tick`, one or two of them at the same time, alone or with all they have
started, and harvests and plannings that they have started.

Each slot is harvested once to its end, and what readers are told is what the twin tells, which ticks undisturbed.
"""

from __future__ import annotations

import random
import time
from pathlib import Path

from tests.kills.forks import EXPECTED, Command, Forks, eventually, slay
from tests.kills.outcome import Outcome, Wish
from tests.kills.stores import new
from tests.kills.watch import Watch, readers, watch

RUN = ("run", "--every", "0.3")
WAYS = ((RUN,), (("tick",),), (RUN, ("tick",)), (RUN, RUN))
TRIES = 2
"""A slot whose harvest died so often is left alone: after four times its job waits for the next slot, by rule."""

DIGESTS = 5
"""Slots that are left out in the end, so that every digest is due once more. Then a tick harvests before it tells,
as in the twin; a daemon does both at once."""


class Scheduled:
    """A watch under schedulers that are killed."""

    def __init__(self, watch: Watch, forks: Forks, outcome: Outcome, wish: Wish) -> None:
        self.watch, self.forks, self.outcome = watch, forks, outcome
        self.wish, self.random = wish, random.Random(wish.seed)
        self.seconds = 3.0
        self.last = 0.0

    def run(self) -> None:
        """One slot after the other, until there were enough kills; then all comes to its end."""
        self.watch.begin()
        while self.wish.more(self.outcome.kills) and not self.outcome.wrong:
            self.watch.next()
            for _ in range(self.random.randint(4, 7)):
                if self.watch.attempts() <= TRIES:
                    self.round()
                    self.watch.later()
            self.settle()
        self.watch.number += DIGESTS
        self.watch.next()
        self.settle(daemons=0.0)
        self.watch.count(self.outcome)

    def round(self) -> None:
        """Start some, kill one or more of them at a moment of the clock, and let the others end in order."""
        started = [self.watch.commands.start(*words) for words in self.random.choice(WAYS)]
        time.sleep(self.random.uniform(0, self.seconds))
        victims = self.random.sample(started, self.random.randint(1, len(started)))
        slain = [pid for victim in victims for pid in self._kill(victim)]
        self.outcome.kills += sum(self._died(pid) for pid in slain)
        self.last = time.monotonic()
        self._stop(started)

    def _kill(self, victim: Command) -> list[int]:
        """It with all it has, it alone, or one of those it has started."""
        way, children = self.random.random(), victim.children()
        if way < 0.3 and children:
            child = self.random.choice(children)
            slay(child)
            return [child]
        if victim.code is None:
            (victim.kill_all if way < 0.7 else victim.kill)()
        return [victim.pid]

    def _died(self, pid: int) -> bool:
        """Whether it died of SIGKILL, and had not ended before."""
        assert eventually(lambda: self.forks.ask(poll=pid) is not None)
        code = self.forks.ask(poll=pid)
        assert code in EXPECTED, f"ended with {code}"
        return bool(code == -9)

    def _stop(self, started: list[Command]) -> None:
        """Those who live are asked to stop; what a killed daemon had started comes to its own end."""
        for command in started:
            if command.code is None and command.words == RUN:
                command.terminate()
            command.wait()
        assert eventually(lambda: not self.forks.living()), "something hangs"

    def settle(self, daemons: float = 0.5) -> None:
        """A tick or a daemon does what is left, undisturbed."""
        if self.watch.attempts() > TRIES:
            self.watch.later()
        for _ in range(4):
            daemon = self.random.random() < daemons
            command = self.watch.commands.start(*(RUN if daemon else ("tick",)))
            if daemon:
                begun = time.monotonic()
                eventually(self.watch.settled, 120.0)
                self.seconds = min(5.0, time.monotonic() - begun)
                command.terminate()
            if command.wait() != 0:
                self.outcome.wrong.append(f"{command.words} ended with {command.code}: {command.said()}")
            if self.watch.settled():
                self._recovered()
                return
            self.watch.later()
        self.outcome.wrong.append(f"slot {self.watch.number} does not come to rest")

    def _recovered(self) -> None:
        if self.last:
            self.outcome.recovery.append(time.monotonic() - self.last)
        self.last = 0.0


def campaign(folder: Path, url: str, store: str, wish: Wish) -> Outcome:
    """So many kills over the new database at `url`."""
    outcome, forks = Outcome(victim="scheduler", store=store), Forks(folder)
    try:
        with watch(folder, url, forks, readers(18, 6, digests=True), {}) as made:
            Scheduled(made, forks, outcome, wish).run()
    finally:
        forks.stop()
    return outcome


def run(store: str, folder: Path, wish: Wish) -> list[Outcome]:
    """The campaign over a new database."""
    with new(store, folder) as url:
        return [campaign(folder, url, store, wish)]
