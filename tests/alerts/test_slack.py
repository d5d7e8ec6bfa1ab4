"""Posts to a strict Slack on loopback: what arrives, in which thread, with which buttons."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from pydantic import SecretStr

from alerts.buttons import Pressed, pressed
from alerts.channels import Channel, ChannelSettings, open_channel
from alerts.channels.pace import Pace
from alerts.links import Action, Bearer, Links
from alerts.message import MessageKind
from pipeline.errors import ConfigError, Permanent
from pipeline.models import EventKind
from tests.alerts.samples import NOW, changed, item, message, moved, week
from tests.alerts.sending import ID, envelope, send, threads
from tests.alerts.slack_server import SlackServer

LINKS = Links(public_url="https://callwatch.example/", token="tok.en")
EARLY = changed(EventKind.DEADLINE_BROUGHT_FORWARD, **moved("2027-03-17", "2027-03-03"))


@pytest.fixture
def channel(settings: ChannelSettings, slack: SlackServer) -> Channel:
    return open_channel("slack", replace(settings, slack_base_url=slack.url + "/api"))


def buttons(post: dict[str, Any]) -> list[dict[str, Any]]:
    return [element for block in post["blocks"] if block["type"] == "actions" for element in block["elements"]]


def said(post: dict[str, Any]) -> str:
    return json.dumps(post["blocks"], ensure_ascii=False)


def test_slack_gets_what_it_asks_for(channel: Channel, slack: SlackServer) -> None:
    (remote_id,) = send(channel, week(), "C0123456789").values()
    (post,) = slack.posts
    assert remote_id == f"C0123456789/{post['ts']}"
    assert post["channel"] == "C0123456789"
    assert post["metadata"] == {"event_type": "callwatch_message", "event_payload": {"message_id": ID, "post": 1}}
    assert (post["unfurl_links"], post["unfurl_media"], post["link_names"]) == (False, False, False)
    assert post["blocks"][0]["text"]["text"] == "Week 48: 6 calls for you"
    assert slack.complaints == []


def test_a_name_is_answered_with_the_id_of_the_channel(channel: Channel, slack: SlackServer) -> None:
    (remote_id,) = send(channel, week(), "#calls").values()
    assert remote_id.startswith("C")
    assert not remote_id.startswith("#")


def test_each_call_of_an_alert_has_its_own_post(channel: Channel, slack: SlackServer) -> None:
    three = message(item(1), item(2), item(3))
    posts = channel.posts(three, envelope("#calls"))
    assert [post.call_ids for post in posts] == [(each.call_id,) for each in three.items]
    send(channel, three, "#calls")
    for number, post in enumerate(slack.posts, start=1):
        assert f"/topic/{number}|" in said(post)
        assert said(post).count("/topic/") == 1
        assert "thread_ts" not in post
        assert "because of your subscription “Trucks”" in said(post)
        assert "*Why you:*" in said(post)
    assert ["read completely" in said(post) for post in slack.posts] == [False, False, True]
    assert len({post["client_msg_id"] for post in slack.posts}) == 3
    assert slack.complaints == []


def test_changes_and_reminders_are_replies_in_the_thread_of_their_call(
    channel: Channel, slack: SlackServer
) -> None:
    first = message(item(1), item(2))
    told = threads(channel, first, "#calls", send(channel, first, "#calls"))
    parents = {call_id: remote_id.split("/")[1] for call_id, remote_id in told.items()}
    later = message(item(2, changes=(EARLY,)), item(1, changes=(changed(EventKind.BUDGET_CHANGED),)), item(3))
    reminder = message(item(1, changes=()), kind=MessageKind.REMINDER)
    for number, follow_up in enumerate((later, reminder)):
        send(channel, follow_up, envelope("#calls", threads=told, message_id=f"m{number}"))
    second, one, new, reminded = slack.posts[2:]
    assert second["thread_ts"] == parents["eu_funding_tenders:CALL-2"]
    assert second["reply_broadcast"] is True
    assert one["thread_ts"] == reminded["thread_ts"] == parents["eu_funding_tenders:CALL-1"]
    assert "reply_broadcast" not in one
    assert "reply_broadcast" not in reminded
    assert "thread_ts" not in new
    assert slack.complaints == []


def test_a_digest_is_never_a_reply_and_the_parent_of_its_calls(channel: Channel, slack: SlackServer) -> None:
    old = {each.call_id: "C0123456789/1700000000.000001" for each in week().items}
    digest = msgspec.structs.replace(week(), items=week().items[:1])
    for told in (week(), digest):
        send(channel, told, envelope("C0123456789", threads=old))
    assert all("thread_ts" not in post for post in slack.posts)
    parents = threads(channel, week(), "C0123456789", {1: f"C0123456789/{slack.posts[0]['ts']}"})
    assert len(parents) == 6
    send(channel, message(item(4)), envelope("C0123456789", threads=parents))
    assert slack.posts[2]["thread_ts"] == slack.posts[0]["ts"]


def test_many_calls_are_grouped_and_nothing_is_lost(channel: Channel, slack: SlackServer) -> None:
    flood = message(*[item(n) for n in range(1, 501)])
    posts = channel.posts(flood, envelope("#calls"))
    assert [c for post in posts for c in post.call_ids] == [each.call_id for each in flood.items]
    send(channel, flood, "#calls")
    for post, planned in zip(slack.posts, posts, strict=True):
        shown = [f"eu_funding_tenders:CALL-{part.split('|')[0]}" for part in said(post).split("/topic/")[1:]]
        assert tuple(shown) == planned.call_ids
        assert post["blocks"][0]["text"]["text"].endswith(f" {planned.number}/{len(posts)}")
        assert post["metadata"]["event_payload"]["post"] == planned.number
    assert len({post["client_msg_id"] for post in slack.posts}) == len(posts)
    assert ["read completely" in said(post) for post in slack.posts] == [False] * (len(posts) - 1) + [True]
    assert slack.complaints == []


def test_a_later_attempt_goes_on_behind_what_arrived(channel: Channel, slack: SlackServer) -> None:
    flood = message(*[item(n) for n in range(1, 120)])
    arrived: dict[int, str] = {}
    slack.faults = ["", "", 500]
    with pytest.raises(Exception, match="HTTP 500"):
        send(channel, flood, "#calls", arrived)
    assert sorted(arrived) == [1, 2]
    send(channel, flood, envelope("#calls", now=NOW + timedelta(days=2), links=LINKS), arrived)
    sent = json.dumps(slack.posts)
    assert all(sent.count(f"/topic/{n}|") == 1 for n in range(1, 120))
    assert len(slack.posts) == len(arrived)


def test_buttons_where_somebody_hears_them(settings: ChannelSettings, slack: SlackServer) -> None:
    channel = open_channel("slack", replace(settings, slack_base_url=slack.url, buttons=True))
    send(channel, message(item(1), item(2, followed=True)), envelope("#calls", links=LINKS))
    first, second = (buttons(post) for post in slack.posts)
    assert [b["text"]["text"] for b in first] == ["Mute", "Follow", "Not relevant"]
    assert [b["text"]["text"] for b in second] == ["Mute", "Not relevant"]
    assert all("url" not in button for button in first)
    bearer = Bearer("asa", "trucks")
    heard = [pressed(b["action_id"], b["value"]) for b in first]
    assert heard == [Pressed(action, bearer, "eu_funding_tenders:CALL-1") for action in Action]
    assert slack.complaints == []


def test_links_where_nobody_hears_buttons_and_nothing_without_an_address(
    channel: Channel, slack: SlackServer
) -> None:
    swedish = message(item(1), language="sv")
    send(channel, swedish, envelope("#calls", links=LINKS))
    send(channel, swedish, "#calls")
    linked, bare = slack.posts
    assert [b["text"]["text"] for b in buttons(linked)] == ["Tysta", "Följ", "Inte relevant"]
    assert buttons(linked)[0]["url"] == (
        "https://callwatch.example/act/tok.en/mute?call=eu_funding_tenders%3ACALL-1"
    )
    assert all("value" not in button for button in buttons(linked))
    assert buttons(bare) == []
    assert slack.complaints == []


def test_words_that_are_not_about_calls(channel: Channel, slack: SlackServer) -> None:
    lines = ("The mail server refuses <us>.", "Second line & more", *(f"{n}: " + "<" * 350 for n in range(40)))
    ops = msgspec.structs.replace(message(kind=MessageKind.OPS), items=(), lines=lines)
    send(channel, ops, "#ops")
    texts = "\n".join(block["text"]["text"] for post in slack.posts for block in post["blocks"] if "text" in block)
    assert "The mail server refuses &lt;us&gt;.\nSecond line &amp; more" in texts
    assert texts.count("&lt;") == 40 * 350 + 1
    assert len(slack.posts) > 1
    assert slack.complaints == []


def test_slack_needs_a_key_and_a_channel(settings: ChannelSettings, slack: SlackServer, channel: Channel) -> None:
    with pytest.raises(ConfigError, match="CALLWATCH_SLACK_TOKEN"):
        open_channel("slack", replace(settings, slack_token=None))
    with pytest.raises(Permanent, match="no Slack channel"):
        send(channel, message(), "")
    assert slack.requests == 0


def test_incoming_webhooks_know_no_threads(settings: ChannelSettings, slack: SlackServer) -> None:
    hook = SecretStr(slack.url + "/services/T0/B0/geheim")
    channel = open_channel("slack", replace(settings, slack_token=None, slack_webhook_url=hook))
    parent = {item(1).call_id: "C0123456789/1700000000.000001"}
    to = envelope("#calls", threads=parent, place="C0123456789/1700000000.000001")
    assert send(channel, message(item(1), item(2)), to, unsure=True) == {1: "webhook-1"}
    (post,) = slack.posts
    assert post["blocks"][0]["text"]["text"] == "2 calls you should know about"
    assert slack.calls == ["hook"]
    assert channel.lane("#calls") == channel.lane("#others")
    assert slack.complaints == []


def test_lanes_are_those_of_targets(channel: Channel) -> None:
    assert channel.lane("#calls") != channel.lane("#others")
    channel.close()


def test_posts_to_one_channel_keep_their_distance(settings: ChannelSettings, slack: SlackServer) -> None:
    slack.rate = 0.05  # a busy machine may hold a post back, and the next comes sooner after it
    channel = open_channel("slack", replace(settings, slack_base_url=slack.url, slack_pause=0.2))
    send(channel, message(item(1), item(2), item(3)), "#calls")
    send(channel, message(item(1)), "#others")
    assert len(slack.posts) == 4


def test_one_lane_does_not_wait_for_another() -> None:
    pace, begin = Pace(30.0), time.monotonic()
    for lane in "abc":
        pace.wait(lane)
    assert time.monotonic() - begin < 15


def test_slack_secrets_do_not_reach_the_log(
    channel: Channel, slack: SlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    slack.faults = ["", "lost", "garbage"]
    send(channel, message(), "#calls")
    for _ in range(2):
        with pytest.raises(Exception, match="Slack") as caught:
            send(channel, message(), "#calls")
        assert "xoxb" not in str(caught.value)
    assert "xoxb-secret" not in caplog.text
    assert "electric trucks" not in caplog.text


def test_the_address_of_an_incoming_webhook_does_not_reach_the_log(
    settings: ChannelSettings, slack: SlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hook = SecretStr(slack.url + "/services/T0/B0/geheim")
    channel = open_channel("slack", replace(settings, slack_token=None, slack_webhook_url=hook))
    slack.faults = ["", "rst", 404]
    send(channel, message(), "#calls")
    for _ in range(2):
        with pytest.raises(Exception, match="Slack"):
            send(channel, message(), "#calls")
    assert "geheim" not in caplog.text
