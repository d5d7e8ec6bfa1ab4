"""Tables of links between calls, and of the names by which they are found."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from pipeline.store.tables import metadata
from pipeline.store.types import BIG, UtcDateTime

__all__ = ["link_names", "links", "metadata"]

links = Table(
    "links",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("call_id", String, ForeignKey("calls.id"), nullable=False),
    Column("other_id", String, ForeignKey("calls.id"), nullable=False, index=True),
    Column("pair", String, nullable=False, comment="both ids in order, so that a pair has one link"),
    Column("kind", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String, nullable=False),
    UniqueConstraint("pair"),
    Index(None, "call_id"),
    sqlite_autoincrement=True,
    comment="Two calls that are one or belong together: linked, proposed, rejected, undone.",
)

link_names = Table(
    "link_names",
    metadata,
    Column("call_id", String, ForeignKey("calls.id"), nullable=False),
    Column("role", String, nullable=False),
    Column("key", String, nullable=False, index=True),
    Column("words", Text, nullable=False),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("call_id", "role", "key"),
    comment="Names of calls, and those they mention. The role seen: up to which version they were read.",
)
