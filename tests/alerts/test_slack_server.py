"""The loopback Slack is as strict as the tests that lean on it believe, and runs as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from alerts.channels import ChannelSettings, open_channel
from tests.alerts.samples import NOW, item, message
from tests.alerts.sending import send
from tests.alerts.slack_server import SlackServer

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def client(slack: SlackServer) -> WebClient:
    return WebClient("xoxb-secret", base_url=slack.url + "/", retry_handlers=[])


def refused(call: Any, **given: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**given)
    return str(caught.value.response["error"])


def test_as_a_process_it_logs_what_it_takes(settings: ChannelSettings, tmp_path: Path) -> None:
    log = tmp_path / "posts.jsonl"
    command = [sys.executable, "-m", "tests.alerts.slack_server", "--log", str(log), "--dedupe"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            channel = open_channel("slack", replace(settings, slack_base_url=url))
            first = send(channel, message(item(1), item(2)), "#calls")
            assert send(channel, message(item(1), item(2)), "#calls") == first
        finally:
            process.terminate()
    posts = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [post["metadata"]["event_payload"]["post"] for post in posts] == [1, 2]
    assert [f"{post['channel_id']}/{post['ts']}" for post in posts] == list(first.values())


def test_who_may_do_what(slack: SlackServer, client: WebClient) -> None:
    stranger = WebClient("xoxb-other", base_url=slack.url + "/", retry_handlers=[])
    assert refused(stranger.auth_test) == "invalid_auth"
    assert client.auth_test()["ok"]
    slack.scopes = {"chat:write"}
    assert refused(client.conversations_history, channel="C0123456789") == "missing_scope"
    slack.token_error = "token_revoked"
    assert refused(client.auth_test) == "token_revoked"
    assert refused(client.api_call, api_method="files.list") == "unknown_method"


def test_channels_and_threads(slack: SlackServer, client: WebClient) -> None:
    slack.archived = {"#old"}
    assert refused(client.chat_postMessage, channel="no such", text="x") == "channel_not_found"
    assert refused(client.chat_postMessage, channel="#old", text="x") == "is_archived"
    assert refused(client.chat_postMessage, channel="#calls", text="x", thread_ts="1.000001") == "thread_not_found"
    assert refused(client.conversations_history, channel="#calls") == "channel_not_found"
    parent = client.chat_postMessage(channel="#calls", text="parent")
    for aloud in (True, False):
        client.chat_postMessage(channel="#calls", text="reply", thread_ts=parent["ts"], reply_broadcast=aloud)
    channel = parent["channel"]
    history = client.conversations_history(channel=channel)["messages"]
    assert [each["text"] for each in history] == ["reply", "parent"]
    replies = client.conversations_replies(channel=channel, ts=parent["ts"])["messages"]
    assert [each["text"] for each in replies] == ["parent", "reply", "reply"]
    assert refused(client.conversations_replies, channel=channel, ts="1.000001") == "thread_not_found"


def test_history_has_pages_bounds_and_metadata_on_request(slack: SlackServer, client: WebClient) -> None:
    mark = {"event_type": "test", "event_payload": {"n": 1}}
    sent = [client.chat_postMessage(channel="C0123456789", text=f"{n}", metadata=mark) for n in range(3)]
    first = client.conversations_history(channel="C0123456789", limit=2)
    assert [each["text"] for each in first["messages"]] == ["2", "1"]
    assert "metadata" not in first["messages"][0]
    cursor = first["response_metadata"]["next_cursor"]
    rest = client.conversations_history(channel="C0123456789", cursor=cursor, include_all_metadata=True)
    assert [each["metadata"] for each in rest["messages"]] == [mark]
    late = client.conversations_history(channel="C0123456789", oldest=sent[1]["ts"])
    assert [each["text"] for each in late["messages"]] == ["2"]
    assert refused(client.conversations_history, channel="C0123456789", limit=5000) == "invalid_limit"


def test_a_channel_takes_one_post_a_second(slack: SlackServer, client: WebClient) -> None:
    slack.rate = 60.0
    client.chat_postMessage(channel="#calls", text="x")
    client.chat_postMessage(channel="#others", text="x")
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="#calls", text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"


def test_payloads_that_slack_would_ignore_or_refuse(slack: SlackServer, client: WebClient) -> None:
    client.chat_postMessage(channel="#calls", text="x", parse="full", client_msg_id="mine")
    assert slack.complaints == ["unknown argument parse"]
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}
    assert refused(client.chat_postMessage, channel="#calls", text="x", blocks=[block]) == "invalid_blocks"
    bad = {"event_type": "Not ours", "event_payload": {}}
    assert refused(client.chat_postMessage, channel="#calls", text="x", metadata=bad) == "invalid_metadata_format"


def test_a_webhook_takes_only_what_webhooks_take(slack: SlackServer, settings: ChannelSettings) -> None:
    hook = SecretStr(slack.url + "/services/T0/B0/geheim")
    send(open_channel("slack", replace(settings, slack_token=None, slack_webhook_url=hook)), message(), "#calls")
    assert slack.posts[0]["channel_id"] == "CHOOK00000"
    assert slack.posts[0]["ts"].startswith(f"{int(NOW.timestamp())}.")
    assert slack.complaints == []
