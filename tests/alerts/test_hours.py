"""What the star behind an hour means depends on whose rule filled the hour in."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from alerts import hours
from alerts.wording import Wording
from pipeline.dates import RULE_17, RULE_DAY_STOCKHOLM
from pipeline.models import Deadline, Precision

AT = datetime(2027, 1, 19, 16, tzinfo=UTC)
BRUSSELS = Deadline(AT, "single", Precision.DATE, RULE_17)
STOCKHOLM = Deadline(AT, "single", Precision.DATE, RULE_DAY_STOCKHOLM)
EXACT = Deadline(AT, "single", Precision.EXACT)
OF_BRUSSELS = "* The portal names only the day; 17:00 in Brussels is its general rule."
NOT_SAID = "* The portal names only the day; the hour can be earlier. Check with the portal."


@pytest.mark.parametrize(
    ("deadlines", "told"),
    [
        ([EXACT], []),
        ([BRUSSELS, EXACT], [OF_BRUSSELS]),
        ([STOCKHOLM, STOCKHOLM], [NOT_SAID]),
        ([STOCKHOLM, BRUSSELS], [OF_BRUSSELS, NOT_SAID]),
    ],
)
def test_each_rule_is_told_once(deadlines: list[Deadline], told: list[str]) -> None:
    assert list(hours.notes(deadlines, Wording("en", ZoneInfo("Europe/Stockholm")))) == told
