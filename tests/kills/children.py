"""What is changed in a command before it runs: where its clock comes from, and how it starts other commands."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from callwatch.child import Child, Limits

ME: dict[str, Any] = {}
"""How this process was started, and the socket of the fork server."""


def start_as(given: dict[str, Any], path: str) -> None:
    """Remember both, for children of this process."""
    ME.update(given=given, path=path)


def ask(path: str, question: dict[str, Any]) -> Any:
    """One question to the fork server, one answer."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        with connection.makefile("rw") as talk:
            talk.write(json.dumps(question) + "\n")
            talk.flush()
            return json.loads(talk.readline())


class Forked(Child):
    """A child of callwatch, forked and not started afresh. It belongs to the session that asked for it."""

    def __init__(self, name: str, arguments: list[str], limits: Limits, environment: Mapping[str, str]) -> None:
        self.name, self.limits, self.started = name, limits, time.monotonic()
        given = ME["given"]
        env = {key: value for key, value in environment.items() if key.startswith("CALLWATCH_")}
        self._pid = ask(
            ME["path"],
            {"start": {**given, "arguments": arguments, "env": {**given["env"], **env}, "owner": os.getsid(0)}},
        )

    @property
    def code(self) -> int | None:
        code: int | None = ask(ME["path"], {"poll": self._pid})
        return code

    def ask_to_end(self) -> None:
        if self.code is None:
            os.kill(self._pid, signal.SIGTERM)

    def end(self) -> None:
        if self.code is None:
            os.killpg(self._pid, signal.SIGKILL)
        while self.code is None:
            time.sleep(0.01)


def forked_children(_: Any) -> None:
    """The daemon and the workers of a cluster fork what they start."""
    from callwatch import daemon

    defaults = daemon.Daemon.__init__.__kwdefaults__
    assert defaults
    defaults["spawn"] = Forked
    if "CALLWATCH_BROKER_URL" in os.environ:
        from callwatch.cluster import tasks

        setattr(tasks, "Child", Forked)  # noqa: B010 - it is no name that module offers


def clocked(path: str) -> None:
    """The clock is so many seconds ahead of the true one (or behind it) as the file says."""
    from callwatch.wiring import Wiring

    def clock() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(Path(path).read_text()))

    Wiring.__init__.__defaults__ = (None, clock, None)


def hasty(_: Any) -> None:
    """Short leases, and short pauses before a harvest is tried again: what a killed worker held is not waited for
    ten minutes."""
    from alerts import attempt, deliver
    from pipeline.store import slots
    from tests.cluster.hasty import LEASE, MARGIN

    for module in (attempt, deliver):
        vars(module).update(LEASE=LEASE, MARGIN=MARGIN)
    slots.FIRST_PAUSE = timedelta(seconds=2)


TAMPER: dict[str, Any] = {function.__name__: function for function in (forked_children, clocked, hasty)}
