"""One command of callwatch in a process of its own, with bounds on its time and memory."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping

import msgspec
import structlog

log = structlog.get_logger()


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
    def ending(self) -> str:
        """How it ended, in words."""
        return f"signal {-self.code}" if self.code is not None and self.code < 0 else f"exit code {self.code}"

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
