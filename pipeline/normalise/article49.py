"""Lists of planned calls, which every programme of the EU's regional funds must publish three times a year
(Article 49(2) of Regulation (EU) 2021/1060): area, objective, applicants, amount, start and end. Pure.

The law says what they hold, not how they look: headings are recognised by words, dates in any usual form. Rows of
one call are put together; a call without a number is known by its words and the half-year in which it starts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from pipeline import dates as stamps
from pipeline.extract import amounts, clock
from pipeline.extract import dates as days
from pipeline.extract.facts import Money
from pipeline.normalise.article49_words import HEADINGS
from pipeline.normalise.call_names import key as name_key
from pipeline.normalise.call_names import numbered, slug
from pipeline.normalise.periods import half_year
from pipeline.normalise.shared import distinct

Row = Mapping[str, str]
TELLING = ("name", "objective", "area", "applicants")
LEAST = 2
"""Cells that are understood: a row with fewer is a note below the table."""
_SERIAL = re.compile(r"([45]\d{4})(?:\.\d+)?", re.ASCII)
_FIRST_DAY = date(1899, 12, 30)
"""Day 0 of a spreadsheet."""
_CURRENCY = re.compile(r"\b[MTK]?(EUR|SEK|NOK|DKK)\b|(€|euro)|(kronor|\b[mt]?kr\b)", re.IGNORECASE)
_MILLIONS = re.compile(r"\bM(?:EUR|SEK|NOK|€)|\bm(?:illions?|iljoner|iljoonaa|ill\.?|kr)\b|\bMio\b", re.IGNORECASE)
_THOUSANDS = re.compile(r"\b(?:tkr|tsek|teur|keur|thousands?|tusen(?:tal)?|tuhatta)\b", re.IGNORECASE)
_PLAIN = re.compile(r"[\d][\d\s.,'’]*")


class Window(msgspec.Struct, frozen=True):
    """From when to when; an hour only where one is written. `words` is what stands there."""

    first: date | None = None
    last: date | None = None
    opens: time | None = None
    closes: time | None = None
    words: str = ""


class Table(msgspec.Struct, frozen=True):
    """The calls of a list: rows by the key of their call. `unknown` headings, and `odd` rows that name no call.

    Columns of persons are left out.
    """

    calls: dict[str, list[dict[str, str]]] = {}
    unknown: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    dated: bool = True


@lru_cache(maxsize=1024)
def field_of(heading: str) -> str:
    """What a column holds; empty when its heading is not understood."""
    said = " ".join(heading.casefold().split())
    return next((name for name, patterns in _patterns() if any(p.search(said) for p in patterns)), "")


def table(rows: Iterable[Row]) -> Table:
    """Rows of one file by the call they belong to."""
    calls: dict[str, list[dict[str, str]]] = {}
    unknown: dict[str, None] = {}
    odd: list[str] = []
    seen: set[str] = set()
    for given in rows:
        row = {heading: text for heading, text in given.items() if field_of(heading) != "person"}
        known = {heading: field_of(heading) for heading in row}
        unknown.update(dict.fromkeys(heading for heading, name in known.items() if not name))
        seen |= set(known.values())
        told = {name for heading, name in known.items() if name not in ("", "ignored") and row[heading]}
        if len(told) < LEAST or not told & set(TELLING):
            odd.append(" ".join(" ".join(row.values()).split())[:80])
            continue
        calls.setdefault(key(row), []).append(row)
    return Table(calls, tuple(unknown), tuple(odd), not calls or bool(seen & {"start", "end", "window"}))


def cell(row: Row, name: str) -> str:
    """What the row says in the columns of that field, with a dot between two of them."""
    return " · ".join(distinct(text for heading, text in row.items() if field_of(heading) == name and text))


def key(row: Row) -> str:
    """The key of the call, which outlives a refresh of the file: its number, else its words and half-year."""
    name = _name(row)
    if found := numbered(name):
        return found
    when = window(row)
    words = [name_key(name)] if name else []
    words += [cell(row, part) for part in ("objective", "area", "applicants")]
    told = slug(" ".join(words))
    mark = sha256(slug(" ".join(words), 10_000).encode()).hexdigest()[:6]
    return "-".join(
        part for part in ("planned", told[:60].strip("-"), mark, half_year(when.words, when.first)) if part
    )


def window(row: Row) -> Window:
    """When a row says that its call opens and closes; days without a year get that of the other one."""
    start, end, both = cell(row, "start"), cell(row, "end"), cell(row, "window")
    words = " – ".join(distinct(part for part in (start, end, both) if part))
    opens, closes = _day(start), _day(end)
    if not (opens and closes) and (found := _span(both or f"{start} - {end}")):
        return Window(found[0][0], found[1][0], found[0][1], found[1][1], words)
    first, last = opens or _day(both) or (None, None), closes or (None, None)
    return Window(first[0], last[0], first[1], last[1], words)


def amount(row: Row, language: str, currency: str = "") -> Money | None:
    """The support for the call; the currency of the cell, else of the heading, else `currency`."""
    for heading, text in row.items():
        if field_of(heading) != "amount" or not text:
            continue
        found = amounts.find(text, language)
        money = next((one for one in found if one.currency), None) or _completed(text, heading, language, currency)
        if money:
            return Money(money.amount, money.currency)
    return None


def at(day: date, hour: time | None, zone: ZoneInfo, otherwise: time) -> datetime:
    """That day and hour, `otherwise` where none is written, as UTC; of two in autumn the first."""
    return datetime.combine(day, hour or otherwise, zone).replace(fold=0).astimezone(UTC)


def rows_of(written: str) -> list[dict[str, str]]:
    """The rows as they were put together for storing; none for anything else."""
    try:
        found: Any = json.loads(written)
    except ValueError:
        return []
    kept = found if isinstance(found, list) else []
    return [{str(name): str(text) for name, text in row.items()} for row in kept if isinstance(row, dict)]


def title(rows: Sequence[Row]) -> str:
    """What readers see: the name of the call, else its objective and area."""
    named = next((name for row in rows if (name := _name(row))), "")
    return named or " – ".join(distinct(text for name in ("objective", "area") if (text := cell(rows[0], name))))


def texts(rows: Sequence[Row]) -> str:
    """All that the rows say, a line for each cell, each once."""
    return "\n".join(distinct(f"{heading}: {text}" for row in rows for heading, text in row.items() if text))


def _name(row: Row) -> str:
    """What the row calls its call; a bare number stands for "call 7"."""
    words = cell(row, "name")
    return re.sub(r"(?<!\S)(\d{1,2})(?!\S)", r"call \1", words) if words[:1].isdigit() else words


def _completed(text: str, heading: str, language: str, currency: str) -> amounts.Amount | None:
    """An amount of which the heading says the scale and the currency."""
    plain = _PLAIN.search(text)
    if plain is None:
        return None
    said = _CURRENCY.search(text) or _CURRENCY.search(heading)
    code = (said[1] or ("EUR" if said[2] else "SEK")).upper() if said else currency
    if not code:
        return None
    number, thousands = plain[0].strip(" .,"), bool(_THOUSANDS.search(f"{text} {heading}"))
    scale = "million " if thousands or _MILLIONS.search(f"{text} {heading}") else ""
    found = next(iter(amounts.find(f"{number} {scale}{code}", language)), None)
    return msgspec.structs.replace(found, amount=found.amount / 1000) if found and thousands else found


def _day(text: str) -> tuple[date, time | None] | None:
    """A whole day in any usual form, with its hour if one stands there."""
    if stamp := stamps.parse(text):
        hour = stamp.clock.time().replace(second=0, microsecond=0)
        return stamp.clock.date(), hour if stamp.timed and hour != time.min else None
    if serial := _SERIAL.fullmatch(text.strip()):
        return _FIRST_DAY + timedelta(days=int(serial[1])), None
    found = days.find(text, month_first=days.strokes_month_first(text))
    if len(found) != 1 or not isinstance(found[0], days.Day) or found[0].year is None:
        return None
    return _at(text, found[0])


def _span(text: str) -> tuple[tuple[date, time | None], tuple[date, time | None]] | None:
    found = days.find(text, month_first=days.strokes_month_first(text))
    if len(found) != 1 or not isinstance(found[0], days.Window):
        return None
    first, last = _at(text, found[0].first), _at(text, found[0].last)
    return (first, last) if first and last else None


def _at(text: str, day: days.Day) -> tuple[date, time | None] | None:
    on = day.on(day.year) if day.year else None
    hour = clock.beside(text, day.start, day.end, max(0, day.start - 12), len(text))
    return (on, hour[0] if hour else None) if on else None


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[str, list[re.Pattern[str]]]]:
    return [
        (name, [re.compile(line.strip()) for line in lines.strip().splitlines()])
        for name, lines in HEADINGS.items()
    ]
