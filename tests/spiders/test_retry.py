"""When to try again, and how long to wait."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from scrapy.http import Response

from spiders.retry import back_off, retry_after

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        (" 7 ", 7.0),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 12:00:30 -0000", 30.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1e9", None),
        ("99999999999999999999", None),
        ("²", None),
    ],
)
def test_what_a_server_asks_for(text: str, seconds: float | None) -> None:
    headers = {"Retry-After": text.encode("utf-8")} if text else {}
    assert retry_after(Response("https://h/", headers=headers), NOW) == seconds


@pytest.mark.parametrize(
    ("times", "asked", "seconds"),
    [
        (0, None, 2),
        (1, None, 4),
        (3, None, 16),
        (9, None, 100),
        (1000, None, 100),
        (0, 5, 5),
        (0, 0, 0),
        (0, 3600, 100),
    ],
)
def test_pauses_double_up_to_the_longest_and_the_server_s_wish_counts(
    times: int, asked: float | None, seconds: float
) -> None:
    assert back_off(times, 2, 100, asked) == seconds
