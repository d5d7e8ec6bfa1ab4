"""The call that a list of planned calls announces (see article49), with what is known of it so far. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from pipeline.models import Budget, Call, Deadline, Kind, Precision, Status
from pipeline.normalise import Programmes, article49
from pipeline.normalise.call_names import label
from pipeline.normalise.pages import Page, next_opening
from pipeline.normalise.shared import Notes, distinct
from pipeline.text import clean, safe_url

Row = Mapping[str, str]


class House(msgspec.Struct, frozen=True):
    """What holds for all calls of a programme: language, zone, the hour at which they close, currency."""

    name: str
    language: str
    zone: ZoneInfo
    hour: time
    currency: str = ""

    def deadline(self, day: date, hour: time | None, stage: str = "single") -> Deadline:
        """That day and hour; the hour at which all its calls close where none is written."""
        at = article49.at(day, hour, self.zone, self.hour)
        if hour:
            return Deadline(at, stage, Precision.EXACT)
        return Deadline(at, stage, Precision.DATE, self.rule)

    @property
    def rule(self) -> str:
        """How the hour of a deadline is filled in."""
        return f"{self.hour:%H:%M} {self.zone}, no hour stated"


def planned_call(
    page: Page, notes: Notes, house: House, *, portal: str, codes: Programmes, seen: datetime
) -> Call | None:
    """The call of an entry of `spiders.base.article49_file`; None without rows. `seen`: when it was fetched."""
    rows = article49.rows_of(page.fields.get("rows", ""))
    if not rows:
        notes.add("rows", "missing; there is no call without one")
        return None
    abbreviation, name = codes.get(portal, ("", ""))
    windows = list(dict.fromkeys(article49.window(row) for row in rows))
    opens_at, deadlines = _dates(windows, house, seen)
    undated = opens_at is None and not deadlines
    called = label(notes.reference)
    return Call(
        portal=portal,
        reference=notes.reference,
        identifier=f"{house.name} {called}" if called else "",
        kind=Kind.TOPIC,
        title=clean(page.fields.get("title", ""), 500) or article49.title(rows),
        language=house.language,
        url=safe_url(page.url),
        programme=abbreviation,
        programme_name=name,
        portal_status=Status.FORTHCOMING.value if undated else "",
        opens_at=opens_at,
        deadlines=deadlines,
        deadline_model="multiple cut-off" if len(deadlines) > 1 else "",
        budget=budget(rows, house, notes),
        text=article49.texts(rows),
        applicants=clean(" · ".join(distinct(article49.cell(row, "applicants") for row in rows)), 300),
        sources=(notes.reference,),
    )


def budget(rows: Sequence[Row], house: House, notes: Notes) -> Budget | None:
    """The support for all rows together; an amount that all of them repeat is that of the call."""
    found = [article49.amount(row, house.language, house.currency) for row in rows]
    money = [one for one in found if one]
    if any(article49.cell(row, "amount") and one is None for row, one in zip(rows, found, strict=True)):
        notes.add("budget", "an amount was not understood, or has no currency; it was left out")
    if not money:
        return None
    if len({one.currency for one in money}) > 1:
        notes.add("budget", "amounts in different currencies; they were left out")
        return None
    amounts = [one.amount for one in money]
    if len(amounts) > 1 and len(set(amounts)) == 1:
        notes.add("budget", f"{len(amounts)} rows with the same amount; it was counted once")
        amounts = amounts[:1]
    return Budget(money[0].currency, sum(amounts, Decimal()))


def _dates(
    windows: Sequence[article49.Window], house: House, seen: datetime
) -> tuple[datetime | None, tuple[Deadline, ...]]:
    """When it opens next, and every day on which it closes."""
    last = {(window.last, window.closes): None for window in windows if window.last}
    stages = ["single"] if len(last) == 1 else [f"cut-off {number}" for number in range(1, len(last) + 1)]
    deadlines = sorted((house.deadline(day, hour) for day, hour in last if day), key=lambda one: one.at)
    opens = [article49.at(window.first, window.opens, house.zone, time.min) for window in windows if window.first]
    return (
        next_opening(opens, deadlines, seen),
        tuple(msgspec.structs.replace(one, stage=stage) for one, stage in zip(deadlines, stages, strict=True)),
    )
