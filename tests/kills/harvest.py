"""Killed: `callwatch harvest`, once or twice at the same time, of a portal on which something happens every night.

The twin harvests the same portal on the same days. After each day both hold the same calls, versions and events,
to the byte; and before a harvest has come to its end, no call is withdrawn that was not the evening before.
"""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

from callwatch.demo.edits import Item, call_of, fields
from callwatch.demo.nextday import next_day
from callwatch.demo.standin.knobs import Knobs
from tests.delivery.processes import was_killed
from tests.harvest.commands import BASE_URL, PORTAL, Callwatch, Running, Zygote
from tests.harvest.days import Days, days, topics
from tests.harvest.state import State, pending, run_states, state
from tests.kills.outcome import Outcome, Wish
from tests.kills.stores import new

CHUNKS = {"small_chunks": 8}
FIRST, MORE = 30, 4
"""Topics on the first day, and how many more there are each day."""
COMMITS, REQUESTS = 5, 16
"""A harvest has at least so many write transactions and requests to die at."""
AWAY = 5
"""Each call is away from the list for up to so many days; after three of them it is withdrawn."""


class Victim:
    """A harvest under way that is to be killed."""

    def __init__(self, running: Running) -> None:
        self._running, self._there = running, True

    def kill(self, now: bool) -> bool:
        """SIGKILL, `now` or not yet; never of a process that has ended. False: the portal answers as usual."""
        if now and self._there:
            self._there = False
            self._running.kill()
        return False

    def died(self) -> bool:
        """Wait for its end; whether it was one by SIGKILL."""
        done = self._running.wait()
        self._there = False
        return was_killed(done)


class Harvests:
    """One portal, one database whose harvests are killed, and its twin."""

    def __init__(self, portal: Days, undisturbed: Callwatch, outcome: Outcome, wish: Wish) -> None:
        self.portal, self.undisturbed, self.outcome = portal, undisturbed, outcome
        self.wish, self.random = wish, random.Random(wish.seed)
        self.listed = topics(FIRST)
        self.seconds, self.done = 1.0, 0
        self.before = state(undisturbed)

    def run(self) -> None:
        """One day after the other, until there were enough kills."""
        while self.wish.more(self.outcome.kills):
            self.night()
            self.before, self.done = state(self.undisturbed), self._done()
            self._twin()
            self.complete(self.day())
            self.portal.day += 1

    def _twin(self) -> None:
        """The twin's harvest of the day; how long one takes."""
        self.portal.portal.knobs, begun = Knobs(), time.monotonic()
        done = self.undisturbed.harvest(self.portal.portal.base_url, at=self.portal.now, tamper=CHUNKS)
        assert done.report["verdict"] == "complete", done.err
        self.seconds = time.monotonic() - begun

    def night(self) -> None:
        """The moves of a night, some new topics, other titles, and calls that are away from the list for days."""
        day = self.portal.day
        more = topics(MORE, first=FIRST + 1 + MORE * day)
        self.listed = next_day([*self.listed, *more], self.portal.now.date()).records
        for item in self.listed[day % 6 :: 6]:
            fields(item)["title"] = [f"{fields(item)['title'][0].partition(',')[0]}, edition {day}"]
        self.portal.show([item for item in self.listed if not self._away(item, day)])

    def _away(self, item: Item, day: int) -> bool:
        number = sum(call_of(item).encode())
        return number % 4 == 0 and number // 4 % 11 <= day % 11 < number // 4 % 11 + number % AWAY

    def day(self) -> float:
        """Harvests that are killed; when the last one was, or 0 when one came to its end."""
        last = 0.0
        for _ in range(self.random.randint(5, 9)):
            victims = [self._victim() for _ in range(self.random.choice((1, 1, 1, 2)))]
            self.outcome.kills += sum(victim.died() for victim in victims)
            last = time.monotonic()
            if self._ended():
                return 0.0
            self._nobody_is_withdrawn()
        return last

    def _victim(self) -> Victim:
        """A harvest that dies at a commit, at a request, or at a moment of the clock."""
        way, tamper = self.random.random(), dict[str, Any](CHUNKS)
        if way < 0.4:
            tamper[self.random.choice(("kill_before", "kill_after"))] = self.random.randint(1, COMMITS)
        server = self.portal.portal
        number = len(server.requests) + self.random.randint(1, REQUESTS) if 0.4 <= way < 0.6 else 0
        env = {BASE_URL: server.base_url}
        victim = Victim(self.portal.callwatch.start("harvest", PORTAL, at=self.portal.now, tamper=tamper, **env))
        if number:
            server.knobs = Knobs(endpoint="", when=lambda _: victim.kill(len(server.requests) >= number))
        if way >= 0.6:
            time.sleep(self.random.uniform(0, self.seconds))
            victim.kill(True)
        return victim

    def _ended(self) -> bool:
        """Whether the day's harvest is on record as done: by one that was killed too late, or not at all."""
        return self._done() > self.done

    def _done(self) -> int:
        """How many harvests came to their end."""
        with self.portal.callwatch.store() as store:
            return run_states(store).count(("done", "complete"))

    def _nobody_is_withdrawn(self) -> None:
        found = state(self.portal.callwatch)
        gone = {of for of in found.calls if b'"gone_since":null' not in found.calls[of]}
        known = {of for of in self.before.calls if b'"gone_since":null' not in self.before.calls[of]}
        if gone - known:
            self.outcome.wrong.append(f"day {self.portal.day}: withdrawn by a kill: {sorted(gone - known)}")

    def complete(self, last: float) -> None:
        """The day's harvest comes to its end, and all is as if nobody had been killed."""
        if not self._ended():
            self.portal.portal.knobs = Knobs()
            done = self.portal.harvest(tamper=CHUNKS)
            if (done.code, done.report["verdict"]) != (0, "complete"):
                self.outcome.wrong.append(f"day {self.portal.day}: {done.code} {done.out[:300]}")
            if last:
                self.outcome.recovery.append(time.monotonic() - last)
        for _ in range(self._done() - self.done - 1):  # two at once, one after the other: absence counts twice
            self._twin()
        self.compare(state(self.undisturbed), state(self.portal.callwatch))
        if left := pending(self.portal.callwatch):
            self.outcome.wrong.append(f"day {self.portal.day}: not settled: {left[:5]}")

    def compare(self, wanted: State, found: State) -> None:
        """Calls, versions and events, each by all it says."""
        self.outcome.compare(wanted.calls.items(), found.calls.items())
        self.outcome.compare(_flat(wanted), _flat(found))
        self.outcome.compare(wanted.events, found.events)


def _flat(one: State) -> list[tuple[str, int, str]]:
    return [(call, *version) for call, versions in one.versions.items() for version in versions]


def campaign(zygote: Zygote, folder: Path, url: str, store: str, wish: Wish) -> Outcome:
    """So many kills over the new database at `url`."""
    (folder / "undisturbed").mkdir()
    outcome = Outcome(victim="harvest", store=store)
    with days(Callwatch(zygote, folder, url), topics(FIRST)) as portal:
        Harvests(portal, Callwatch(zygote, folder / "undisturbed"), outcome, wish).run()
    return outcome


def run(store: str, folder: Path, wish: Wish) -> list[Outcome]:
    """The campaign over a new database."""
    zygote = Zygote()
    try:
        with new(store, folder) as url:
            return [campaign(zygote, folder, url, store, wish)]
    finally:
        zygote.stop()
