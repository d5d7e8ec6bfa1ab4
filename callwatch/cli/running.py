"""Commands that do what is due: tick for cron, run as a daemon; and what they did: runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from callwatch.cli import output
from callwatch.cli.output import Format
from callwatch.lean import calm

if TYPE_CHECKING:
    from callwatch.ticking import Ticked
    from pipeline.store import Connection

_RUN_ID = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{8}")


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    for command in (tick, run, worker, runs):
        app.command()(command)


def tick(
    tell_only: Annotated[bool, typer.Option("--tell-only", help="Plan and deliver; harvest nothing.")] = False,
) -> None:
    """Do all that is due now, once: harvest the portals whose schedule says so, plan, deliver. Made for cron.

    Example: */15 * * * * callwatch tick

    Safe beside the daemon, another tick and commands by hand. Exit 4 when others were doing all of it.
    """
    with calm():
        from callwatch.ticking import Ticked, harvest_due, ping, tell
        from callwatch.wiring import Wiring

        wiring, done = Wiring(), Ticked()
    if not tell_only:
        with output.progress() as advance:
            harvest_due(wiring, advance, done)
    tell(wiring, done)
    if done.fault:
        raise done.fault
    _say(done, tell_only=tell_only)
    if done.nothing_but_held:
        raise typer.Exit(4)
    if not done.good:
        raise typer.Exit(3)
    if wiring.settings.ping_url:
        ping(wiring.settings.ping_url)


def run(
    every: Annotated[float, typer.Option(min=0.2, help="Seconds between two looks at what is due.")] = 60.0,
    at_once: Annotated[int, typer.Option(min=1, help="Portals harvested at the same time.")] = 4,
) -> None:
    """Stay, and do what is due when it is due, each in a process of its own.

    Example: callwatch run

    SIGTERM and Ctrl-C finish or hand back what is under way, within 30 seconds. SIGHUP reads the configuration
    anew; the old one stays if the new one cannot be used. With CALLWATCH_BROKER_URL it only wakes the workers of a
    cluster.
    """
    from callwatch.wiring import Wiring

    wiring = Wiring()
    if wiring.settings.broker_url:
        from callwatch.cluster.sweeping import sweeper

        wakes = "callwatch wakes the workers of its cluster (stop with Ctrl-C)."
        raise typer.Exit(sweeper(wiring, every).run(lambda: typer.echo(wakes, err=True)))
    from callwatch.standing import standing

    daemon = standing(wiring, seconds=every, at_once=at_once)
    raise typer.Exit(daemon.run(lambda: typer.echo("callwatch runs (stop with Ctrl-C).", err=True)))


def worker(
    queues: Annotated[str, typer.Option(help="What it does, separated by commas.")] = "harvest,plan,deliver",
    at_once: Annotated[int, typer.Option(min=1, help="Jobs done at the same time.")] = 4,
) -> None:
    """Stay, and do what `callwatch run` wakes it for: one of the workers of a cluster (CALLWATCH_BROKER_URL).

    Example: callwatch worker --queues plan,deliver

    SIGTERM finishes or hands back what is under way; a kill loses nothing.
    """
    from callwatch.cluster.worker import work
    from callwatch.wiring import Wiring

    names = [name.strip() for name in queues.split(",")]
    ready = f"callwatch works for its cluster: {', '.join(names)} (stop with Ctrl-C)."
    raise typer.Exit(work(Wiring(), names, at_once, lambda: typer.echo(ready, err=True)))


def runs(
    portal: Annotated[str | None, typer.Argument(help="Name of a portal; all when not given.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, the latest first.")] = 20,
    form: Annotated[Format, typer.Option("--format", help="table, json or csv.")] = Format.TABLE,
) -> None:
    """List the harvests: when, how they ended, what they saw. `callwatch show RUN` shows one with its issues.

    Example: callwatch runs eu_funding_tenders --limit 5
    """
    from callwatch.wiring import Wiring
    from pipeline.store import runs as stored

    wiring = Wiring()
    if portal is not None:
        wiring.portal(portal)
    with wiring.store() as store, store.read() as conn:
        found = stored.latest(conn, portal, limit)
    if form is Format.JSON:
        output.json_document([msgspec.to_builtins(run) for run in found])
        return
    columns = ("run", "portal", "started (UTC)", "state", "verdict", "seen", "new", "changed", "issues", "seconds")
    rows = []
    for one in found:
        report = one.report
        counts = (report.seen, report.new, report.changed) if report else ("", "", "")
        seconds = f"{report.seconds:.1f}" if report else ""
        verdict = one.verdict.value if one.verdict else ""
        what = (one.id, one.portal, f"{one.started_at:%Y-%m-%d %H:%M}", one.state, verdict)
        rows.append([*what, *map(str, counts), str(one.issue_count), seconds])
    (output.csv_lines if form is Format.CSV else output.table)(columns, rows)


def show_run(conn: Connection, needle: str, form: Format) -> bool:
    """Print the run with the id `needle` and all its issues; False if there is none."""
    from pipeline.store import runs as stored

    run = stored.get(conn, needle) if _RUN_ID.fullmatch(needle) else None
    if run is None:
        return False
    issues = stored.issues_of(conn, run.id)
    if form is Format.JSON:
        output.json_document({**msgspec.to_builtins(run), "issues": msgspec.to_builtins(issues)})
        return True
    ended = f"{run.finished_at:%Y-%m-%d %H:%M:%S}" if run.finished_at else "not ended"
    typer.echo(f"{run.id}: {run.portal}, {run.verdict.value if run.verdict else run.state}")
    typer.echo(f"from {run.started_at:%Y-%m-%d %H:%M:%S} to {ended} UTC, process {run.pid} on {run.host}")
    if report := run.report:
        typer.echo(
            f"{report.seen} of {report.expected} documents seen on {report.pages} pages; {report.new} new, "
            f"{report.changed} changed, {report.unchanged} unchanged calls ({report.seconds:.1f} s)"
        )
    for issue in issues:
        place = " ".join(part for part in (issue.reference, issue.field) if part)
        typer.echo(f"  {output.printable(place)}: {output.printable(issue.problem)}")
    return True


def _say(done: Ticked, *, tell_only: bool) -> None:
    """One line; none where a daemon's turn had nothing to do."""
    verdicts = ", ".join(f"{report.portal} {report.verdict.value}" for report in done.reports)
    if verdicts or done.planned or done.sent or done.unsent or not tell_only:
        told = f"{done.planned} messages planned, {done.sent} sent, {done.unsent} not."
        typer.echo(told if tell_only else f"{verdicts or 'nothing to harvest'}; {told}")
    for held in done.held:
        if held != "plan":
            typer.echo(f"callwatch: {held}", err=True)
