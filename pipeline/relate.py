"""Finds the links of calls that are new or have changed, with the store: names are read, met with those of all
calls, and what meets is judged.

A harvest hands over what it has just stored, and at its end whatever is left is looked for. What was read of a
call is on record with its version, so that a run which died is made up by the next one, and the first use reads
everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import msgspec

from pipeline import linking
from pipeline.errors import Busy
from pipeline.linking import CallLink, Card, LinkKind, LinkState, Places, happenings
from pipeline.models import Event
from pipeline.outbox import StoredCall
from pipeline.store import Connection, Store, events, feeds, links, locks

CHUNK = 500
"""Calls read, and linked, in one transaction."""
WAIT = 60.0
"""Seconds to wait for another run that links; two at once would not see each other's calls."""


class Related(msgspec.Struct):
    """How many calls were looked at, pairs judged, links made and proposed."""

    looked_at: int = 0
    judged: int = 0
    linked: int = 0
    proposed: int = 0


def relate(
    store: Store,
    places: Places,
    now: datetime,
    *,
    afresh: bool = False,
    advance: Callable[[int, int, str], None] = lambda done, total, what: None,
) -> Related:
    """Link what is new since the last time; `afresh`: look at every call again. Raises Busy while another process
    is at it."""
    done = Related()
    with locks.hold(store.engine, "links", wait=WAIT):
        if afresh:
            with store.begin() as conn:
                links.forget(conn)
        last = ""
        while True:
            with store.read() as conn:
                versions = links.unread(conn, CHUNK, after=last)
            if not versions:
                return done
            last = next(reversed(versions))
            with store.begin() as conn:
                _read(conn, feeds.by_id(conn, versions), places, now, done)
            advance(done.looked_at, 0, "links: calls")


class Linker:
    """Links the calls of a harvest while they are at hand, so that nothing of them is read again. What another
    process, linking for long, keeps it from is left to `relate`."""

    def __init__(self, store: Store, places: Places, clock: Callable[[], datetime]) -> None:
        self._store, self._places, self._clock = store, places, clock
        self._fresh: dict[str, StoredCall] = {}
        self._is_kept_out = False

    def take(self, stored: Mapping[str, StoredCall]) -> None:
        """More calls by id, as they are in the store; they are linked some hundred at a time."""
        if not self._is_kept_out:
            self._fresh |= stored
        if len(self._fresh) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Link what was taken since the last time."""
        fresh, self._fresh = self._fresh, {}
        if fresh:
            try:
                with locks.hold(self._store.engine, "links", wait=WAIT), self._store.begin() as conn:
                    _read(conn, fresh, self._places, self._clock(), Related())
            except Busy:  # waited for once, not with every hundred
                self._is_kept_out = True


def _read(conn: Connection, stored: dict[str, StoredCall], places: Places, now: datetime, done: Related) -> None:
    versions = {call_id: each.version for call_id, each in stored.items()}
    cards = {call_id: linking.card(each.call, places) for call_id, each in stored.items()}
    fresh = [row for card in cards.values() for row in linking.rows(card)]
    links.read(conn, versions, fresh)
    portals = {row.portal for row in fresh}
    others = links.named(conn, linking.needed(fresh), within=portals.pop() if len(portals) == 1 else "")
    pairs = linking.Index(others).partners(fresh)
    found = _judged(conn, pairs, stored, cards, places, now)
    standing = links.save(conn, found, now)
    events.add(conn, also_events(standing, stored, places, now), run_id="")
    done.looked_at += len(versions)
    done.judged += len(pairs)
    done.linked += len(standing)
    done.proposed += sum(link.state is LinkState.PROPOSED for link in found)


def _judged(
    conn: Connection,
    pairs: Iterable[tuple[str, str]],
    stored: dict[str, StoredCall],
    cards: dict[str, Card],
    places: Places,
    now: datetime,
) -> list[CallLink]:
    """The links of these pairs; calls that are not read yet are, and added to `stored` and `cards`."""
    ordered = sorted(pairs)
    others = dict.fromkeys(call_id for pair in ordered for call_id in pair if call_id not in cards)
    for call_id, each in feeds.by_id(conn, others).items():
        stored[call_id], cards[call_id] = each, linking.card(each.call, places)
    found = (linking.judge(cards[one], cards[other], now) for one, other in ordered)
    return [link for link in found if link is not None]


def also_events(
    standing: Iterable[CallLink], stored: dict[str, StoredCall], places: Places, now: datetime
) -> list[Event]:
    """For each link but `part_of`: `new` of the call that is believed, because of the other one."""
    found: list[Event] = []
    for link in standing:
        if link.kind is not LinkKind.PART_OF:
            first, other = sorted(link.pair, key=lambda call_id: linking.rank(stored[call_id], places))
            found += happenings.also(stored[first].call, stored[other].call, now)
    return found


def decide(store: Store, number: int, state: LinkState, places: Places, now: datetime) -> CallLink:
    """Accept, reject or undo a link by an operator's word; returns it as it was.

    Undone, both are calls of their own again, and told to those who did not hear of them. Raises ConfigError for
    an unknown link, and for one whose state does not allow it.
    """
    with store.begin() as conn:
        link = links.decide(conn, number, state, now)
        stored = feeds.by_id(conn, sorted(link.pair))
        told: list[Event] = []
        if state is LinkState.LINKED:
            told = also_events([link], stored, places, now)
        elif state is LinkState.UNDONE and link.kind is not LinkKind.PART_OF:
            first, other = sorted(link.pair, key=lambda call_id: linking.rank(stored[call_id], places))
            told = happenings.apart(stored[first].call, None, now) + happenings.apart(
                stored[other].call, link.at, now
            )
        events.add(conn, told, run_id="")
    return link
