"""Five years at 1,000 changes a day stay below 2 GB; here two of them at a small scale, in steps of a week."""

from __future__ import annotations

import pytest

from tests.operation.five_years import LIMIT, played

SCALE = 200


@pytest.mark.slow
def test_the_database_stops_growing_with_what_happened() -> None:
    """Against the same two years without housekeeping; the second year adds little more than its calls."""
    kept, everything = (played(SCALE, years=2, step=7, keeps_house=keeps) for keeps in (True, False))
    assert kept[-1].rows["calls"] > 1.8 * kept[0].rows["calls"]
    assert kept[-1].bytes * SCALE < LIMIT * 0.9
    assert kept[-1].bytes < everything[-1].bytes / 3
    assert kept[-1].rows["events"] < everything[-1].rows["events"] / 1.7
    assert kept[-1].rows["issues"] < everything[-1].rows["issues"] / 4
