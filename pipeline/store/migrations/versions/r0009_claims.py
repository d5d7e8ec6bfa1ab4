"""What is due is found in its order by an index, however much waits."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_messages_state_due_at_seq", "messages", ["state", "due_at", "seq"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_messages_state_due_at_seq", "messages")
