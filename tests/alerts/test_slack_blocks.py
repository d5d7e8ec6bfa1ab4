"""Slack's limits hold for whatever a portal writes, and nothing is lost where a message is split."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from alerts.links import Links
from alerts.message import Item, Message, MessageKind, Reason, ShownDeadline
from alerts.slack_blocks import BLOCKS, SIZE, SlackPart, size, slack
from alerts.slack_text import cut, escape, fitting, link, packed, pieces, weight
from pipeline.models import EventKind
from tests.alerts import letters
from tests.alerts.letters import confirmation, weekly
from tests.alerts.samples import NOW, changed, deadline, item, message, week
from tests.alerts.slack_workspace import Workspace

LINKS = Links(public_url="https://callwatch.cluster.example", token="t" * 80)
TITLE = {"fields": ["title"]}
EVIL = (
    "<!channel> <http://x|y> <@U012AB3CD> <script>alert(1)</script>\r\nBcc: x@evil.example\u202e\u2066 "
    '&amp; &lt;!here&gt; "><img src=x onerror=alert(1)> *bold* `code` \x00 @everyone'
)
ANY = st.text(max_size=300) | st.text("<>&!|@#*_~`😀é \u202e\x00\r\n", max_size=400)


def check(parts: Sequence[SlackPart]) -> None:
    workspace = Workspace()
    for part in parts:
        assert workspace.judge({"text": part.text, "blocks": part.blocks}) == ""
        assert len(part.blocks) <= BLOCKS
        assert size(part.blocks) <= SIZE
        for block in part.blocks:
            Block.parse(block).validate_json()
    assert workspace.complaints == []


def hostile(text: str, number: int = 1) -> Item:
    return item(
        number, title=text, identifier=text, url="https://portal.example/" + text[:900], applicants=text,
        type_of_action=text, programme_name=text, language=text, ecosystems={"x": text},
        reasons=(Reason("ecosystem", "mobility", text, (text, text)),),
        changes=(changed(EventKind.TEXT_CHANGED, before={"title": text}, after=TITLE | {"title": text + "!"}),),
        deadlines=tuple(ShownDeadline(deadline(stage=text), passed=False) for _ in range(12)),
    )  # fmt: skip


def every_way(shown: Message) -> None:
    for threads, listened, links in product((True, False), (True, False), (LINKS, None)):
        check(slack(shown, links=links, threads=threads, listened=listened))


@settings(max_examples=40)
@given(ANY, st.integers(1, 3), st.sampled_from(MessageKind))
@example(EVIL, 1, MessageKind.ALERT)
@example("<!channel> <http://x|y>", 2, MessageKind.ALERT)
@example("\u202eevil\u2066\u200f", 1, MessageKind.REMINDER)
@example("😀" * 5_000, 1, MessageKind.ALERT)
@example("&" * 10_000, 2, MessageKind.DIGEST)
@example("<!here>\x00" * 1_000, 1, MessageKind.ALERT)
@example("", 1, MessageKind.ALERT)
def test_any_text_stays_text(text: str, count: int, kind: MessageKind) -> None:
    cadence = {"period": "2026-W48", "cadence": "weekly"}
    items = [hostile(text, n) for n in range(count)]
    every_way(message(*items, kind=kind, subscription_name=text, contact=text, lines=(text,), **cadence))


@pytest.mark.parametrize("text", [EVIL, "😀" * 10_000, "&" * 10_000, "a" * 10_000])
def test_many_hostile_calls_fit(text: str) -> None:
    every_way(message(*[hostile(text, n) for n in range(60)], subscription_name=text))


def test_five_hundred_calls_fit_and_are_all_there() -> None:
    flood = msgspec.structs.replace(week(), items=tuple(item(n) for n in range(500)))
    for parts in (slack(flood, links=LINKS), slack(flood, listened=True), slack(flood, threads=True)):
        check(parts)
        shown = re.findall(r"/topic/(\d+)\|", json.dumps([part.blocks for part in parts]))
        assert shown == [str(n) for n in range(500)]
        assert [c for part in parts for c in part.call_ids] == [each.call_id for each in flood.items]
        marks = [part.blocks[0]["text"]["text"].rpartition(" ")[2] for part in parts]
        assert marks == [f"{n}/{len(parts)}" for n in range(1, len(parts) + 1)]
        assert all(part.text.endswith(mark) for part, mark in zip(parts, marks, strict=True))


@pytest.mark.parametrize("count", [1, 3, 8, 9, 40, 150])
def test_which_call_stands_in_which_post_depends_on_the_message_alone(count: int) -> None:
    shown = message(*[item(n, title=f"Call {n} " + "å" * (n % 90)) for n in range(count)])
    later = NOW + timedelta(days=300)
    for threads in (True, False):
        first = [part.call_ids for part in slack(shown, threads=threads)]
        again = slack(shown, later, LINKS, threads=threads)
        heard = slack(shown, later, LINKS, threads=threads, listened=True)
        assert [part.call_ids for part in again] == first == [part.call_ids for part in heard]
        check(again)
        check(heard)


def test_a_week_is_one_post_with_what_one_may_do() -> None:
    for listened in (True, False):
        (part,) = slack(week(), links=LINKS, listened=listened)
        check([part])
        assert json.dumps(part.blocks).count("callwatch_irrelevant" if listened else "/irrelevant?call=") == 6


def test_twenty_deadlines_are_all_told() -> None:
    many = tuple(
        ShownDeadline(deadline(f"2028-{1 + n // 28:02}-{1 + n % 28:02}"), passed=False) for n in range(20)
    )
    for threads in (True, False):
        (part,) = slack(message(item(deadlines=many)), threads=threads)
        told = json.dumps(part.blocks)
        assert all(f"{1 + n % 28} January 2028" in told for n in range(20))
        check([part])


def test_links_that_are_too_long_for_slack_are_left_out() -> None:
    far = Links(public_url="https://" + "a" * 1500 + ".example", token="t")
    (alone,) = slack(message(), links=far, threads=True)
    (shared,) = slack(message(), links=far)
    for part in (alone, shared):
        assert "/mute?" not in json.dumps(part.blocks)
        check([part])


def test_how_urgent_a_post_is() -> None:
    calls = (item(1, changes=(changed(EventKind.WITHDRAWN),)), item(2))
    assert [part.alarm for part in slack(message(*calls), threads=True)] == [True, False]
    assert [part.alone for part in slack(message(*calls), threads=True)] == [True, True]
    assert [part.alone for part in slack(message(*calls))] == [False]
    digest = message(*calls, kind=MessageKind.DIGEST, period="2026-11-23")
    assert [part.alone for part in slack(digest, threads=True)] == [False]


@given(ANY | st.text("&<> a", max_size=4000), st.integers(50, 600))
def test_cutting_and_splitting_keep_to_the_room(text: str, room: int) -> None:
    escaped = escape(text.replace("\n", " "))
    short, split = cut(escaped, room), list(pieces(escaped, room))
    for piece in (short, *split):
        assert weight(piece) <= room
        assert not re.search(r"&(?!amp;|lt;|gt;)", piece)
    assert "".join(split).replace(" ", "") == escaped.replace(" ", "")
    assert short == escaped or short.endswith("…")
    lines = [escaped, "second", "third"]
    assert sum(weight(line) for line in fitting(lines, room)) <= room
    for pack in packed(lines, room):
        assert weight(pack) <= room
    assert "".join("".join(packed(lines, room)).split()) == "".join("".join(lines).split())


def test_links_of_ours() -> None:
    assert link("https://x.example/a|b&c", "A <b>", 100) == "<https://x.example/a%7Cb&amp;c|A &lt;b&gt;>"
    assert link("", "A <b>", 100) == "A &lt;b&gt;"
    assert link("https://x.example/" + "a" * 1000, "A", 100) == "A"


@pytest.mark.parametrize(
    "block",
    [
        {"type": "section", "text": {"type": "plain_text", "text": "x"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": ""}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}},
        {"type": "header", "text": {"type": "plain_text", "text": "😀" * 76}},
        {"type": "context", "elements": []},
        {"type": "actions", "elements": []},
        {"type": "image", "image_url": "https://x.example", "alt_text": "x"},
        {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "x" * 76}}]},
        {"type": "section", "text": {"type": "mrkdwn", "text": "x"}, "colour": "red"},
    ],
)
def test_the_loopback_slack_is_strict(block: dict[str, Any]) -> None:
    assert Workspace().judge({"text": "x", "blocks": [block]}) == "invalid_blocks"


def test_the_loopback_slack_notices_what_was_not_escaped() -> None:
    for text in ("<!channel>", "<@U1>", "<x|y>", "a & b", "<javascript:x|y>"):
        workspace = Workspace()
        workspace.judge({"text": "x", "blocks": [{"type": "context", "elements": [{"text": text}]}]})
        assert workspace.complaints == [text]


def test_what_is_only_still_open_comes_last_on_one_line_and_the_subscription_can_be_stopped() -> None:
    parts = slack(weekly("en"), links=letters.LINKS)
    said = [str(part.blocks) for part in parts]
    assert sum(page.count("Still open for you") for page in said) == 1
    assert [call for part in parts for call in part.call_ids] == [i.call_id for i in weekly("en").items]
    assert "<https://callwatch.example/stop/STOP.a-b_c|Stop this subscription>" in said[-1]
    assert "callwatch did not run from" in said[0]


def test_a_confirmation_shows_its_link() -> None:
    ((part,), (bare,)) = (slack(confirmation("en", link)) for link in ("https://callwatch.example/confirm/T", ""))
    assert "https://callwatch.example/confirm/T" in str(part.blocks)
    assert "Please answer this mail" in str(bare.blocks)
