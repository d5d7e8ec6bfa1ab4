"""The database of callwatch: the only place with SQL. SQLite by default, PostgreSQL by address.

with Store.open("sqlite:///callwatch.db") as store:
    with store.begin() as tx:
        raw.stage(tx, run_id, batch, now)
    with store.read() as tx:
        for stored in calls.query(tx, programme="HORIZON"):
            ...
"""

from sqlalchemy import Connection

from pipeline.store import bounces, calls, conditions, contacts, events, links, marks, people, raw, runs
from pipeline.store.engine import Store
from pipeline.store.outbox import Outbox

__all__ = [
    "Connection",
    "Outbox",
    "Store",
    "bounces",
    "calls",
    "conditions",
    "contacts",
    "events",
    "links",
    "marks",
    "people",
    "raw",
    "runs",
]
