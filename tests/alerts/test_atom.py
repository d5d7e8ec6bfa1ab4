"""The Atom feed as feedparser reads it: every change once, in the reader's words, harmless."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from alerts.atom import MOST, Entry, feed
from alerts.wording import Wording
from pipeline.models import Event, EventKind
from tests.alerts.samples import NOW, item, moved

ENGLISH, SWEDISH = Wording("en", ZoneInfo("Europe/Stockholm")), Wording("sv", ZoneInfo("Europe/Stockholm"))
ADDRESS = "https://callwatch.example/feed/token/events.atom"
EVIL = "<script>alert(1)</script> ]]> &amp; <![CDATA[x]]> <!ENTITY x> \x00\x0b\x1f\ufffe\uffff\u202e\r\n\U0001f600"


def happened(kind: EventKind, days: float = 0, key: str = "", **fields: Any) -> Event:
    return Event(item().call_id, kind, NOW - timedelta(days=days), key, **fields)


def read(written: bytes) -> Any:
    found = feedparser.parse(written)
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


def test_changes_are_told_as_in_messages_the_latest_first() -> None:
    entries = [
        Entry(happened(EventKind.NEW, 3), item()),
        Entry(happened(EventKind.DEADLINE_EXTENDED, 1, **moved("2027-03-10", "2027-03-17")), item()),
    ]
    found = read(feed("trucks", "callwatch: Trucks", entries, ENGLISH, ADDRESS))
    assert found.feed.title == "callwatch: Trucks"
    assert found.feed.updated == (NOW - timedelta(days=1)).isoformat()
    assert {link.rel: link.href for link in found.feed.links}["self"] == ADDRESS
    assert [e.title for e in found.entries] == [
        "Deadline extended: Cold climate testing of electric trucks",
        "New call: Cold climate testing of electric trucks",
    ]
    first = found.entries[0]
    assert first.link == "https://portal.example/topic/1"
    assert first.updated_parsed[:3] == (2026, 11, 22)
    text = first.content[0]
    assert text.type == "text/plain"
    lines = text.value.splitlines()
    assert lines[0] == "from 10 March 2027 to 17 March 2027 at 17:00* (Brussels) – 7 days later"
    assert "Budget: EUR 42,000,000 in total (shared with 2 other topics)" in text.value
    assert "Why you: Mobility, transport and automotive" in text.value


def test_swedish() -> None:
    found = read(feed("trucks", "Lastbilar", [Entry(happened(EventKind.WITHDRAWN), item())], SWEDISH))
    assert found.feed.language == "sv"
    assert found.entries[0].title.startswith("Tillbakadragen: ")


def test_ids_stay_and_tell_events_apart() -> None:
    events = [happened(EventKind.DEADLINE_EXTENDED, key=key, days=n) for n, key in enumerate("abc")]
    first = read(feed("trucks", "Trucks", [Entry(event, item()) for event in events], ENGLISH))
    again = read(feed("trucks", "Trucks", [Entry(event, item(title="New title")) for event in events], SWEDISH))
    ids = [entry.id for entry in first.entries]
    assert len(set(ids)) == 3
    assert ids == [entry.id for entry in again.entries]
    assert first.feed.id == again.feed.id != read(feed("ferries", "Trucks", [], ENGLISH)).feed.id


def test_the_same_state_makes_the_same_bytes() -> None:
    entries = [Entry(happened(EventKind.NEW, n, str(n)), item()) for n in range(5)]
    assert feed("trucks", "Trucks", entries, ENGLISH) == feed("trucks", "Trucks", entries[::-1], ENGLISH)


def test_the_latest_hundred_are_kept_and_none_is_no_mistake() -> None:
    entries = [Entry(happened(EventKind.NEW, n, str(n)), item()) for n in range(MOST + 20)]
    found = read(feed("trucks", "Trucks", entries, ENGLISH))
    assert len(found.entries) == MOST
    assert found.entries[0].updated_parsed[:3] == (2026, 11, 23)
    assert read(feed("trucks", "Trucks", [], ENGLISH)).entries == []


def check(text: str) -> None:
    evil = item(title=text, identifier=text, url="javascript:alert(1)", programme_name=text)
    prose = {"fields": ["title"], "title": text}
    event = happened(EventKind.TEXT_CHANGED, key=text, before=prose, after=prose | {"title": text + "!"})
    written = feed("trucks", text, [Entry(event, evil)], ENGLISH, "javascript:alert(1)")
    found = read(written)
    assert len(found.entries) == 1
    assert b"javascript:" not in written or "javascript:" in text
    assert {etree.QName(e).localname for e in etree.fromstring(written).iter()} <= {
        *("feed", "id", "title", "updated", "author", "name", "generator", "entry", "content", "link")
    }
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\u202a-\u202e]", written.decode())


@pytest.mark.parametrize("text", [EVIL, EVIL * 200, "😀" * 5000, ""])
def test_hostile_text_stays_text(text: str) -> None:
    check(text)


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=200))
def test_any_text_stays_text(text: str) -> None:
    check(text)
