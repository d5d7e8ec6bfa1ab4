"""A backup is what the database was; a restore never destroys; a copy holds every row."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from pipeline.errors import Busy, StoreError
from pipeline.store import Store, archive, events, raw, runs, transfer, upgrade
from pipeline.store.contents import filled
from tests.store import test_upgrade
from tests.store.conftest import _administrator, _database
from tests.store.samples import NOW, a_call, batch, happened, keep, record

sqlite_only = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
postgres_only = pytest.mark.parametrize("url", ["postgresql"], indirect=True)
_numbers = itertools.count()


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """PostgreSQL's tools of the server's own version come first."""
    if "postgresql" in request.node.name:
        pgserver = pytest.importorskip("pgserver")
        folder = Path(pgserver.__file__).parent / "pginstall" / "bin"
        monkeypatch.setenv("PATH", str(folder), prepend=":")


@pytest.fixture
def elsewhere(postgres: str) -> Iterator[str]:
    """Address of a PostgreSQL database with nothing in it."""
    name = f"other{next(_numbers)}"
    with _administrator(postgres) as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template1"))
        yield _database(postgres, name)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def fill(store: Store) -> None:
    """Rows in tables of every kind: numbered, with times, bytes, flags and fractions."""
    with store.begin() as conn:
        run = runs.start(conn, "vinnova", NOW)
        raw.stage(conn, run, batch(record("ONE", "body"), record("TWO", "another")), NOW)
        keep(conn, a_call("ONE"), a_call("TWO"))
        events.add(conn, [happened(a_call("ONE")), happened(a_call("TWO"))], run)
        conn.execute(text("INSERT INTO keys VALUES ('sort', 'Ångström \U0001f600')"))
        runs.abandon_stale(conn, "vinnova", NOW)
        conn.execute(text("DELETE FROM events WHERE id = (SELECT max(id) FROM events)"))


def everything(store: Store) -> dict[str, int]:
    with store.read() as conn:
        return {table.name: transfer._sum(conn, table)[1] for table in transfer.metadata.sorted_tables}


def test_a_backup_is_the_database(url: str, store: Store, tmp_path: Path) -> None:
    fill(store)
    before, file = everything(store), tmp_path / "kept.backup"
    archive.back_up(url, file)
    with pytest.raises(StoreError, match="already, and a backup never replaces one"):
        archive.back_up(url, file)
    with store.begin() as conn:
        conn.execute(text("DELETE FROM keys"))
    with pytest.raises(StoreError, match=r"holds data \(2 calls, 2 raw_records, 1 runs\): say --replace"):
        archive.restore(url, file, replace=False)
    done = archive.restore(url, file, replace=True)
    assert (done.before, done.after) == (upgrade.REVISIONS[-1], upgrade.REVISIONS[-1])
    assert everything(store) == before
    assert done.kept is not None
    archive.restore(url, done.kept, replace=True)
    with store.read() as conn:
        assert "keys" not in filled(conn)
        assert conn.scalar(text("SELECT count(*) FROM keys")) == 0


def test_nothing_is_restored_while_a_command_works(url: str, store: Store, tmp_path: Path) -> None:
    fill(store)
    file = tmp_path / "kept.backup"
    archive.back_up(url, file)
    before = everything(store)
    with store.lock("harvest-vinnova"), pytest.raises(Busy, match="process"):
        archive.restore(url, file, replace=True)
    assert everything(store) == before


def test_a_restore_of_an_older_form_is_upgraded(url: str, tmp_path: Path) -> None:
    test_upgrade.migrate(url, "0003")
    file = tmp_path / "old.backup"
    archive.back_up(url, file)
    Store.open(url).close()
    done = archive.restore(url, file, replace=False)
    assert (done.before, done.after) == ("0003", upgrade.REVISIONS[-1])
    with Store.open(url) as store:
        assert store.upgraded is None


@sqlite_only
def test_roll_back_is_the_restore_of_the_automatic_backup(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older callwatch refuses a database that is upgraded, and takes the backup that the upgrade made."""
    test_upgrade.migrate(url, "0006")
    test_upgrade.execute(url, "INSERT INTO keys VALUES ('before', 'the upgrade')")
    with Store.open(url) as store:
        assert store.upgraded
        backup = store.upgraded.backup
    assert backup is not None
    monkeypatch.setattr(upgrade, "REVISIONS", upgrade.REVISIONS[: upgrade.REVISIONS.index("0006") + 1])
    with pytest.raises(StoreError, match="written by a newer callwatch"):
        Store.open(url)
    done = archive.restore(url, backup, replace=True)
    assert (done.before, done.after) == ("0006", "0006")
    with Store.open(url) as store, store.read() as conn:
        assert conn.scalar(text("SELECT value FROM keys WHERE name = 'before'")) == "the upgrade"


