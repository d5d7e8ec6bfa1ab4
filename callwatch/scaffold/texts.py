"""The files of a new portal, from what is known of it. Pure."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from callwatch.scaffold.draft import OF_ROWS, Draft
from callwatch.scaffold.keys import Columns, segments
from pipeline.normalise.keys import key_of
from pipeline.normalise.pages import Page
from pipeline.normalise.rows import row_of
from pipeline.text import clean

TEMPLATES = Path(__file__).parent
HOW = {
    "json_list": "a JSON list",
    "listing": "a list, row by row",
    "feed": "a feed",
    "sitemap": "pages named by its sitemap",
    "page_watch": "a watched page",
    "embedded": "an array in a script of its page",
    "bulk_file": "a file of rows",
}
WHY_KEEP = {
    "listing": "the part of a call's page that is stored",
    "feed": "the part of a call's page that is stored",
    "sitemap": "the part of a call's page that is stored",
    "page_watch": "the part of the page that is stored; `items` cuts it into several calls",
}
PARTIAL = "# A feed names the newest only: what it does not name is not missed.\npartial_view: true\n"
SHOWN = 5
LONGEST_LINE = 115
"""So many examples in a test."""


def code(name: str, found: Draft, columns: Columns | None) -> dict[str, bytes]:
    """Spider, normaliser and test, by their places."""
    base, module = ("JsonList", "json_list") if found.base == "json_list" else ("Pages", "pages")
    spider = f'''"""{_plain(found.about.publisher, 45)}: {how(found)}."""

from spiders.base.{module} import {base}Spider


class {camel(name)}({base}Spider):
    __doc__ = {base}Spider.__doc__
    name = "{name}"
'''
    texts = {
        f"spiders/portals/{name}.py": spider,
        f"pipeline/normalise/{name}.py": _normaliser(name, found, columns),
        f"tests/portals/{name}/__init__.py": "",
        f"tests/portals/{name}/test_keys.py": _test(name, found, columns),
    }
    return {place: text.encode() for place, text in texts.items()}


def config(name: str, found: Draft, today: date, language: str, language_from: str) -> bytes:
    """config/portals/NAME.yml."""
    feed = found.base == "feed"
    text = (TEMPLATES / "portal.txt").read_text(encoding="utf-8")
    return text.format(
        plain=_plain(found.about.publisher),
        how=how(found),
        day=today.isoformat(),
        name=name,
        publisher=quoted(found.about.publisher),
        language=language,
        language_from=language_from,
        url=quoted(found.url),
        partial=PARTIAL if feed else "",
        harvest=_harvest(found),
        host=urlsplit(found.url).hostname,
        redirects=0 if found.base == "json_list" else 2,
        body_mib=32 if found.base in OF_ROWS or found.base == "sitemap" else 4,
        min_items=1 if feed else max(1, found.number // 2),
        number=found.number,
        drop="1                  # the length of a feed says nothing" if feed else "0.5",
    ).encode()


def how(found: Draft) -> str:
    """How it is read, for people."""
    return HOW[found.base] + (", and the page of each call" if found.source.details else "")


def camel(name: str) -> str:
    """The name of the class."""
    return "".join(part.capitalize() for part in name.split("_"))


def with_line(text: str, line: str, header: str) -> str:
    """`text` with a further row in the Markdown table that begins with `header`; as it is without the table."""
    lines = text.split("\n")
    if header not in lines:
        return text
    end = next(n for n in range(lines.index(header), len(lines)) if not lines[n].startswith("|"))
    return "\n".join([*lines[:end], line, *lines[end:]])


def _harvest(found: Draft) -> str:
    most = max(100, found.number * 10 // 100 * 100)
    if found.base == "json_list":
        lists = f"  lists:\n    - {{name: calls, url: {quoted(found.url)}}}"
        return (
            f"  base: json_list\n{lists}\n  max_items: {most}   # more: something else came\n"
            "  drop: []   # names of fields with personal data: taken out before anything is stored\n"
        )
    lines = [f"    # {_plain(remark)}" for remark in found.remarks]
    given = found.source.model_dump(exclude_defaults=True)
    given["keep"] = found.source.keep
    if found.base in OF_ROWS or not (found.source.details or found.base == "page_watch"):
        del given["keep"]
    comments = {"keep": WHY_KEEP.get(found.base, ""), "rows": "each is an item", "only": "of the addresses"}
    for number, (key, value) in enumerate(given.items()):
        comment = f"   # {comments[key]}" if comments.get(key) else ""
        lines.append(f"    {'  ' if number else '- '}{key}: {_yaml(value)}{comment}")
    most_line = f"  max_items: {most}   # more: something else came"
    return "\n".join(["  base: pages", "  sources:", *lines, most_line, ""])


def _normaliser(name: str, found: Draft, columns: Columns | None) -> str:
    template = "page.txt" if columns is None else "row.txt"
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    values = {
        "publisher": _plain(found.about.publisher, 45),
        "name": name,
        "language": found.about.language,
        "segments": str(segments(found.entries)),
        "url": found.url,
    }
    if columns:
        values |= {"key": quoted(columns.key), "title_field": quoted(columns.title), "link": quoted(columns.link)}
    for key, value in values.items():
        text = text.replace(f"{{{key}}}", value)
    return text


def _test(name: str, found: Draft, columns: Columns | None) -> str:
    cases = _row_cases(found, columns) if columns else _page_cases(found)
    front = urlsplit(found.url)._replace(path="/", query="").geturl()
    text = (TEMPLATES / ("row_test.txt" if columns else "page_test.txt")).read_text(encoding="utf-8")
    return text.format(
        publisher=_plain(found.about.publisher, 45),
        name=name,
        cases="\n".join(_case(*case) for case in cases[:SHOWN]),
        nothing='{"source": "calls", "fields": {}}' if columns else front,
    )


def _case(given: str, key: str) -> str:
    """A line of a table, broken as the formatter would."""
    line = f"        ({given}, {quoted(key)}),"
    return (
        line
        if len(line) <= LONGEST_LINE
        else f"        (\n            {given},\n            {quoted(key)},\n        ),"
    )


def _page_cases(found: Draft) -> list[tuple[str, str]]:
    number = segments(found.entries)
    return [(quoted(entry.url), key_of(Page("", entry.url), number)) for entry in found.entries]


def _row_cases(found: Draft, columns: Columns) -> list[tuple[str, str]]:
    """Records with nothing but their key, as they are handed over."""
    keys = filter(None, (row_of(row).get(columns.key, "") for row in found.rows))
    cases = []
    for key in keys:
        inner = f"{{{quoted(columns.key)}: {quoted(key)}}}"
        if found.base == "embedded":
            inner = f'{{"item": {inner!r}}}'
        given = inner if found.base == "json_list" else f'{{"source": "calls", "fields": {inner}}}'
        if len(given) + len(key) + 14 <= LONGEST_LINE:
            cases.append((given, key))
    return cases


def _yaml(value: Any) -> str:
    """A value as YAML: words as they are, all else as JSON."""
    return value if isinstance(value, str) and re.fullmatch("[a-z][a-z_]+", value) else quoted(value)


def quoted(value: Any) -> str:
    """A value as JSON, which is YAML and Python alike."""
    return json.dumps(value, ensure_ascii=False)


def _plain(text: str, longest: int = 80) -> str:
    """One line that ends no string and no comment."""
    return clean(text, longest).replace("\\", " ").replace('"', "'")
