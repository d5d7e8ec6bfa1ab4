"""Which messages are the next ones to be sent."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, String, and_, bindparam, exists, or_, select, union_all

from pipeline.outbox import MessageState
from pipeline.store.tables_outbox import messages

PLACE = 3
"""So many attempts long a message that waits for its next one keeps its place before later ones to its target."""
_NOW = bindparam("due_by", type_=messages.c.due_at.type)
_MOST = bindparam("most", type_=Integer)
_BESIDES = bindparam("besides", type_=String, expanding=True)


@cache
def first() -> Select[tuple[int]]:
    """The numbers of up to `most` messages that are due at `due_by`, or whose lease has run out, none of them on
    the channels `besides`; the earliest due, and none before an earlier one to the same target that is being sent
    or has to wait. Made once: a round with many lanes claims some hundred times.

    Those that wait and those whose lease has run out are asked for apart: so each comes in the order of an index,
    and what a claim costs does not grow with what waits.
    """
    m = messages.c
    waiting = and_(m.state == MessageState.PENDING.value, m.not_before <= _NOW)
    lost = and_(m.state == MessageState.LEASED.value, m.lease_until < _NOW)
    found = [_earliest(due).cte(name) for name, due in (("waiting", waiting), ("lost", lost))]
    both = union_all(*(select(each.c.seq, each.c.due_at) for each in found)).subquery()
    return select(both.c.seq).order_by(both.c.due_at, both.c.seq).limit(_MOST)


def _earliest(due: ColumnElement[bool]) -> Select[Any]:
    m = messages.c
    chosen = select(m.seq, m.due_at).where(due, m.channel.not_in(_BESIDES), ~_behind())
    return chosen.order_by(m.due_at, m.seq).limit(_MOST).with_for_update(skip_locked=True, of=messages)


def _behind() -> ColumnElement[bool]:
    """Whether an earlier message to the same target is under way, or waits for a second or third attempt."""
    m, e = messages.c, messages.alias("earlier").c
    waits = and_(e.state == MessageState.PENDING.value, e.not_before > _NOW, e.attempts.between(1, PLACE))
    under_way = and_(e.state == MessageState.LEASED.value, e.lease_until >= _NOW)
    same = and_(e.channel == m.channel, e.target == m.target, e.seq < m.seq)
    return exists().where(same, or_(waits, under_way))
