"""Reads contacts with their subscriptions from a file: YAML in the form of subscriptions.yml, or CSV.

A CSV has one row per contact and subscription; the contact's own cells may be left empty in its later rows.
Lists inside a cell are separated by semicolons. Every mistake is named with its line and column, and then nothing
is read.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from pydantic import ValidationError

from alerts.subscription import Book
from alerts.words import KnownWords
from pipeline.errors import ConfigError
from pipeline.yaml_data import nearest, read

_ADDRESSES = ("email", "slack", "webhook", "apprise")
CONTACT = ("name", *_ADDRESSES, "language", "time_zone", "country", "regions", "reminders", "fallback", "vouched")
SUBSCRIPTION = ("subscription", "subscription_name", "channel", "cadence", "weekday", "time", "empty")
_MATCHED = ("ecosystems", "s3_regions", "least", "programmes", "kinds", "budget_at_least")
FILTERS = (*_MATCHED, "words", "exclude", "events")
COLUMNS = ("key", *CONTACT, *SUBSCRIPTION, *FILTERS)
LISTS = {"regions", "reminders", "ecosystems", "s3_regions", "programmes", "kinds", "words", "exclude", "events"}
_FIELDS = {"subscription": "key", "subscription_name": "name"}
"""Columns of a subscription whose field has another name."""

Cells = Mapping[str, str]
Mistake = tuple[int, str, str]
"""Line, column, and what is wrong."""


class Row(msgspec.Struct, frozen=True):
    """The filled cells of one row, and the line in which it begins."""

    line: int
    cells: Cells


def read_book(path: Path, known: KnownWords) -> Book:
    """Read a .yml, .yaml or .csv. Raises ConfigError with one `file:line: field: problem` per mistake."""
    kind = path.suffix.lower()
    if kind in (".yml", ".yaml"):
        return read(path, Book, context={"known": known})
    if kind != ".csv":
        raise ConfigError(f"{path}: contacts are read from .yml, .yaml or .csv.")
    return book_of(_rows(path), known, lambda line, column: f"{path}:{line}: {column}: ")


def book_of(rows: Iterable[Row], known: KnownWords, place: Callable[[int, str], str]) -> Book:
    """The contacts and subscriptions of these rows; `place` says where a line and column stand.

    Raises ConfigError.
    """
    sheet = _Sheet()
    for row in rows:
        sheet.add(row)
    mistakes = sheet.mistakes
    try:
        book = Book.model_validate(sheet.data, context={"known": known})
    except ValidationError as error:
        found = ((sheet.place(e["loc"]), e["msg"].removeprefix("Value error, ")) for e in error.errors())
        mistakes += [(line, column, problem) for (line, column), problem in found]
        raise _error(mistakes, place) from error
    if mistakes:
        raise _error(mistakes, place)
    return book


def _error(mistakes: list[Mistake], place: Callable[[int, str], str]) -> ConfigError:
    return ConfigError("\n".join(place(line, column) + problem for line, column, problem in sorted(mistakes)))


class _Sheet:
    """Rows become the data of a Book, and remember their lines."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []
        self._contacts: dict[str, dict[str, Any]] = {}
        self._first: dict[str, Row] = {}
        self._subscriptions: list[dict[str, Any]] = []
        self._lines: list[int] = []

    @property
    def data(self) -> dict[str, Any]:
        return {"contacts": self._contacts, "subscriptions": self._subscriptions}

    def add(self, row: Row) -> None:
        key = row.cells.get("key", "")
        if not key:
            self.mistakes.append((row.line, "key", "each row needs the key of its contact."))
            return
        if key in self._first:
            self._compare(row, self._first[key])
        else:
            self._first[key] = row
            self._contacts[key] = _fields(row.cells, CONTACT)
        self._subscribe(row, key)

    def _compare(self, row: Row, first: Row) -> None:
        if "subscription" not in row.cells:
            problem = f"the contact stands in line {first.line} already; a further row is a further subscription."
            self.mistakes.append((row.line, "subscription", problem))
        for column in CONTACT:
            if column in row.cells and row.cells[column] != first.cells.get(column, ""):
                self.mistakes.append((row.line, column, f"differs from line {first.line}, the same contact."))

    def _subscribe(self, row: Row, key: str) -> None:
        mine = [column for column in (*SUBSCRIPTION, *FILTERS) if column in row.cells]
        if not mine:
            return
        if "subscription" not in mine:
            self.mistakes.append((row.line, "subscription", f"needed, because {mine[0]} is given."))
            return
        if "least" in mine and "s3_regions" not in mine:
            self.mistakes.append((row.line, "least", "goes with s3_regions."))
        given = _fields(row.cells, SUBSCRIPTION) | {"contact": key, "filters": _filters(row.cells)}
        self._subscriptions.append(given)
        self._lines.append(row.line)

    def place(self, location: tuple[int | str, ...]) -> tuple[int, str]:
        """Line and column of what pydantic complains about."""
        match location:
            case ("contacts", str(key), "[key]"):
                return self._first[key].line, "key"
            case ("contacts", str(key), *rest):
                return self._first[key].line, str(rest[0]) if rest else "key"
            case ("subscriptions", int(number), "filters", str(field), *rest):
                regions = "least" if rest[-1:] == ["least"] else "s3_regions"
                return self._lines[number], regions if field == "regions" else field
            case ("subscriptions", int(number), *rest):
                field = str(rest[0]) if rest else "key"
                return self._lines[number], {f: c for c, f in _FIELDS.items()}.get(field, field)
        return 1, "file"


def _fields(cells: Cells, columns: Iterable[str]) -> dict[str, Any]:
    """The cells of these columns under the names of their fields, lists taken apart."""
    return {_FIELDS.get(c, c): _parts(cells[c]) if c in LISTS else cells[c] for c in columns if c in cells}


def _filters(cells: Cells) -> dict[str, Any]:
    filters = _fields(cells, [column for column in FILTERS if column not in ("s3_regions", "least")])
    if "s3_regions" in cells:
        least = {"least": cells["least"]} if "least" in cells else {}
        filters["regions"] = [{"region": region, **least} for region in _parts(cells["s3_regions"])]
    return filters


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _rows(path: Path) -> Iterable[Row]:
    """Raises ConfigError for what is no CSV of ours."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _read(path, csv.reader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path}: cannot be read as CSV in UTF-8 ({error}).") from error


def _read(path: Path, reader: Any) -> Iterable[Row]:
    columns = [name.strip() for name in next(reader, [])]
    _check_columns(path, columns)
    before = reader.line_num
    for cells in reader:
        line, before = before + 1, reader.line_num
        filled = {column: cell.strip() for column, cell in zip(columns, cells, strict=False) if cell.strip()}
        if any(cell.strip() for cell in cells[len(columns) :]):
            raise ConfigError(f"{path}:{line}: more cells than columns; a cell with a comma needs quotes.")
        if filled:
            yield Row(line, filled)


def _check_columns(path: Path, columns: list[str]) -> None:
    if len(columns) == 1 and ";" in columns[0]:
        raise ConfigError(f"{path}:1: columns are separated by commas, lists in a cell by semicolons; save it so.")
    for column in columns:
        if column not in COLUMNS:
            raise ConfigError(f'{path}:1: unknown column "{column}".{nearest(column, COLUMNS)}')
        if columns.count(column) > 1:
            raise ConfigError(f'{path}:1: the column "{column}" stands here twice.')
    if missing := [column for column in ("key", "name") if column not in columns]:
        raise ConfigError(f"{path}:1: the column {missing[0]} is missing.")
