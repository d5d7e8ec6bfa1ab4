"""The table of what was due and what became of it."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from pipeline.store.tables import metadata
from pipeline.store.types import UtcDateTime

slots = Table(
    "slots",
    metadata,
    Column("job", String, nullable=False),
    Column("key", String, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("holder", String, nullable=False),
    Column("outcome", Text, nullable=False),
    PrimaryKeyConstraint("job", "key"),
    Index(None, "job", "due_at"),
    comment="Each time at which a job was due, once: who did it, and what came of it.",
)
