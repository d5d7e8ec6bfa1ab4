"""Posts to a strict Slack on loopback: what arrives, and what each answer means."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import pytest
from pydantic import SecretStr

from alerts.channels import ChannelSettings, Partly, Unreachable, open_channel
from pipeline.errors import ConfigError, Permanent, Temporary
from tests.alerts.samples import item, message, week
from tests.alerts.slack_server import SlackServer

ID = "6f1c7c0e-0000-5000-8000-000000000001"


def test_slack_gets_what_it_asks_for(settings: ChannelSettings, slack: SlackServer) -> None:
    channel = open_channel("slack", replace(settings, slack_base_url=slack.url + "/api"))
    assert channel.send(week(), message_id=ID, target="C0123456789") == "1700000000.000001"
    (post,) = slack.posts
    assert post["channel"] == "C0123456789"
    assert post["client_msg_id"] == ID
    assert post["metadata"]["event_payload"] == {"message_id": ID, "part": 1, "parts": 1}
    assert post["unfurl_links"] is False
    assert slack.complaints == []


def test_slack_parts_are_not_repeated(settings: ChannelSettings, slack: SlackServer) -> None:
    channel = open_channel("slack", replace(settings, slack_base_url=slack.url))
    flood = message(*[item(n) for n in range(1, 120)])
    slack.faults = ["", 429]
    with pytest.raises(Partly) as caught:
        channel.send(flood, message_id=ID, target="#calls")
    assert (caught.value.remote_id, caught.value.retry_after) == ("1700000000.000001", 7.0)
    slack.faults = ["drop"]
    with pytest.raises(Partly) as again:
        channel.send(flood, message_id=ID, target="#calls", done=caught.value.remote_id)
    done = channel.send(flood, message_id=ID, target="#calls", done=again.value.remote_id)
    parts = [post["metadata"]["event_payload"]["part"] for post in slack.posts]
    assert parts == list(range(1, len(parts) + 1))
    assert len({post["client_msg_id"] for post in slack.posts}) == len(parts) == len(done.split(","))
    sent = json.dumps(slack.posts)
    assert all(f"/topic/{n}|" in sent for n in range(1, 120))
    assert slack.complaints == []


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("channel_not_found", Permanent), ("not_in_channel", Permanent), ("is_archived", Permanent),
        ("invalid_auth", Permanent), ("token_revoked", Permanent), ("account_inactive", Permanent),
        ("invalid_blocks", Permanent), ("msg_too_long", Permanent), ("no_permission", Permanent),
        ("ratelimited", Temporary), ("internal_error", Temporary), ("an_error_of_tomorrow", Temporary),
        (429, Temporary), (503, Unreachable), ("drop", Unreachable), ("garbage", Temporary),
    ],
)  # fmt: skip
def test_what_slack_answers(
    settings: ChannelSettings, slack: SlackServer, fault: str | int, kind: type[Exception]
) -> None:
    channel = open_channel("slack", replace(settings, slack_base_url=slack.url))
    slack.faults = [fault]
    with pytest.raises(kind) as caught:
        channel.send(message(), message_id=ID, target="#calls")
    assert caught.type is kind
    assert slack.requests == 1
    assert "xoxb" not in str(caught.value)
    if isinstance(caught.value, Temporary) and fault in (429, "ratelimited"):
        assert caught.value.retry_after == (7.0 if fault == 429 else 30.0)


def test_slack_needs_a_key_and_a_channel(settings: ChannelSettings, slack: SlackServer) -> None:
    with pytest.raises(ConfigError, match="CALLWATCH_SLACK_TOKEN"):
        open_channel("slack", replace(settings, slack_token=None))
    channel = open_channel("slack", replace(settings, slack_base_url=slack.url))
    with pytest.raises(Permanent, match="no Slack channel"):
        channel.send(message(), message_id=ID, target="")


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("no_service", Permanent), (404, Permanent), (429, Temporary), (503, Unreachable), ("drop", Unreachable)],
)
def test_incoming_webhooks(
    settings: ChannelSettings, slack: SlackServer, fault: str | int, kind: type[Exception]
) -> None:
    hook = SecretStr(slack.url + "/services/T0/B0/geheim")
    channel = open_channel("slack", replace(settings, slack_token=None, slack_webhook_url=hook))
    assert channel.send(message(), message_id=ID, target="#calls") == "webhook-1"
    slack.faults = [fault]
    with pytest.raises(kind) as caught:
        channel.send(message(), message_id=ID, target="#calls")
    assert caught.type is kind
    assert "geheim" not in str(caught.value)
    assert slack.requests == 2


def test_slack_secrets_do_not_reach_the_log(
    settings: ChannelSettings, slack: SlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel = open_channel("slack", replace(settings, slack_base_url=slack.url))
    channel.send(message(), message_id=ID, target="#calls")
    assert "xoxb-secret" not in caplog.text
