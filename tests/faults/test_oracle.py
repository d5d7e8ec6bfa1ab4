"""The oracle of the soak sees what is lost, doubled, ambiguous or strange, however it is written."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from callwatch.demo.standin.server import StandIn
from tests.faults.came import Came, Difference, came, difference
from tests.faults.changing import EARLIER, LATER, NEW, Changing, Told, destinations
from tests.faults.crowd import Kill
from tests.faults.measured import _killed, percentile
from tests.faults.soak import book

MAIL = """2 calls you should know about

DEADLINE BROUGHT FORWARD · Open · 80 days left
Better roads through cedar woods, part 2
  ! From 24 February 2027 to 14 February 2027
  What: Horizon Europe, TRIAL-0002
  https://portal.example/topic-details/TRIAL-0002

1 MORE CALL
- Better roads through dogwood woods, part 3 – New
  call · 24 February 2027, 90 days left · TRIAL-
  0003
  https://portal.example/topic-details/TRIAL-0003

STILL OPEN FOR YOU
- Better roads through alder woods, part 0 – 24 February 2027, 90 days left · TRIAL-0000
"""
CARD = "🟠 *Deadline extended* · Open\n<https://portal.example/topic-details/TRIAL-0001|Roads>\n*What:* TRIAL-0001"
LINE = "• <https://portal.example/topic-details/TRIAL-0004|Roads> – New call · 24 February 2027 · TRIAL-0004"


def noted(folder: Path) -> None:
    """Logs as the servers write them."""
    mail = {"id": "<m1@callwatch.example>", "to": "a@reader.example", "size": 1, "at": 5.0, "text": MAIL}
    mark = {"event_payload": {"message_id": "m2", "post": 3}}
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": text}} for text in (CARD, LINE)]
    post = {"channel": "C00000001", "blocks": blocks, "metadata": mark, "at": 7.0}
    (folder / "mails.jsonl").write_text(json.dumps(mail) + "\n")
    (folder / "posts.jsonl").write_text(json.dumps(post) + "\n")


def test_what_is_read_in_mails_and_posts(tmp_path: Path) -> None:
    noted(tmp_path)
    assert came(tmp_path) == [
        Came(Told("a@reader.example", "TRIAL-0002", EARLIER), ("m1", 1), 5.0),
        Came(Told("a@reader.example", "TRIAL-0003", NEW), ("m1", 1), 5.0),
        Came(Told("C00000001", "TRIAL-0001", LATER), ("m2", 3), 7.0),
        Came(Told("C00000001", "TRIAL-0004", NEW), ("m2", 3), 7.0),
    ]


A, B, SLACK = (Told(target, "TRIAL-0001", NEW) for target in ("a@x.example", "b@x.example", "C00000001"))


@pytest.mark.parametrize(
    ("posts", "found"),
    [
        ([(A, "m1"), (B, "m2"), (SLACK, "m3")], {}),
        ([(A, "m1"), (SLACK, "m3")], {"lost": 1}),
        ([(A, "m1"), (A, "m1"), (B, "m2"), (SLACK, "m3")], {"ambiguous": 1}),
        ([(A, "m1"), (A, "m4"), (B, "m2"), (SLACK, "m3")], {"duplicates": 1}),
        ([(A, "m1"), (B, "m2"), (SLACK, "m3"), (SLACK, "m3")], {"duplicates": 1}),
        ([(A, "m1"), (B, "m2"), (SLACK, "m3"), (A._replace(what=LATER), "m1")], {"strange": 1}),
    ],
)
def test_what_is_wrong_is_seen(posts: list[tuple[Told, str]], found: dict[str, int]) -> None:
    seen = difference({A, B, SLACK}, [Came(told, (name, 1), 0.0) for told, name in posts])
    assert seen.examples or not found or "ambiguous" in found
    whole: dict[str, Any] = dict.fromkeys(("lost", "duplicates", "ambiguous", "strange"), 0) | found
    assert seen == Difference(expected=3, examples=seen.examples, **whole)
    assert seen.is_exact == (not found or "ambiguous" in found)


def test_what_must_be_told_follows_from_what_the_portal_showed() -> None:
    with StandIn([]) as portal:
        changing = Changing(portal, Random(1), known=20)
        for _ in range(30):
            changing.step()
    wanted = destinations(book(datetime(2026, 11, 26, tzinfo=UTC)))
    expected = changing.expected(book(datetime(2026, 11, 26, tzinfo=UTC)))
    assert set(changing.happened.values()) == {NEW, LATER, EARLIER}
    assert len({(told.target, told.call) for told in expected}) == len(expected)
    assert {told.target for told in expected} == set(wanted)


def test_seconds_in_order() -> None:
    assert [percentile([3.0, 1.0, 2.0], p) for p in (1, 50, 99)] == [1.0, 2.0, 3.0]
    assert percentile(list(range(1, 101)), 95) == 95


def test_who_was_killed_at_it() -> None:
    kills = [Kill(5.0, 4.5, "tick"), Kill(9.0, 1.0, "tick"), Kill(12.0, 3.0, "tick")]
    begun, good = (datetime.fromtimestamp(at, UTC) for at in (4.0, 20.0))
    assert _killed(kills, begun, good) == 9.0
    assert _killed(kills, good, good) == 0.0
