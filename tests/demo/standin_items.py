"""A handful of items for the stand-in's tests; none of it is anybody's call."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from callwatch.demo import items

TODAY = date(2026, 11, 23)


def day(offset: int) -> date:
    return TODAY + timedelta(days=offset)


def topics(count: int, stem: str = "TRIAL-CL5-2027-01") -> list[items.Item]:
    """Open topics with identifiers …-001, …-002 and so on, all opened on the same day."""
    return [
        items.topic(f"{stem}-{n:03d}", start=day(-30), deadlines=[day(40 + n)], title=f"Trial number {n}")
        for n in range(1, count + 1)
    ]


def small_index() -> list[items.Item]:
    """Every kind of row the portal's index holds, one or two of each."""
    alpha = items.topic("TRIAL-A-2027-01", start=day(-10), deadlines=[day(60)], title="Green steel")
    beta = items.topic(
        "TRIAL-B-2027-01",
        start=day(20),
        deadlines=[day(90), day(200)],
        status=items.FORTHCOMING,
        title="Quiet drones",
    )
    gamma = items.topic(
        "TRIAL-C-2024-01",
        start=day(-700),
        deadlines=[day(-600)],
        status=items.CLOSED,
        programme="43252449",
        title="Old coal",
    )
    cascade = items.cascade(
        15301,
        parent=alpha,
        title="Vouchers for small steel firms",
        start=day(-5),
        deadlines=[datetime(2027, 2, 1, 17, 0)],
    )
    prospect = items.prospect(
        181234, title="Roads in the highlands", start=day(-5), deadline=datetime(2027, 1, 15, 21, 59, 13, 417000)
    )
    return [
        alpha,
        items.translated(alpha, "sv", "Grönt stål"),
        items.translated(alpha, "bg", "Зелена стомана"),
        items.news(alpha, "<p>The submission session is now open.</p>", datetime(2026, 11, 20, 8, 0)),
        items.ghost(gamma),
        beta,
        gamma,
        cascade,
        prospect,
    ]
