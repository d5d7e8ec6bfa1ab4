"""How two calls belong together, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pipeline.source import Portal


class LinkKind(StrEnum):
    """`same`: one call that two portals show. `news`: an announcement speaks of a call. `part_of`: a call of its
    own below another one, such as a cascade call below the topic whose project pays."""

    SAME = "same"
    NEWS = "news"
    PART_OF = "part_of"


class LinkState(StrEnum):
    """A link stands, or is proposed to a person. What a person rejected or undid is never found again."""

    LINKED = "linked"
    PROPOSED = "proposed"
    REJECTED = "rejected"
    UNDONE = "undone"


class CallLink(msgspec.Struct, frozen=True, kw_only=True):
    """Two calls by id. Of `news`, `call_id` is the announcement; of `part_of`, the part; of `same`, the first in
    order of the alphabet. `rule` found it, `evidence` are the words or the address it rests on."""

    call_id: str
    other_id: str
    kind: LinkKind
    rule: str
    evidence: str
    state: LinkState = LinkState.LINKED

    @property
    def pair(self) -> frozenset[str]:
        """Both calls; there is one link between two calls, whichever way it is read."""
        return frozenset((self.call_id, self.other_id))


class KeptLink(CallLink, frozen=True, kw_only=True):
    """A link as the store knows it: its number, since when it has its state, and by whom (`rule`, `operator`)."""

    id: int
    at: datetime
    by: str


class Row(msgspec.Struct, frozen=True, gc=False):
    """One name of a call as the store keeps it. `role`: own, below, named (see `linking.names`), or day: `key` is
    then a deadline's day, and `words` the folded titles, one a line, and the acronym of the project."""

    call_id: str
    role: str
    key: str
    words: str = ""

    @property
    def portal(self) -> str:
        """The portal of the call."""
        return self.call_id.partition(":")[0]


class Place(msgspec.Struct, frozen=True):
    """A portal as far as links need it. Of several portals that show a call, the one with the lowest rank (1 to 9)
    is believed. `url` is the page of the whole portal."""

    name: str
    title: str
    rank: int = 5
    url: str = ""


Places = Mapping[str, Place]
"""Portal's name -> place."""


def places_of(portals: Iterable[Portal]) -> dict[str, Place]:
    """The portals of the configuration as places."""
    return {p.name: Place(p.name, p.title, p.rank, p.url) for p in portals}


def place(places: Places, portal: str) -> Place:
    """The place of a portal; one that is no longer configured has its name and the usual rank."""
    return places.get(portal) or Place(portal, portal)
