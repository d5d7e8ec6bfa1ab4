"""callwatch as a daemon: a clock that starts, each in a process of its own, what the store says is due.

The clock (APScheduler) keeps nothing: what is due, running and done stands in the store's slots, so a second
daemon, cron beside it or a kill at any moment neither doubles nor skips anything. A child that hangs or grows is
ended; the configuration is a copy that changes only on SIGHUP, and only for one that can be read.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType

import msgspec
import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from pipeline.errors import CallwatchError

log = structlog.get_logger()

GRACE = 25.0
"""Seconds that children have to end by themselves when the daemon is asked to."""


class Limits(msgspec.Struct, frozen=True):
    """What a child may take: `seconds` of time, `mebibytes` of memory."""

    seconds: float
    mebibytes: int


HARVEST_LIMITS = Limits(4 * 3600 + 300, 1536)
TELL_LIMITS = Limits(3600, 1024)


class Child:
    """One command of callwatch in a process of its own."""

    def __init__(self, name: str, arguments: list[str], limits: Limits, environment: Mapping[str, str]) -> None:
        self.name, self.limits = name, limits
        self.started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "callwatch", *arguments],
            env=dict(environment),
            start_new_session=True,  # a Ctrl-C in the daemon's terminal is the daemon's to pass on
        )
        size = limits.mebibytes << 20
        try:
            resource.prlimit(self.process.pid, resource.RLIMIT_DATA, (size, size))
        except (OSError, AttributeError):  # it has ended already, or the system has no such limit
            log.debug("no limit of memory", child=name)

    @property
    def code(self) -> int | None:
        """How it ended; None while it runs."""
        return self.process.poll()

    @property
    def overdue(self) -> bool:
        """Whether it has had its time."""
        return time.monotonic() - self.started > self.limits.seconds

    def ask_to_end(self) -> None:
        """SIGTERM: it finishes, or hands back, what it holds."""
        if self.code is None:
            self.process.terminate()

    def end(self) -> None:
        """SIGKILL, to all of it."""
        if self.code is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Snapshot:
    """The configuration as it was when it could last be read: a copy in a folder of its own."""

    def __init__(self, source: Callable[[], Path], check: Callable[[Path], None]) -> None:
        """`source` is the folder as it is now; `check` raises CallwatchError for one that cannot be used."""
        self._source, self._check = source, check
        self._home = Path(tempfile.mkdtemp(prefix="callwatch-config-"))
        self._number = 0
        self.folder = self._copy()
        check(self.folder)

    def renew(self) -> str:
        """Take the configuration anew; why the old one stays, or nothing."""
        fresh = self._copy()
        try:
            self._check(fresh)
        except CallwatchError as error:
            shutil.rmtree(fresh)
            return str(error).replace(str(fresh), str(self._source()))
        old, self.folder = self.folder, fresh
        shutil.rmtree(old, ignore_errors=True)
        return ""

    def close(self) -> None:
        """Remove the copies."""
        shutil.rmtree(self._home, ignore_errors=True)

    def _copy(self) -> Path:
        self._number += 1
        return shutil.copytree(self._source(), self._home / str(self._number))


class Daemon:
    """`due` names the portals to be harvested now; `tell` and `keep_house` are commands without names.

    Call `run` in the main thread: it takes over SIGTERM, SIGINT and SIGHUP until it returns.
    """

    def __init__(
        self,
        due: Callable[[], list[str]],
        snapshot: Snapshot,
        *,
        seconds: float = 60.0,
        at_once: int = 4,
        trouble: Callable[[str], None] = lambda problem: None,
    ) -> None:
        self._due, self._snapshot, self._seconds, self._at_once = due, snapshot, seconds, at_once
        self._trouble = trouble
        self._children: dict[str, Child] = {}
        self._lock = threading.Lock()
        self._stop, self._reload, self._wake = threading.Event(), threading.Event(), threading.Event()

    def run(self) -> int:
        """Until a signal asks to stop; 0, or 3 when a child had to be killed then."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._signalled)
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
            self._reap()
            if self._stop.is_set():
                return
            try:
                for portal in self._due():
                    if len([name for name in self._children if name != "tell"]) >= self._at_once:
                        break
                    self._start(f"harvest {portal}", ["harvest", portal, "--scheduled"], HARVEST_LIMITS)
                self._start("tell", ["tick", "--tell-only"], TELL_LIMITS)
            except (CallwatchError, OSError) as error:  # the next turn tries again
                log.warning("the clock could not see what is due", reason=str(error))

    def _start(self, name: str, arguments: list[str], limits: Limits) -> None:
        if name not in self._children:
            environment = {**os.environ, "CALLWATCH_CONFIG": str(self._snapshot.folder)}
            self._children[name] = Child(name, arguments, limits, environment)

    def _reap(self) -> None:
        for name, child in list(self._children.items()):
            if child.code is None and child.overdue:
                log.error("took too long and was ended", child=name, seconds=child.limits.seconds)
                self._trouble(f"{name} took longer than {child.limits.seconds:.0f} s and was ended")
                child.end()
            if child.code is not None:
                if child.code not in (0, 3, 4):
                    log.error("ended badly", child=name, code=child.code)
                del self._children[name]

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
            self._trouble(f"the new configuration cannot be used, the old one stays: {problem}")
        else:
            log.warning("configuration read anew")

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        (self._reload if number == signal.SIGHUP else self._stop).set()
        self._wake.set()


def _now() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=0.1)
