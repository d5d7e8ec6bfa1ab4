"""Whether two calls belong together, and by which rule. Pure; the order of the two does not matter.

What rests on a name that stands in a firm place is a link. What rests on likeness, on one of several names, or on
a name in running text while the deadlines differ, is a proposal: a person decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from pipeline.linking import titles
from pipeline.linking.names import Clue, Names, Where, canonical, kind_of, names
from pipeline.links import CallLink, LinkKind, LinkState, Places
from pipeline.models import Call, Kind

RULES = {
    "id": "identifier",
    "cascade": "cascade number",
    "dnr": "register number",
    "tillvaxtverket": "page number",
    "euroaccess": "page number",
    "page": "page",
}
OWN = frozenset({"id", "cascade"})
"""Kinds of names of which a call has one: two calls with different ones are two."""
ANNOUNCED, CASCADE, TENDER = Kind.ANNOUNCEMENT, Kind.CASCADE, Kind.TENDER
SHORTEST_PROJECT = 4
"""Characters of an acronym that is no everyday word."""


class Card(msgspec.Struct, frozen=True, gc=False):
    """A call with its names."""

    call: Call
    names: Names


class _Hit(msgspec.Struct, frozen=True):
    """`namer` mentions, or bears, a key of `target`; `below`: that of what `target` is a part of."""

    key: str
    clue: Clue
    namer: Card
    target: Card
    below: bool = False

    @property
    def is_sole(self) -> bool:
        """Whether it is the only name of its kind in that place; in running text, in the whole call."""
        kind, named = kind_of(self.key), self.namer.names.named
        others = [k for k, c in named.items() if kind_of(k) == kind and self.clue.where in (c.where, Where.TEXT)]
        return len(others) <= 1


def card(call: Call, places: Places) -> Card:
    """Looked through once, and compared with many."""
    return Card(call, names(call, places))


def judge(one: Card, other: Card, now: datetime) -> CallLink | None:
    """The link between two calls, linked or proposed; None: they have nothing to do with each other at `now`."""
    a, b = sorted((one, other), key=lambda each: each.call.id)
    if a.call.portal == b.call.portal:
        return _parent(a, b) or _parent(b, a)
    kinds = {a.call.kind, b.call.kind}
    if kinds == {ANNOUNCED} or (TENDER in kinds and len(kinds) > 1 and ANNOUNCED not in kinds):
        return None
    hits = sorted(_hits(a, b), key=lambda h: (h.below, h.clue.where, h.key))
    if ANNOUNCED in kinds:
        return _news(a, b, hits) or _alike(a, b, now)
    return _below(hits) or _same(a, b, hits) or _alike(a, b, now)


def _parent(part: Card, whole: Card) -> CallLink | None:
    """A cascade call and the topic of its own portal whose identifier it bears."""
    key = f"id:{canonical(part.call.parent)}"
    if part.call.kind is not CASCADE or whole.call.kind is CASCADE or key not in whole.names.own:
        return None
    return _link(part, whole, LinkKind.PART_OF, "parent", part.call.parent)


def _hits(a: Card, b: Card) -> Iterator[_Hit]:
    for namer, target in ((a, b), (b, a)):
        mentioned = {**namer.names.named, **namer.names.own}
        for key in sorted(mentioned.keys() & target.names.own.keys()):
            yield _Hit(key, mentioned[key], namer, target)
        for key in sorted(mentioned.keys() & target.names.below.keys()):
            yield _Hit(key, mentioned[key], namer, target, below=True)


def _news(a: Card, b: Card, hits: list[_Hit]) -> CallLink | None:
    """An announcement names a call or the whole of which it is a part, or the call's page leads to it."""
    news, told = (a, b) if a.call.kind is ANNOUNCED else (b, a)
    if not hits:
        return None
    rule = "call above" if hits[0].below else RULES[kind_of(hits[0].key)]
    return _link(news, told, LinkKind.NEWS, rule, str(hits[0].clue))


