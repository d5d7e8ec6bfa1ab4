"""The `callwatch` command. Exit codes: 0 done, 1 our fault, 2 wrong use or configuration, 3 partial, 4 busy."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from copy import copy
from enum import StrEnum
from typing import Annotated, Any

import typer

from callwatch import __version__
from callwatch.cli import (
    admin,
    alerting,
    calls,
    database,
    evaluating,
    extracting,
    harvesting,
    linking,
    outbox,
    output,
    people,
    portals,
    profiles,
    running,
    serving,
)
from pipeline.errors import CallwatchError

app = typer.Typer(
    name="callwatch",
    help="Watches EU funding portals and tells the right people, in time and once.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class LogFormat(StrEnum):
    """Form of the log lines on stderr."""

    TEXT = "text"
    JSON = "json"


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"callwatch {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    log_format: Annotated[LogFormat, typer.Option(help="Form of the log lines on stderr.")] = LogFormat.TEXT,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what is done, not only trouble.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False,
) -> None:
    from callwatch.logs import configure

    output.state.plain_lines = log_format is LogFormat.TEXT
    configure(log_format.value, verbose)


MODULES = (
    *(harvesting, portals, calls, evaluating, extracting, linking, alerting, outbox),
    *(people, profiles, serving, running, admin, database),
)
for module in MODULES:
    module.register(app)


def for_words(words: Sequence[str]) -> typer.Typer:
    """The command line as far as it is needed for these words: where the first one is a command, that one alone.
    To make all fifty ready takes 15 ms longer."""
    first = words[0] if words else ""
    commands = [one for one in app.registered_commands if first == (one.name or _shown(one.callback))]
    groups = [group for group in app.registered_groups if first == group.name]
    if not commands and not groups:
        return app
    chosen = copy(app)
    chosen.registered_commands, chosen.registered_groups = commands, groups
    return chosen


def _shown(function: Callable[..., Any] | None) -> str:
    """What a command is called that has no name but its function's."""
    return function.__name__.replace("_", "-") if function else ""


def main() -> None:
    """Run the command line; every deliberate error ends as one readable message and its exit code."""
    try:
        for_words(sys.argv[1:])()
    except CallwatchError as error:
        typer.echo(f"callwatch: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        typer.echo("callwatch: stopped; what was done until now is kept.", err=True)
        sys.exit(130)
    finally:
        if tracing := sys.modules.get("callwatch.tracing"):  # what was not imported has nothing to send
            tracing.flush()
