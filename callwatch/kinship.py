"""The links of the store, as planning and commands need them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callwatch.wiring import Wiring
from pipeline.links import LinkKind, LinkState, Places
from pipeline.outbox import Candidate
from pipeline.store import Connection, Store, events, feeds, links

if TYPE_CHECKING:
    from alerts.kin import Kin

TELLING = (LinkKind.SAME, LinkKind.NEWS)
"""Links by which one call speaks for another."""


def kin_of(wiring: Wiring, store: Store) -> Kin:
    """Which calls are one, with what was ever told of them as new or open; those that were taken apart, too."""
    with store.read() as conn:
        return read_kin(wiring.places, conn)


def read_kin(places: Places, conn: Connection) -> Kin:
    """The same within a transaction."""
    from alerts.kin import FIRST, Kin
    from pipeline.linking import clusters

    known = [*links.query(conn, state=LinkState.LINKED), *links.query(conn, state=LinkState.UNDONE)]
    calls = feeds.by_id(conn, sorted({call_id for link in known for call_id in link.pair}))
    related = {call_id for link in known if link.kind in TELLING for call_id in link.pair}
    happened = events.of_calls(conn, sorted(related), FIRST)
    standing = [link for link in known if link.state is LinkState.LINKED]
    firsts = [Candidate(number, event, calls[event.call_id]) for number, event in happened]
    return Kin(clusters(standing, calls, places), calls, places, firsts)


def addresses(kin: Kin, call_id: str) -> list[str]:
    """Where else a call stands or is written about, each as "PORTAL ADDRESS"."""
    others = (*kin.clusters.beside.get(call_id, ()), *kin.clusters.news.get(call_id, ()))
    return [f"{kin.calls[other].call.portal} {kin.calls[other].call.url}" for other in others]
