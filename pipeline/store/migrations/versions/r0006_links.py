"""Links between calls of different portals, and the names by which they are found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Frozen here: a migration must go on meaning what it meant when it was released.
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "links",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("call_id", "other_id")),
        sa.Column("pair", sa.String, nullable=False, comment="both ids in order, so that a pair has one link"),
        *(sa.Column(name, sa.String, nullable=False) for name in ("kind", "rule")),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_links"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_links_call_id_calls"),
        sa.ForeignKeyConstraint(["other_id"], ["calls.id"], name="fk_links_other_id_calls"),
        sa.UniqueConstraint("pair", name="uq_links_pair"),
        sqlite_autoincrement=True,
        comment="Two calls that are one or belong together: linked, proposed, rejected, undone.",
    )
    for name in ("call_id", "other_id", "state"):
        op.create_index(f"ix_links_{name}", "links", [name])
    op.create_table(
        "link_names",
        *(sa.Column(name, sa.String, nullable=False) for name in ("call_id", "role", "key")),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("call_id", "role", "key", name="pk_link_names"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_link_names_call_id_calls"),
        comment="Names of calls, and those they mention. The role seen: up to which version they were read.",
    )
    op.create_index("ix_link_names_key", "link_names", ["key"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("link_names")
    op.drop_table("links")
