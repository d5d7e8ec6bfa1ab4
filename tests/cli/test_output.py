"""Tables for people keep every column, however long the last one is."""

from __future__ import annotations

import pytest

from callwatch.cli import output


def test_a_long_last_cell_takes_no_room_of_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [("eu_funding_tenders", "P" * 60, "u" * 60, "word " * 60), ("ted", "", "", "")]
    output.table(("name", "publisher", "url", "note"), rows)
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split() == ["name", "publisher", "url", "note"]
    assert first.startswith("eu_funding_tenders  PPP")
    assert "word word" in first
    assert len(first) <= 180
    assert second.startswith("ted ")
