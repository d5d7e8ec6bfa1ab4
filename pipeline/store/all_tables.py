"""Every table of callwatch under one name, for the migrations."""

from pipeline.store import tables_links, tables_outbox, tables_people, tables_slots
from pipeline.store.tables import metadata

__all__ = ["metadata", "tables_links", "tables_outbox", "tables_people", "tables_slots"]
