"""Backups of PostgreSQL with its own tools, where they are installed; else the line an operator can use."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.engine import URL

from pipeline.errors import StoreError
from pipeline.store import locks, upgrade
from pipeline.store.all_tables import metadata
from pipeline.store.backup import PG_DUMP_BEGINS, Restored, new_file
from pipeline.store.connect import explained, make_engine, shown
from pipeline.store.contents import rows_of
from pipeline.store.engine import Store

_OF_PACKAGE = "it is a part of PostgreSQL (Debian: postgresql-client), of the server's version or newer"


def back_up(url: URL, to: Path) -> None:
    """Write a dump of the database into the new file `to`."""
    new_file(to)
    line = ["pg_dump", "--format=custom", f"--file={to}", _place(url)]
    _look_for(("pg_dump",), line)
    unfinished = to.with_name(f"{to.name}.part")
    try:
        _run(url, [*line[:2], f"--file={unfinished}", line[3]])
        unfinished.rename(to)
    finally:
        unfinished.unlink(missing_ok=True)


def restore(url: URL, file: Path, *, replace: bool) -> Restored:
    """Make the database what the dump `file` is, in one transaction, then upgrade it.

    What it holds is replaced only with `replace`, and dumped beside the file before. Raises StoreError, or Busy
    while a command works on it.
    """
    _look_over(file)
    _look_for(("pg_dump", "pg_restore", "psql"), ["pg_restore", "--no-owner", "--dbname", _place(url), str(file)])
    engine = make_engine(url)
    try:
        with locks.hold_all(engine), explained(url):
            with engine.connect() as connection:
                tables = [name for name in inspect(connection).get_table_names() if _is_ours(name)]
                held = rows_of(connection, [name for name in tables if name != "alembic_version"])
            if not tables:
                upgrade.revision(engine)  # raises for a database of another program
            kept = _keep(url, file, held, replace)
            _write(url, file, tables)
            before = upgrade.revision(engine)
    finally:
        engine.dispose()
    with Store.open(url.render_as_string(hide_password=False)):
        return Restored(before, upgrade.REVISIONS[-1], kept)


def _look_over(file: Path) -> None:
    if not file.is_file():
        raise StoreError(f"there is no file {file}")
    with file.open("rb") as opened:
        begins = opened.read(6)
    if begins == b"SQLite":
        raise StoreError(
            f"{file} is an SQLite database: bring it here with `callwatch db copy sqlite:///{file} URL`"
        )
    if not begins.startswith(PG_DUMP_BEGINS):
        raise StoreError(f"{file} is no dump of PostgreSQL in its custom format: take another backup")


def _is_ours(table: str) -> bool:
    return table in metadata.tables or table == "alembic_version"


def _keep(url: URL, file: Path, held: dict[str, int], replace: bool) -> Path | None:
    if not held:
        return None
    if not replace:
        what = ", ".join(f"{number} {name}" for name, number in held.items())
        raise StoreError(f"{shown(url)} holds data ({what}): say --replace; what it holds is kept beside {file}")
    kept = file.with_name(f"{url.database}.replaced.{upgrade.stamp()}.dump")
    back_up(url, kept)
    return kept


def _write(url: URL, file: Path, tables: list[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="callwatch-") as folder:
        script = Path(folder) / "restore.sql"
        _run(url, ["pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(file)])
        text = script.read_text(encoding="utf-8")
        if "alembic_version" not in text:
            raise StoreError(f"{file} is no backup of callwatch; nothing was changed")
        drop = [f"--command=DROP TABLE IF EXISTS {', '.join(tables)} CASCADE"] if tables else []
        how = [
            "--no-psqlrc",
            "--quiet",
            "--single-transaction",
            "--set=ON_ERROR_STOP=1",
            f"--dbname={_place(url)}",
        ]
        _run(url, ["psql", *how, *drop, f"--file={script}"])


def _look_for(tools: tuple[str, ...], line: list[str]) -> None:
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise StoreError(
            f"{', '.join(missing)} {verb} not installed here ({_OF_PACKAGE}). Where they are, this does it:\n"
            f"  {shlex.join(line)}"
        )


def _place(url: URL) -> str:
    """The address for PostgreSQL's tools, without the password."""
    parts = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database, **url.query}
    return " ".join(f"{key}={_quoted(str(value))}" for key, value in parts.items() if value)


def _quoted(value: str) -> str:
    """As libpq wants it; what needs no quotes stays without, so that a line with it can be read and copied."""
    if re.fullmatch(r"[\w./:-]+", value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _run(url: URL, command: list[str]) -> None:
    environment = dict(os.environ)
    if url.password:
        environment["PGPASSWORD"] = str(url.password)
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own tools, no shell
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip() or f"exit {done.returncode}"
        raise StoreError(f"{shown(url)}: {command[0]} failed, and nothing was changed: {said}")
