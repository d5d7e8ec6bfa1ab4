"""Whatever a portal writes stays text, in every form and within every limit."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts import render
from alerts.message import Message, Reason, ShownDeadline
from alerts.slack_blocks import BLOCKS, SIZE, TEXT, size
from alerts.wording import Wording
from pipeline.models import EventKind
from tests.alerts.samples import NOW, changed, deadline, item, message
from tests.alerts.slack_server import BROKEN, SlackServer

GOLDEN = Path(__file__).parent / "golden"
EVIL = (
    "<!channel> <script>alert(1)</script>\r\nBcc: x@evil.example\u202e\u2066 <https://evil.example|here> "
    '&amp; "><img src=x onerror=alert(1)> {{ 7*7 }} *bold* '
)
TAGS = {"html", "head", "meta", "title", "style", "body", "table", "tbody", "tr", "td", "h1", "h2", "h3", "p"}
TAGS |= {"span", "a", "div"}
TITLE = {"fields": ["title"]}
UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
ENGLISH, SWEDISH = Wording("en", ZoneInfo("Europe/Helsinki")), Wording("sv", ZoneInfo("Europe/Stockholm"))


def check_slack(shown: Message) -> None:
    judge = SlackServer.__new__(SlackServer)
    judge.complaints = []
    for part in render.slack(shown):
        assert len(part.blocks) <= BLOCKS
        assert size(part.blocks) <= SIZE
        assert judge.judge({"text": part.text, "blocks": part.blocks}) == ""
        assert all(len(b["text"]["text"]) <= TEXT for b in part.blocks if "text" in b)
    assert judge.complaints == []


def hostile(text: str, count: int = 1) -> Message:
    url = "javascript:alert(1)//" + text
    evil = item(
        title=text, identifier=text, url=url, applicants=text, type_of_action=text, programme_name=text,
        language=text, ecosystems={"x": text}, reasons=(Reason("ecosystem", "mobility", text, (text, text)),),
        changes=(changed(EventKind.TEXT_CHANGED, before={"title": text}, after=TITLE | {"title": text + "!"}),),
        deadlines=tuple(ShownDeadline(deadline(stage=text), passed=False) for _ in range(12)),
    )  # fmt: skip
    return message(*[evil] * count, contact=text, subscription_name=text)


def check_everywhere(shown: Message) -> None:
    subject, page = render.subject(shown), render.html(shown)
    assert len(subject) <= 120
    assert not UNWANTED.search(subject)
    tags = set(re.findall(r"<\s*/?\s*([a-zA-Z][a-zA-Z0-9]*)", page))
    assert tags <= TAGS
    assert not re.search(r"(?:href|src)\s*=\s*[\"']?\s*(?!https?://)\w+:", page)
    assert len(page.encode()) < 100_000
    for line in render.text(shown).splitlines():
        assert not UNWANTED.search(line)
    check_slack(shown)


@pytest.mark.parametrize(
    "text", [EVIL, EVIL * 50, "😀" * 10_000, "&" * 10_000, "\u202e\x00\r\n", "a" * 10_000, ""]
)
@pytest.mark.slow
def test_hostile_text_stays_text(text: str) -> None:
    check_everywhere(hostile(text))
    check_everywhere(hostile(text, 60))
    assert "\r\nBcc" not in render.subject(hostile(text))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=300), st.integers(1, 4))
def test_any_text_stays_text(text: str, count: int) -> None:
    check_everywhere(hostile(text, count))


def test_a_long_address_is_not_linked_in_slack_but_in_mail() -> None:
    url = "https://portal.example/" + "a" * 1900
    assert url in render.html(message(item(url=url)))
    assert url not in str(render.slack(message(item(url=url))))
    assert BROKEN.search("<!here>")


def test_an_address_error_is_never_needed() -> None:
    """The headers are made of what `clean` lets pass, so the e-mail package has nothing to refuse."""
    from alerts.channels.mime import build

    try:
        mail = build(hostile(EVIL), message_id="m", sender="a@b.example", target="c@d.example", now=NOW)
    except HeaderParseError:
        pytest.fail("a title broke a header")
    assert mail.keys().count("Bcc") == 0
    assert b"\nBcc:" not in mail.as_bytes().split(b"\r\n\r\n")[0]
