"""Finds the days a text names, and the windows made of two of them. Pure; decides nothing about their meaning.

A day without a year is found, too (`year` None); day and month are never swapped by a guess: numbers with
strokes are day first, unless the same text holds one that can only be month first.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

import msgspec

from pipeline.extract.months import months


class Day(msgspec.Struct, frozen=True):
    """A day as written, from `start` to `end`; `year` None where none is written."""

    start: int
    end: int
    year: int | None
    month: int
    day: int

    def on(self, year: int) -> date | None:
        """The day in that year; None for 29 February in a common year."""
        try:
            return date(year, self.month, self.day)
        except ValueError:
            return None


class Window(msgspec.Struct, frozen=True):
    """Two days with "to" or a dash between them; both have a year, or neither."""

    first: Day
    last: Day

    @property
    def start(self) -> int:
        """Where it begins in the text."""
        return self.first.start

    @property
    def end(self) -> int:
        """Where it ends in the text."""
        return self.last.end


Mention = Day | Window

_YEAR = r"(?:19|20)\d\d"
_TO = (
    r"\s{0,2}(?:--?|[–—]|till och med|t\.o\.m\.|till|til og med|til|to|through|until|bis zum|bis|jusqu'au"
    r"|au|al|hasta el|fino al|"
    r"până la|până pe|la)\s{0,2}(?:den |the |el |il |le |dem )?"
)
_AND = r"\s{0,2}(?:and|och|og|und|et|y|e|și|ja)\s{0,2}(?:den |the |el |il |le |dem |al |l')?"
_BETWEEN = re.compile(
    r"(?:between|mellan|mellom|mellem|zwischen|entre|tra|între)(?: the| den| dem| le| el| il)?\s{0,2}$", re.I
)
_CLOCK = (
    r"(?:[,\s]{0,3}(?:kl\.?|klo|kello|klockan|um|at|à|a las|alle ore|ore|ora"
    r"|orele)?\s?\d{1,2}[.:h]\d\d(?: Uhr|\s?h)?)?"
)
_TO_ONLY = re.compile(_CLOCK + _TO, re.I)
_AND_ONLY = re.compile(_AND, re.I)
_WEEKDAY = r"(?:[A-Za-zäöåéíìș]{2,12}(?:day|dag|tai|tag|di|ana|s|o|ì|i|nă|ă)?,?\.? ){0,1}"
_HALF = re.compile(
    rf"(?<![\d.,:/])(?P<d>[0-3]?\d)(?:st|nd|rd|th|er|º|:e)?(?P<dot>\.?)(?:{_TO}|{_AND}){_WEEKDAY}$", re.I
)
_LIST_TAIL = re.compile(r"(?:(?<![\d.,:/])[0-3]?\d\.?,\s)+$")
_MEASURE = re.compile(
    r"(?:\b(?:SO|mål|målet|artikel|article|art|kap|nr|no|punkt|avsnitt|section|version|v)\.?\s?)$", re.I
)
_LONGEST_HALF = 40
LONGEST_STAY = 800
"""Days: a longer "window" is a programme period."""


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    names = "|".join(sorted((re.escape(name) for name in months()), key=len, reverse=True))
    return re.compile(
        rf"""
        (?<![\d.,/])(?<!\d-)(?P<iy>{_YEAR})[-/.](?P<im>\d\d?)[-/.](?P<id>\d\d?)(?![\d/]|\.\d)
        | (?<![\d.,/:])(?P<wd>[0-3]?\d)(?:st|nd|rd|th|er|º|ª|:e|:a|\ de)?\.?\s{{0,2}}(?:de\s|of\s|d')?
          (?P<wm>{names})(?!\w)\.?(?:,?\s{{0,2}}(?:de\s|del\s|di\s)?(?P<wy>{_YEAR})(?![\d.,]\d|\d))?
        | (?<!\w)(?P<mm>{names})\.?\s(?P<md>[0-3]?\d)(?:st|nd|rd|th)?
          (?![\d.:h]\d|\d|\s?[-–]\s?\d)(?:,?\s(?P<my>{_YEAR})(?!\d))?
        | (?<![\d.,/:])(?<![A-Za-z]-)(?P<nd>[0-3]?\d)(?P<sep>[./-])\s?(?P<nm>[0-3]?\d)(?P=sep)\s?
          (?P<ny>{_YEAR}|[1-4]\d(?![.:]))(?!\d|[/.]\d)
        | (?<![\d.,/:])(?P<xd>[0-3]?\d)\.(?P<xm>[01]?\d)\s(?P<xy>{_YEAR})(?!\d)
        | (?<![\d.,/:])(?P<sd>[0-3]?\d)\.(?P<sm>[01]?\d)(?:\.(?![\d])|(?=\s?[-–]\s?[0-3]?\d\.[01]?\d\.))
        """,
        re.IGNORECASE | re.VERBOSE,
    )


def find(text: str, *, month_first: bool = False) -> list[Mention]:
    """Days and windows in the order of the text. `month_first`: how numbers with strokes are read."""
    days = [day for match in _pattern().finditer(text) if (day := _day(text, match, month_first))]
    return _joined(text, days)


def strokes_month_first(text: str) -> bool:
    """True when some day with strokes can only be month first, and none only day first."""
    pairs = [(int(a), int(b)) for a, b in re.findall(rf"(?<!\d)(\d\d?)/(\d\d?)/{_YEAR}", text)]
    return any(b > 12 >= a for a, b in pairs) and not any(a > 12 for a, _ in pairs)


def _day(text: str, match: re.Match[str], month_first: bool) -> Day | None:
    part = match.groupdict()
    if part["iy"]:
        return _made(match, part["iy"], part["im"], part["id"])
    if part["wd"]:
        return _made(match, part["wy"], str(months()[part["wm"].lower()]), part["wd"])
    if part["mm"]:
        return _made(match, part["my"], str(months()[part["mm"].lower()]), part["md"])
    if part["nd"]:
        day, month = (part["nm"], part["nd"]) if month_first and part["sep"] == "/" else (part["nd"], part["nm"])
        return _made(
            match,
            part["ny"].rjust(4, "2").replace("22", "20", 1) if len(part["ny"]) == 2 else part["ny"],
            month,
            day,
        )
    if part["xd"]:
        return _made(match, part["xy"], part["xm"], part["xd"])
    if _MEASURE.search(text[max(0, match.start() - 12) : match.start()]):
        return None
    return _made(match, None, part["sm"], part["sd"])


def _made(match: re.Match[str], year: str | None, month: str, day: str) -> Day | None:
    made = Day(match.start(), match.end(), int(year) if year else None, int(month), int(day))
    try:
        real = date(made.year or 2024, made.month, made.day)
    except ValueError:
        return None
    return made if real.year >= 1990 and len(match.group()) < 60 else None


def _joined(text: str, days: list[Day]) -> list[Mention]:
    found: list[Mention] = []
    position = 0
    while position < len(days):
        day = days[position]
        after = days[position + 1] if position + 1 < len(days) else None
        if after and _linked(text, day, after) and (window := _window(day, after)):
            found.append(window)
            position += 2
            continue
        found.append(_with_half(text, day, found[-1].end if found else 0))
        position += 1
    return found


def _linked(text: str, first: Day, last: Day) -> bool:
    between = text[first.end : last.start]
    if len(between) > _LONGEST_HALF:
        return False
    between = re.sub(rf"{_WEEKDAY}$", "", between) if between[-1:] == " " and between.count(" ") > 2 else between
    if _TO_ONLY.fullmatch(between):
        return True
    return bool(_AND_ONLY.fullmatch(between) and _BETWEEN.search(text[max(0, first.start - 24) : first.start]))


def _window(first: Day, last: Day) -> Window | None:
    """The two with the year of one given to the other; None when they are not in order, or too far apart."""
    if first.year is None and last.year is not None:
        earlier = (first.month, first.day) <= (last.month, last.day)
        first = msgspec.structs.replace(first, year=last.year - (not earlier))
    elif last.year is None and first.year is not None:
        later = (first.month, first.day) <= (last.month, last.day)
        last = msgspec.structs.replace(last, year=first.year + (not later))
    if first.year is None or last.year is None:
        return Window(first, last)
    start, end = first.on(first.year), last.on(last.year)
    return Window(first, last) if start and end and 0 <= (end - start).days <= LONGEST_STAY else None


def _with_half(text: str, day: Day, least: int) -> Mention:
    """`day`, or the window that begins with a bare number in front of it: "1-15 september", "2 och 3 oktober"."""
    low = max(least, day.start - _LONGEST_HALF)
    match = _HALF.search(text[low : day.start])
    if not match or not 1 <= int(match["d"]) < day.day:
        return day
    start = low + match.start()
    if tail := _LIST_TAIL.search(text[low:start]):
        start = low + tail.start()
    first = Day(start, low + match.end("d"), day.year, day.month, int(match["d"]))
    return Window(first, day)
