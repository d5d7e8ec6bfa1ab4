"""Run by Alembic: migrate over the connection that `pipeline.store.upgrade` (or a developer's script) passes in.

The caller holds the transaction, so that all migrations of one upgrade become true together.
"""

from __future__ import annotations

from alembic import context

from pipeline.store.all_tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
