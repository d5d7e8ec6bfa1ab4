"""Opening databases: new, old, too new, somebody else's, broken."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from pipeline.errors import StoreError, StoreTooNew
from pipeline.store import Store, calls, upgrade
from pipeline.store.all_tables import metadata
from pipeline.store.connect import WRITES, make_engine, parse_url
from pipeline.store.upgrade import REVISIONS, Upgrade, alembic_config
from tests.store.processes import finished, start
from tests.store.samples import a_call, keep

sqlite_only = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


def engine_of(url: str) -> Engine:
    return make_engine(parse_url(url)).execution_options(**{WRITES: True})


def migrate(url: str, revision: str) -> None:
    """Bring an empty database to `revision`, and down to it again if it is later."""
    engine = engine_of(url)
    with engine.begin() as connection:
        config = alembic_config(connection)
        if revision == "base":
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)
    engine.dispose()


def execute(url: str, *statements: str) -> None:
    engine = engine_of(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def tables(url: str) -> set[str]:
    engine = engine_of(url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def test_an_empty_database_is_created_once(url: str) -> None:
    with Store.open(url) as store:
        assert store.upgraded == Upgrade("", REVISIONS[-1])
        with store.begin() as conn:
            keep(conn, a_call("KEPT"))
    with Store.open(url, upgrade=False) as store, store.read() as conn:
        assert store.upgraded is None
        assert calls.get(conn, "KEPT") == a_call("KEPT")


def test_migrations_make_exactly_the_tables_of_the_code(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_list_of_revisions_is_that_of_the_migrations() -> None:
    script = ScriptDirectory(str(upgrade.MIGRATIONS))
    assert tuple(each.revision for each in reversed(list(script.walk_revisions()))) == REVISIONS


def test_migrations_can_be_undone(url: str) -> None:
    migrate(url, REVISIONS[-1])
    migrate(url, "base")
    assert tables(url) == {"alembic_version"}


def test_an_old_database_is_upgraded_with_its_data(url: str) -> None:
    migrate(url, "0001")
    row = "INSERT INTO raw_records VALUES (1,'p','d','x','d','call','en','u',{at},'r',{body})"
    sqlite = url.startswith("sqlite")
    at = "'2026-01-01T00:00:00.000000Z'" if sqlite else "'2026-01-01 00:00+00'"
    execute(url, row.format(at=at, body="x'00'" if sqlite else "'\\x00'"))
    with pytest.raises(StoreError, match=r"is at revision 0001, .* needs 0009: run `callwatch db upgrade`"):
        Store.open(url, upgrade=False)
    assert "messages" not in tables(url)
    with Store.open(url) as store:
        assert store.upgraded is not None
        assert (store.upgraded.before, store.upgraded.after) == ("0001", "0009")
        with store.read() as conn:
            assert conn.scalar(text("SELECT count(*) FROM raw_records")) == 1
        assert (store.upgraded.backup is not None) == sqlite
        if store.upgraded.backup:
            with closing(sqlite3.connect(store.upgraded.backup)) as backup:
                assert backup.execute("SELECT count(*) FROM raw_records").fetchone() == (1,)
                assert backup.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)


@pytest.mark.parametrize(("before", "created"), [("", 8), ("0001", 2)])
@pytest.mark.slow
def test_a_killed_migration_can_be_started_again(url: str, before: str, created: int) -> None:
    if before:
        migrate(url, before)
    was = tables(url)
    with start("migrate", url, str(created)) as process:
        assert process.wait(60) == -signal.SIGKILL
    assert tables(url) == was
    with Store.open(url) as store:
        assert store.upgraded is not None
        assert store.upgraded.before == before
        with store.begin() as conn:
            keep(conn, a_call())


@pytest.mark.slow
def test_processes_that_start_together_create_it_once(url: str) -> None:
    finished(*(start("migrate", url, "-1") for _ in range(2)))
    with Store.open(url) as store:
        assert store.upgraded is None


def test_a_newer_database_is_refused_with_both_revisions(url: str) -> None:
    Store.open(url).close()
    execute(url, "UPDATE alembic_version SET version_num = '0099'")
    with pytest.raises(StoreTooNew, match=r"revision 0099.*up to 0009: update callwatch"):
        Store.open(url)


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE invoices (id INTEGER)"],
        ["CREATE TABLE alembic_version (version_num VARCHAR(32))", "INSERT INTO alembic_version VALUES ('0001x')"],
        ["CREATE TABLE calls (id INTEGER)", "CREATE TABLE alembic_version (version_num VARCHAR(32))"],
    ],
)
def test_a_database_of_another_program_is_left_alone(url: str, statements: list[str], tmp_path: Path) -> None:
    execute(url, *statements)
    before, files = tables(url), {path: path.read_bytes() for path in tmp_path.iterdir()}
    for allowed in (True, False):
        with pytest.raises(StoreError, match="belongs to another program"):
            Store.open(url, upgrade=allowed)
    assert tables(url) == before
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == files


def test_nothing_is_created_without_leave(tmp_path: Path, url: str) -> None:
    with pytest.raises(StoreError, match=r"(there is no database|is empty).*callwatch db upgrade"):
        Store.open(url, upgrade=False)
    assert list(tmp_path.iterdir()) == []


@sqlite_only
def test_links_broken_before_stop_an_upgrade(url: str) -> None:
    migrate(url, "0001")
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute("INSERT INTO issues VALUES (1, 'no such run', 'r', 'f', 'p')")
        connection.commit()
    with pytest.raises(StoreError, match="break links between rows; nothing was changed"):
        Store.open(url)
    assert "messages" not in tables(url)


def test_paths_that_cannot_be_a_database(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("This is not a database, but a text of some length. " * 30)
    for path, problem in [
        (tmp_path / "missing" / "a.db", "there is no folder .*missing"),
        (tmp_path, "is a folder"),
        (tmp_path / "text.db", "is not an SQLite database; it was left as it is"),
    ]:
        with pytest.raises(StoreError, match=problem):
            Store.open(f"sqlite:///{path}")


def test_a_damaged_database_says_so(tmp_path: Path, sqlite_template: Path) -> None:
    damaged = tmp_path / "a.db"
    whole = sqlite_template.read_bytes()
    damaged.write_bytes(whole[:100] + b"\xff" * 3000 + whole[3100:])
    with pytest.raises(StoreError, match=r"is damaged .*; restore it from a backup"):
        Store.open(f"sqlite:///{damaged}")


def test_a_file_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(StoreError, match="may not be written by this user"):
        Store.open(f"sqlite:///{tmp_path / 'a.db'}")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("callwatch.db", "not an address: write sqlite:///"),
        ("mysql://u:geheim@h/d", "not in 'mysql'"),
        ("sqlite://callwatch.db", "three slashes before a file of this folder"),
        ("postgresql://u:ge@heim/x@127.0.0.1/d", "in a password write @ as %40"),
        ("postgresql://u:gehe@im@127.0.0.1/d", "in a password write @ as %40"),
        ("sqlite:///file:a.db?uri=true", "not in 'sqlite'"),
        ("postgresql://u:geheim@/d?host=/nonexistent", "postgresql:///nonexistent/d: the database cannot be used"),
    ],
)
def test_addresses_that_lead_nowhere(url: str, problem: str) -> None:
    with pytest.raises(StoreError) as error:
        Store.open(url)
    assert problem in str(error.value)
    assert "geheim" not in str(error.value)
    assert "heim/x" not in str(error.value)


def test_postgresql_without_its_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"pip install 'callwatch\[postgres\]'"):
        Store.open("postgresql://localhost/callwatch")


def test_a_temporary_database_is_gone_at_the_end() -> None:
    with Store.open("sqlite://") as store, store.lock("l"):
        folder = store.path.parent if store.path else Path()
        assert (folder / "callwatch.db").exists()
        assert store.name == str(folder / "callwatch.db")
    assert not folder.exists()
    store.close()


@pytest.mark.slow
def test_opening_a_current_database_does_not_import_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    Store.open(url).close()
    code = (
        f"import sys; from pipeline.store import Store; Store.open({url!r}).close(); "
        "sys.exit(any(name in sys.modules for name in ('alembic', 'psycopg')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
