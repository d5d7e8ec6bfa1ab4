"""Which machines have worked lately: noted in the store at the end of each job, for `callwatch status`."""

from __future__ import annotations

import socket
from datetime import datetime, timedelta

from callwatch.wiring import Wiring
from pipeline.store import Store, marks

WORKER = "worker on "
REMEMBERED = timedelta(days=1)
"""A machine that was not heard for so long is forgotten."""


def note(wiring: Wiring) -> None:
    """A worker of this machine has just finished a job."""
    now = wiring.clock()
    with wiring.store() as store, store.begin() as conn:
        marks.note_time(conn, WORKER + socket.gethostname(), now)
        old = [name for name, at in marks.times(conn, WORKER).items() if now - at > REMEMBERED]
        marks.forget(conn, [WORKER + name for name in old])


def heard(store: Store) -> dict[str, datetime]:
    """By name of a machine, when a worker of it finished a job last."""
    with store.read() as conn:
        return marks.times(conn, WORKER)
