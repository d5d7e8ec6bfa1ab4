"""What is remembered of portals' pages, so that they need not be read again while they have not changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "pages",
        *(sa.Column(name, sa.String, nullable=False) for name in ("portal", "url", "reading")),
        *(sa.Column(name, sa.String, nullable=False) for name in ("etag", "last_modified", "lastmod")),
        sa.Column("found", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("portal", "url", name="pk_pages"),
        comment="Pages as they were last read, and how (Portal.reading): validators; documents or entries (JSON).",
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("pages")
