"""What happened to the calls of a subscription, as an Atom feed (RFC 4287) in the words of the messages. Pure."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from alerts import gist, telling
from alerts.message import Change, Item
from alerts.wording import Wording
from pipeline.models import Event
from pipeline.text import clean, safe_url

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "feed.callwatch")
MOST = 100
"""Entries at most, the latest first."""
TITLE = 240
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
"""The time of a feed in which nothing has happened yet: a feed must have one."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Entry:
    """An event with the call it happened to."""

    event: Event
    item: Item


def feed(key: str, name: str, entries: Iterable[Entry], words: Wording, address: str = "") -> bytes:
    """The feed of the subscription `key`, called `name`; `address` is where it is read, if that is known."""
    latest = sorted(entries, key=lambda e: (e.event.at, e.event.call_id, e.event.key), reverse=True)[:MOST]
    made = FeedGenerator()
    made.id(_id("feed", key))
    made.title(_text(clean(name, 100) or "callwatch"))
    made.updated(latest[0].event.at if latest else NEVER)
    made.author({"name": "callwatch"})
    made.generator("callwatch")
    made.language(words.language)
    if safe_url(address):
        made.link(href=safe_url(address), rel="self")
    for entry in latest:
        made.add_entry(_entry(entry, words), order="append")
    written: bytes = made.atom_str(pretty=True)
    return written


def _entry(entry: Entry, words: Wording) -> FeedEntry:
    event, item, made = entry.event, entry.item, FeedEntry()
    badge = words.t(telling.BADGES[event.kind])
    told = telling.change(Change(event.kind, event.at, event.before, event.after), words)
    made.id(_id("event", event.call_id, event.kind.value, event.key))
    made.title(_text(f"{badge}: {gist.title(item, TITLE)}"))
    made.updated(event.at)
    made.content(_text("\n".join(filter(None, (told, *gist.lines(item, words))))), type="text")
    url = safe_url(item.url)
    if url:
        made.link(href=url, rel="alternate")
    return made


def _id(*parts: str) -> str:
    return f"urn:uuid:{uuid.uuid5(NAMESPACE, '|'.join(parts))}"


def _text(text: str) -> str:
    """Without what XML cannot hold; `clean` has taken out most of it."""
    return _NOT_XML.sub("", text)
