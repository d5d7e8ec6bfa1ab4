"""What was due, and what became of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Frozen here: a migration must go on meaning what it meant when it was released.
UTC = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "slots",
        *(sa.Column(name, sa.String, nullable=False) for name in ("job", "key")),
        sa.Column("due_at", UTC, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("begun_at", UTC, nullable=False),
        sa.Column("ended_at", UTC),
        sa.Column("holder", sa.String, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("job", "key", name="pk_slots"),
        comment="Each time at which a job was due, once: who did it, and what came of it.",
    )
    op.create_index("ix_slots_job_due_at", "slots", ["job", "due_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("slots")
