"""Runs: every harvest of a portal, its verdict and its issues."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from pipeline.checks import RUNS
from pipeline.errors import Busy
from pipeline.harvest import Issue, RunReport, Verdict
from pipeline.health import Past, Record
from pipeline.store.sqlx import insert_new
from pipeline.store.tables import issues, runs

RUNNING = "running"
DONE = "done"
ABANDONED = "abandoned"


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One harvest as the store knows it. `report` comes without its issues (`issues_of`) once it is finished."""

    id: str
    portal: str
    slot: str
    state: str
    verdict: Verdict | None
    started_at: datetime
    finished_at: datetime | None
    heartbeat_at: datetime
    host: str
    pid: int
    issue_count: int
    report: RunReport | None


def start(conn: Connection, portal: str, at: datetime, slot: str | None = None, *, whole: bool = True) -> str:
    """Note that a run began, and return its id; ids sort by time.

    `whole` is False when only a part of the portal is asked for. `slot` names the due time the run stands for;
    raises Busy if another run has taken it, finished or not.
    """
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    row: dict[str, Any] = dict.fromkeys(_COUNTS, 0)
    row |= {
        "id": f"{stamp}-{secrets.token_hex(4)}",
        "portal": portal,
        "slot": slot,
        "whole": whole,
        "state": RUNNING,
    }
    row |= {"started_at": at, "heartbeat_at": at, "host": socket.gethostname(), "pid": os.getpid()}
    row |= {"issue_count": 0, "seconds": 0.0}
    if conn.execute(insert_new(conn, runs).returning(runs.c.id), row).first() is None:
        raise Busy(f"{portal}: a run for {slot} was started already")
    return str(row["id"])


_COUNTS = ("expected", "seen", "stored", "new", "changed", "unchanged", "pages")


def heartbeat(conn: Connection, run_id: str, at: datetime) -> None:
    """Note that the run is alive."""
    conn.execute(update(runs).where(runs.c.id == run_id, runs.c.state == RUNNING).values(heartbeat_at=at))


def abandon_stale(conn: Connection, portal: str, at: datetime) -> int:
    """Mark the runs of the portal that never ended as abandoned; returns how many.

    The caller holds the portal's lock, so their processes are dead.
    """
    stale = update(runs).where(runs.c.portal == portal, runs.c.state == RUNNING)
    return conn.execute(stale.values(state=ABANDONED, finished_at=at)).rowcount


def finish(conn: Connection, run_id: str, report: RunReport, at: datetime) -> None:
    """Note the end of a run with its verdict, counts and issues; a second time replaces the first."""
    bare = msgspec.structs.replace(report, issues=[])
    values: dict[str, Any] = {name: getattr(report, name) for name in _COUNTS}
    values |= {"state": DONE, "verdict": report.verdict.value, "finished_at": at, "heartbeat_at": at}
    values |= {"issue_count": len(report.issues), "seconds": report.seconds}
    values |= {"report": msgspec.json.encode(bare).decode()}
    conn.execute(update(runs).where(runs.c.id == run_id).values(values))
    conn.execute(delete(issues).where(issues.c.run_id == run_id))
    if report.issues:
        conn.execute(insert(issues), [{"run_id": run_id, **msgspec.structs.asdict(i)} for i in report.issues])


def latest(conn: Connection, portal: str | None = None, limit: int = 10) -> list[Run]:
    """The last runs, of one portal or of all, the latest first."""
    statement = select(runs).order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(limit)
    if portal is not None:
        statement = statement.where(runs.c.portal == portal)
    return [_run(row) for row in conn.execute(statement)]


def get(conn: Connection, run_id: str) -> Run | None:
    """The run with this id."""
    row = conn.execute(select(runs).where(runs.c.id == run_id)).first()
    return None if row is None else _run(row)


def last_complete(conn: Connection, portal: str) -> Run | None:
    """The latest run that asked for the whole portal and proved what it saw."""
    row = conn.execute(_complete(portal).limit(1)).first()
    return None if row is None else _run(row)


def record(conn: Connection, portal: str) -> Record:
    """The harvests of the whole portal that have ended."""
    c = runs.c
    ended = (c.portal == portal, c.whole, c.state != RUNNING, c.finished_at.is_not(None))
    last = conn.execute(select(runs).where(*ended).order_by(c.started_at.desc(), c.id.desc()).limit(1)).first()
    if last is None:
        return Record(portal=portal)
    complete = [_past(row) for row in conn.execute(_complete(portal).limit(RUNS + 1))]
    since = (c.started_at > complete[0].started_at,) if complete else ()
    failures, first_at = conn.execute(select(func.count(), func.min(c.started_at)).where(*ended, *since)).one()
    worst = select(issues.c.problem).where(issues.c.run_id == last.id).order_by(issues.c.id).limit(1)
    return Record(
        portal=portal,
        last=_past(last),
        problem=conn.scalar(worst) or "",
        complete=tuple(complete),
        failures=failures,
        first_at=first_at,
    )


def _complete(portal: str) -> Select[*tuple[Any, ...]]:
    wanted = select(runs).where(runs.c.portal == portal, runs.c.verdict == Verdict.COMPLETE.value, runs.c.whole)
    return wanted.order_by(runs.c.started_at.desc(), runs.c.id.desc())


def _past(row: Row[*tuple[Any, ...]]) -> Past:
    run = _run(row)
    return Past(run.started_at, run.finished_at or run.heartbeat_at, run.report)


def settled(conn: Connection, portal: str) -> list[str]:
    """Ids of the runs that made what they found into calls, the first one first."""
    kept = runs.c.verdict.in_([Verdict.COMPLETE.value, Verdict.PARTIAL.value])
    return sorted(conn.scalars(select(runs.c.id).where(runs.c.portal == portal, kept)))


def issues_of(conn: Connection, run_id: str) -> list[Issue]:
    """The issues of a run in the order they were reported."""
    columns = select(issues.c.reference, issues.c.field, issues.c.problem).where(issues.c.run_id == run_id)
    return [Issue(*row) for row in conn.execute(columns.order_by(issues.c.id))]


def _run(row: Row[*tuple[Any, ...]]) -> Run:
    return Run(
        id=row.id,
        portal=row.portal,
        slot=row.slot or "",
        state=row.state,
        verdict=Verdict(row.verdict) if row.verdict else None,
        started_at=row.started_at,
        finished_at=row.finished_at,
        heartbeat_at=row.heartbeat_at,
        host=row.host,
        pid=row.pid,
        issue_count=row.issue_count,
        report=msgspec.json.decode(row.report, type=RunReport) if row.report else None,
    )
