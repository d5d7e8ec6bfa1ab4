"""Commands for the database: upgrade, backup, restore, copy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from callwatch.cli import output


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    database = typer.Typer(help="The database: upgrade, backup, restore, copy.", no_args_is_help=True)
    for command in (upgrade, backup, restore, copy):
        database.command()(command)
    app.add_typer(database, name="db")


def upgrade() -> None:
    """Bring the database to the newest form (an SQLite file is backed up beside it first).

    Example: callwatch db upgrade
    """
    from callwatch.wiring import Wiring
    from pipeline.store import Store

    with Store.open(Wiring().settings.database_url.get_secret_value()) as store:
        done = store.upgraded
        if done is None:
            said = "up to date"
        elif not done.before:
            said = f"created, at revision {done.after}"
        else:
            kept = f"; as it was: {done.backup}" if done.backup else ""
            said = f"upgraded from revision {done.before} to {done.after}{kept}"
        typer.echo(f"{store.name}: {said}.")


def backup(file: Annotated[Path, typer.Argument(help="A new file.")]) -> None:
    """Write the database into a file, whoever is working on it, and look the file over. PostgreSQL: by pg_dump.

    Example: callwatch db backup /var/backups/callwatch-$(date +%F).db
    """
    from pipeline.store import archive

    url = _url()
    archive.back_up(url, file)
    typer.echo(f"{archive.name_of(url)}: backed up as {file} ({file.stat().st_size / 1e6:.1f} MB).")


def restore(
    file: Annotated[Path, typer.Argument(help="What db backup or an upgrade wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Also where the database holds data.")] = False,
) -> None:
    """Make the database what a backup is. The file is looked over first; an older one is upgraded.

    Example: callwatch db restore callwatch-2026-11-26.db --replace

    What the database held is kept beside it (PostgreSQL: beside FILE). Exit 4 while another command works on it.
    """
    from pipeline.store import archive

    url = _url()
    done = archive.restore(url, file, replace=replace)
    how = f", upgraded from revision {done.before}" if done.before != done.after else ""
    kept = f"; as it was: {done.kept}" if done.kept else ""
    typer.echo(f"{archive.name_of(url)}: restored from {file}{how}{kept}.")


def copy(
    source: Annotated[str, typer.Argument(metavar="FROM_URL", help="Address of the database that is there.")],
    target: Annotated[str, typer.Argument(metavar="TO_URL", help="Address of an empty one.")],
) -> None:
    """Copy a database into an empty one: SQLite to PostgreSQL, or back. All of it, or nothing.

    Example: callwatch db copy sqlite:///callwatch.db postgresql://callwatch@localhost/callwatch

    Rows are counted and compared at the end. Exit 4 while another command works on the source. A password is
    better not written here: PGPASSWORD or ~/.pgpass gives it.
    """
    from pipeline.store import archive

    with output.progress() as advance:
        counts = archive.copy(source, target, advance)
    rows, known = sum(counts.values()), {name: number for name, number in counts.items() if number}
    typer.echo(f"{archive.name_of(target)}: {rows} rows of {len(known)} tables copied and compared.")
    typer.echo(", ".join(f"{name} {number}" for name, number in known.items()) + ".")


def _url() -> str:
    from callwatch.settings import load_settings

    return load_settings().database_url.get_secret_value()
