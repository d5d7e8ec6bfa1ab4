"""One target's failure delays nobody else: shown by the order of receipt, with targets that hang until the others
have been served."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pydantic import SecretStr

from alerts.deliver import LEASE
from alerts.lanes import Lanes
from pipeline.outbox import MessageState
from pipeline.store import Outbox, Store
from tests.alerts.line import put
from tests.alerts.samples import NOW
from tests.delivery.office import Office, readers
from tests.delivery.smtp_server import MailServer

MANY = [f"r{n:03}" for n in range(150)]
"""Three times as many as are claimed at once."""


class Hooks:
    """Webhooks on loopback. Those whose path begins with /slow answer once `others` says so."""

    def __init__(self) -> None:
        self.others = threading.Event()
        self.order: list[str] = []
        handler = type("Hook", (_Hook,), {"hooks": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"


class _Hook(BaseHTTPRequestHandler):
    hooks: Hooks

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/slow"):
            self.hooks.others.wait(60)
        self.hooks.order.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    found = Hooks()
    threading.Thread(target=found.http.serve_forever, args=(0.02,), daemon=True).start()
    yield found
    found.others.set()
    found.http.shutdown()
    found.http.server_close()


def until(event: threading.Event, condition: object) -> None:
    """Set `event` as soon as the condition holds."""

    def look() -> None:
        while not condition():  # type: ignore[operator]
            time.sleep(0.005)
        event.set()

    threading.Thread(target=look, daemon=True).start()


def test_a_hanging_webhook_delays_no_mail(sqlite: Store, tmp_path: Path, mails: MailServer, hooks: Hooks) -> None:
    """The webhook is served first and answers when the last mail has come: were anybody to wait for it, it would
    time out, and its message would have to be tried again."""
    book = readers(*MANY, slow={"webhook": f"{hooks.url}/slow"})
    office = Office(sqlite, tmp_path, book, smtp_url=SecretStr(mails.url))
    office.wiring.timeout = 30.0
    office.put("slow-1", *(f"{key}-1" for key in MANY))
    until(hooks.others, lambda: len(mails.mails) >= len(MANY))
    report = office.deliver()
    assert (report.sent, report.retried, report.failed) == (len(MANY) + 1, 0, 0)
    assert hooks.order == ["/slow"]


def test_hanging_webhooks_delay_no_other_webhook(sqlite: Store, tmp_path: Path, hooks: Hooks) -> None:
    slow = {f"slow{n}": {"webhook": f"{hooks.url}/slow{n}"} for n in range(3)}
    quick = {f"quick{n}": {"webhook": f"{hooks.url}/quick{n}"} for n in range(40)}
    office = Office(sqlite, tmp_path, readers(**slow, **quick))
    office.wiring.timeout = 30.0
    office.put(*(f"{key}-{n}" for key in (*slow, *quick) for n in range(3)))
    until(hooks.others, lambda: len(hooks.order) >= 120)
    report = office.deliver()
    assert (report.sent, report.retried) == (129, 0)
    assert {path[:6] for path in hooks.order[:120]} == {"/quick"}
    assert {path[:5] for path in hooks.order[120:]} == {"/slow"}


def test_a_hanging_mail_server_delays_no_webhook(
    sqlite: Store, tmp_path: Path, mails: MailServer, hooks: Hooks
) -> None:
    mails.faults["end"] = ["hang"]
    quick = {f"quick{n}": {"webhook": f"{hooks.url}/quick{n}"} for n in range(60)}
    office = Office(sqlite, tmp_path, readers(*MANY, **quick), smtp_url=SecretStr(mails.url))
    office.wiring.timeout = 30.0
    office.put(*(f"{key}-1" for key in (*MANY, *quick)))
    until(mails.release, lambda: len(hooks.order) >= len(quick))
    assert office.deliver().sent == len(MANY) + len(quick)
    assert office.states([f"{key}-1" for key in MANY]) == {MessageState.SENT}


def test_two_deliverers_never_hold_two_messages_to_one_target(outbox: Outbox) -> None:
    for turn in range(8):
        put(outbox, *(f"t{turn}-{n}" for n in range(6)))
        start, claimed = threading.Barrier(4), list[str]()

        def claim(start: threading.Barrier = start, claimed: list[str] = claimed) -> None:
            start.wait()
            claimed += [each.message.id for each in outbox.claim(NOW, 1, LEASE)]

        workers = [threading.Thread(target=claim) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert claimed == [f"t{turn}-0"]


def test_a_fault_in_a_lane_is_raised_and_ends_the_others_in_order() -> None:
    done: list[int] = []

    def do(number: int) -> None:
        if number == 3:
            raise ZeroDivisionError
        done.append(number)

    lanes: Lanes[int] = Lanes(do, threads=2, enough=5)
    for number in (1, 2, 3, 4):
        lanes.put(("a", ""), number)
    for number in (11, 12):
        lanes.put(("b", ""), number)
    with pytest.raises(ZeroDivisionError):
        all(iter(lanes.wait, False))
    lanes.close()
    assert [n for n in done if n < 10] == [1, 2]
