"""A callwatch of its own: a database with calls, contacts, and a clock that is set by hand."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from alerts.delivery import DeliveryReport
from alerts.message import Message, decode
from callwatch.settings import Settings
from callwatch.telling import deliver_messages, plan_messages
from callwatch.wiring import Wiring
from pipeline.models import Event, EventKind
from pipeline.outbox import NewMessage, OutboxMessage, StoredCall
from pipeline.store import Outbox, Store, calls, events
from pipeline.store.calls import CallRow
from tests.alerts.samples import NOW, call, deadline, stored

CONTACT = {"name": "Åsa", "language": "en", "time_zone": "Europe/Stockholm", "vouched": True}


class Office:
    """callwatch with `contacts` and `subscriptions`; messages to the file channel land in `out`."""

    def __init__(self, folder: Path, book: dict[str, Any], **settings: Any) -> None:
        self.now = NOW
        config = folder / "config"
        config.mkdir(exist_ok=True)
        (config / "subscriptions.yml").write_text(yaml.safe_dump(book), encoding="utf-8")
        self.out, self.console = folder / "out", io.StringIO()
        given = {"database_url": SecretStr(f"sqlite:///{folder / 'callwatch.db'}"), "out_dir": self.out}
        self.wiring = Wiring(Settings(config=config, **{**given, **settings}), lambda: self.now, self.console)
        self.store = Store.open(self.wiring.settings.database_url.get_secret_value())
        self.outbox = Outbox(self.store)

    def later(self, **time: float) -> Office:
        """Some time passes."""
        self.now += timedelta(**time)
        return self

    def harvests(self, *of: StoredCall) -> None:
        """The calls are there, and of that nothing is to be told."""
        with self.store.begin() as conn:
            calls.save(conn, [CallRow(each, each.call.title, True) for each in of], "run", self.now)

    def happens(self, *of: StoredCall, kind: EventKind = EventKind.NEW, **fields: Any) -> None:
        """The calls are there, and something happens to them now."""
        self.harvests(*of)
        with self.store.begin() as conn:
            key = f"{kind.value} {self.now.isoformat()}"
            events.add(conn, [Event(each.call.id, kind, self.now, key, **fields) for each in of], "run")

    def plan(self) -> list[NewMessage]:
        return plan_messages(self.wiring, self.store, self.now)

    def told(self) -> list[Message]:
        """What a planning writes."""
        return [decode(message.payload) for message in self.plan()]

    def deliver(self) -> DeliveryReport:
        return deliver_messages(self.wiring, self.store, self.now)

    def messages(self, **wanted: Any) -> list[OutboxMessage]:
        return self.outbox.messages(**wanted)


def a_call(name: str, ends: str = "2027-03-17", **fields: Any) -> StoredCall:
    """A stored call that ends on that day."""
    return stored(call(name, deadlines=(deadline(ends),), **fields))


def book(*subscriptions: dict[str, Any], **contact: Any) -> dict[str, Any]:
    """subscriptions.yml with one contact, asa, who by default hears of everything at once in files."""
    usual = {"key": "all", "contact": "asa", "channel": "file", "cadence": "at_once"}
    return {
        "contacts": {"asa": {**CONTACT, **contact}},
        "subscriptions": [{**usual, **each} for each in subscriptions or ({},)],
    }


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office whose only contact was welcomed an hour ago."""
    made = Office(tmp_path, book())
    made.happens(a_call("FIRST"))
    made.plan()
    made.deliver()
    made.later(hours=1)
    yield made
    made.store.close()


def instant(text: str) -> datetime:
    """An instant in UTC."""
    return datetime.fromisoformat(f"{text}+00:00")
