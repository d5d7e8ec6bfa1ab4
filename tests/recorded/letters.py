"""The real days as three readers would have had them: `python -m tests.recorded.letters` prints every message.

A cluster's weekly letter, a university's alerts at once within office hours, an SME's daily look at cascade calls.
After each day's harvest callwatch plans every two hours until the next one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from pydantic import SecretStr

from alerts import render
from alerts.message import Message, decode
from callwatch.settings import Settings
from callwatch.telling import plan_messages
from callwatch.wiring import Wiring
from pipeline.store import Store
from tests.recorded import days

ROOT = Path(__file__).resolve().parents[2]
STEP = timedelta(hours=2)
LONGEST = timedelta(days=4)
"""After the last snapshot, and before one that lies weeks ahead, readers are followed so long."""

READER = {"language": "en", "time_zone": "Europe/Stockholm", "country": "SE", "vouched": True}
OFFICE = {"start": "07:30", "end": "17:00"}
BOOK: dict[str, Any] = {
    "contacts": {
        "cluster": {**READER, "name": "Norra Mobilitetsklustret", "language": "sv", "regions": ["north-sweden"]},
        "university": {**READER, "name": "Grants Office", "regions": ["north-sweden"], "window": OFFICE},
        "sme": {**READER, "name": "Timber & Sons", "reminders": [7]},
    },
    "subscriptions": [
        {"key": "mobility-weekly", "contact": "cluster", "channel": "console", "cadence": "weekly",
         "filters": {"ecosystems": ["mobility"]}},
        {"key": "research-north", "contact": "university", "channel": "console", "cadence": "at_once",
         "filters": {"regions": [{"region": "north-sweden", "least": 3}], "programmes": ["HORIZON"]}},
        {"key": "cascades", "contact": "sme", "channel": "console", "cadence": "daily",
         "filters": {"kinds": ["cascade"], "words": ["SME", "SMEs", "start-up*", "startup*"]}},
    ],
}  # fmt: skip


def messages(recorded: Path, folder: Path) -> list[Message]:
    """Every message of the recorded days, in the order in which it was written."""
    (folder / "subscriptions.yml").write_text(yaml.safe_dump(BOOK, allow_unicode=True), encoding="utf-8")
    written: list[Message] = []

    def until(begin: datetime, end: datetime, database: str) -> None:
        clock = [begin]
        wiring = _wiring(folder, database, clock)
        with Store.open(database) as store:
            while clock[0] < min(end, begin + LONGEST):
                written.extend(decode(each.payload) for each in plan_messages(wiring, store, clock[0]))
                clock[0] += STEP

    days.play(recorded, folder, after=until)
    return written


def _wiring(folder: Path, database: str, clock: list[datetime]) -> Wiring:
    now: Callable[[], datetime] = lambda: clock[0]  # noqa: E731 - the clock moves
    return Wiring(Settings(database_url=SecretStr(database), config=folder), now)


def lines(told: list[Message]) -> Iterator[str]:
    """All messages as their readers had them."""
    for message in told:
        yield f"{'=' * 78}\n{message.at:%a %Y-%m-%d %H:%M} UTC  to {message.contact}: {message.kind.value}\n"
        yield f"Subject: {render.subject(message)}\n\n{render.text(message)}\n"


if __name__ == "__main__":
    with TemporaryDirectory() as scratch:
        sys.stdout.writelines(lines(messages(ROOT.parent / "shared" / "data", Path(scratch))))
