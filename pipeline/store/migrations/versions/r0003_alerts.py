"""Reminders, posts and threads; choices, stops, imported contacts, consents, suppressions, conditions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Frozen here: a migration must go on meaning what it meant when it was released.
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
NEW = ("threads", "posts", "reminders")
PEOPLE = ("choices", "stops", "contacts", "consents", "suppressions", "keys", "conditions")


def upgrade() -> None:
    """Create them. Messages that were in the outbox stay as they are."""
    with op.batch_alter_table("messages") as table:
        table.add_column(sa.Column("due_at", UTC))
        table.add_column(sa.Column("unsure", sa.Boolean, nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("instead_of", sa.String, nullable=False, server_default=""))
    op.execute("UPDATE messages SET due_at = created_at")
    with op.batch_alter_table("messages") as table:
        table.alter_column("due_at", nullable=False)
        table.alter_column("unsure", server_default=None)
        table.alter_column("instead_of", server_default=None)
    for column in ("event_id", "message_id"):  # nothing looks for them, and they cost half of a large planning
        op.drop_index(f"ix_matches_{column}", "matches")
    op.create_index("ix_messages_channel_target_state", "messages", ["channel", "target", "state"])
    op.create_index("ix_messages_subscription", "messages", ["subscription"])
    _told()
    _people()
    _addresses()


def downgrade() -> None:
    """Drop them."""
    for name in (*NEW, *PEOPLE):
        op.drop_table(name)
    for column in ("event_id", "message_id"):
        op.create_index(f"ix_matches_{column}", "matches", [column])
    op.drop_index("ix_messages_subscription", "messages")
    op.drop_index("ix_messages_channel_target_state", "messages")
    with op.batch_alter_table("messages") as table:
        table.drop_column("instead_of")
        table.drop_column("unsure")
        table.drop_column("due_at")


def _text(name: str, *, long: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text if long else sa.String, nullable=False)


def _when(name: str) -> sa.Column[object]:
    return sa.Column(name, UTC, nullable=False)


def _message_of(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=f"fk_{table}_message_id_messages")


def _told() -> None:
    op.create_table(
        "reminders",
        *(_text("subscription"), _text("call_id"), _when("deadline_at")),
        sa.Column("days", sa.Integer, nullable=False),
        _text("message_id"),
        sa.PrimaryKeyConstraint("subscription", "call_id", "deadline_at", "days", name="pk_reminders"),
        _message_of("reminders"),
        comment="Reminded once: one row per subscription, stage of a call and lead time (0: the opening).",
    )
    op.create_index("ix_reminders_message_id", "reminders", ["message_id"])
    op.create_table(
        "posts",
        _text("message_id"),
        sa.Column("number", sa.Integer, nullable=False),
        *(_text("remote_id"), _when("sent_at")),
        sa.PrimaryKeyConstraint("message_id", "number", name="pk_posts"),
        _message_of("posts"),
        comment="What arrived of a message: a mail, a Slack post, a request. The next attempt goes on behind.",
    )
    op.create_index("ix_posts_remote_id", "posts", ["remote_id"])
    op.create_table(
        "threads",
        *(_text(name) for name in ("channel", "target", "call_id", "remote_id", "message_id")),
        sa.PrimaryKeyConstraint("channel", "target", "call_id", name="pk_threads"),
        _message_of("threads"),
        comment="The post in which a target was first told of a call; later posts about it hang below.",
    )
    op.create_index("ix_threads_message_id", "threads", ["message_id"])


def _people() -> None:
    op.create_table(
        "choices",
        *(_text("contact"), _text("call_id"), _text("choice"), _when("at"), _text("source")),
        sa.PrimaryKeyConstraint("contact", "call_id", name="pk_choices"),
        comment="What a contact said of one call (muted, followed, irrelevant), and where.",
    )
    op.create_table(
        "stops",
        *(_text("subscription"), _text("contact"), _when("at"), _text("source")),
        sa.PrimaryKeyConstraint("subscription", name="pk_stops"),
        comment="Subscriptions that their reader has stopped; the subscription itself is configuration.",
    )
    op.create_table(
        "contacts",
        *(_text("key"), _text("data", long=True), _text("subscriptions", long=True), _when("at"), _text("source")),
        sa.PrimaryKeyConstraint("key", name="pk_contacts"),
        comment="Contacts that were imported, beside those of subscriptions.yml: both as JSON of the same form.",
    )
    op.create_table(
        "consents",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        *(
            _text("contact"),
            _text("address"),
            _text("what"),
            _when("at"),
            _text("source"),
            _text("detail", long=True),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        sqlite_autoincrement=True,
        comment="A record that only grows: asked, given, withdrawn, erased. The address is a keyed hash.",
    )
    op.create_index("ix_consents_address", "consents", ["address"])
    op.create_index("ix_consents_contact", "consents", ["contact"])


def _addresses() -> None:
    op.create_table(
        "suppressions",
        *(_text("channel"), _text("address"), _text("reason", long=True), _when("at")),
        sa.PrimaryKeyConstraint("channel", "address", name="pk_suppressions"),
        comment="Addresses to which nothing is sent any more, as keyed hashes, so that they outlive an erasure.",
    )
    op.create_table(
        "keys",
        *(_text("name"), _text("value")),
        sa.PrimaryKeyConstraint("name", name="pk_keys"),
        comment="Small values by name: the key of the hashed addresses, the time of the last plan.",
    )
    op.create_table(
        "conditions",
        *(_text("key"), _when("since"), _text("detail", long=True), _when("last_seen"), sa.Column("over_at", UTC)),
        sa.PrimaryKeyConstraint("key", "since", name="pk_conditions"),
        comment="What is wrong and concerns operators; told once when it begins and once when it is over.",
    )
