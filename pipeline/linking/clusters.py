"""What links make of calls: which one speaks for the others, and which are shown beside it. Pure.

Two calls of one portal are never one: where links would make them so, somebody has named too much, and nothing is
folded there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from pipeline.links import CallLink, LinkKind, Places, place
from pipeline.models import Kind
from pipeline.outbox import StoredCall


class Clusters(msgspec.Struct, frozen=True):
    """All by id of a call. `speaker` is the call that is told in place of this one; an announcement has the calls
    it speaks of in `news_of`. `beside` are the others that are the same call, `news` the announcements of it,
    `wholes` what it is a part of, `parts` what is part of it. `kin` are all calls that are the same, itself
    included, whether one speaks for them or not."""

    speaker: dict[str, str] = {}
    news_of: dict[str, tuple[str, ...]] = {}
    beside: dict[str, tuple[str, ...]] = {}
    news: dict[str, tuple[str, ...]] = {}
    wholes: dict[str, tuple[str, ...]] = {}
    parts: dict[str, tuple[str, ...]] = {}
    kin: dict[str, tuple[str, ...]] = {}


def clusters(links: Iterable[CallLink], calls: Mapping[str, StoredCall], places: Places) -> Clusters:
    """From the links that stand. Links to calls that are not among `calls` count for nothing."""
    standing = [link for link in links if link.pair <= calls.keys()]
    by_kind = {kind: sorted(_ends(standing, kind)) for kind in LinkKind}
    found = Clusters({}, {}, {}, {}, {}, {}, {})
    for group in _groups(by_kind[LinkKind.SAME]):
        _fold(group, by_kind[LinkKind.SAME], calls, places, found)
    spoken: dict[str, set[str]] = {}
    for announcement, call_id in by_kind[LinkKind.NEWS]:
        spoken.setdefault(announcement, set()).add(found.speaker.get(call_id, call_id))
    for announcement, about in sorted(spoken.items()):
        found.news_of[announcement] = tuple(sorted(about))
        for call_id in sorted(about):
            found.news[call_id] = (*found.news.get(call_id, ()), announcement)
    for part, whole in by_kind[LinkKind.PART_OF]:
        found.wholes[part] = (*found.wholes.get(part, ()), whole)
        found.parts[whole] = (*found.parts.get(whole, ()), part)
    return found


def rank(stored: StoredCall, places: Places) -> tuple[bool, int, str]:
    """The call with the lowest one is believed: announcements come last."""
    call = stored.call
    return call.kind is Kind.ANNOUNCEMENT, place(places, call.portal).rank, call.id


def _ends(links: Iterable[CallLink], kind: LinkKind) -> Iterator[tuple[str, str]]:
    return ((link.call_id, link.other_id) for link in links if link.kind is kind)


def _groups(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Calls that hang together, each once."""
    group_of: dict[str, list[str]] = {}
    for one, other in pairs:
        mine, theirs = group_of.setdefault(one, [one]), group_of.setdefault(other, [other])
        if mine is not theirs:
            mine += theirs
            group_of.update(dict.fromkeys(theirs, mine))
    return [group for call_id, group in group_of.items() if group[0] == call_id]


def _fold(
    group: list[str],
    pairs: Iterable[tuple[str, str]],
    calls: Mapping[str, StoredCall],
    places: Places,
    found: Clusters,
) -> None:
    """Choose who speaks: the best that its portal still lists. A better one that is gone has its own say."""
    ordered = sorted(group, key=lambda call_id: rank(calls[call_id], places))
    found.kin.update(dict.fromkeys(ordered, tuple(ordered)))
    if len({calls[call_id].call.portal for call_id in ordered}) < len(ordered):
        for one, other in pairs:
            if one in group:
                found.beside[one] = (*found.beside.get(one, ()), other)
                found.beside[other] = (*found.beside.get(other, ()), one)
        return
    listed = [call_id for call_id in ordered if calls[call_id].gone_since is None]
    speaker = (listed or ordered)[0]
    found.speaker.update(dict.fromkeys(ordered[ordered.index(speaker) + 1 :], speaker))
    for call_id in ordered:
        found.beside[call_id] = tuple(other for other in ordered if other != call_id)
