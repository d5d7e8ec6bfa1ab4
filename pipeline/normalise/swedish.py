"""Steps that Swedish funders share: days in Stockholm, and a title that is translated only where it is."""

from __future__ import annotations

import re
from datetime import datetime, time

from pipeline import dates
from pipeline.models import Deadline, Precision
from pipeline.normalise.shared import Notes, gist, quoted, scalar
from pipeline.text import clean, html_to_text, safe_url

LONGEST_TITLE = 500
MONTHS = (
    *("januari", "februari", "mars", "april", "maj", "juni"),
    *("juli", "augusti", "september", "oktober", "november", "december"),
)
_DAY_IN_WORDS = re.compile(rf"(\d{{1,2}})\s+({'|'.join(MONTHS)})\s+(20\d\d)\b", re.IGNORECASE)
_NO_TRANSLATION = frozenset({"", "x", "xx"})


def opening(value: object, field: str, notes: Notes) -> datetime | None:
    """When submission opens; a day alone begins at midnight in Stockholm. What cannot be read is an Issue."""
    stamp = _local(value, field, notes)
    return dates.from_stockholm(stamp.clock) if stamp else None


def deadline(value: object, stage: str, field: str, notes: Notes) -> Deadline | None:
    """A local clock reading, exact; without an hour, or at midnight, it is a day of which the end is taken."""
    stamp = _local(value, field, notes)
    if stamp is None:
        return None
    if not stamp.timed or stamp.clock.time() == time.min:
        at = dates.end_of_day_stockholm(stamp.clock.date())
        return Deadline(at, stage, Precision.DATE, dates.RULE_DAY_STOCKHOLM)
    return Deadline(dates.from_stockholm(stamp.clock), stage, Precision.EXACT)


def to_the_end_of_the_day(stated: Deadline) -> Deadline:
    """A deadline of which only the day is stated ends with that day in Stockholm; others stay."""
    if stated.precision is Precision.EXACT:
        return stated
    at = dates.end_of_day_stockholm(stated.at.astimezone(dates.STOCKHOLM).date())
    return Deadline(at, stated.stage, Precision.DATE, dates.RULE_DAY_STOCKHOLM)


def english(value: object, original: str) -> str:
    """The English of a text; empty where it is only a placeholder or the Swedish again."""
    text = scalar(value)
    return "" if text.casefold() in _NO_TRANSLATION or gist(text) == gist(original) else text


def title(value: object) -> str:
    """One line."""
    return clean(scalar(value), LONGEST_TITLE)


def prose(*parts: object) -> str:
    """Texts below each other as plain text, none of them twice, and none that only says `x`."""
    lines: dict[str, str] = {}
    for part in parts:
        text = html_to_text(scalar(part))
        if text.casefold() not in _NO_TRANSLATION:
            lines.setdefault(gist(text), text)
    return "\n".join(lines.values())


def address(value: object, field: str, notes: Notes) -> str:
    """A web address; one with its scheme written twice is mended, anything else that is none is an Issue."""
    written = clean(scalar(value))
    _, twice, inner = written.partition("://http")
    if twice and inner.startswith(("://", "s://")):
        notes.add(field, f"the scheme stands twice in {quoted(written)}; the second one was taken")
        written = f"http{inner}"
    url = safe_url(written)
    if not url:
        notes.add(field, f"no web address: {quoted(written)}" if written else "an empty web address")
    return url


def day_in_words(text: str) -> datetime | None:
    """`17 februari 2026` at the beginning of a text, as a clock reading at midnight; None for anything else."""
    match = _DAY_IN_WORDS.match(text.strip())
    if match is None:
        return None
    try:
        return datetime(int(match[3]), MONTHS.index(match[2].casefold()) + 1, int(match[1]))  # noqa: DTZ001 - no zone
    except ValueError:
        return None


def _local(value: object, field: str, notes: Notes) -> dates.Stamp | None:
    """A clock reading without zone; with one, or in another shape, it is an Issue and not used."""
    if value is None or value == "":
        return None
    stamp = dates.parse(value) if isinstance(value, str) else None
    if stamp is None or stamp.offset is not None:
        notes.add(field, f"date not understood: {quoted(value)}")
        return None
    return stamp
