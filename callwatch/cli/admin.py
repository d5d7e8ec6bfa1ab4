"""Commands for operators: status, doctor, demo."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import typer

from callwatch.cli import output
from callwatch.cli.output import Format


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    for command in (status, doctor, demo):
        app.command()(command)


def status(form: Annotated[Format, typer.Option("--format", help="table or json.")] = Format.TABLE) -> None:
    """Show what callwatch knows and how it is doing: portals against what is usual there, the latest harvests,
    calls, messages, what is due next, failures with their reasons. Failures of a portal are harvests in a row that
    were not complete; misses are selectors that found nothing; times are UTC.

    Example: callwatch status
    """
    from callwatch.status import overview
    from callwatch.wiring import Wiring

    wiring = Wiring()
    with wiring.store() as store:
        found = overview(wiring, store, wiring.clock())
    if form is Format.JSON:
        output.json_document(found)
        return
    output.table(_PORTALS, (_portal(portal) for portal in found["portals"]))
    calls, told = found["calls"], found["messages"]
    typer.echo(f"\n{calls['live']} live calls of {calls['all']} known; {calls['gone']} no longer listed.")
    typer.echo("Messages: " + (", ".join(f"{n} {state}" for state, n in told.items()) or "none yet") + ".")
    even = found["alerts"]
    typer.echo(
        f"Alerts of 30 days: {even['planned']} planned, {even['sent']} sent, {even['waiting']} waiting, "
        f"{even['failed']} failed, {even['held']} held; {even['unplanned']} events not planned in time."
    )
    queue = found["queue"]
    since = f", the first since {_minute(queue['oldest'])}" if queue["oldest"] else ""
    typer.echo(f"Queue: {queue['waiting']} messages are due{since}.")
    jobs = [f"{job['job']} {_minute(job['at'])}" for job in found["next"]]
    more = f"; and {len(jobs) - _NEXT} more" if len(jobs) > _NEXT else ""
    typer.echo(f"Next: {'; '.join(jobs[:_NEXT]) or 'nothing'}{more}.")
    if found["cluster"]:
        workers = ", ".join(f"{one['host']} {_minute(one['at'])}" for one in found["cluster"]["workers"])
        typer.echo(f"Broker: {found['cluster']['broker']}. Workers heard last: {workers or 'none of late'}.")
    if found["runs"]:
        typer.echo("Latest harvests (`callwatch show RUN`):")
    for run in found["runs"]:
        typer.echo(f"  {run['run']}: {run['portal']} {run['verdict']}, {run['issues']} issues")
    for condition in found["conditions"]:
        typer.echo(f"  since {condition['since']}: {condition['key']}: {output.printable(condition['detail'])}")
    for failure in found["failures"]:
        reason = output.printable(failure["reason"])
        whom = f"{failure['channel']} to {failure['contact']} ({failure['attempts']} attempts)"
        typer.echo(f"  {failure['state']}: {whom}: {reason}")


_NEXT = 6
"""Jobs of the future that the table names; JSON has all of them."""

_PORTALS = (
    *("portal", "last harvest", "verdict", "issues", "last success", "failures", "calls / usual"),
    *("weakest field", "misses", "note"),
)


def _portal(found: dict[str, Any]) -> list[str]:
    weak, misses = found["weakest"], found["misses"]
    return [
        found["portal"],
        *(_minute(found["at"]), found["verdict"], str(found["issues"]), _minute(found["last_success"] or "never")),
        str(found["failures"]),
        f"{found['seen']} / {found['usual']:.0f}" if found["usual"] else f"{found['seen']} / -",
        f"{weak['field']} {weak['now']:.0%} / {weak['usual']:.0%}" if weak else "",
        f"{sum(misses.values())} ({', '.join(misses)})" if misses else "0",
        "; ".join(filter(None, (found["trouble"], found["note"]))),
    ]


def _minute(moment: str) -> str:
    """UTC, short enough for a table."""
    return moment[:16].replace("T", " ")


def doctor(
    portals: Annotated[bool, typer.Option("--portals", help="Ask each portal for its robots.txt, too.")] = False,
    form: Annotated[Format, typer.Option("--format", help="table or json.")] = Format.TABLE,
) -> None:
    """Look for trouble: configuration, database, broker, disk, clock, credentials of channels (nothing is sent),
    alerts that were not delivered. Each finding names its remedy. Exit 3 if there is any.

    Example: callwatch doctor
    """
    from callwatch.doctor import examine
    from callwatch.wiring import Wiring

    wiring = Wiring()
    findings = examine(wiring, wiring.clock(), portals=portals)
    if form is Format.JSON:
        output.json_document([msgspec.to_builtins(finding) for finding in findings])
    else:
        for finding in findings:
            typer.echo(f"{'!' if finding.remedy else ' '} {finding.what}: {output.printable(finding.state)}")
            if finding.remedy:
                typer.echo(f"    -> {finding.remedy}")
    if any(finding.remedy for finding in findings):
        raise typer.Exit(3)


def demo(
    folder: Annotated[
        str, typer.Option(help="Where the sample's database and messages are written.")
    ] = "callwatch-demo",
) -> None:
    """Harvest the embedded stand-in portal, show alerts and digest, then play the next day. Needs no network.

    Example: callwatch demo
    """
    from pathlib import Path

    from callwatch.demo.show import show

    show(Path(folder))
