"""Commands that fetch and rebuild: harvest, replay."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import typer

from callwatch import keys
from callwatch.cli import output

JsonFlag = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, nothing else.")]
MAX_ISSUES_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    app.command()(harvest)
    app.command()(replay)


def harvest(
    portals: Annotated[
        list[str] | None, typer.Argument(help="Names of portals; see `callwatch portals list`.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All portals that are on and whose keys are set.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Fetch and report, store nothing.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after about this many calls.")] = None,
    closed: Annotated[
        bool, typer.Option("--closed", help="Closed calls instead of open and forthcoming.")
    ] = False,
    since: Annotated[str | None, typer.Option(help="With --closed: closed since YYYY-MM-DD.")] = None,
    scheduled: Annotated[
        bool,
        typer.Option("--scheduled", help="Only those due by their schedule, which then counts as done."),
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Harvest portals: fetch, normalise, classify, store.

    Example: callwatch harvest eu_funding_tenders

    Exit 3 when a harvest was partial or failed: what was proven is kept, nothing is withdrawn.
    """
    from callwatch.crawl import Wish, harvest_portals
    from callwatch.wiring import Wiring
    from pipeline.harvest import Verdict

    if since and not closed:
        problem = "only makes sense with --closed: open calls are harvested whole."
        raise typer.BadParameter(problem, param_hint="--since")
    wish = Wish(limit=limit, closed=closed, since=_day(since), dry_run=dry_run)
    wiring = Wiring()
    names, due = _chosen(wiring, portals or [], every), {}
    if scheduled:
        due = _due(wiring, names, wish)
        names = list(due)
    with output.progress(quiet=as_json) as advance:
        reports = harvest_portals(wiring, names, wish, advance, due)
    if as_json:
        output.json_document({"runs": msgspec.to_builtins(reports)})
    else:
        for report in reports:
            _say(report)
    if any(report.verdict is not Verdict.COMPLETE for report in reports):
        raise typer.Exit(3)


def replay(
    portal: Annotated[str, typer.Argument(help="Name of a portal.")],
    as_json: JsonFlag = False,
) -> None:
    """Build all calls and versions of a portal again from its raw records: no request, no event, no alert.

    Example: callwatch replay eu_funding_tenders
    """
    from callwatch.wiring import Wiring
    from pipeline.replay import replay as rebuild

    wiring = Wiring()
    wiring.portal(portal)
    with wiring.store() as store, output.progress(quiet=as_json) as advance:
        result = rebuild(store, portal, wiring.workshop(portal), wiring.clock(), advance)
    if as_json:
        output.json_document(msgspec.to_builtins(result))
    else:
        typer.echo(f"{portal}: {result.calls} calls rebuilt, {result.different} differ from before.")
        _say_issues(result.issues)


def _chosen(wiring: Any, names: list[str], every: bool) -> list[str]:
    if bool(names) == every:
        raise typer.BadParameter("name one or more portals, or give --all.", param_hint="PORTALS")
    if every:
        return keys.with_key(wiring.portals.values())
    return [keys.insist(wiring.portal(name)) for name in names]


def _due(wiring: Any, names: list[str], wish: Any) -> dict[str, Any]:
    """The slots for which portals are due."""
    from callwatch.due import portals_due

    if wish.dry_run or not wish.whole:
        problem = "is for whole harvests: leave out --dry-run, --limit and --closed."
        raise typer.BadParameter(problem, param_hint="--scheduled")
    with wiring.store() as store:
        return portals_due(wiring, store, names, wiring.clock())


def _day(text: str | None) -> str | None:
    from datetime import date

    try:
        return date.fromisoformat(text).isoformat() if text else None
    except ValueError:
        raise typer.BadParameter(f'"{text}" is not a day like 2026-01-31.', param_hint="--since") from None


def _say(report: Any) -> None:
    typer.echo(
        f"{report.portal}: {report.verdict.value}. {report.seen} of {report.expected} documents seen on "
        f"{report.pages} pages; {report.new} new, {report.changed} changed, {report.unchanged} unchanged calls "
        f"({report.seconds:.1f} s)."
    )
    _say_issues(report.issues)


def _say_issues(issues: list[Any]) -> None:
    for issue in issues[:MAX_ISSUES_SHOWN]:
        place = " ".join(part for part in (issue.reference, issue.field) if part)
        typer.echo(f"  {output.printable(place)}: {output.printable(issue.problem)}")
    if len(issues) > MAX_ISSUES_SHOWN:
        typer.echo(f"  ... and {len(issues) - MAX_ISSUES_SHOWN} more; --json lists all.")
