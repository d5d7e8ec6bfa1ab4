"""Two portals break, one drifts, the mail server is away for three hours: operators hear of each twice, readers of
nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.delivery.smtp_server import MailServer
from tests.operation.bad_day import EU, FORMAS, VINNOVA, bad_day, table

EXPECTED = {
    "06:30": {"portal formas", "portal vinnova"},
    "08:00": {f"portal {EU}"},
    "11:30": {"queue"},
    "12:30": {"Over: queue"},
    "15:00": {"Over: portal formas", "Over: portal vinnova"},
    "16:00": {f"Over: portal {EU}"},
}


@pytest.mark.slow
def test_operators_hear_of_each_trouble_once_and_of_its_end(tmp_path: Path, mails: MailServer) -> None:
    with bad_day(tmp_path, mails) as day:
        day.play()
    today = day.today()
    told = {f"{hour.at:%H:%M}": {line.partition(",")[0] for line in hour.told} for hour in today if hour.told}
    shortened = {
        at: {x if x.startswith("Over") else x.partition(":")[0] for x in lines} for at, lines in told.items()
    }
    assert shortened == EXPECTED
    at = {f"{hour.at:%H:%M}": hour for hour in today}
    assert [at["14:30"].verdict(name) for name in (EU, VINNOVA, FORMAS)] == ["partial", "failed", "failed"]
    assert at["12:00"].standing == [f"portal {EU}", "portal formas", "portal vinnova", "queue"]
    assert at["12:00"].metrics["callwatch_oldest_due_message_seconds",] == 7200
    assert at["23:30"].standing == []
    assert [at["23:30"].verdict(name) for name in (EU, VINNOVA, FORMAS)] == ["complete"] * 3
    assert len(mails.mails) == len({mail.message_id for mail in mails.mails}) > 0
    assert len(list(table(day))) < 2 + len(today), "only what is otherwise than before is printed"
