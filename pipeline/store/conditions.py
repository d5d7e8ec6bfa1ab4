"""What is wrong and concerns operators: each condition from its beginning to its end, noted once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from pipeline.people import Condition
from pipeline.store.tables_people import conditions


def begin(conn: Connection, found: Mapping[str, str], at: datetime) -> list[Condition]:
    """Note conditions by key with their details; returns those that were not there already."""
    known = {condition.key for condition in standing(conn)}
    if again := [{"k": key, "seen": at, "now_detail": detail} for key, detail in found.items() if key in known]:
        conn.execute(_SEEN, again)
    fresh = [Condition(key, at, detail, at) for key, detail in found.items() if key not in known]
    rows = [{"key": c.key, "since": at, "detail": c.detail, "last_seen": at, "over_at": None} for c in fresh]
    if rows:
        conn.execute(insert(conditions), rows)
    return fresh


def end(conn: Connection, keys: set[str], at: datetime) -> list[Condition]:
    """Note that these conditions are over; returns those that were there."""
    replace = msgspec.structs.replace
    over = [replace(condition, over_at=at) for condition in standing(conn) if condition.key in keys]
    if over:
        conn.execute(_OVER, [{"k": condition.key, "at": at} for condition in over])
    return over


def standing(conn: Connection) -> list[Condition]:
    """All conditions that are not over, the oldest first."""
    c = conditions.c
    rows = conn.execute(select(conditions).where(c.over_at.is_(None)).order_by(c.since, c.key))
    return [_condition(row) for row in rows]


_STANDING = (conditions.c.key == bindparam("k")) & conditions.c.over_at.is_(None)
_SEEN = update(conditions).where(_STANDING).values(last_seen=bindparam("seen"), detail=bindparam("now_detail"))
_OVER = update(conditions).where(_STANDING).values(over_at=bindparam("at"))


def _condition(row: Row[tuple[object, ...]]) -> Condition:
    return Condition(row.key, row.since, row.detail, row.last_seen, row.over_at)
