"""Small pieces of SQL that both databases share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
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
    return _upsert(connection.dialect.name, table, tuple(key), tuple(keep))


@cache
def _upsert(dialect: str, table: Table, key: tuple[str, ...], keep: tuple[str, ...]) -> Insert:
    statement = _insert(dialect, table)
    columns = [c.name for c in table.columns if c.name not in {*key, *keep}]
    return statement.on_conflict_do_update(
        index_elements=list(key), set_={name: statement.excluded[name] for name in columns}
    )


def write_columns(
    connection: Connection, table: Table, columns: Mapping[str, Sequence[Any]], *, key: Sequence[str] = ()
) -> None:
    """Insert rows that are given as columns of equal length, none twice; those with the same `key` are replaced.
    Without a key, those that are there stay.

    On PostgreSQL one statement over arrays, which costs a seventh of our CPU and a third of the time of one for
    each row. On SQLite the driver is given the rows, whose values have to be such as it knows: what SQLAlchemy
    does for each costs as much as SQLite itself, and an upsert of what is not there three times an insert.
    """
    if connection.dialect.name == "postgresql":
        given = {f"all_{name}": list(values) for name, values in columns.items()}
        connection.execute(_from_arrays(table, tuple(columns), tuple(key)), given)
        return
    number = len(next(iter(columns.values())))
    if _by_the_driver(connection, insert_new(connection, table), columns) < number and key:
        _by_the_driver(connection, upsert(connection, table, key=key), columns)


def _by_the_driver(connection: Connection, statement: Insert, columns: Mapping[str, Sequence[Any]]) -> int:
    """How many rows were written."""
    words, order = _written(statement, tuple(columns))
    return connection.exec_driver_sql(words, list(zip(*map(columns.__getitem__, order), strict=True))).rowcount


@cache
def _written(statement: Insert, names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """An INSERT as SQLite reads it, and the order of its values, which is that of the table."""
    from sqlalchemy.dialects import sqlite

    compiled = statement.compile(dialect=sqlite.dialect(), column_keys=list(names))
    return str(compiled), tuple(compiled.positiontup or ())


@cache
def _from_arrays(table: Table, names: tuple[str, ...], key: tuple[str, ...]) -> Insert:
    statement = _upsert("postgresql", table, key, ()) if key else _insert_new("postgresql", table)
    types = {name: table.c[name].type for name in names}
    arrays = [bindparam(f"all_{name}", type_=ARRAY(kind)) for name, kind in types.items()]
    named = [column(name, kind) for name, kind in types.items()]
    source = func.unnest(*arrays).table_valued(*named, name="rows").render_derived()
    return statement.from_select(list(names), select(source))
