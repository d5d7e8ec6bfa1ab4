"""The HTTP side on a real server on loopback, over a store with a few calls and two contacts."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from alerts.links import Bearer, Purpose, Tokens
from alerts.subscription import Subscription, Subscriptions
from callwatch.web.app import make_app
from callwatch.web.limits import RateLimit
from callwatch.web.pressing import Pressing
from callwatch.web.serving import server
from callwatch.web.site import Directory, Site
from callwatch.web.slack import Interactions
from pipeline.models import Event, EventKind
from pipeline.outbox import StoredCall
from pipeline.store import Store, calls, events
from pipeline.store.calls import CallRow
from tests.alerts import samples
from tests.alerts.samples import KNOWN, NOW, at, call, contact, deadline, labels, stored, subscription

SECRET = SecretStr("0123456789abcdef0123456789abcdef")
SIGNING = SecretStr("8f742231b10e8888abcd99yyyzzz85a5")
ASA, BO = Bearer("asa", "trucks"), Bearer("bo", "allt")
TRUCKS, FERRIES = "eu_funding_tenders:TRUCKS-1", "eu_funding_tenders:FERRIES-1"
EVIL = (
    "<script>alert(1)</script> <!channel> \r\nX-Evil: 1\nEND:VEVENT\u202e\u2066\x00\x0b\ufffe\uffff ]]> "
    '&amp; "><img src=x onerror=alert(1)> {{ 7*7 }} https://evil.example '
)


@dataclass
class Answer:
    """What the server said."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Served:
    """A running server, and what lies behind it. `confirmed` are the bearers whose address agreed."""

    store: Store
    site: Site
    port: int = 0
    confirmed: list[Bearer] = field(default_factory=list)

    def __call__(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def act(self, action: str, call_id: str = TRUCKS, bearer: Bearer = ASA) -> str:
        return f"/act/{self.token(Purpose.ACT, bearer)}/{action}?call={quote(call_id, safe='')}"

    def token(self, purpose: Purpose, bearer: Bearer = ASA) -> str:
        return self.site.tokens.make(purpose, bearer)


def keep(store: Store, *given: StoredCall, new_version: bool = True, when: datetime = NOW) -> None:
    with store.begin() as conn:
        rows = [CallRow(each, f"{each.version} {each.call.title}", new_version) for each in given]
        calls.save(conn, rows, "run-1", when)


def happened(store: Store, *given: Event) -> None:
    with store.begin() as conn:
        events.add(conn, given, "run-1")


def fill(store: Store) -> None:
    """Two live calls, one with two stages; one of them is about trucks."""
    stages = (deadline("2027-03-17", "stage 1"), deadline("2027-09-16", "stage 2"))
    trucks = stored(call("TRUCKS-1", deadlines=stages, titles={"sv": "Elektriska lastbilar i kyla"}))
    ferries = stored(call("FERRIES-1", title="Ferries", opens_at=at("2026-12-15", 9)), labels(("electronics",)))
    keep(store, trucks, ferries, when=NOW - timedelta(days=2))
    moved = samples.moved("2027-03-10", "2027-03-17", "stage 1")
    extended = Event(TRUCKS, EventKind.DEADLINE_EXTENDED, NOW - timedelta(days=1), "k", **moved)
    happened(store, extended, Event(FERRIES, EventKind.NEW, NOW - timedelta(days=2)))


def people() -> Subscriptions:
    """Åsa reads English and wants trucks, Bo reads Swedish and wants all."""
    bo = contact(name="Bo", email="bo@example.org", language="sv")
    wanted: tuple[Subscription, ...] = (
        subscription(filters={"ecosystems": ("mobility",)}),
        subscription(key="allt", name="Allt", contact="bo", cadence="weekly"),
    )
    return Subscriptions({"asa": contact(), "bo": bo}, wanted, KNOWN)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/callwatch.db") as opened:
        fill(opened)
        yield opened


@pytest.fixture
def limit() -> RateLimit:
    return RateLimit()


@pytest.fixture
def slack_base() -> str | None:
    """Where Slack stands, for tests that have one on loopback."""
    return None


@pytest.fixture
def served(store: Store, limit: RateLimit, slack_base: str | None) -> Iterator[Served]:
    confirmed: list[Bearer] = []

    def confirm(bearer: Bearer, now: datetime) -> bool:
        fresh = bearer not in confirmed
        confirmed.extend([bearer] if fresh else [])
        return fresh

    directory = Directory(people)
    site = Site(store, directory, Tokens(SECRET), lambda: NOW, confirm, domain="callwatch.example")
    pressing = Pressing(store, directory, lambda: NOW, slack_base)
    running = server(make_app(site, Interactions(pressing, SIGNING), limit), "127.0.0.1", 0)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    port = running.servers[0].sockets[0].getsockname()[1]
    yield Served(store, site, port, confirmed)
    running.should_exit = True
    thread.join(20)
