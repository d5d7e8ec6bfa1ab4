"""Whatever a portal writes stays text, in every form and within every limit."""

from __future__ import annotations

import quopri
import re
from email import message_from_bytes, policy
from email.message import EmailMessage

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts import render
from alerts.channels import quoted
from alerts.channels.mime import Mail
from alerts.channels.parts import LIMIT
from alerts.message import Message, Reason, ShownDeadline
from alerts.slack_blocks import BLOCKS, SIZE, TEXT, size
from pipeline.models import EventKind
from tests.alerts.letters import LINKS, TARGET, confirmation, mails, ops
from tests.alerts.samples import changed, deadline, item, message
from tests.alerts.slack_server import BROKEN, SlackServer

EVIL = (
    "<!channel> <script>alert(1)</script>\r\nBcc: x@evil.example\u202e\u2066 <https://evil.example|here> "
    '&amp; "><img src=x onerror=alert(1)> {{ 7*7 }} *bold* '
)
TAGS = {"html", "head", "meta", "title", "style", "body", "table", "tbody", "tr", "td", "h1", "h2", "h3", "p"}
TAGS |= {"span", "a", "div", "b", "br"}
HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "List-Id"}
HEADERS |= {
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
}
TITLE = {"fields": ["title"]}
UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


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
    for mail in mails(shown):
        check_mail(mail)
    subject = render.subject(shown)
    assert len(subject) <= 120
    assert not UNWANTED.search(subject)
    for line in render.text(shown).splitlines():
        assert not UNWANTED.search(line)
    check_slack(shown)


def check_mail(mail: Mail) -> None:
    """Small enough, with the headers that we wrote, and nothing in its page that we did not."""
    assert len(mail.raw) < LIMIT
    read = message_from_bytes(mail.raw, policy=policy.default)
    assert isinstance(read, EmailMessage)
    assert set(read.keys()) <= HEADERS
    assert len(read.keys()) == len(set(read.keys()))
    assert len(read["Subject"]) <= 120
    assert not UNWANTED.search(read["Subject"])
    assert read["To"].addresses[0].addr_spec == TARGET
    assert len(read["To"].addresses) == 1
    page = read.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert set(re.findall(r"<\s*/?\s*([a-zA-Z][a-zA-Z0-9]*)", page)) <= TAGS
    assert not re.search(r"(?:href|src)\s*=\s*[\"']?\s*(?!https?://)\w+:", page)
    assert "callwatch-token" not in page


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


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=2000))
def test_whatever_is_encoded_can_be_read_again(text: str) -> None:
    plain = text.encode("utf-8", "ignore").decode().replace("\r", "")
    marked = f"{plain}{quoted.BASE}/act/{quoted.TOKEN}/mute{plain}"
    filled = quoted.fill(quoted.encode(marked), LINKS)
    assert max(map(len, filled.split(b"\r\n"))) <= 76
    said = f"{plain}{LINKS.public_url}/act/{LINKS.token}/mute{plain}"
    assert quopri.decodestring(filled).decode().replace("\r\n", "\n") == said


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_a_name_cannot_forge_a_header(text: str) -> None:
    (mail,) = mails(message(contact=text, subscription_name=text, contact_key="asa"))
    check_mail(mail)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_what_another_side_called_a_mail_cannot_forge_a_header(text: str) -> None:
    shown = message()
    for name in (text, f"<{text}@x>", f"<a@b>{text}"):
        (mail,) = mails(shown, threads={shown.items[0].call_id: name})
        check_mail(mail)


@pytest.mark.parametrize("field", ["contact", "subscription_name"])
def test_long_and_heavy_names(field: str) -> None:
    shown = msgspec.structs.replace(hostile("😀" * 300, 60), **{field: "😀" * 10_000})
    for mail in mails(shown):
        check_mail(mail)


def test_lines_of_operators_are_text_as_well() -> None:
    shown = msgspec.structs.replace(ops("en"), lines=(EVIL, "<b>bold</b>", "😀" * 10_000) * 40)
    (mail,) = mails(shown)
    check_mail(mail)


def test_a_link_that_is_none_is_no_button() -> None:
    for link in ("javascript:alert(1)", "https://a@b.example", EVIL, ""):
        (mail,) = mails(confirmation("en", link))
        check_mail(mail)
        page = render.text(confirmation("en", link))
        assert "Please answer this mail" in page
        assert "Yes, send me" not in page
