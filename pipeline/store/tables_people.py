"""Tables of people: what they chose, what they stopped, who they are, what they agreed to, which addresses are
dead."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, PrimaryKeyConstraint, String, Table, Text

from pipeline.store.tables import metadata
from pipeline.store.types import BIG, UtcDateTime

__all__ = [
    "bounces",
    "choices",
    "conditions",
    "consents",
    "contacts",
    "keys",
    "metadata",
    "stops",
    "suppressions",
]

choices = Table(
    "choices",
    metadata,
    Column("contact", String, nullable=False),
    Column("call_id", String, nullable=False),
    Column("choice", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("source", String, nullable=False),
    PrimaryKeyConstraint("contact", "call_id"),
    comment="What a contact said of one call (muted, followed, irrelevant), and where.",
)

stops = Table(
    "stops",
    metadata,
    Column("subscription", String, primary_key=True),
    Column("contact", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("source", String, nullable=False),
    comment="Subscriptions that their reader has stopped; the subscription itself is configuration.",
)

contacts = Table(
    "contacts",
    metadata,
    Column("key", String, primary_key=True),
    Column("data", Text, nullable=False),
    Column("subscriptions", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("source", String, nullable=False),
    comment="Contacts that were imported, beside those of subscriptions.yml: both as JSON of the same form.",
)

consents = Table(
    "consents",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("contact", String, nullable=False),
    Column("address", String, nullable=False),
    Column("what", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("source", String, nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "address"),
    Index(None, "contact"),
    sqlite_autoincrement=True,
    comment="A record that only grows: asked, given, withdrawn, erased. The address is a keyed hash.",
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("channel", String, nullable=False),
    Column("address", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("channel", "address"),
    comment="Addresses to which nothing is sent any more, as keyed hashes, so that they outlive an erasure.",
)

keys = Table(
    "keys",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
    comment="Small values by name: the key of the hashed addresses, the time of the last plan.",
)

conditions = Table(
    "conditions",
    metadata,
    Column("key", String, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("detail", Text, nullable=False),
    Column("last_seen", UtcDateTime, nullable=False),
    Column("over_at", UtcDateTime),
    PrimaryKeyConstraint("key", "since"),
    comment="What is wrong and concerns operators; told once when it begins and once when it is over.",
)

bounces = Table(
    "bounces",
    metadata,
    Column("message_id", String, ForeignKey("messages.id"), nullable=False),
    Column("address", String, nullable=False),
    Column("status", String, nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("forgiven", Boolean, nullable=False),
    PrimaryKeyConstraint("message_id", "address"),
    Index(None, "address"),
    comment="Mails that came back, once per message and address (keyed hash). Forgiven ones count no more.",
)
