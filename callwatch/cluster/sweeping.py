"""The clock of a cluster: each minute it looks into the store, and wakes workers for what is due."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType

import structlog

from callwatch import ops
from callwatch.cluster.app import make_app
from callwatch.cluster.jobs import due_jobs
from callwatch.cluster.waking import BrokerAway, enqueue
from callwatch.paths import config_dir
from callwatch.snapshot import Snapshot
from callwatch.standing import check, over
from callwatch.wiring import Wiring
from pipeline.errors import CallwatchError

log = structlog.get_logger()

BROKER, CONFIGURATION = "broker", "configuration"
"""The conditions of a broker that cannot be reached and of a configuration that cannot be used."""
LIFE = 3
"""So many sweeps long a message is good; then the next ones have said the same."""


class Sweeper:
    """Call `run` in the main thread: it takes over SIGTERM, SIGINT and SIGHUP. Several at once do no harm."""

    def __init__(
        self, sweep: Callable[[], None], renew: Callable[[], None], close: Callable[[], None], seconds: float
    ) -> None:
        self._sweep, self._renew, self._close, self._seconds = sweep, renew, close, seconds
        self._stop, self._reload, self._wake = threading.Event(), threading.Event(), threading.Event()

    def run(self, ready: Callable[[], None] = lambda: None) -> int:
        """Sweep until a signal asks to stop; 0. Calls `ready` once signals are heard."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._signalled)
        ready()
        try:
            while not self._stop.is_set():
                if self._reload.is_set():
                    self._reload.clear()
                    self._renew()
                self._sweep()
                self._wake.wait(self._seconds)
                self._wake.clear()
        finally:
            self._close()
        return 0

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        (self._reload if number == signal.SIGHUP else self._stop).set()
        self._wake.set()


def sweeper(wiring: Wiring, seconds: float) -> Sweeper:
    """The clock over the settings of `wiring`. Raises ConfigError for those that no cluster can be run with."""
    app = make_app(wiring)
    snapshot = Snapshot(lambda: config_dir(wiring.settings.config), lambda folder: check(wiring, folder))

    def sweep() -> None:
        now = over(wiring, snapshot.folder)
        try:
            with now.store() as store:
                found = due_jobs(now, store)
            log.info("woken", jobs=enqueue(app, found, LIFE * seconds))
            note(BROKER, "")
        except BrokerAway as error:
            log.warning("nobody can be woken; this is tried again", reason=str(error))
            note(BROKER, str(error))
        except (CallwatchError, OSError) as error:
            log.warning("it cannot be seen what is due; this is tried again", reason=str(error))

    def renew() -> None:
        problem = snapshot.renew()
        log.warning("configuration read anew", problem=problem)
        note(CONFIGURATION, f"the new one cannot be used, the old one stays: {problem}" if problem else "")

    def note(key: str, detail: str) -> None:
        now = over(wiring, snapshot.folder)
        try:
            with now.store() as store:
                ops.note(now, store, key, detail, now.clock())
        except CallwatchError as error:
            log.warning("operators could not be told", about=key, reason=str(error))

    return Sweeper(sweep, renew, snapshot.close, seconds)
