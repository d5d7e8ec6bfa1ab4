"""Tables of what was told to whom: subscriptions, messages, matches, reminders, deliveries, posts, threads."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from pipeline.store.tables import metadata
from pipeline.store.types import BIG, UtcDateTime

__all__ = [
    "deliveries",
    "matches",
    "messages",
    "metadata",
    "posts",
    "reminders",
    "subscriptions",
    "threads",
]

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("key", String, primary_key=True),
    Column("first_planned_at", UtcDateTime, nullable=False),
    Column("planned_to", UtcDateTime, nullable=False),
    Column("last_period", String, nullable=False),
    comment="What the store remembers of a subscription; the subscription itself is configuration.",
)

messages = Table(
    "messages",
    metadata,
    Column("seq", BIG, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False),
    Column("contact", String, nullable=False),
    Column("subscription", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("target", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("event_ids", Text, nullable=False),
    Column("call_ids", Text, nullable=False),
    Column("period", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_token", String, nullable=False),
    Column("lease_until", UtcDateTime),
    Column("sent_at", UtcDateTime),
    Column("remote_id", String, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("unsure", Boolean, nullable=False),
    Column("instead_of", String, nullable=False),
    UniqueConstraint("id"),
    Index(None, "state", "not_before", "seq"),
    Index(None, "state", "due_at", "seq"),
    Index(None, "channel", "target", "state"),
    Index(None, "contact"),
    Index(None, "subscription"),
    sqlite_autoincrement=True,
)

matches = Table(
    "matches",
    metadata,
    Column("subscription", String, nullable=False),
    Column("event_id", BIG, ForeignKey("events.id"), nullable=False, index=True),
    Column("message_id", String, ForeignKey("messages.id"), nullable=False, index=True),
    PrimaryKeyConstraint("subscription", "event_id"),
    comment="Told once: one row per subscription and event, whatever the number of messages and attempts.",
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("message_id", String, ForeignKey("messages.id"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("outcome", String, nullable=False),
    Column("detail", Text, nullable=False),
    PrimaryKeyConstraint("message_id", "attempt"),
)

reminders = Table(
    "reminders",
    metadata,
    Column("subscription", String, nullable=False),
    Column("call_id", String, nullable=False),
    Column("deadline_at", UtcDateTime, nullable=False),
    Column("days", Integer, nullable=False),
    Column("message_id", String, ForeignKey("messages.id"), nullable=False, index=True),
    PrimaryKeyConstraint("subscription", "call_id", "deadline_at", "days"),
    comment="Reminded once: one row per subscription, stage of a call and lead time (0: the opening).",
)

posts = Table(
    "posts",
    metadata,
    Column("message_id", String, ForeignKey("messages.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("remote_id", String, nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("message_id", "number"),
    Index(None, "remote_id"),
    comment="What arrived of a message: a mail, a Slack post, a request. The next attempt goes on behind.",
)

threads = Table(
    "threads",
    metadata,
    Column("channel", String, nullable=False),
    Column("target", String, nullable=False),
    Column("call_id", String, nullable=False),
    Column("remote_id", String, nullable=False),
    Column("message_id", String, ForeignKey("messages.id"), nullable=False, index=True),
    PrimaryKeyConstraint("channel", "target", "call_id"),
    comment="The post in which a target was first told of a call; later posts about it hang below.",
)
