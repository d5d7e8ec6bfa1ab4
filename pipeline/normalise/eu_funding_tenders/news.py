"""The portal's "latest information" of a call: extensions, corrigenda, results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from pipeline import dates
from pipeline.models import News
from pipeline.normalise.eu_funding_tenders.row import Row
from pipeline.normalise.shared import Notes, first_of, gist, mappings, quoted
from pipeline.text import html_to_text

MOST_NEWS = 100
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def latest(row: Row, news_rows: Sequence[Row], notes: Notes) -> tuple[News, ...]:
    """Newest first; an item that stands both in the call's row and in a row of its own appears once."""
    newest: dict[str, News] = {}
    for item in (*_within(row, notes), *_rows(news_rows, notes)):
        key = gist(item.text)
        if key and (key not in newest or _when(item) > _when(newest[key])):
            newest[key] = item
    return tuple(sorted(newest.values(), key=_when, reverse=True))[:MOST_NEWS]


def _within(row: Row, notes: Notes) -> Iterable[News]:
    """`latestInfos` of the new generation, `callUpdates` of the old; the hours are Brussels clock readings."""
    for field in ("latestInfos", "callUpdates"):
        for entry in mappings(row.tree(field, notes)):
            stated = first_of(entry, "lastChangeDate", "approvalDate")
            stamp = _stamp(stated, field, notes)
            yield News(html_to_text(first_of(entry, "content")), _written_at(stamp))


def _rows(news_rows: Iterable[Row], notes: Notes) -> Iterable[News]:
    for row in news_rows:
        stamp = _stamp(row.one("startDate"), "news.startDate", notes)
        yield News(html_to_text(row.one("description")), dates.instant(stamp) if stamp else None)


def _written_at(stamp: dates.Stamp | None) -> datetime | None:
    if stamp is None:
        return None
    return dates.wall_clock(stamp) if stamp.offset is None else dates.instant(stamp)


def _stamp(value: str, field: str, notes: Notes) -> dates.Stamp | None:
    stamp = dates.parse(value)
    if value and stamp is None:
        notes.add(field, f"date not understood: {quoted(value)}")
    return stamp


def _when(item: News) -> datetime:
    return item.at or _NEVER
