"""Bodies and versions kept as differences; what housekeeping deletes is found by index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BODY = "the body is kept as its difference to the one of this digest"
DATA = "the data are kept as their difference to the version of this number"


def upgrade() -> None:
    """Add the columns and the indexes."""
    op.add_column("raw_records", sa.Column("base", sa.String(64), comment=BODY))
    op.add_column("versions", sa.Column("base", sa.Integer, comment=DATA))
    op.create_index("ix_matches_event_id", "matches", ["event_id"])
    op.create_index("ix_matches_message_id", "matches", ["message_id"])


def downgrade() -> None:
    """Take them away. Raises RuntimeError where something is kept as a difference: only a backup leads back."""
    for table in ("raw_records", "versions"):
        if op.get_bind().scalar(sa.text(f"SELECT count(*) FROM {table} WHERE base IS NOT NULL")):  # noqa: S608
            raise RuntimeError(f"{table} holds differences: restore the backup that the upgrade made")
    op.drop_index("ix_matches_message_id", "matches")
    op.drop_index("ix_matches_event_id", "matches")
    with op.batch_alter_table("versions") as versions:
        versions.drop_column("base")
    with op.batch_alter_table("raw_records") as raw_records:
        raw_records.drop_column("base")
