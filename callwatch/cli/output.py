"""Writing to the terminal: tables and progress for people, exactly one JSON document for programs."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, Protocol

import msgspec
import typer


class State:
    """What the options before the command say: no plain lines among log lines that programs read."""

    plain_lines = True


state = State()


class Format(StrEnum):
    """How a list is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Advance(Protocol):
    """Says how far a long job has come."""

    def __call__(self, done: int, total: int, what: str) -> None:
        """`done` of `total` (0 = not known yet); `what` names the step."""


def json_document(value: Any) -> None:
    """Write `value` as the one JSON document on stdout."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table that fits the terminal: columns as wide as they need; where room lacks, the widest give way."""
    from rich.console import Console
    from rich.table import Table

    cells = [[printable(cell) for cell in row] for row in rows]
    width = None if sys.stdout.isatty() else 180
    console = Console(width=width, markup=False, highlight=False, emoji=False)
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    needed = [max([len(column), *(len(row[n]) for row in cells)]) for n, column in enumerate(columns)]
    for column, wide in zip(columns, _widths(needed, console.width), strict=True):
        drawn.add_column(column, no_wrap=True, overflow="ellipsis", width=wide)
    for row in cells:
        drawn.add_row(*row)
    console.print(drawn)


def _widths(needed: Sequence[int], room: int) -> list[int]:
    """Widths of columns with two spaces between: where there is not enough room, the widest gives way."""
    widths = [min(wide, room) for wide in needed]
    while sum(widths) + 2 * (len(widths) - 1) > room and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
    return widths


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """RFC 4180 lines with a header, every cell made safe for spreadsheets."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([formula_safe(cell) for cell in row] for row in rows)


def formula_safe(value: str) -> str:
    """A CSV cell that no spreadsheet runs as a formula: a leading = + - @, tab or line end gets an apostrophe."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else value


def printable(text: str) -> str:
    """`text` without control characters: a portal's title must not steer a terminal."""
    return "".join(char if char.isprintable() else " " for char in text)


@contextmanager
def progress(quiet: bool = False) -> Iterator[Advance]:
    """On stderr: a bar on a terminal, plain lines elsewhere, nothing when `quiet` or among JSON log lines."""
    if quiet or not state.plain_lines:
        yield lambda done, total, what: None
    elif not sys.stderr.isatty():
        yield _plain_lines()
    else:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=None)
            yield lambda done, total, what: bar.update(task, completed=done, total=total or None, description=what)


def _plain_lines() -> Advance:
    said: dict[str, int] = {}

    def advance(done: int, total: int, what: str) -> None:
        tenth = 10 * done // total if total else 0
        if said.get(what, -1) < tenth:
            said[what] = tenth
            typer.echo(f"{what}: {done}" + (f" of {total}" if total else ""), err=True)

    return advance
