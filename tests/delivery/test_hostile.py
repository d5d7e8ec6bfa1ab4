"""Fault 23: what a portal's title may try, from the store through planning to what strict servers receive."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import msgspec
import pytest
from pydantic import SecretStr

from callwatch.telling import plan_messages
from pipeline.models import Event, EventKind
from pipeline.outbox import MessageState
from pipeline.store import Store
from tests.alerts.slack_server import slack_server
from tests.delivery import world
from tests.delivery.office import START, Office, readers
from tests.delivery.smtp_server import MailServer
from tests.delivery.test_slack_faults import foreign

TITLES = {
    "mention": "Roads <!channel> <@U012345> <https://evil.example|click>",
    "header": "Roads\r\nBcc: everybody@evil.example\r\n\r\nbody",
    "formula": '=HYPERLINK("https://evil.example","Roads")',
    "direction": "Roads \u202edaor\u202c \u2066x\u2069",
    "nul": "Roads\x00\x1b[2J",
    "script": "</script><script>alert(1)</script><img src=x onerror=alert(1)>",
    "megabyte": "Roads " * 170_000,
    "nested": "<div>" * 200_000,
    "dot": ".\r\n.\r\nQUIT\r\n",
    "emoji": "\U0001f600" * 3000,
}


def marks(name: str) -> list[pytest.MarkDecorator]:
    """A few are tried by `make test`, all of them by `make check`."""
    return [] if name in ("mention", "header", "megabyte", "script") else [pytest.mark.slow]


@pytest.mark.parametrize(
    "title", [pytest.param(title, id=name, marks=marks(name)) for name, title in TITLES.items()]
)
def test_a_title_is_only_a_title(sqlite: Store, tmp_path: Path, mails: MailServer, title: str) -> None:
    with slack_server() as slack:
        book = readers("anna", slack={"slack": "C00000001"})
        wishes = [
            {"key": key, "contact": key, "channel": channel, "cadence": "at_once"}
            for key, channel in (("anna", "email"), ("slack", "slack"))
        ]
        given = {"smtp_url": SecretStr(mails.url), "slack_base_url": slack.url}
        office = Office(
            sqlite, tmp_path, {**book, "subscriptions": wishes}, slack_token=SecretStr("xoxb-secret"), **given
        )
        world.begin(sqlite, START, 3)
        plan_messages(office.wiring, sqlite, office.now)
        office.later(60)
        call = msgspec.structs.replace(world.topic(1, START, START + timedelta(days=99)), title=title)
        event = Event(call.id, EventKind.DEADLINE_EXTENDED, office.now, title[:10])
        world.keep(sqlite, [(world.stored(call, START), event)], office.now)
        plan_messages(office.wiring, sqlite, office.now)
        office.until_rest()
        states = {entry.state for entry in office.outbox.messages()}
    assert states == {MessageState.SENT}
    assert office.told_operators() == []
    assert (mails.complaints, foreign(slack)) == ([], [])
    assert len(mails.mails) == 2, "a welcome and an alert"
    sane(mails.mails[1].content)


def sane(content: bytes) -> None:
    """No header of somebody else's, nothing that runs, a size that a mailbox takes."""
    mail = message_from_bytes(content, policy=policy.default)
    assert mail["Bcc"] is None
    assert mail["To"].addresses[0].addr_spec == "anna@reader.example"
    assert len(str(mail["Subject"])) < 200
    assert len(content) < 200_000
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script" not in html.get_content().lower()
    assert "onerror=alert(1)>" not in html.get_content()
    for character in ("\u202e", "\u2066", "\x00", "\x1b"):
        assert character not in html.get_content()