@sqlite_only
def test_a_backup_that_is_none_is_refused(url: str, store: Store, tmp_path: Path) -> None:
    fill(store)
    good = tmp_path / "good.db"
    archive.back_up(url, good)
    whole = good.read_bytes()
    (tmp_path / "cut.db").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.db").write_text("not a database at all " * 100)
    (tmp_path / "empty.db").touch()
    (tmp_path / "dump.db").write_bytes(b"PGDMP\x01\x0f")
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE invoices (id INTEGER)")
    before = everything(store)
    for name, problem in {
        "cut.db": "cannot be read|is damaged",
        "text.db": "cannot be read as an SQLite database",
        "empty.db": "is empty",
        "dump.db": "is a dump of PostgreSQL",
        "other.db": "belongs to another program",
        "missing.db": "there is no file",
        "callwatch.db": "is the database itself",
    }.items():
        with pytest.raises(StoreError, match=problem):
            archive.restore(url, tmp_path / name, replace=True)
    assert everything(store) == before
    assert not [path for path in tmp_path.iterdir() if path.name.endswith((".part", ".restore"))]


@sqlite_only
def test_a_damaged_database_is_put_aside(url: str, store: Store, tmp_path: Path) -> None:
    fill(store)
    before, good, target = everything(store), tmp_path / "good.db", tmp_path / "callwatch.db"
    archive.back_up(url, good)
    store.close()
    target.write_bytes(b"\xff" * 100 + target.read_bytes()[100:])
    with pytest.raises(StoreError, match=r"is damaged .*say --replace"):
        archive.restore(url, good, replace=False)
    done = archive.restore(url, good, replace=True)
    assert done.kept is not None
    assert done.kept.read_bytes().startswith(b"\xff" * 100)
    with Store.open(url) as again:
        assert everything(again) == before


@sqlite_only
def test_another_programs_database_is_never_replaced(tmp_path: Path, url: str, sqlite_template: Path) -> None:
    path = tmp_path / "callwatch.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE invoices (id INTEGER)")
    with pytest.raises(StoreError, match="belongs to another program"):
        archive.restore(url, sqlite_template, replace=True)


@postgres_only
def test_without_its_tools_the_line_is_said(url: str, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda tool: None)
    with pytest.raises(
        StoreError, match=r"pg_dump is not installed here .*\n  pg_dump --format=custom --file=a\.dump"
    ):
        archive.back_up(url, Path("a.dump"))


@postgres_only
def test_a_file_of_the_other_kind_is_told_apart(
    url: str, store: Store, sqlite_template: Path, tmp_path: Path
) -> None:
    with pytest.raises(
        StoreError, match=r"is an SQLite database: bring it here with `callwatch db copy sqlite:///"
    ):
        archive.restore(url, sqlite_template, replace=False)
    (tmp_path / "a.dump").write_bytes(b"PGDMP but no dump")
    with pytest.raises(StoreError, match="pg_restore failed, and nothing was changed"):
        archive.restore(url, tmp_path / "a.dump", replace=False)


def test_a_copy_holds_every_row_and_numbers_on(url: str, store: Store, elsewhere: str, tmp_path: Path) -> None:
    fill(store)
    target = elsewhere if url.startswith("sqlite") else f"sqlite:///{tmp_path / 'there.db'}"
    counts = archive.copy(url, target, lambda done, total, what: None)
    assert counts["calls"] == 2
    with Store.open(target, upgrade=False) as there:
        assert everything(there) == everything(store)
        for each in (store, there):
            with each.begin() as conn:
                events.add(conn, [happened(a_call("ONE"), key="later")], "run-2")
        assert everything(there) == everything(store)  # the number of the deleted event is not given again
    with pytest.raises(StoreError, match=r"holds data \(2 calls"):
        archive.copy(url, target, lambda done, total, what: None)


def test_nothing_is_copied_while_a_command_works(url: str, store: Store, elsewhere: str, tmp_path: Path) -> None:
    fill(store)
    target = elsewhere if url.startswith("sqlite") else f"sqlite:///{tmp_path / 'there.db'}"
    with store.lock("plan"), pytest.raises(Busy, match="process"):
        archive.copy(url, target, lambda done, total, what: None)
    with Store.open(target) as there, there.read() as conn:
        assert filled(conn) == {}


def test_what_arrives_otherwise_is_not_kept(
    url: str, store: Store, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    target = elsewhere if url.startswith("sqlite") else f"sqlite:///{tmp_path / 'there.db'}"
    real = transfer._sum
    monkeypatch.setattr(transfer, "_sum", lambda conn, table: (real(conn, table)[0], 7))
    with pytest.raises(StoreError, match="or not as they were; nothing was copied"):
        archive.copy(url, target, lambda done, total, what: None)
    with Store.open(target) as there, there.read() as conn:
        assert filled(conn) == {}


@sqlite_only
def test_a_character_that_postgresql_refuses_is_named(url: str, store: Store, elsewhere: str) -> None:
    with store.begin() as conn:
        conn.execute(text("INSERT INTO keys VALUES ('bad', :value)"), {"value": "a\0b"})
    with pytest.raises(StoreError, match=r"keys: the row name='bad' cannot be kept there"):
        archive.copy(url, elsewhere, lambda done, total, what: None)


def test_the_same_database_twice(url: str, store: Store) -> None:
    with pytest.raises(StoreError, match="the same database twice"):
        archive.copy(url, url, lambda done, total, what: None)
