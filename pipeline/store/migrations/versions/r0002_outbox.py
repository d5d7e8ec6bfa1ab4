"""What was told to whom: subscriptions, messages, matches, deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Frozen here: a migration must go on meaning what it meant when it was released.
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Create the outbox."""
    op.create_table(
        "subscriptions",
        _text("key"),
        sa.Column("first_planned_at", UTC, nullable=False),
        sa.Column("planned_to", UTC, nullable=False),
        _text("last_period"),
        sa.PrimaryKeyConstraint("key", name="pk_subscriptions"),
        comment="What the store remembers of a subscription; the subscription itself is configuration.",
    )
    _messages()
    _matches()
    op.create_table(
        "deliveries",
        _text("message_id"),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("started_at", UTC, nullable=False),
        sa.Column("ended_at", UTC),
        _text("outcome"),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "attempt", name="pk_deliveries"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_deliveries_message_id_messages"),
    )


def downgrade() -> None:
    """Drop it."""
    for table in ("deliveries", "matches", "messages", "subscriptions"):
        op.drop_table(table)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=False)


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("seq", BIG, autoincrement=True, nullable=False),
        *(_text(name) for name in ("id", "contact", "subscription", "channel", "target", "kind")),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("event_ids", sa.Text, nullable=False),
        sa.Column("call_ids", sa.Text, nullable=False),
        _text("period"),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("not_before", UTC, nullable=False),
        _text("state"),
        sa.Column("attempts", sa.Integer, nullable=False),
        _text("lease_token"),
        sa.Column("lease_until", UTC),
        sa.Column("sent_at", UTC),
        _text("remote_id"),
        sa.Column("last_error", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_messages"),
        sa.UniqueConstraint("id", name="uq_messages_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_messages_state_not_before_seq", "messages", ["state", "not_before", "seq"])
    op.create_index("ix_messages_contact", "messages", ["contact"])


def _matches() -> None:
    op.create_table(
        "matches",
        _text("subscription"),
        sa.Column("event_id", BIG, nullable=False),
        _text("message_id"),
        sa.PrimaryKeyConstraint("subscription", "event_id", name="pk_matches"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_matches_event_id_events"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_matches_message_id_messages"),
        comment="Told once: one row per subscription and event, whatever the number of messages and attempts.",
    )
    for column in ("event_id", "message_id"):
        op.create_index(f"ix_matches_{column}", "matches", [column])