def _below(hits: list[_Hit]) -> CallLink | None:
    """One is a part of the other: a cascade call of the topic it names; a topic of the call that the other is."""
    for hit in hits:
        namer, target = hit.namer, hit.target
        cascade = namer.call.kind is CASCADE and target.call.kind is not CASCADE
        bears = hit.key in namer.names.own
        if (hit.below and (bears or cascade or hit.clue.where is not Where.TEXT)) or (
            cascade and kind_of(hit.key) == "id"
        ):
            part, whole = (target, namer) if hit.below and bears else (namer, target)
            rule = "call above" if hit.below else "parent"
            return None if _has_better(hit, hits) else _link(part, whole, LinkKind.PART_OF, rule, str(hit.clue))
    return None


def _has_better(hit: _Hit, hits: list[_Hit]) -> bool:
    """Whether the two are known by another name to be one."""
    return any(not other.below and kind_of(other.key) != "id" for other in hits if other is not hit)


def _same(a: Card, b: Card, hits: list[_Hit]) -> CallLink | None:
    if differ(a.names, b.names):
        return None
    for hit in hits:
        if not hit.below and not _is_parents(hit):
            state = LinkState.LINKED if _is_firm(hit) else LinkState.PROPOSED
            return _link(a, b, LinkKind.SAME, RULES[kind_of(hit.key)], str(hit.clue), state)
    return None


def _is_parents(hit: _Hit) -> bool:
    return kind_of(hit.key) == "id" and hit.namer.call.kind is CASCADE


def _is_firm(hit: _Hit) -> bool:
    if hit.key in hit.namer.names.own:
        return True
    if not hit.is_sole:
        return False
    same_day = titles.near(titles.days(hit.namer.call), titles.days(hit.target.call)) is not None
    return same_day or (hit.clue.where is not Where.TEXT)


def differ(some: Names, others: Names) -> bool:
    """Whether each has a name of its own of one kind, and not the same."""
    return any(some.of(kind) and others.of(kind) and not some.of(kind) & others.of(kind) for kind in OWN)


def _alike(a: Card, b: Card, now: datetime) -> CallLink | None:
    """Called alike, or named after the project, and the deadline on the same day or the next: a proposal."""
    first, second = a.call, b.call
    cascades = [each for each in (first, second) if each.kind is CASCADE]
    if not (first.is_live(now) and second.is_live(now)) or len(cascades) == 1 or differ(a.names, b.names):
        return None
    if first.programme and second.programme and first.programme != second.programme:
        return None
    day = titles.near(titles.days(first), titles.days(second))
    if day is None:
        return None
    found = titles.likeness(titles.titles(first), titles.titles(second))
    project = next((p for p in _projects(first, second)), "")
    if found < titles.ALIKE and not project:
        return None
    rule = "title and deadline" if found >= titles.ALIKE else "project and deadline"
    words = f"{first.title} | {second.title}" if found >= titles.ALIKE else project
    if second.kind is ANNOUNCED:
        a, b = b, a
    kind = LinkKind.NEWS if a.call.kind is ANNOUNCED else LinkKind.SAME
    return _link(a, b, kind, rule, f"{words}; {day}", LinkState.PROPOSED)


def _projects(first: Call, second: Call) -> Iterator[str]:
    """Acronyms of projects that stand in the other's title."""
    for one, other in ((first, second), (second, first)):
        words = set(" ".join(titles.titles(other)).split())
        acronym = one.project.strip()
        if len(acronym) >= SHORTEST_PROJECT and acronym.casefold() in words:
            yield acronym


def _link(
    call: Card, other: Card, kind: LinkKind, rule: str, evidence: str, state: LinkState = LinkState.LINKED
) -> CallLink:
    return CallLink(
        call_id=call.call.id, other_id=other.call.id, kind=kind, rule=rule, evidence=evidence[:500], state=state
    )
