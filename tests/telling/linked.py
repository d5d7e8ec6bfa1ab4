"""An office whose harvests link what they bring: one call at two portals, and an article about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alerts.message import Message
from pipeline import changes
from pipeline.linking import LinkState, Place
from pipeline.models import Call, Event, EventKind, Kind, Link
from pipeline.outbox import StoredCall
from pipeline.relate import decide, relate
from pipeline.store import calls, events, links
from pipeline.store.calls import CallRow
from tests.alerts.samples import call, stored
from tests.telling.conftest import Office, book

TOPIC = "HORIZON-CL5-2027-01-D5-01"
PAGE = "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities/topic-details/"
PLACES = {
    "eu_funding_tenders": Place("eu_funding_tenders", "Funding & Tenders", 2),
    "eccp": Place("eccp", "ECCP", 4),
    "eismea": Place("eismea", "EISMEA", 9),
}
PORTAL = stored(call(TOPIC, url=PAGE + TOPIC))
P, S, N = PORTAL.call.id, "eccp:9", "eismea:news"


def eccp(**fields: Any) -> StoredCall:
    """The same call at ECCP; it names the topic's page."""
    given = {"portal": "eccp", "identifier": "9", "url": "https://eccp.example/9", "links": (Link(PAGE + TOPIC),)}
    return stored(call("9", **{**given, **fields}))


def article(**fields: Any) -> StoredCall:
    """An announcement that names the topic, unless it has another text."""
    given: dict[str, Any] = {"portal": "eismea", "identifier": "news", "kind": Kind.ANNOUNCEMENT}
    given |= {"url": "https://eismea.example/news", "text": f"Now open: {TOPIC}", "title": "Money for cold trucks"}
    return stored(call("news", **{**given, **fields}))


class Linked(Office):
    """An office whose harvests link what they bring."""

    def __init__(self, folder: Path, given: dict[str, Any], **settings: Any) -> None:
        super().__init__(folder, given, **settings)
        self.wiring.__dict__["places"] = PLACES

    def arrives(self, *of: Call | StoredCall, version: int = 1) -> Linked:
        """A harvest brings these calls, with the events it would give them."""
        new = [each.call if isinstance(each, StoredCall) else each for each in of]
        rows = [
            CallRow(stored(each, first_seen=self.now, last_seen=self.now, version=version), str(each), True)
            for each in new
        ]
        with self.store.begin() as conn:
            calls.save(conn, rows, "run", self.now)
            if version == 1:
                events.add(conn, [e for each in new for e in changes.first_event(each, self.now)], "run")
        relate(self.store, PLACES, self.now)
        return self

    def happens_to(self, call_id: str, kind: EventKind, **fields: Any) -> None:
        with self.store.begin() as conn:
            events.add(conn, [Event(call_id, kind, self.now, self.now.isoformat(), **fields)], "run")

    def undo(self) -> None:
        with self.store.read() as conn:
            (link,) = links.query(conn, state=LinkState.LINKED)
        decide(self.store, link.id, LinkState.UNDONE, PLACES, self.now)

    def names(self, **time: float) -> list[list[str]]:
        """The calls of each message that is planned so much later."""
        self.later(**time)
        return [[item.call_id for item in message.items] for message in self.told()]


def an_office(folder: Path, *wishes: dict[str, Any], **contact: Any) -> Linked:
    """One contact that was welcomed with another call two hours ago."""
    office = Linked(folder, book(*wishes, **contact))
    office.arrives(call("FIRST"))
    office.plan()
    office.later(hours=8)
    office.plan()
    return office


@pytest.fixture
def office(tmp_path: Path) -> Linked:
    return an_office(tmp_path)


def only(messages: list[Message]) -> Message:
    (message,) = messages
    return message
