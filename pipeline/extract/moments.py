"""From days with roles to deadlines and openings with hour, zone and year. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import msgspec

from pipeline.extract import clock, years
from pipeline.extract.dates import Day, Window
from pipeline.extract.facts import SEPARATOR, Moment
from pipeline.extract.role_names import DEADLINE, EXTENDED, OPENING, PUBLISHED, WINDOW, Dated
from pipeline.extract.roles import soft
from pipeline.extract.sentences import Sentence

_ROLLING = re.compile(
    r"\b(?:at any ?time|rolling basis|never closes|open continuously|no (?:closing date|deadline)"
    r"|när som helst|löpande|jatkuva haku|jatkuvasti|"
    r"løpende|når som helst|laufend|jederzeit|à tout moment|au fil de l'eau|en continu"
    r"|en cualquier momento|in qualsiasi momento|a sportello|în orice moment)\b",
    re.I,
)
_SHORT_LINE = 40


class Moments(msgspec.Struct, frozen=True):
    """The deadlines and openings of a text, those with a written year first, each with the words it rests on."""

    deadlines: tuple[Moment, ...]
    openings: tuple[Moment, ...]
    quotes: tuple[str, str]


class _One(msgspec.Struct, frozen=True):
    """A day with all that is around it."""

    dated: Dated
    day: Day
    quote: str


def read(text: str, found: Sequence[Dated], published: date | None, home: str) -> Moments:
    """Deadlines and openings among `found`. `home`: the zone where the text names none."""
    if _ROLLING.search(text):
        found = [dated for dated in found if dated.role in (DEADLINE, OPENING) and not soft(dated)]
    published = published or _page_date(found)
    stated = [day for dated in found for end in _ends(dated.mention) if (day := _stated(end))]
    ends = [_one(text, dated, last=True) for dated in found if dated.role in (DEADLINE, WINDOW, EXTENDED)]
    starts = [_one(text, dated, last=False) for dated in found if dated.role in (OPENING, WINDOW)]
    deadlines = [
        (moment, one.quote)
        for one in ends
        if (on := _stated(one.day) or years.deadline(one.day, published, stated, past=one.dated.past))
        and (moment := _moment(text, one, on, home, time(17)))
    ]
    known = [moment.at.date() for moment, _ in deadlines]
    openings = [
        (moment, one.quote)
        for one in starts
        if (on := _stated(one.day) or years.opening(one.day, published, stated, known, past=one.dated.past))
        and (moment := _moment(text, one, on, home, time()))
    ]
    return _sorted(deadlines, openings)


def _sorted(deadlines: list[tuple[Moment, str]], openings: list[tuple[Moment, str]]) -> Moments:
    last, first = _distinct(deadlines), _distinct(openings)
    quotes = (SEPARATOR.join(dict.fromkeys(quote for _, quote in last)), first[0][1] if first else "")
    return Moments(tuple(moment for moment, _ in last), tuple(moment for moment, _ in first), quotes)


def _distinct(pairs: list[tuple[Moment, str]]) -> list[tuple[Moment, str]]:
    """One for each day, the one with an hour if there is one; written years first."""
    by_day: dict[date, tuple[Moment, str]] = {}
    for moment, quote in pairs:
        known = by_day.get(moment.at.date())
        if known is None:
            by_day[moment.at.date()] = moment, quote
        elif known[0].precision == "date" and moment.precision == "exact":
            inferred = known[0].inferred and moment.inferred
            by_day[moment.at.date()] = msgspec.structs.replace(moment, inferred=inferred), quote
    return sorted(by_day.values(), key=lambda pair: pair[0].inferred)


def _page_date(found: Sequence[Dated]) -> date | None:
    days = [
        day for dated in found if dated.role == PUBLISHED for end in _ends(dated.mention) if (day := _stated(end))
    ]
    return days[0] if len(set(days)) == 1 else None


def _ends(mention: Day | Window) -> tuple[Day, ...]:
    return (mention.first, mention.last) if isinstance(mention, Window) else (mention,)


def _stated(day: Day) -> date | None:
    return day.on(day.year) if day.year else None


def _one(text: str, dated: Dated, *, last: bool) -> _One:
    mention = dated.mention
    day = mention if isinstance(mention, Day) else (mention.last if last else mention.first)
    return _One(dated, day, dated.sentence.text.strip())


def _moment(text: str, one: _One, on: date, home: str, filled: time) -> Moment | None:
    dated, sentence = one.dated, one.dated.sentence
    end = dated.mention.end
    low = (
        dated.mention.first.end
        if isinstance(dated.mention, Window) and one.day is dated.mention.last
        else dated.low
    )
    high = (
        dated.mention.last.start
        if isinstance(dated.mention, Window) and one.day is dated.mention.first
        else dated.high
    )
    hour = clock.beside(sentence.text, one.day.start, one.day.end, low, high)
    zone = clock.zone(sentence.text[dated.low : dated.high])
    if hour and not zone:
        zone = clock.zone(_next_line(text, sentence))
    raw = sentence.text[dated.mention.start : max(end, hour[1] if hour and hour[1] > end else end)].strip()
    exact = hour is not None and zone != clock.UNKNOWN
    name = zone if zone and zone != clock.UNKNOWN else home
    at = datetime.combine(on, hour[0] if exact and hour else filled, ZoneInfo(name))
    return Moment(at, "exact" if exact else "date", name, one.day.year is None, raw)


def _next_line(text: str, sentence: Sentence) -> str:
    line = text[sentence.end : sentence.end + 200].lstrip("\n").partition("\n")[0]
    return line if len(line) <= _SHORT_LINE else ""
