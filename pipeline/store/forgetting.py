"""What is deleted for its age alone: old messages, runs, issues, conditions; and the space it leaves."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime

from sqlalchemy import Connection, Select, and_, delete, exists, func, not_, or_, select, update

from pipeline.checks import RUNS
from pipeline.errors import Busy
from pipeline.harvest import Verdict
from pipeline.outbox import MessageState
from pipeline.store import marks
from pipeline.store.engine import Store
from pipeline.store.outbox_memory import DIGESTS
from pipeline.store.sqlx import chunks
from pipeline.store.tables import issues, runs, sightings
from pipeline.store.tables_outbox import deliveries, matches, messages, posts, reminders, threads
from pipeline.store.tables_people import bounces, conditions

STEP = 2000
"""Messages looked at in one go."""
FREE_SHARE = 0.2
FREE_PAGES, _PAGE = 4000, 4096
SAVED = "bytes saved since the file was written"
"""A file with a larger share of free pages, and more of them, is written anew."""


def forget_messages(conn: Connection, before: datetime) -> int:
    """Delete what ended and was planned before that, and serves no memory; returns how many."""
    found = list(conn.execute(_old_messages(before)).all())
    ids = {row.id for row in found}
    # A digest that failed counts as said only by what went out in its place, so both go or none.
    rest = {row.instead_of for row in found if row.instead_of} - ids
    there = {name for part in chunks(rest) for name in conn.scalars(_THERE.where(messages.c.id.in_(part)))}
    gone = [row.id for row in found if row.instead_of not in there]
    for part in chunks(gone):
        for table in (deliveries, posts, bounces):
            conn.execute(delete(table).where(table.c.message_id.in_(part)))
        conn.execute(delete(messages).where(messages.c.id.in_(part)))
    return len(gone)


_THERE = select(messages.c.id)


def _old_messages(before: datetime) -> Select[tuple[str, str]]:
    m, later, post = messages.c, messages.alias("later").c, messages.alias("post").c
    ended = m.state.in_([MessageState.SENT.value, MessageState.FAILED.value, MessageState.DISCARDED.value])
    of_use = or_(*(exists().where(table.c.message_id == m.id) for table in (matches, reminders, threads)))
    said = later.state.not_in([MessageState.FAILED.value]) & later.kind.in_(DIGESTS)
    older = exists().where(later.subscription == m.subscription, said, later.seq > m.seq)
    last_post = not_(
        exists().where(
            post.channel == m.channel, post.target == m.target, post.seq > m.seq, post.sent_at.is_not(None)
        )
    )
    wanted = select(m.id, m.instead_of).where(
        ended, m.created_at < before, not_(of_use), not_(last_post), or_(m.kind.not_in(DIGESTS), older)
    )
    return wanted.order_by(m.seq).limit(STEP)


def forget_runs(conn: Connection, before: datetime, issues_before: datetime) -> int:
    """Delete issues of runs, then runs that ended before that; returns how many runs.

    The latest of each portal stay, which health is judged by; so do those that brought something that is still
    kept (a replay asks for them), without their reports.
    """
    r = runs.c
    recent = set[str]()
    for portal in conn.scalars(select(r.portal).distinct()).all():
        complete = r.verdict == Verdict.COMPLETE.value
        for which in (r.portal == portal, and_(r.portal == portal, complete, r.whole)):
            newest = select(r.id).where(which).order_by(r.started_at.desc(), r.id.desc()).limit(2 * RUNS)
            recent.update(conn.scalars(newest))
    latest = select(func.max(r.id)).where(r.finished_at.is_not(None)).group_by(r.portal)
    old_issues = select(r.id).where(r.finished_at < issues_before, r.id.not_in(latest))
    conn.execute(delete(issues).where(issues.c.run_id.in_(old_issues)))
    old = [name for name in conn.scalars(select(r.id).where(r.finished_at < before)) if name not in recent]
    needed = set(conn.scalars(select(sightings.c.run_id).distinct())).intersection(old) if old else set()
    gone = [name for name in old if name not in needed]
    for part in chunks(gone):
        conn.execute(delete(runs).where(r.id.in_(part)))
    for part in chunks(needed):
        conn.execute(update(runs).where(r.id.in_(part), r.report.is_not(None)).values(report=None))
    return len(gone)


def forget_conditions(conn: Connection, before: datetime) -> int:
    """Delete what was wrong and has been right since before that."""
    return conn.execute(delete(conditions).where(conditions.c.over_at < before)).rowcount


def is_loose(store: Store) -> bool:
    """Whether much of an SQLite file is free, or was saved inside of pages. PostgreSQL looks after itself."""
    if store.path is None:
        return False
    with store.read() as conn:
        saved = marks.number_of(conn, SAVED)
    with closing(sqlite3.connect(store.path)) as connection:
        free, pages = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_count")
        )
    free += saved // _PAGE
    return bool(free >= FREE_PAGES and free >= FREE_SHARE * pages)


def note_saved(conn: Connection, size: int) -> None:
    """Remember that rows have become so many bytes smaller: their pages are not filled again before `reclaim`."""
    if size:
        marks.note_number(conn, SAVED, marks.number_of(conn, SAVED) + size)


def reclaim(store: Store) -> None:
    """Write an SQLite file anew, without its free pages. Raises Busy while somebody uses it or space lacks."""
    if store.path is None:
        return
    with closing(sqlite3.connect(store.path, timeout=5.0, isolation_level=None)) as connection:
        try:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.OperationalError as error:
            raise Busy(f"{store.name} could not be written anew: {error}") from error
    with store.begin() as conn:
        marks.note_number(conn, SAVED, 0)
