"""What calendars and feeds say of a call in a few lines: the same words as the messages, and never the time of day
at which they are read, so that an unchanged call stays unchanged. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from alerts import hours, telling
from alerts.message import Item
from alerts.wording import STAR, Wording
from pipeline.models import Precision
from pipeline.text import clean


def title(item: Item, limit: int) -> str:
    """The call's title, or its identifier where the portal gives none."""
    return clean(item.title, limit) or clean(item.identifier, limit)


def lines(item: Item, words: Wording) -> Iterator[str]:
    """Deadlines, budget, why, the identifier, and what the source is worth; one line each."""
    for shown in item.deadlines:
        deadline = shown.deadline
        star = STAR if deadline.precision is Precision.DATE else ""
        name = words.stage(clean(deadline.stage, 60))
        moment = words.moment(deadline.at, star=star)
        yield f"{words.t('Deadline')}: " + (f"{name}: {moment}" if name else moment)
    for remark in item.remarks:
        yield f"{words.t('Note')}: {clean(remark, 300)}"
    budget = telling.money(item.budget, words)
    if budget:
        yield f"{words.t('Budget')}: {budget}"
    why = "; ".join(filter(None, telling.reasons(item, words)))
    if why:
        yield f"{words.t('Why you')}: {why}"
    if item.identifier:
        yield clean(item.identifier, 100)
    if doubt := telling.doubt(item, words):
        yield doubt
    yield from hours.notes((shown.deadline for shown in item.deadlines), words)
