"""Who may read the files of an SQLite database."""

from __future__ import annotations

from pathlib import Path

from pipeline.store import Store, backup
from tests.store.samples import a_call, keep


def test_a_new_database_its_companions_and_its_backups_are_not_for_everybody(tmp_path: Path) -> None:
    path = tmp_path / "callwatch.db"
    with Store.open(f"sqlite:///{path}") as store:
        with store.begin() as conn:
            keep(conn, a_call())
        backup.back_up(path, tmp_path / "backup.db")
        for name in ("callwatch.db", "callwatch.db-wal", "callwatch.db-shm", "backup.db"):
            assert (tmp_path / name).stat().st_mode & 0o007 == 0, name
