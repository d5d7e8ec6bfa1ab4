"""`callwatch demo`: one portal, two days, three contacts, no network. Everything is real but the portal's content.

The stand-in portal serves on loopback; each harvest is the ordinary `callwatch harvest` in a process of its own;
planning and delivering are what `callwatch plan` and `callwatch deliver` do. Only the clock is played: the alerts
of day two are told a day later, the weekly digest on the Monday after.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import typer
from pydantic import SecretStr

from alerts.message import MessageKind, decode
from alerts.render import text
from callwatch.cli import output
from callwatch.demo.nextday import Happening, Move, next_day
from callwatch.demo.sample import records
from callwatch.demo.standin.server import StandIn
from callwatch.settings import Settings
from callwatch.telling import PLANNED_AT, deliver_messages, plan_messages
from callwatch.wiring import Wiring
from pipeline.errors import CallwatchError
from pipeline.harvest import RunReport
from pipeline.outbox import NewMessage
from pipeline.store import marks

PORTAL = "eu_funding_tenders"
MARK = "made-by-callwatch-demo"
STEPS = 8
NOTES = {
    Happening.WITHDRAWN: "  (told after three complete harvests without it)",
    Happening.REINGESTED: "  (noise: nobody is told)",
    Happening.JITTER: "  (noise: nobody is told)",
}


class Runs(msgspec.Struct):
    """The answer of `harvest --json`."""

    runs: list[RunReport]


def show(folder: Path) -> None:
    """Play the demonstration; its database and messages stay in `folder`."""
    started, now = datetime.now(UTC), datetime.now(UTC)
    _clear(folder)
    today = now.date()
    sample = records(today)
    monday = _next_monday(now)
    with output.progress() as advance, StandIn(sample) as portal:
        advance(1, STEPS, "day 1: harvest")
        first = _harvest(folder, portal.base_url, now)
        advance(2, STEPS, "day 1: plan and deliver")
        welcomes, welcomed = _tell(folder, now)
        advance(4, STEPS, "day 2: harvest")
        played = next_day(sample, today + timedelta(days=1))
        portal.replace(played.records)
        second = _harvest(folder, portal.base_url, now + timedelta(days=1))
        advance(5, STEPS, "day 2: plan and deliver")
        alerts, alerted = _tell(folder, now + timedelta(days=1))
        advance(7, STEPS, "Monday: the weekly digest")
        _harvest(folder, portal.base_url, monday - timedelta(minutes=5))
        digests, digested = _tell(folder, monday)
        advance(STEPS, STEPS, "done")
    _headline(1, "the first harvest")
    _harvested(first)
    _told(welcomes, welcomed)
    _headline(2, "the next morning")
    _harvested(second)
    _moves(played.moves)
    _told(alerts, alerted)
    _headline(3, f"Monday {monday:%d %B}, 08:00 in Stockholm")
    _told(digests, digested)
    for message in digests:
        if message.kind == MessageKind.DIGEST:
            typer.echo(f"{text(decode(message.payload), monday)}\n")
    _where(folder, (datetime.now(UTC) - started).total_seconds())


def _clear(folder: Path) -> None:
    """Start afresh, but never in a folder that is not the demonstration's own."""
    if folder.exists():
        if any(folder.iterdir()) and not (folder / MARK).exists():
            raise CallwatchError(
                f"{folder} is there and was not made by the demo. Name another one with --folder."
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARK).touch()


def _harvest(folder: Path, base_url: str, at: datetime) -> RunReport:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CALLWATCH_")},
        f"CALLWATCH_{PORTAL.upper()}_BASE_URL": base_url,
        "CALLWATCH_DATABASE_URL": _database(folder),
        "PYTHONPATH": os.pathsep.join(filter(None, [*sys.path])),
    }
    command = [sys.executable, "-m", "callwatch.demo.harvest", PORTAL, at.isoformat()]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)  # noqa: S603 - our own command
    if not done.stdout:
        raise CallwatchError(f"the harvest ended with exit {done.returncode}: {done.stderr.decode().strip()}")
    return msgspec.json.decode(done.stdout, type=Runs).runs[0]


def _tell(folder: Path, now: datetime) -> tuple[list[NewMessage], str]:
    """Plan and deliver at `now`; the messages, and what the console channel wrote."""
    console = io.StringIO()
    settings = Settings(
        database_url=SecretStr(_database(folder)),
        config=Path(__file__).parent / "config",
        out_dir=folder / "messages",
    )
    wiring = Wiring(settings, clock=lambda: now, console=console)
    with wiring.store() as store:
        with store.begin() as conn:  # the days between are not played, and nobody was missing
            marks.note_time(conn, PLANNED_AT, now)
        written = plan_messages(wiring, store, now)
        deliver_messages(wiring, store, now)
    return written, console.getvalue()


def _database(folder: Path) -> str:
    return f"sqlite:///{(folder / 'callwatch.db').resolve()}"


def _next_monday(now: datetime) -> datetime:
    local = (now + timedelta(days=2)).astimezone(ZoneInfo("Europe/Stockholm"))
    day = local + timedelta(days=(7 - local.weekday()) % 7)
    return day.replace(hour=8, minute=5, second=0, microsecond=0).astimezone(UTC)


def _headline(number: int, text: str) -> None:
    typer.echo(f"\n{'=' * 78}\n{number}. {text[0].upper()}{text[1:]}\n{'=' * 78}")


def _harvested(report: RunReport) -> None:
    typer.echo(
        f"Harvest of the stand-in portal: {report.verdict.value}, {report.seen} of {report.expected} calls seen; "
        f"{report.new} new, {report.changed} changed, {report.unchanged} unchanged."
    )


def _moves(moves: list[Move]) -> None:
    typer.echo("What the portal did over night:")
    for move in moves:
        note = NOTES.get(move.kind, "")
        typer.echo(f"  {move.kind.value.replace('_', ' '):<28}{move.identifier}{note}")


def _told(messages: list[NewMessage], console: str) -> None:
    for message in messages:
        typer.echo(f'-> {message.contact}: {message.kind} "{message.subscription}", {len(message.call_ids)} calls')
    typer.echo(f"\n{console}" if console else "")


def _where(folder: Path, seconds: float) -> None:
    typer.echo(f"\n{'-' * 78}\nMessages to contacts on the file channel (open the .html in a browser):")
    for path in sorted((folder / "messages").glob("*.html")):
        typer.echo(f"  {path}  and .eml, .txt")
    python = Path(sys.executable)
    shown = python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python
    typer.echo(
        f"\nThe database is {folder / 'callwatch.db'}. Look around with\n"
        f"  export CALLWATCH_DATABASE_URL=sqlite:///{folder / 'callwatch.db'}\n"
        f"  {shown} -m callwatch calls --live --ecosystem mobility\n"
        f"  {shown} -m callwatch show HORIZON-CL5-2026-10-D2-03\n"
        f"\nDone in {seconds:.0f} seconds."
    )
