"""Tables outside a terminal: no column vanishes, however much the last one says."""

from __future__ import annotations

import pytest

from callwatch.cli import output


@pytest.mark.parametrize("wide", [10, 40])
def test_narrow_columns_stay_beside_a_long_last_one(wide: int, capsys: pytest.CaptureFixture[str]) -> None:
    columns = ("portal", "issues", *(f"column {number}" for number in range(wide // 8)), "misses", "note")
    middle = ["x" * wide] * (wide // 8)
    output.table(columns, [["one", "7", *middle, "0", "off: " + "why " * 60], ["two", "8", *middle, "3", ""]])
    head, one, two = capsys.readouterr().out.splitlines()
    assert head.split()[:2] == ["portal", "issues"]
    assert head.split()[-2:] == ["misses", "note"]
    assert one.split()[:2] == ["one", "7"]
    assert one.split()[2 + len(middle) : 5 + len(middle)] in (["0", "off:", "why"], ["0", "off…"], ["0", "of…"])
    assert two.split() == ["two", "8", *middle, "3"]
