"""The HTTP side on a real server on loopback, over a store with a few calls and two contacts."""

from __future__ import annotations

import http.client
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

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


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as a file to be copied."""
    path = tmp_path_factory.mktemp("filled") / "callwatch.db"
    with Store.open(f"sqlite:///{path}") as opened:
        fill(opened)
    return path


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(filled, tmp_path)
    with Store.open(f"sqlite:///{tmp_path}/{filled.name}") as opened:
        yield opened


@pytest.fixture
def limit() -> RateLimit:
    return RateLimit()


@pytest.fixture
def slack_base() -> str | None:
    """Where Slack stands, for tests that have one on loopback."""
    return None


class Running:
    """One server for all tests; each gives it an application of its own."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None
        self._server = server(self, "127.0.0.1", 0)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        self.port: int = self._server.servers[0].sockets[0].getsockname()[1]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    started = Running()
    yield started
    started.stop()


@pytest.fixture
def served(store: Store, running: Running, limit: RateLimit, slack_base: str | None) -> Served:
    confirmed: list[Bearer] = []

    def confirm(bearer: Bearer, now: datetime) -> bool:
        fresh = bearer not in confirmed
        confirmed.extend([bearer] if fresh else [])
        return fresh

    directory = Directory(people)
    site = Site(store, directory, Tokens(SECRET), lambda: NOW, confirm, domain="callwatch.example")
    pressing = Pressing(store, directory, lambda: NOW, slack_base)
    running.app = make_app(site, Interactions(pressing, SIGNING), limit)
    return Served(store, site, running.port, confirmed)
