"""Planning with the real store: told once, held floods, pauses, stops, choices."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from alerts.message import MessageKind, Section
from pipeline.models import EventKind
from pipeline.outbox import MessageState
from pipeline.people import Choice, Chosen, Stop
from pipeline.store import people
from tests.telling.conftest import NOW, Office, a_call, book


def test_told_once(office: Office) -> None:
    assert office.told() == []
    office.happens(a_call("SECOND"))
    (message,) = office.told()
    assert [i.identifier for i in message.items] == ["SECOND"]
    assert office.later(minutes=30).told() == []
    assert office.deliver().sent == 1
    assert office.deliver().sent == 0


def test_a_flood_waits_for_an_operators_word(tmp_path: Path) -> None:
    office = Office(tmp_path, book(), storm_limit=10)
    office.happens(a_call("FIRST"))
    office.plan()
    office.deliver()
    office.later(hours=1).happens(*(a_call(f"FLOOD-{n}") for n in range(11)))
    (held,) = office.plan()
    assert office.deliver().sent == 0
    office.later(hours=1).happens(a_call("NEXT"))
    assert [i.identifier for m in office.told() for i in m.items] == ["NEXT"]
    assert office.deliver().sent == 1
    assert office.outbox.release([held.id], office.now) == 1
    assert office.deliver().sent == 1
    assert office.outbox.counts()["held"] == 0


def test_a_week_without_callwatch_gives_one_digest_that_says_so(tmp_path: Path) -> None:
    office = Office(tmp_path, book({"cadence": "weekly", "channel": "file"}))
    office.happens(a_call("FIRST"))
    office.plan()  # the welcome, on Monday
    office.later(days=2).happens(a_call("SECOND"))
    assert office.told() == []
    stopped = office.now
    office.later(days=14, hours=3)
    (message,) = office.told()
    assert message.window == (NOW, office.now)
    assert message.gap == (stopped, office.now)
    assert [i.identifier for i in message.items if i.section is Section.FRESH] == ["SECOND"]
    assert office.later(minutes=30).told() == []


def test_a_stopped_subscription_is_silent_until_it_is_resumed(office: Office) -> None:
    with office.store.begin() as conn:
        people.stop(conn, Stop("all", "asa", office.now, "link"))
    office.happens(a_call("SECOND"))
    assert office.told() == []
    with office.store.begin() as conn:
        people.resume(conn, "all")
    assert [m.kind for m in office.later(days=5).told()] == [MessageKind.ALERT]


def test_what_a_contact_says_of_a_call_holds(office: Office) -> None:
    with office.store.begin() as conn:
        people.choose(conn, Chosen("asa", a_call("MUTED").call.id, Choice.MUTED, office.now, "slack"))
        people.choose(conn, Chosen("asa", a_call("FOLLOWED").call.id, Choice.FOLLOWED, office.now, "slack"))
    office.happens(a_call("MUTED"), a_call("FOLLOWED"), kind=EventKind.TEXT_CHANGED, after={"fields": ["text"]})
    (message,) = office.told()
    assert [(i.identifier, i.followed) for i in message.items] == [("FOLLOWED", True)]


@pytest.mark.slow
def test_reminders_come_by_the_contacts_lead_times_and_once(tmp_path: Path) -> None:
    office = Office(tmp_path, book(reminders=[7, 1]))
    office.happens(a_call("NEAR", "2026-12-02"))
    office.plan()
    days = []
    for _ in range(2 * 24 * 11):
        office.later(minutes=30)
        days += [f"{office.now:%d %H:%M}" for m in office.told() if m.kind is MessageKind.REMINDER]
    assert days == ["25 07:00", "01 07:00"]


def test_what_happened_while_a_subscription_slept_longer_than_the_overlap_is_told(tmp_path: Path) -> None:
    office = Office(tmp_path, book(window={"days": ["monday"], "start": "08:00", "end": "17:00"}))
    office.happens(a_call("FIRST"))
    office.plan()
    office.later(days=1).happens(a_call("SECOND"))
    for _ in range(5):
        assert office.later(days=1).told() == []
    (message,) = office.later(days=1).told()
    assert [i.identifier for i in message.items] == ["SECOND"]


@pytest.mark.slow
def test_many_subscriptions_are_planned_in_parts(tmp_path: Path) -> None:
    wishes = [{"key": f"s{n}"} for n in range(1_203)]
    office = Office(tmp_path, book(*wishes))
    office.happens(a_call("FIRST"))
    assert len(office.plan()) == 1_203
    office.later(hours=1).happens(a_call("SECOND"))
    assert len(office.plan()) == 1_203
    assert office.outbox.counts()[MessageState.PENDING] == 2_406
    assert office.later(hours=1).plan() == []
    assert office.now - NOW == timedelta(hours=2)


def test_a_followed_call_reminds_between_digests(tmp_path: Path) -> None:
    weekly = book({"cadence": "weekly", "empty": "skip", "filters": {"programmes": ["SMP"]}}, reminders=[7, 2, 1])
    office = Office(tmp_path, weekly)
    office.happens(a_call("NEAR", "2026-12-04"))
    office.plan()
    with office.store.begin() as conn:
        people.choose(conn, Chosen("asa", a_call("NEAR").call.id, Choice.FOLLOWED, office.now, "link"))
    days = []
    for _ in range(12 * 8):
        office.later(hours=3)
        days += [f"{office.now:%d}" for m in office.told() if m.kind is MessageKind.REMINDER]
    assert days == ["27", "02", "03"]
