"""Other pages about a call in words: where else it stands, and what they say otherwise. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from alerts import telling
from alerts.message import Conflict, Item, Relation
from alerts.wording import STAR, Wording
from pipeline.models import Precision
from pipeline.text import clean, safe_url

RELATIONS = {Relation.SAME: "Also at", Relation.NEWS: "In the news", Relation.PART_OF: "Part of"}
MOST = 6
"""How many pages of a kind, and conflicts, are shown of one call."""


class Sources(NamedTuple):
    """Other pages about a call: what they are to it, and name and address of each."""

    label: str
    pages: tuple[tuple[str, str], ...]
    more: str = ""


def pages(item: Item, words: Wording) -> Iterator[Sources]:
    """Other pages about the call, by what they are to it."""
    for relation, label in RELATIONS.items():
        found = [source for source in item.sources if source.relation is relation]
        shown = tuple((clean(source.name, 80), safe_url(source.url)) for source in found[:MOST])
        more = words.t("and {count} more", count=len(found) - MOST) if len(found) > MOST else ""
        if shown:
            yield Sources(words.t(label), shown, more)


def conflicts(item: Item, words: Wording) -> Iterator[str]:
    """What other portals say otherwise, in one line; nothing where all agree."""
    if item.conflicts:
        yield "; ".join(_conflict(conflict, words) for conflict in item.conflicts[:MOST])


def _conflict(conflict: Conflict, words: Wording) -> str:
    """ "ECCP says 12 March 2027 at 17:00 (Brussels)"."""
    if conflict.deadline is not None:
        star = STAR if conflict.deadline.precision is Precision.DATE else ""
        said = words.moment(conflict.deadline.at, star=star)
    else:
        said = telling.money(conflict.budget, words) or words.t("not stated")
    return words.t("{source} says {value}", source=clean(conflict.name, 80), value=said)
