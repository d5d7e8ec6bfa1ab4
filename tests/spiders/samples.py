"""Small indexes to crawl."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from callwatch.demo import items

TODAY = datetime.now(UTC).date()
START = date(2026, 1, 15)


def topics(n: int, *, first: int = 1, **changes: Any) -> list[items.Item]:
    """`n` English topics TRIAL-0001 and on."""
    later = TODAY + timedelta(days=90)
    return [
        items.topic(f"TRIAL-{number:04d}", **{"start": START, "deadlines": [later], **changes})
        for number in range(first, first + n)
    ]


def mixed() -> list[items.Item]:
    """230 topics, 4 translations, 3 cascade calls, 2 external actions, 2 news, 2 frozen copies; 243 documents."""
    some = topics(230)
    at = datetime(TODAY.year, TODAY.month, TODAY.day, 12, 30, 15, 250_000)
    translations = [items.translated(item, "sv", f"Ämne {i}") for i, item in enumerate(some[:4])]
    cascades = [
        items.cascade(9000 + i, parent=some[0], title=f"Cascade {i}", start=START, deadlines=[at])
        for i in range(3)
    ]
    prospects = [items.prospect(180_000 + i, title=f"Action {i}", start=START, deadline=at) for i in range(2)]
    news = [items.news(item, "The deadline has moved.", at - timedelta(days=3)) for item in some[:2]]
    return some + translations + cascades + prospects + news + [items.ghost(item) for item in some[:2]]
