"""All tables of callwatch, in the words of docs/design.md. The migrations create exactly these.

Bodies and payloads are bytes (`codec.pack`), small values JSON text, instants UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from pipeline.store.types import BIG, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

raw_records = Table(
    "raw_records",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("portal", String, nullable=False),
    Column("document", String, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("call_reference", String, nullable=False),
    Column("role", String, nullable=False),
    Column("language", String, nullable=False),
    Column("url", String, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("run_id", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("base", String(64), comment="the body is kept as its difference to the one of this digest"),
    UniqueConstraint("portal", "document", "digest"),
    Index(None, "portal", "call_reference"),
    comment="Every distinct body a portal ever gave for a document.",
)

sightings = Table(
    "sightings",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("portal", String, nullable=False),
    Column("document", String, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("run_id", String, nullable=False),
    Index(None, "portal", "document", "digest"),
    comment="Each time a document took a body, also one it had before; what a replay walks through.",
)

documents = Table(
    "documents",
    metadata,
    Column("portal", String, nullable=False),
    Column("document", String, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("processed_digest", String(64)),
    Column("call_reference", String, nullable=False),
    Column("role", String, nullable=False),
    Column("language", String, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("run_id", String, nullable=False, comment="the run that brought the current body"),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("last_seen", UtcDateTime, nullable=False),
    Column("last_run", String, nullable=False),
    PrimaryKeyConstraint("portal", "document"),
    Index(None, "portal", "call_reference"),
    comment="The documents of a portal, each with its current body and the body last made into a call.",
)

pages = Table(
    "pages",
    metadata,
    Column("portal", String, nullable=False),
    Column("url", String, nullable=False),
    Column("reading", String, nullable=False),
    Column("etag", String, nullable=False),
    Column("last_modified", String, nullable=False),
    Column("lastmod", String, nullable=False),
    Column("found", Text, nullable=False),
    PrimaryKeyConstraint("portal", "url"),
    comment="Pages as they were last read, and how (Portal.reading): validators; documents or entries (JSON).",
)

calls = Table(
    "calls",
    metadata,
    Column("id", String, primary_key=True),
    Column("portal", String, nullable=False),
    Column("reference", String, nullable=False),
    Column("identifier", String, nullable=False),
    Column("call_identifier", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("programme", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("status", String, nullable=False, comment="the last one that readers were told of"),
    Column("portal_status", String, nullable=False),
    Column("opens_at", UtcDateTime),
    Column("last_deadline_at", UtcDateTime, comment="when the last deadline is over; a bare date: at midnight"),
    Column("budget_total", String, comment="decimal number in units of currency"),
    Column("currency", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("classification", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("last_seen", UtcDateTime, nullable=False),
    Column("misses", Integer, nullable=False),
    Column("missed_since", UtcDateTime),
    Column("gone_since", UtcDateTime),
    UniqueConstraint("portal", "reference"),
    Index(None, "last_deadline_at"),
    Index(None, "identifier"),
    Index(None, "programme"),
)

call_keys = Table(
    "call_keys",
    metadata,
    Column("portal", String, nullable=False),
    Column("key", String, nullable=False),
    Column("call_id", String, ForeignKey("calls.id"), nullable=False, index=True),
    PrimaryKeyConstraint("portal", "key"),
    comment="References and witnesses under which a call is or was known.",
)

versions = Table(
    "versions",
    metadata,
    Column("call_id", String, ForeignKey("calls.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("run_id", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("base", Integer, comment="the data are kept as their difference to the version of this number"),
    PrimaryKeyConstraint("call_id", "number"),
    comment="The states of calls; the present one is that whose number is calls.version.",
)

events = Table(
    "events",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("call_id", String, ForeignKey("calls.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("key", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("run_id", String, nullable=False),
    Column("before", Text),
    Column("after", Text),
    UniqueConstraint("call_id", "kind", "key"),
    Index(None, "at"),
    sqlite_autoincrement=True,
)

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("portal", String, nullable=False),
    Column("slot", String),
    Column(
        "whole",
        Boolean,
        nullable=False,
        comment="False: only a part was asked for, so counts compare with nothing",
    ),
    Column("state", String, nullable=False),
    Column("verdict", String),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("heartbeat_at", UtcDateTime, nullable=False),
    Column("host", String, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("expected", Integer, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("stored", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("issue_count", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("report", Text, comment="JSON of the RunReport without its issues; NULL until the run is finished"),
    UniqueConstraint("portal", "slot"),
    Index(None, "portal", "started_at"),
)

issues = Table(
    "issues",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("run_id", String, ForeignKey("runs.id"), nullable=False, index=True),
    Column("reference", String, nullable=False),
    Column("field", String, nullable=False),
    Column("problem", Text, nullable=False),
)
