"""Nights after three days of harvests: what is kept as differences is whole again, and a replay still works."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from callwatch import housekeeping
from callwatch.settings import Settings
from callwatch.wiring import Wiring
from pipeline.store import calls, raw
from pipeline.store.tables import raw_records, sightings, versions
from tests.harvest.commands import PORTAL, Callwatch
from tests.harvest.days import NOW
from tests.harvest.state import state, stored_calls
from tests.harvest.test_replay import eventful, later

__all__ = ["eventful", "later"]


def night(callwatch: Callwatch, days: float) -> housekeeping.Kept:
    """Housekeeping so many days after the first harvest."""
    database = SecretStr(f"sqlite:///{callwatch.folder / 'callwatch.db'}")
    wiring = Wiring(Settings(database_url=database))
    with wiring.store() as store:
        return housekeeping.keep(wiring, store, NOW + timedelta(days=days))


def bodies(callwatch: Callwatch) -> list[tuple[str, bytes]]:
    """Every body a document ever had, in order."""
    with callwatch.store() as store, store.read() as conn:
        families = calls.families(conn, PORTAL)
        return [
            (document.document, document.body)
            for home in sorted(families)
            for document in raw.history(conn, PORTAL, families[home])
        ]


def sizes(callwatch: Callwatch) -> tuple[int, int, int]:
    """Bytes of past bodies and versions, and how many are kept as differences."""
    past = select(func.coalesce(func.sum(func.length(versions.c.data)), 0))
    differences = select(func.count()).select_from(raw_records).where(raw_records.c.base.is_not(None))
    folded = select(func.count()).select_from(versions).where(versions.c.base.is_not(None))
    with callwatch.store() as store, store.read() as conn:
        return conn.scalar(past), conn.scalar(differences), conn.scalar(folded)


def test_folding_loses_nothing(later: Callwatch) -> None:
    before, read = state(later), bodies(later)
    bytes_before = sizes(later)[0]
    assert night(later, 3).folded > 0
    after = sizes(later)
    assert min(after[1:]) > 0
    assert after[0] < bytes_before
    assert (state(later), bodies(later)) == (before, read)
    assert night(later, 4).folded == 0
    done = later("replay", PORTAL, "--json")
    assert done.json["different"] == 0
    assert state(later) == before
    assert sizes(later) == after


@pytest.mark.slow
def test_long_after_everything_is_over_the_first_and_the_last_state_are_left(later: Callwatch) -> None:
    before, read, present = state(later), bodies(later), stored_calls(later)
    thinned = night(later, 2000)
    assert thinned.thinned >= len(present) - 5  # calls without a last deadline go on
    after = state(later)
    assert stored_calls(later) == present
    for call_id, past in before.versions.items():
        assert after.versions[call_id] in (past, list(dict.fromkeys([past[0], past[-1]])))
    assert len(after.events) < len(before.events) / 10
    for document in {name for name, _ in read}:
        had = [body for name, body in read if name == document]
        assert [body for name, body in bodies(later) if name == document] in (had, [had[0], had[-1]], [had[-1]])
    with later.store() as store, store.read() as conn:
        assert conn.scalar(select(func.count()).select_from(sightings)) < len(read)
    done = later("replay", PORTAL, "--json")
    assert (done.code, done.json["different"]) == (0, 0)
    assert {name: stored.call for name, stored in stored_calls(later).items()} == {
        name: stored.call for name, stored in present.items()
    }
    assert night(later, 2001).thinned == 0
