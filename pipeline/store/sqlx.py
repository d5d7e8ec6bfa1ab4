"""Small pieces of SQL that both databases share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from sqlalchemy import ARRAY, Connection, Table, bindparam, column, func, select

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

Insert: TypeAlias = "sqlite.Insert | postgresql.Insert"

T = TypeVar("T")

# SQLite allows 32,766 bound values per statement (999 before 3.32); planners like short lists.
CHUNK = 500


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Lists of at most `size` values, in order."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


def insert_for(connection: Connection, table: Table) -> Insert:
    """An INSERT with ON CONFLICT of the connection's dialect.

    To be executed with a list of rows (executemany), never with `.values(list)`: that builds one giant statement,
    13 times slower.
    """
    return _insert(connection.dialect.name, table)


@cache
def _insert(dialect: str, table: Table) -> Insert:
    if dialect == "postgresql":  # only one of the two is imported: each costs 50 ms
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


@cache
def _insert_new(dialect: str, table: Table) -> Insert:
    """Made once: statements do not change, and what SQLAlchemy has to do for each is not done again."""
    return _insert(dialect, table).on_conflict_do_nothing()


def insert_new(connection: Connection, table: Table) -> Insert:
    """INSERT that leaves rows alone which are already there under any unique key."""
    return _insert_new(connection.dialect.name, table)


def add(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert one row; False if it is there already under any unique key.

    The number of rows that an INSERT reports is not to be relied on: with PostgreSQL's driver it is always -1.
    """
    first = next(iter(table.primary_key.columns))
    return connection.execute(insert_new(connection, table).returning(first), row).first() is not None


def upsert(connection: Connection, table: Table, *, key: Sequence[str], keep: Sequence[str] = ()) -> Insert:
    """INSERT that replaces a row with the same `key`, except for the columns to `keep`."""
    statement = insert_for(connection, table)
    columns = [c.name for c in table.columns if c.name not in {*key, *keep}]
    return statement.on_conflict_do_update(
        index_elements=list(key), set_={name: statement.excluded[name] for name in columns}
    )


def write_columns(connection: Connection, statement: Insert, columns: Mapping[str, Sequence[Any]]) -> None:
    """Execute an INSERT with its rows given as columns of equal length: on PostgreSQL one statement over arrays,
    which costs a seventh of our CPU and a third of the time of one for each row; elsewhere row by row."""
    if connection.dialect.name != "postgresql":
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        connection.execute(statement, rows)
        return
    given = {f"all_{name}": list(values) for name, values in columns.items()}
    connection.execute(_from_arrays(statement, tuple(columns)), given)


@lru_cache(maxsize=32)
def _from_arrays(statement: Insert, names: tuple[str, ...]) -> Insert:
    types = {name: statement.table.c[name].type for name in names}
    arrays = [bindparam(f"all_{name}", type_=ARRAY(kind)) for name, kind in types.items()]
    named = [column(name, kind) for name, kind in types.items()]
    source = func.unnest(*arrays).table_valued(*named, name="rows").render_derived()
    return statement.from_select(list(names), select(source))
