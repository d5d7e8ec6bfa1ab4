"""Raw records, calls, events and runs."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Frozen here: a migration must go on meaning what it meant when it was released.
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Create the tables of a harvest."""
    _raw()
    _calls()
    _history()
    _runs()


def downgrade() -> None:
    """Drop them."""
    for table in ("issues", "runs", "events", "versions", "call_keys", "calls"):
        op.drop_table(table)
    for table in ("documents", "sightings", "raw_records"):
        op.drop_table(table)


def _text(name: str, length: int | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, UTC, nullable=nullable)


def _id() -> sa.Column[int]:
    return sa.Column("id", BIG, autoincrement=True, nullable=False)


def _raw() -> None:
    op.create_table(
        "raw_records",
        _id(),
        _text("portal"),
        _text("document"),
        _text("digest", 64),
        _text("call_reference"),
        _text("role"),
        _text("language"),
        _text("url"),
        _time("fetched_at"),
        _text("run_id"),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_raw_records"),
        sa.UniqueConstraint("portal", "document", "digest", name="uq_raw_records_portal_document_digest"),
        comment="Every distinct body a portal ever gave for a document.",
    )
    op.create_index("ix_raw_records_portal_call_reference", "raw_records", ["portal", "call_reference"])
    op.create_table(
        "sightings",
        _id(),
        _text("portal"),
        _text("document"),
        _text("digest", 64),
        _time("fetched_at"),
        _text("run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sightings"),
        comment="Each time a document took a body, also one it had before; what a replay walks through.",
    )
    op.create_index("ix_sightings_portal_document_digest", "sightings", ["portal", "document", "digest"])
    op.create_table(
        "documents",
        _text("portal"),
        _text("document"),
        _text("digest", 64),
        sa.Column("processed_digest", sa.String(64)),
        _text("call_reference"),
        _text("role"),
        _text("language"),
        _time("fetched_at"),
        sa.Column("run_id", sa.String, nullable=False, comment="the run that brought the current body"),
        _time("first_seen"),
        _time("last_seen"),
        _text("last_run"),
        sa.PrimaryKeyConstraint("portal", "document", name="pk_documents"),
        comment="The documents of a portal, each with its current body and the body last made into a call.",
    )
    op.create_index("ix_documents_portal_call_reference", "documents", ["portal", "call_reference"])


def _calls() -> None:
    op.create_table(
        "calls",
        _text("id"),
        _text("portal"),
        _text("reference"),
        _text("identifier"),
        _text("call_identifier"),
        _text("kind"),
        _text("programme"),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("status", sa.String, nullable=False, comment="the last one that readers were told of"),
        _text("portal_status"),
        _time("opens_at", nullable=True),
        sa.Column("last_deadline_at", UTC, comment="when the last deadline is over; a bare date: at midnight"),
        sa.Column("budget_total", sa.String, comment="decimal number in units of currency"),
        _text("currency"),
        _text("fingerprint"),
        sa.Column("classification", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        _time("first_seen"),
        _time("last_seen"),
        sa.Column("misses", sa.Integer, nullable=False),
        _time("missed_since", nullable=True),
        _time("gone_since", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
        sa.UniqueConstraint("portal", "reference", name="uq_calls_portal_reference"),
    )
    for column in ("last_deadline_at", "identifier", "programme"):
        op.create_index(f"ix_calls_{column}", "calls", [column])


def _history() -> None:
    op.create_table(
        "call_keys",
        _text("portal"),
        _text("key"),
        _text("call_id"),
        sa.PrimaryKeyConstraint("portal", "key", name="pk_call_keys"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_call_keys_call_id_calls"),
        comment="References and witnesses under which a call is or was known.",
    )
    op.create_index("ix_call_keys_call_id", "call_keys", ["call_id"])
    op.create_table(
        "versions",
        _text("call_id"),
        sa.Column("number", sa.Integer, nullable=False),
        _time("at"),
        _text("run_id"),
        _text("fingerprint"),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("call_id", "number", name="pk_versions"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_versions_call_id_calls"),
        comment="The states of calls; the present one is that whose number is calls.version.",
    )
    op.create_table(
        "events",
        _id(),
        _text("call_id"),
        _text("kind"),
        _text("key"),
        _time("at"),
        _text("run_id"),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.UniqueConstraint("call_id", "kind", "key", name="uq_events_call_id_kind_key"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_events_call_id_calls"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_at", "events", ["at"])


_WHOLE = "False: only a part was asked for, so counts compare with nothing"


def _runs() -> None:
    op.create_table(
        "runs",
        _text("id"),
        _text("portal"),
        sa.Column("slot", sa.String),
        sa.Column("whole", sa.Boolean, nullable=False, comment=_WHOLE),
        _text("state"),
        sa.Column("verdict", sa.String),
        _time("started_at"),
        _time("finished_at", nullable=True),
        _time("heartbeat_at"),
        _text("host"),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in (
                "pid",
                "expected",
                "seen",
                "stored",
                "new",
                "changed",
                "unchanged",
                "issue_count",
                "pages",
            )
        ),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column(
            "report", sa.Text, comment="JSON of the RunReport without its issues; NULL until the run is finished"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.UniqueConstraint("portal", "slot", name="uq_runs_portal_slot"),
    )
    op.create_index("ix_runs_portal_started_at", "runs", ["portal", "started_at"])
    op.create_table(
        "issues",
        _id(),
        _text("run_id"),
        _text("reference"),
        _text("field"),
        sa.Column("problem", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_issues"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_issues_run_id_runs"),
    )
    op.create_index("ix_issues_run_id", "issues", ["run_id"])
