"""Slack behind the real outbox: what is lost on the way is found again, and a thread grows over days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from alerts.channels import ChannelSettings, open_channel
from alerts.deliver import DeliveryReport, deliver
from alerts.links import Links
from alerts.message import Item, MessageKind, encode
from pipeline.models import EventKind
from pipeline.outbox import MessageState, NewMessage, SubscriptionState
from pipeline.store import Outbox, Store
from tests.alerts.samples import NOW, changed, item, message
from tests.alerts.slack_server import Fault, SlackServer


class People:
    """Everybody wants to be told, and by e-mail where Slack fails."""

    def refuses(self, message: NewMessage) -> str:
        return ""

    def links(self, message: NewMessage) -> Links:
        return Links()

    def instead(self, message: NewMessage, at: datetime) -> NewMessage | None:
        fields = {"id": f"{message.id}-mail", "channel": "email", "instead_of": message.id}
        return msgspec.structs.replace(message, **fields)


@dataclass
class Office:
    """An outbox, a Slack, and a clock that is moved by hand."""

    outbox: Outbox
    settings: ChannelSettings
    now: datetime = NOW

    def put(self, name: str, *items: Item, target: str = "#calls", kind: MessageKind = MessageKind.ALERT) -> None:
        planned = NewMessage(
            id=name, contact="asa", subscription="trucks", channel="slack", target=target, kind=kind.value,
            payload=encode(message(*items, kind=kind, at=self.now)), created_at=self.now, not_before=self.now,
            call_ids=tuple(each.call_id for each in items),
        )  # fmt: skip
        self.outbox.commit_plan("trucks", [planned], SubscriptionState(self.now, self.now))

    def deliver(self, **later: float) -> DeliveryReport:
        self.now += timedelta(**later)
        channels = {"slack": open_channel("slack", self.settings)}
        return deliver(self.outbox, channels, People(), self.now, clock=lambda: self.now)

    def state(self, name: str) -> tuple[MessageState, str]:
        found = self.outbox.message(name)
        assert found
        return found.state, found.last_error


@pytest.fixture
def office(tmp_path: Path, settings: ChannelSettings, slack: SlackServer) -> Iterator[Office]:
    with Store.open(f"sqlite:///{tmp_path / 'calls.db'}") as store:
        office = Office(Outbox(store), replace(settings, slack_base_url=slack.url, timeout=1.0))
        slack.clock = lambda: office.now.timestamp()
        yield office


def test_a_thread_grows_over_days(office: Office, slack: SlackServer) -> None:
    office.put("m1", item(1), item(2))
    assert office.deliver().sent == 1
    office.put("m2", item(2, changes=(changed(EventKind.WITHDRAWN),)))
    assert office.deliver(days=2).sent == 1
    office.put("m3", item(1, changes=()), kind=MessageKind.REMINDER)
    assert office.deliver(days=5).sent == 1
    one, two, withdrawn, reminded = slack.posts
    assert (withdrawn["thread_ts"], withdrawn["reply_broadcast"]) == (two["ts"], True)
    assert reminded["thread_ts"] == one["ts"]
    assert "reply_broadcast" not in reminded


@pytest.mark.parametrize("fault", ["lost", "rst", "taken garbage", "taken 503", 1.6])
@pytest.mark.parametrize("target", ["C0123456789", "#calls"])
def test_an_answer_that_got_lost_is_not_said_twice(
    office: Office, slack: SlackServer, fault: Fault, target: str
) -> None:
    """In a channel known by its id, or where anything was posted before: here the first of two posts."""
    slack.faults = ["", fault]
    office.put("m1", item(1), item(2), target=target)
    assert office.deliver().retried == 1
    assert office.deliver(minutes=2).sent == 1
    assert [post["metadata"]["event_payload"]["post"] for post in slack.posts] == [1, 2]
    assert office.state("m1") == (MessageState.SENT, "")


@pytest.mark.parametrize("fault", ["drop", 500, "internal_error", "garbage"])
def test_what_did_not_arrive_is_sent(office: Office, slack: SlackServer, fault: Fault) -> None:
    slack.faults = [fault]
    office.put("m1", item(1), target="C0123456789")
    assert office.deliver().retried == 1
    assert office.deliver(minutes=2).sent == 1
    assert len(slack.posts) == 1


def test_while_the_channel_cannot_be_read_the_question_stays_open(office: Office, slack: SlackServer) -> None:
    slack.faults, slack.read_faults = ["lost"], [429, 503, "drop"]
    office.put("m1", item(1), target="C0123456789")
    office.deliver()
    for _ in range(3):
        assert office.deliver(minutes=30).retried == 1
    assert office.deliver(hours=2).sent == 1
    assert len(slack.posts) == 1


def test_a_limit_holds_back_one_channel_and_keeps_its_order(office: Office, slack: SlackServer) -> None:
    slack.faults, slack.retry_after = [429], "300"
    office.put("m1", item(1))
    assert office.deliver().retried == 1
    office.put("m2", item(2))
    office.put("m3", item(3), target="#others")
    assert office.deliver(minutes=4).sent == 1
    assert office.deliver(minutes=2).sent == 2
    assert [post["metadata"]["event_payload"]["message_id"] for post in slack.posts] == ["m3", "m1", "m2"]


@pytest.mark.parametrize("target", ["#old", "#gone"])
def test_a_channel_that_is_gone_is_told_by_mail(office: Office, slack: SlackServer, target: str) -> None:
    slack.archived, slack.missing = {"#old"}, {"#gone"}
    office.put("m1", item(1), target=target)
    assert office.deliver().failed == 1
    assert office.state("m1")[0] is MessageState.FAILED
    instead = office.outbox.message("m1-mail")
    assert instead
    assert (instead.message.channel, instead.message.instead_of) == ("email", "m1")


def test_a_revoked_token_fails_to_the_mail_at_once_and_can_be_sent_again(
    office: Office, slack: SlackServer
) -> None:
    slack.token_error = "token_revoked"
    office.put("m1", item(1))
    (detail,) = (each for each in office.deliver().details if each.channel == "slack")
    assert detail.note == "Slack answered token_revoked: the token needs to be replaced. Sent by email instead."
    assert office.outbox.message("m1-mail")
    slack.token_error = ""
    assert office.outbox.resend("m1", office.now)
    assert [each.outcome for each in office.deliver().details if each.channel == "slack"] == ["sent"]


def test_a_scope_that_is_missing_waits_for_an_operator(office: Office, slack: SlackServer) -> None:
    slack.scopes = set()
    office.put("m1", item(1))
    (detail,) = office.deliver().details
    assert (detail.outcome, detail.broken) == ("retried", True)
    slack.scopes = {"chat:write"}
    assert office.deliver(minutes=2).sent == 1
