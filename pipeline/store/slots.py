"""What was due, and what became of it: the one place that decides whether a job is done for its time.

Who begins a slot holds the lock of its job. So a slot that is still running then belongs to a process that died.
"""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from pipeline.schedule import Slot
from pipeline.store.sqlx import upsert
from pipeline.store.tables_slots import slots

RUNNING, DONE, FAILED = "running", "done", "failed"
TRIES = 4
"""So often a slot is tried before its job waits for the next one."""
FIRST_PAUSE = timedelta(minutes=15)
"""Before the second try; before each further one twice as long."""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A slot that was begun. `attempts` counts the tries; `outcome` is what the last one said."""

    job: str
    key: str
    due_at: datetime
    state: str
    attempts: int
    begun_at: datetime
    ended_at: datetime | None
    holder: str
    outcome: str


def harvest_job(portal: str) -> str:
    """The name under which a portal's harvests stand among the slots."""
    return f"harvest {portal}"


def is_due(slot: Slot, last: Taken | None, now: datetime) -> bool:
    """Whether the job has to be done for `slot`, when `last` is its newest slot so far.

    A slot older than the newest is not: the clock was set back. One that failed is tried again after a pause; one
    that still runs may have lost its process: it is taken over at once, and after pauses when that happens again.
    """
    if last is None or slot.at > last.due_at:
        return True
    if slot.key != last.key or last.state == DONE:
        return False
    if last.attempts >= TRIES:
        return False
    if last.state == FAILED:
        return now >= (last.ended_at or last.begun_at) + FIRST_PAUSE * (1 << last.attempts - 1)
    return last.attempts == 1 or now >= last.begun_at + FIRST_PAUSE * (1 << last.attempts - 2)


def newest(conn: Connection, job: str | None = None) -> dict[str, Taken]:
    """The newest slot of each job, or of one."""
    s = slots.c
    last = select(s.job, func.max(s.due_at).label("due_at")).group_by(s.job)
    if job is not None:
        last = last.where(s.job == job)
    found = last.subquery()
    rows = conn.execute(select(slots).join(found, (found.c.job == s.job) & (found.c.due_at == s.due_at)))
    return {row.job: _taken(row) for row in rows}


def begin(conn: Connection, job: str, slot: Slot, now: datetime) -> bool:
    """Take a slot, holding the lock of its job; False if it is done, or not due again yet."""
    last = newest(conn, job).get(job)
    if not is_due(slot, last, now):
        return False
    attempts = last.attempts + 1 if last and last.key == slot.key else 1
    row = {"job": job, "key": slot.key, "due_at": slot.at, "state": RUNNING, "attempts": attempts}
    row |= {
        "begun_at": now,
        "ended_at": None,
        "holder": f"{socket.gethostname()[:60]} {os.getpid()}",
        "outcome": "",
    }
    conn.execute(upsert(conn, slots, key=("job", "key")), [row])
    return True


def end(conn: Connection, job: str, key: str, now: datetime, *, done: bool, outcome: str = "") -> None:
    """Note what became of a slot."""
    values = {"state": DONE if done else FAILED, "ended_at": now, "outcome": outcome[:500]}
    conn.execute(update(slots).where(slots.c.job == job, slots.c.key == key).values(values))


def hand_back(conn: Connection, job: str, key: str) -> None:
    """Undo that a slot was begun: its job was asked to stop, and is due again at once."""
    values = {"state": RUNNING, "attempts": 1, "ended_at": None, "outcome": "stopped"}
    conn.execute(update(slots).where(slots.c.job == job, slots.c.key == key).values(values))


def count(conn: Connection, job: str) -> int:
    """How many slots of a job were begun."""
    return conn.scalar(select(func.count()).where(slots.c.job == job)) or 0


def forget(conn: Connection, before: datetime) -> None:
    """Delete slots that were due before that; the newest of each job stays."""
    keep = select(slots.c.job, func.max(slots.c.due_at).label("due_at")).group_by(slots.c.job).subquery()
    old = select(slots.c.job, slots.c.key).join(keep, keep.c.job == slots.c.job)
    rows = conn.execute(old.where(slots.c.due_at < before, slots.c.due_at < keep.c.due_at)).all()
    if rows:
        conn.execute(_FORGET, [{"j": row.job, "k": row.key} for row in rows])


_FORGET = delete(slots).where(slots.c.job == bindparam("j"), slots.c.key == bindparam("k"))


def _taken(row: Row[tuple[object, ...]]) -> Taken:
    return Taken(**{name: getattr(row, name) for name in Taken.__struct_fields__})
