"""Mails that came back, so that the same report counts once and three of them can be told from one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Frozen here: a migration must go on meaning what it meant when it was released.
UTC = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "bounces",
        *(sa.Column(name, sa.String, nullable=False) for name in ("message_id", "address", "status")),
        *(sa.Column(name, UTC, nullable=False) for name in ("sent_at", "at")),
        sa.Column("forgiven", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "address", name="pk_bounces"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_bounces_message_id_messages"),
        comment="Mails that came back, once per message and address (keyed hash). Forgiven ones count no more.",
    )
    op.create_index("ix_bounces_address", "bounces", ["address"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("bounces")
