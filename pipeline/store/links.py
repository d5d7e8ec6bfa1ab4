"""Links between calls, each pair once, and the names by which they are found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, delete, exists, func, insert, not_, or_, select, update

from pipeline.errors import ConfigError
from pipeline.links import CallLink, KeptLink, LinkKind, LinkState
from pipeline.links import Row as Name
from pipeline.store.sqlx import chunks, insert_for
from pipeline.store.tables import calls
from pipeline.store.tables_links import link_names, links

SEEN = "seen"
"""The role of the row that says up to which version of a call its names were read; every call read has one."""
BY_RULE, BY_OPERATOR = "rule", "operator"


def save(conn: Connection, found: Iterable[CallLink], at: datetime) -> list[CallLink]:
    """Keep new links; returns those that stand from now on. A pair that is there keeps its link, whatever became
    of it, unless it was a proposal and is now found for certain."""
    fresh = {_pair(link): link for link in found}
    known: dict[str, str] = {}
    for part in chunks(fresh):
        known.update(conn.execute(select(links.c.pair, links.c.state).where(links.c.pair.in_(part))).all())
    wanted = [
        link
        for pair, link in fresh.items()
        if pair not in known or (known[pair] == LinkState.PROPOSED and link.state is LinkState.LINKED)
    ]
    if wanted:
        statement = insert_for(conn, links)
        columns = ("call_id", "other_id", "kind", "rule", "evidence", "state", "at", "by")
        statement = statement.on_conflict_do_update(
            index_elements=["pair"],
            set_={name: statement.excluded[name] for name in columns},
            where=and_(
                links.c.state == LinkState.PROPOSED.value, statement.excluded.state == LinkState.LINKED.value
            ),
        )
        values = [msgspec.to_builtins(link) | {"pair": _pair(link), "at": at, "by": BY_RULE} for link in wanted]
        conn.execute(statement, values)
    return [link for link in wanted if link.state is LinkState.LINKED]


def _pair(link: CallLink) -> str:
    return " ".join(sorted(link.pair))


def query(
    conn: Connection, *, state: LinkState | None = None, call_ids: Collection[str] | None = None
) -> list[KeptLink]:
    """Links in this state, of any of these calls, the first found first."""
    statement = select(links).order_by(links.c.id)
    if state is not None:
        statement = statement.where(links.c.state == state.value)
    if call_ids is None:
        return [_kept(row) for row in conn.execute(statement)]
    found: dict[int, KeptLink] = {}
    for part in chunks(call_ids):
        of_them = or_(links.c.call_id.in_(part), links.c.other_id.in_(part))
        found.update((row.id, _kept(row)) for row in conn.execute(statement.where(of_them)))
    return [found[number] for number in sorted(found)]


def decide(conn: Connection, number: int, state: LinkState, at: datetime) -> KeptLink:
    """Put an operator's decision on record; returns the link as it was. Raises ConfigError where there is no such
    link, or where it is not of a state from which one gets there."""
    row = conn.execute(select(links).where(links.c.id == number).with_for_update()).first()
    if row is None:
        raise ConfigError(
            f"there is no link {number}; `callwatch links list` and `callwatch links review` show all."
        )
    link = _kept(row)
    if link.state not in _FROM[state]:
        raise ConfigError(f"link {number} is {link.state.value}: {_REMEDY[state]}")
    values = {"state": state.value, "at": at, "by": BY_OPERATOR}
    conn.execute(update(links).where(links.c.id == number).values(values))
    return link


_FROM = {
    LinkState.LINKED: (LinkState.PROPOSED, LinkState.REJECTED, LinkState.UNDONE),
    LinkState.REJECTED: (LinkState.PROPOSED,),
    LinkState.UNDONE: (LinkState.LINKED,),
}
_REMEDY = {
    LinkState.LINKED: "it stands already.",
    LinkState.REJECTED: "only a proposal can be rejected; `callwatch links undo` takes back a link.",
    LinkState.UNDONE: "only a link that stands can be undone.",
}


def unread(conn: Connection, limit: int, *, after: str = "") -> dict[str, int]:
    """Up to `limit` calls whose names were not read as they are now, by id with their version, in the order of ids
    beyond the id `after`."""
    n, c = link_names.c, calls.c
    read = exists().where(n.call_id == c.id, n.role == SEEN, n.version == c.version)
    rows = conn.execute(select(c.id, c.version).where(c.id > after, not_(read)).order_by(c.id).limit(limit))
    return {row.id: row.version for row in rows}


def read(conn: Connection, versions: Mapping[str, int], names: Sequence[Name]) -> None:
    """Put these names in the place of those that were read of these calls before."""
    for part in chunks(versions):
        conn.execute(delete(link_names).where(link_names.c.call_id.in_(part)))
    rows = [*(Name(call_id, SEEN, "") for call_id in versions), *names]
    if rows:
        conn.execute(insert(link_names), [_columns(row, versions[row.call_id]) for row in rows])


def forget(conn: Connection) -> None:
    """Forget all names, so that all calls are read again."""
    conn.execute(delete(link_names))


def named(conn: Connection, keys: Collection[str], *, within: str = "") -> list[Name]:
    """All names under these keys, in a steady order. Of the portal `within` only those by which two calls of one
    portal can meet (see `linking.index`): days and wholes are shared by thousands of its calls."""
    n = link_names.c
    statement = select(n.call_id, n.role, n.key, n.words).order_by(n.call_id, n.role)
    if within:
        prefix = f"{within}:"
        foreign = func.substr(n.call_id, 1, len(prefix)) != prefix
        statement = statement.where(or_(n.role.in_(("own", "named")), foreign))
    found: list[Name] = []
    for part in chunks(sorted(keys)):
        found += [Name(*row) for row in conn.execute(statement.where(n.key.in_(part)))]
    return found


def _columns(row: Name, version: int) -> dict[str, Any]:
    return {"call_id": row.call_id, "role": row.role, "key": row.key, "words": row.words, "version": version}


def _kept(row: Row[*tuple[Any, ...]]) -> KeptLink:
    return KeptLink(
        id=row.id,
        call_id=row.call_id,
        other_id=row.other_id,
        kind=LinkKind(row.kind),
        rule=row.rule,
        evidence=row.evidence,
        state=LinkState(row.state),
        at=row.at,
        by=row.by,
    )
