"""A portal that lists everything anew wakes nobody: the flood waits for an operator's word."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from callwatch.telling import plan_messages
from pipeline.models import Event, EventKind
from pipeline.outbox import MessageState
from pipeline.store import Store
from tests.delivery import world
from tests.delivery.office import START, Office, readers
from tests.delivery.processes import Forks
from tests.delivery.smtp_server import MailServer
from tests.harvest.commands import Callwatch

FLOOD = 4000
KEYS = ("anna", "bo", "cy")


@pytest.fixture
def office(sqlite: Store, tmp_path: Path, mails: MailServer) -> Office:
    """Three readers at once, and a fourth who reads once a week; all of them have had their welcome."""
    book = readers(*KEYS, "dee")
    wishes = [{"key": key, "contact": key, "channel": "email", "cadence": "at_once"} for key in KEYS]
    weekly = {"key": "dee", "contact": "dee", "channel": "email", "cadence": "weekly"}
    opened = Office(sqlite, tmp_path, {**book, "subscriptions": [*wishes, weekly]}, smtp_url=SecretStr(mails.url))
    world.begin(sqlite, START, 20)
    plan(opened)
    opened.until_rest()
    mails.mails.clear()
    opened.later(24 * 60)
    return opened


def plan(office: Office) -> None:
    plan_messages(office.wiring, office.store, office.now)


def republished(office: Office) -> None:
    """The portal gives every call a new number."""
    found = []
    for n in range(1000, 1000 + FLOOD):
        call = world.topic(n, START, START.replace(year=START.year + 1))
        found.append((world.stored(call, office.now), Event(call.id, EventKind.NEW, office.now)))
    world.keep(office.store, found, office.now)


@pytest.mark.slow
def test_a_flood_is_held_and_let_go_by_an_operator(
    office: Office, mails: MailServer, forks: Forks, tmp_path: Path, on_sqlite: str
) -> None:
    republished(office)
    for _ in range(3):
        plan(office)
        office.deliver()
        office.later(30)
    held = office.outbox.messages(state=MessageState.HELD)
    assert sorted(entry.message.target.partition("@")[0] for entry in held) == list(KEYS)
    assert all(len(entry.message.call_ids) >= FLOOD for entry in held)
    assert {mail.to for mail in mails.mails} == {"ops@callwatch.example"}
    assert len(office.told_operators()) == len(held)
    assert len(mails.mails) == 1, "all of it in one message"

    callwatch = Callwatch(forks, tmp_path, on_sqlite, {"CALLWATCH_CONFIG": str(tmp_path / "config")})
    first, *others = [entry.message.id for entry in held]
    assert callwatch("release", first).out.startswith("1 messages released")
    assert callwatch("discard", *others).out.startswith("2 messages discarded")
    office.later(9 * 24 * 60)  # the command went by the real clock
    office.until_rest()
    assert office.state(first) is MessageState.SENT
    assert office.states(others) == {MessageState.DISCARDED}
    assert {mail.to for mail in mails.mails} == {"ops@callwatch.example", "anna@reader.example"}
    assert sum(line.startswith("Over: held") for line in office.told_operators()) == 3


@pytest.mark.slow
def test_a_flood_in_a_digest_is_held_as_well(office: Office, mails: MailServer) -> None:
    republished(office)
    for _ in range(9):
        office.later(24 * 60)
        plan(office)
        office.deliver()
    held = [entry.message for entry in office.outbox.messages(state=MessageState.HELD)]
    assert [(m.kind, len(m.call_ids) >= FLOOD) for m in held if m.contact == "dee"] == [("digest", True)]
    assert "dee@reader.example" not in {mail.to for mail in mails.mails}


@pytest.mark.slow
def test_what_happens_after_a_flood_is_told_as_ever(office: Office, mails: MailServer) -> None:
    republished(office)
    plan(office)
    office.later(60)
    call = world.topic(1, START, START.replace(year=START.year + 1))
    event = Event(call.id, EventKind.DEADLINE_EXTENDED, office.now, "after the flood")
    world.keep(office.store, [(world.stored(call, START), event)], office.now)
    plan(office)
    office.until_rest()
    told = {mail.to.partition("@")[0] for mail in mails.mails}
    assert told == {*KEYS, "ops"}
