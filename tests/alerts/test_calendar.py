"""Calendar entries as a second library reads them: stable, movable, harmless."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st

from alerts import calendar
from alerts.calendar import Entry, feed, of_message
from alerts.message import Message, ShownDeadline
from alerts.wording import Wording
from pipeline.models import EventKind, Precision
from tests.alerts.samples import NOW, at, changed, deadline, item, message, moved

DOMAIN = "callwatch.example"
ENGLISH, SWEDISH = Wording("en", ZoneInfo("Europe/Stockholm")), Wording("sv", ZoneInfo("Europe/Helsinki"))
EVIL = "<b>x</b>\r\nEND:VEVENT\r\nBEGIN:VALARM;\\n,\u202e\x00\u2028\u0085 \U0001f600 {title} %s"


def read(written: bytes) -> Any:
    """The calendar as vobject understands it, with every line as RFC 5545 wants it."""
    assert written.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in written.replace(b"\r\n", b"")
    assert max(map(len, written.split(b"\r\n"))) <= 75
    return vobject.readOne(written.decode())


def events(written: bytes) -> list[Any]:
    return list(getattr(read(written), "vevent_list", []))


def shown(day: str, stage: str = "single", *, passed: bool = False) -> ShownDeadline:
    return ShownDeadline(deadline(day, stage), passed=passed)


def a_feed(*entries: Entry, words: Wording = ENGLISH, lead_days: tuple[int, ...] = (14, 2)) -> bytes:
    return feed("callwatch: Trucks", entries, words, DOMAIN, lead_days, NOW)


def test_a_message_brings_every_deadline_that_is_still_ahead() -> None:
    stages = (shown("2026-10-01", "stage 1", passed=True), shown("2027-09-16", "stage 2"))
    two = item(2, deadlines=stages, version=7)
    found = events(of_message(message(item(1), two), DOMAIN))
    assert [e.dtstart.value for e in found] == [at("2027-03-17"), at("2027-09-16")]
    first, second = found
    assert first.summary.value == "Deadline: Cold climate testing of electric trucks"
    assert second.summary.value == "Deadline, stage 2: Cold climate testing of electric trucks"
    assert second.sequence.value == "7"
    assert second.dtstamp.value == second.last_modified.value == NOW
    assert second.url.value == "https://portal.example/topic/2"
    assert "Budget: EUR 42,000,000 in total" in second.description.value
    assert "stage 1: 1 October 2026 at 17:00* (Brussels)" in second.description.value
    assert "Why you: Mobility, transport and automotive" in second.description.value
    assert [a.trigger.value.days for a in first.valarm_list] == [-30, -14, -7, -2]
    whole = read(of_message(message(item(1)), DOMAIN))
    assert whole.method.value == "PUBLISH"
    assert whole.version.value == "2.0"


def test_the_hour_is_the_very_instant_and_takes_no_room() -> None:
    """A length would make calendars show another hour than that of the deadline, or block it."""
    (event,) = events(of_message(message(), DOMAIN))
    assert event.dtstart.value == at("2027-03-17").astimezone(UTC)
    assert not hasattr(event, "dtend")
    assert not hasattr(event, "duration")
    assert event.transp.value == "TRANSPARENT"


def test_nothing_ahead_makes_no_calendar() -> None:
    past = item(deadlines=(shown("2026-01-01", passed=True),))
    assert of_message(message(past), DOMAIN) == b""
    assert of_message(message(item(deadlines=())), DOMAIN) == b""
    assert of_message(msgspec.structs.replace(message(), items=()), DOMAIN) == b""


def test_a_moved_deadline_is_the_same_entry_with_a_higher_sequence() -> None:
    before, after = item(version=1), item(version=2, deadlines=(shown("2027-04-21"),))
    old, new = events(of_message(message(before), DOMAIN))[0], events(a_feed(Entry(after, NOW)))[0]
    assert old.uid.value == new.uid.value
    assert (old.sequence.value, new.sequence.value) == ("1", "2")
    assert new.dtstart.value == at("2027-04-21")


def test_each_stage_is_an_entry_of_its_own_whatever_its_name() -> None:
    single = item(deadlines=(shown("2027-03-17"),))
    several = item(deadlines=(shown("2027-03-17", "cut-off 1"), shown("2027-09-16", "cut-off 2")))
    odd = item(deadlines=tuple(shown(f"2027-03-{day}", "same name") for day in (17, 18, 19)))
    one, two, three = ([e.uid.value for e in events(a_feed(Entry(each, NOW)))] for each in (single, several, odd))
    assert one[0] == two[0]
    assert len({*two, *three}) == 5
    other = msgspec.structs.replace(single, call_id="eu_funding_tenders:OTHER")
    assert events(a_feed(Entry(other, NOW)))[0].uid.value != one[0]


def test_withdrawn_calls_and_removed_deadlines_are_cancelled() -> None:
    told = events(of_message(message(item()), DOMAIN))[0].uid.value
    gone = message(item(changes=(changed(EventKind.WITHDRAWN),)))
    (event,) = events(of_message(gone, DOMAIN))
    assert (event.uid.value, event.status.value) == (told, "CANCELLED")
    assert not hasattr(event, "valarm")
    assert event.summary.value == "No longer: Cold climate testing of electric trucks"
    (event,) = events(a_feed(Entry(item(), NOW, gone=True)))
    assert (event.uid.value, event.status.value) == (told, "CANCELLED")

    before = moved("2027-09-16", "2027-09-16", "stage 2")["before"]
    removed = changed(EventKind.DEADLINE_REMOVED, before=before)
    first, second = events(of_message(message(item(changes=(removed,))), DOMAIN))
    assert (first.status.value, second.status.value) == ("CONFIRMED", "CANCELLED")
    assert second.dtstart.value == at("2027-09-16")


def test_a_feed_tells_openings_of_forthcoming_calls_and_when_to_look_again() -> None:
    coming = item(1, opens_at=at("2026-12-15", 9), status="forthcoming")
    written = a_feed(Entry(coming, NOW - timedelta(days=3)), Entry(item(2), NOW), words=SWEDISH)
    first, *_ = events(written)
    assert first.summary.value == "Öppnar: Cold climate testing of electric trucks"
    assert first.dtstart.value == at("2026-12-15", 9)
    assert first.dtstamp.value == NOW - timedelta(days=3)
    assert not hasattr(first, "valarm")
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n" in written
    assert b"X-PUBLISHED-TTL:PT6H\r\n" in written
    assert read(written).x_wr_calname.value == "callwatch: Trucks"


def test_the_calendar_reminds_as_the_contact_wishes_and_never_late() -> None:
    soon = item(deadlines=(shown("2026-11-30"),))
    found = events(a_feed(Entry(soon, NOW), Entry(item(2), NOW), lead_days=(2, 14, 2)))
    assert [[a.trigger.value.days for a in e.valarm_list] for e in found] == [[-2], [-14, -2]]


def test_the_same_state_makes_the_same_bytes_at_any_time() -> None:
    entries = [Entry(item(n), NOW) for n in (1, 2)]
    later = feed("callwatch: Trucks", reversed(entries), ENGLISH, DOMAIN, (14, 2), NOW + timedelta(days=900))
    assert a_feed(*entries) == later
    assert of_message(message(), DOMAIN) == of_message(message(), DOMAIN)


def test_a_mail_holds_the_next_hundred_deadlines_and_stays_small() -> None:
    many = [item(n, deadlines=(shown(f"20{27 + n % 40}-03-17"),), title="Å" * 300) for n in range(1, 300)]
    written = of_message(message(*many), DOMAIN)
    found = events(written)
    assert len(found) == calendar.IN_MAIL
    assert found[0].dtstart.value.year == 2027
    assert found[-1].dtstart.value.year <= 2041
    assert len(written) < 250_000


def test_a_feed_of_very_many_keeps_those_ahead() -> None:
    old = item(1, deadlines=(shown("2026-01-01", passed=True),))
    many = [Entry(old, NOW)] + [Entry(item(n), NOW) for n in range(2, calendar.IN_FEED + 2)]
    found = events(a_feed(*many, lead_days=()))
    assert len(found) == calendar.IN_FEED
    assert found[0].dtstart.value > NOW


def hostile(text: str) -> Message:
    evil = item(
        title=text, identifier=text, url="https://portal.example/x?a=" + text, programme_name=text,
        deadlines=(ShownDeadline(deadline("2027-03-17", text, Precision.DATE), passed=False),),
    )  # fmt: skip
    return message(evil)


def check(text: str) -> None:
    for written in (of_message(hostile(text), DOMAIN), a_feed(Entry(hostile(text).items[0], NOW))):
        (event,) = events(written)
        assert set(event.contents) <= {
            *("uid", "dtstamp", "last-modified", "sequence", "dtstart", "summary", "description", "url"),
            *("status", "transp", "valarm"),
        }
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]", written.decode())
        assert "\n" not in event.summary.value


@pytest.mark.parametrize("text", [EVIL, EVIL * 200, "😀" * 5000, "", "\\N", "\\\\N\\n"])
def test_hostile_text_stays_text(text: str) -> None:
    check(text)


@given(st.text(max_size=200))
def test_any_text_stays_text(text: str) -> None:
    check(text)
