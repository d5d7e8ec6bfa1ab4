"""Work is done in peace and libraries are read in part, and afterwards everything is as it was."""

from __future__ import annotations

import gc
import sys

import pytest

from callwatch.lean import SELDOM, calm, without


def test_the_collector_is_back_at_its_work_whatever_happened() -> None:
    before = gc.get_threshold()

    def fails() -> None:
        with calm():
            assert gc.get_threshold() == (SELDOM, *before[1:])
            raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        fails()
    assert gc.get_threshold() == before


def test_what_is_left_out_is_there_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with without("colorsys", "json"):
        with pytest.raises(ImportError):
            import colorsys
        import json  # has been imported before

        assert json.loads("1") == 1
    import colorsys

    assert colorsys.rgb_to_hsv(0, 0, 0) == (0, 0, 0)
