"""callwatch as a daemon: a clock that starts, each in a process of its own, what the store says is due.

The clock (APScheduler) keeps nothing: what is due, running and done stands in the store's slots, so a second
daemon, cron beside it or a kill at any moment neither doubles nor skips anything. A child that hangs or grows is
ended; the configuration is a copy that changes only on SIGHUP, and only for one that can be read.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from callwatch.child import HARVEST_LIMITS, TELL_LIMITS, Child, Limits
from callwatch.snapshot import Snapshot
from pipeline.errors import CallwatchError

log = structlog.get_logger()

TELL = "tell"
CONFIGURATION = "configuration"
"""The condition of a configuration that cannot be used."""
GRACE = 25.0
"""Seconds that children have to end by themselves when the daemon is asked to."""


class Daemon:
    """`due` names the portals to be harvested now. `trouble(key, detail)` is told of a condition that began, or,
    with an empty detail, is over: `configuration`, or the name of a child that was ended or ended badly.

    Call `run` in the main thread: it takes over SIGTERM, SIGINT and SIGHUP until it returns.
    """

    def __init__(
        self,
        due: Callable[[], list[str]],
        snapshot: Snapshot,
        *,
        seconds: float = 60.0,
        at_once: int = 4,
        trouble: Callable[[str, str], None] = lambda key, detail: None,
        harvest: Limits = HARVEST_LIMITS,
        tell: Limits = TELL_LIMITS,
        spawn: Callable[[str, list[str], Limits, dict[str, str]], Child] = Child,
    ) -> None:
        self._due, self._snapshot, self._seconds, self._at_once = due, snapshot, seconds, at_once
        self._trouble, self._limits = trouble, {True: tell, False: harvest}
        self._untold = {CONFIGURATION: ""}  # a daemon that starts with a good one ends the trouble of the last
        self._blind, self._spawn = False, spawn
        self._children: dict[str, Child] = {}
        self._reads: dict[str, Path] = {}  # the copy of the configuration that each child was given
        self._lock = threading.Lock()
        self._stop, self._reload, self._wake = threading.Event(), threading.Event(), threading.Event()

    def run(self, ready: Callable[[], None] = lambda: None) -> int:
        """Until a signal asks to stop; 0, or 3 when a child had to be killed then. Calls `ready` once signals are
        heard."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._signalled)
        ready()
        clock = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        clock.add_job(self.look, IntervalTrigger(seconds=self._seconds, timezone=UTC), next_run_time=_now())
        clock.start()
        try:
            while not self._stop.is_set():
                self._wake.wait(1.0)
                self._wake.clear()
                if self._reload.is_set():
                    self._reload.clear()
                    self._renew()
        finally:
            clock.shutdown(wait=False)
            clean = self._end_all()
            self._snapshot.close()
        return 0 if clean else 3

    def look(self) -> None:
        """One turn of the clock: see who has ended, and start what is due."""
        with self._lock:
            found = self._reap()
            self._untold |= found
        if not self._snapshot.folder.is_dir():  # somebody tidies up where temporary files lie
            self._renew()
        try:
            portals = self._due()  # without the lock: a database that hangs must not hold up a stop
        except (CallwatchError, OSError) as error:  # the next turn tries again
            if not self._blind:
                log.warning("it cannot be seen what is due; this is tried again", reason=str(error))
            self._blind = True
            return
        if self._blind:
            log.warning("what is due can be seen again")
        self._blind = False
        self._tell()
        with self._lock:
            if not self._stop.is_set():
                self._start_all(portals)

    def _start_all(self, portals: list[str]) -> None:
        try:
            for portal in portals:
                if len([name for name in self._children if name != TELL]) >= self._at_once:
                    break
                self._start(f"harvest {portal}", ["harvest", portal, "--scheduled"])
            self._start(TELL, ["tick", "--tell-only"])
        except OSError as error:  # no process is to be had; the next turn tries again
            log.warning("a child could not be started", reason=str(error))

    def _start(self, name: str, arguments: list[str]) -> None:
        if name not in self._children:
            folder = self._reads[name] = self._snapshot.folder
            environment = {**os.environ, "CALLWATCH_CONFIG": str(folder)}
            self._children[name] = self._spawn(name, arguments, self._limits[name == TELL], environment)

    def _reap(self) -> dict[str, str]:
        """Forget the children that have ended, and end those that have had their time; what is to be told."""
        found = {}
        for name, child in list(self._children.items()):
            detail = ""
            if child.code is None and child.overdue:
                detail = f"took longer than {child.limits.seconds:.0f} s and was ended"
                child.end()
            elif child.code not in (None, 0, 3, 4):
                detail = f"ended badly ({child.ending}); see the log"
            if detail:
                log.error(detail, child=name)
            if child.code is not None:
                found[name] = detail
                del self._children[name], self._reads[name]
        self._snapshot.tidy(set(self._reads.values()))
        return found

    def _tell(self) -> None:
        """Pass on what operators were not told yet; what cannot be said now is said at a later turn."""
        for key, detail in list(self._untold.items()):
            try:
                self._trouble(key, detail)
            except CallwatchError as error:
                log.warning("operators could not be told", about=key, reason=str(error))
                return
            if self._untold.get(key) == detail:
                del self._untold[key]

    def _end_all(self) -> bool:
        """Ask all children to end, and end those that do not; whether none had to be."""
        with self._lock:
            for child in self._children.values():
                child.ask_to_end()
            until = time.monotonic() + GRACE
            while any(child.code is None for child in self._children.values()) and time.monotonic() < until:
                time.sleep(0.05)
            late = [child for child in self._children.values() if child.code is None]
            for child in late:
                log.error("did not stop in time and was ended", child=child.name)
                child.end()
            return not late

    def _renew(self) -> None:
        problem = self._snapshot.renew()
        if problem:
            log.error("the new configuration cannot be used, the old one stays", reason=problem)
            self._untold[CONFIGURATION] = f"the new one cannot be used, the old one stays: {problem}"
        else:
            log.warning("configuration read anew")
            self._untold[CONFIGURATION] = ""

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        (self._reload if number == signal.SIGHUP else self._stop).set()
        self._wake.set()


def _now() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=0.1)
