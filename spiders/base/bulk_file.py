"""A file of rows: XLSX, CSV or JSON, told by its first bytes."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any
from zipfile import ZipFile

from pipeline.harvest import Issue
from pipeline.source_pages import Source
from pipeline.text import clean
from spiders.base.entries import Entry, Listed
from spiders.base.envelope import NotAnAnswer, is_web_page, page_title

HEADER_WITHIN = 30
"""Rows in which the header is looked for; titles and notes stand above it."""
DELIMITERS = ";,\t|"
LARGEST_CELL = 20_000
LARGEST_WORKBOOK = 256 << 20
"""Bytes of a workbook when it is unpacked; one of a few megabytes unpacks to some ten times as much."""
MOST_ROWS, MOST_CELLS = 200_000, 4_000_000
OTHERS = {b"%PDF": "a PDF", b"\xd0\xcf\x11\xe0": "an old XLS or Word file", b"{\\rtf": "an RTF"}
"""Files that are no rows, by their first bytes."""


def read(body: bytes, url: str, source: Source) -> Listed:
    """The rows, each with its cells as text by the words of the header. Raises NotAnAnswer for no such file."""
    if is_web_page(body):
        raise NotAnAnswer(f'a web page instead of a file: "{page_title(body)}"')
    for mark, kind in OTHERS.items():
        if body.startswith(mark):
            raise NotAnAnswer(f"{kind} instead of XLSX, CSV or JSON")
    if body.startswith(b"PK"):
        rows = _workbook(body)
    elif body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{"):
        rows = _json(body)
    else:
        rows = _table(_csv(body))
    found = [{name: text for name, text in row.items() if name and text} for row in rows]
    kept = tuple(Entry(source.url, row) for row in found if row)
    issues = (
        () if len(kept) == len(found) else (Issue("", source.name, f"{len(found) - len(kept)} rows are empty"),)
    )
    return Listed(kept, issues=issues if not kept else ())


def _workbook(body: bytes) -> list[dict[str, str]]:
    from openpyxl import load_workbook  # takes longer to import than most workbooks to read

    try:
        with ZipFile(io.BytesIO(body)) as packed:
            size = sum(part.file_size for part in packed.infolist())
        if size > LARGEST_WORKBOOK:
            raise NotAnAnswer(f"an XLSX of {size >> 20} MiB unpacked, at most {LARGEST_WORKBOOK >> 20} expected")
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=True)
        return [row for sheet in book.worksheets for row in _table(sheet.iter_rows(values_only=True))]
    except NotAnAnswer:
        raise
    except Exception as error:  # whatever a portal may send must not end the crawl
        raise NotAnAnswer(f"no readable XLSX ({type(error).__name__}: {clean(str(error), 200)})") from error


def _csv(body: bytes) -> Iterator[list[str]]:
    """The delimiter is that which gives the most rows of the most cells; csv.Sniffer falls for decimal commas."""
    text = _decoded(body)
    best = max(DELIMITERS, key=lambda delimiter: _fits(text, delimiter))
    return csv.reader(io.StringIO(text, newline=""), delimiter=best)


def _fits(text: str, delimiter: str) -> int:
    try:
        rows = islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), HEADER_WITHIN)
        widths = Counter(len(row) for row in rows)
    except csv.Error:
        return 0
    return max(((width - 1) * number for width, number in widths.items()), default=0)


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _json(body: bytes) -> list[dict[str, str]]:
    """A list of objects, or the first one inside an object."""
    try:
        found = json.loads(_decoded(body), strict=False)
        lists = [found, *found.values()] if isinstance(found, dict) else [found]
        rows = next((each for each in lists if isinstance(each, list)), None)
        read = [{str(k): _text(cell) for k, cell in row.items()} for row in rows or () if isinstance(row, dict)]
    except (ValueError, RecursionError) as error:
        raise NotAnAnswer(f"no whole JSON ({clean(str(error), 200)})") from error
    if rows is None:
        raise NotAnAnswer("JSON without a list of rows")
    return read


def _table(rows: Iterable[Iterable[Any]]) -> list[dict[str, str]]:
    """Rows below the header, which is the first of the rows on top that has the most filled cells.

    Raises NotAnAnswer for more rows or cells than any list of calls has.
    """
    lines = list(_filled(rows))
    top = lines[:HEADER_WITHIN]
    if not top:
        return []
    header = max(range(len(top)), key=lambda number: (sum(map(bool, top[number])), -number))
    names = [" ".join(name.split()) for name in lines[header]]
    return [dict(zip(names, line, strict=False)) for line in lines[header + 1 :]]


def _filled(rows: Iterable[Iterable[Any]]) -> Iterator[list[str]]:
    cells = 0
    try:
        for number, row in enumerate(rows):
            line = [_text(cell) for cell in row]
            cells += len(line)
            if number >= MOST_ROWS or cells > MOST_CELLS:
                raise NotAnAnswer(f"a table of more than {MOST_ROWS} rows or {MOST_CELLS} cells")
            if any(line):
                yield line
    except csv.Error as error:
        raise NotAnAnswer(f"no readable CSV ({error})") from error


def _text(cell: Any) -> str:
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    if isinstance(cell, dict | list):
        return json.dumps(cell, ensure_ascii=False)[:LARGEST_CELL]
    return "" if cell is None else " ".join(str(cell).split())[:LARGEST_CELL]
