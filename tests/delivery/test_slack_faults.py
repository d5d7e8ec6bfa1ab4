"""What becomes of a message when Slack fails in each of the ways in which Slack fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from pipeline.outbox import MessageState
from pipeline.store import Store
from tests.alerts.slack_server import SlackServer, slack_server
from tests.delivery.office import START, Office, readers
from tests.delivery.smtp_server import MailServer

CHANNELS = {f"c{n}": {"slack": f"C0000000{n}"} for n in range(3)}


def foreign(slack: SlackServer) -> list[str]:
    """What it complains of, but for our own address to stop by mail."""
    return [
        text for text in slack.complaints if not text.startswith("<mailto:alerts@callwatch.example?subject=stop")
    ]


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    """A Slack in a thread of this process."""
    with slack_server() as server:
        yield server
        assert foreign(server) == []


@pytest.fixture
def office(sqlite: Store, tmp_path: Path, mails: MailServer, slack: SlackServer) -> Callable[..., Office]:
    """An office with three Slack channels, each with a contact of its own."""

    def opened(**more: dict[str, Any]) -> Office:
        settings = {"smtp_url": SecretStr(mails.url), "slack_base_url": slack.url}
        book = readers("mia", **{**CHANNELS, **more})
        return Office(sqlite, tmp_path, book, slack_token=SecretStr("xoxb-secret"), **settings)

    return opened


def came(slack: SlackServer, channel: str = "") -> list[str]:
    """Ids of the messages in the order in which their posts came."""
    posts = [p for p in slack.posts if not channel or p["channel"] == channel]
    return [post["metadata"]["event_payload"]["message_id"] for post in posts]


PASSING: dict[str, list[Any]] = {
    "429": [429, 429],
    "ratelimited": ["ratelimited"],
    "500": [500, 500],
    "503 for a while": [503] * 5,
    "no connection": ["drop"],
    "an answer that is not Slack's": ["garbage"],
    "internal_error": ["internal_error"],
}
LOST: dict[str, list[Any]] = {
    "the answer is lost": ["lost"],
    "the connection is reset": ["rst"],
    "503 though it was taken": ["taken 503"],
    "nonsense though it was taken": ["taken garbage"],
    "lost, and lost once more": ["lost", "rst"],
}


@pytest.mark.parametrize("faults", [*PASSING.values(), *LOST.values()], ids=[*PASSING, *LOST])
def test_what_passes_loses_and_doubles_nothing(
    office: Callable[..., Office], slack: SlackServer, faults: list[Any]
) -> None:
    slack.faults = list(faults)
    desk = office()
    names = [f"c{n}-{m}" for m in range(3) for n in range(3)]
    desk.put(*names)
    desk.deliver()
    desk.until_rest()
    assert desk.states(names) == {MessageState.SENT}
    assert Counter(came(slack)) == Counter(names)
    for n in range(3):
        assert came(slack, f"C0000000{n}") == [f"c{n}-{m}" for m in range(3)]


def test_a_late_answer_is_read_back(office: Callable[..., Office], slack: SlackServer) -> None:
    slack.faults = [2.5]
    desk = office()
    desk.wiring.timeout = 1.0
    desk.put("c0-1")
    assert desk.deliver().retried == 1
    desk.until_rest()
    assert came(slack) == ["c0-1"]


def test_what_cannot_be_read_back_yet_is_not_said_again(office: Callable[..., Office], slack: SlackServer) -> None:
    slack.faults, slack.read_faults = ["lost"], [429, 503, "lost"]
    desk = office()
    desk.put("c0-1", "c0-2")
    desk.until_rest()
    assert came(slack) == ["c0-1", "c0-2"]
    assert desk.states(["c0-1", "c0-2"]) == {MessageState.SENT}


def test_not_before_slack_asks_for_more(office: Callable[..., Office], slack: SlackServer) -> None:
    slack.retry_after, slack.faults = "30", [429]
    desk = office()
    desk.put("c0-1", "c0-2", "c0-3")
    desk.deliver()
    desk.put("c1-1")
    desk.deliver()
    assert came(slack) == ["c1-1"]
    for seconds in (10, 19):
        desk.later(seconds=seconds)
        desk.deliver()
        assert came(slack) == ["c1-1"], f"{desk.now - START} after the 429"
    desk.until_rest()
    assert came(slack, "C00000000") == ["c0-1", "c0-2", "c0-3"]
    assert desk.told_operators() == []


def test_an_hour_is_an_hour(office: Callable[..., Office], slack: SlackServer) -> None:
    slack.retry_after, slack.faults = "3600", [429]
    desk = office()
    desk.put("c0-1")
    desk.deliver()
    found = desk.outbox.message("c0-1")
    assert found
    assert found.message.not_before >= START + timedelta(hours=1)


def test_invalid_blocks_is_our_fault_and_ends_one_message(
    office: Callable[..., Office], slack: SlackServer
) -> None:
    slack.faults = ["invalid_blocks"]
    desk = office()
    desk.put("c0-1", "c0-2")
    desk.until_rest()
    assert (desk.state("c0-1"), desk.state("c0-2")) == (MessageState.FAILED, MessageState.SENT)
    assert came(slack) == ["c0-2"]


@pytest.mark.parametrize(("ground", "error"), [("archived", "is_archived"), ("missing", "channel_not_found")])
def test_a_channel_that_is_gone_gives_way_to_mail(
    office: Callable[..., Office], slack: SlackServer, mails: MailServer, ground: str, error: str
) -> None:
    getattr(slack, ground).add("C00000000")
    desk = office(c0={"slack": "C00000000", "email": "c0@reader.example", "fallback": "email"})
    desk.put("c0-1", "c0-2", "c1-1")
    desk.until_rest()
    assert desk.states(["c0-1", "c0-2"]) == {MessageState.FAILED}
    assert came(slack) == ["c1-1"]
    assert [mail.to for mail in mails.mails].count("c0@reader.example") == 2
    assert [line for line in desk.told_operators() if error in line] == desk.told_operators()
    assert len(desk.told_operators()) == 1


def test_a_revoked_token_gives_way_to_mail_and_operators_hear_of_it_once(
    office: Callable[..., Office], slack: SlackServer, mails: MailServer
) -> None:
    slack.token_error = "token_revoked"
    desk = office(c0={"slack": "C00000000", "email": "c0@reader.example", "fallback": "email"})
    desk.put("c0-1", "c0-2")
    for _ in range(5):
        desk.deliver()
        desk.later(60)
    assert [mail.to for mail in mails.mails].count("c0@reader.example") == 2
    assert len([line for line in desk.told_operators() if "token_revoked" in line]) == 1


def test_slack_down_delays_no_mail(office: Callable[..., Office], slack: SlackServer, mails: MailServer) -> None:
    slack.faults = [503] * 50
    desk = office()
    desk.put(*(f"c0-{n}" for n in range(60)), *(f"mia-{n}" for n in range(3)))
    desk.deliver()
    assert desk.states([f"mia-{n}" for n in range(3)]) == {MessageState.SENT}
    assert came(slack) == []
