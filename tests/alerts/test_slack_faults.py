"""What each answer of Slack, and the lack of one, does to a message; and that a lost answer is not said twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import SecretStr

from alerts.channels import Channel, ChannelSettings, Unreachable, Unsure, open_channel
from alerts.channels.slack_errors import NEVER
from pipeline.errors import Permanent, Temporary
from pipeline.models import EventKind
from tests.alerts.samples import changed, item, message
from tests.alerts.sending import envelope, send, threads
from tests.alerts.slack_server import Fault, SlackServer

ROOM = "C0123456789"


@pytest.fixture
def channel(settings: ChannelSettings, slack: SlackServer) -> Channel:
    return open_channel("slack", replace(settings, slack_base_url=slack.url, timeout=1.0))


def outcome(error: Exception) -> tuple[type[Exception], bool, bool]:
    unsure = isinstance(error, Unsure) or bool(getattr(error, "unsure", False))
    return type(error), unsure, bool(getattr(error, "broken", False))


@pytest.mark.parametrize(
    ("fault", "kind", "unsure", "arrived"),
    [
        ("channel_not_found", Permanent, False, 0), ("is_archived", Permanent, False, 0),
        ("not_in_channel", Permanent, False, 0), ("invalid_blocks", Permanent, False, 0),
        ("msg_too_long", Permanent, False, 0), ("no_permission", Permanent, False, 0),
        ("ratelimited", Temporary, False, 0), (429, Temporary, False, 0),
        ("an_error_of_tomorrow", Temporary, False, 0),
        ("internal_error", Unsure, True, 0), ("fatal_error", Unsure, True, 0),
        ("request_timeout", Unsure, True, 0), ("service_unavailable", Unreachable, True, 0),
        (500, Unreachable, True, 0), (503, Unreachable, True, 0), (403, Unsure, True, 0),
        ("drop", Unsure, True, 0), ("garbage", Unsure, True, 0), ("list", Unsure, True, 0),
        ("lost", Unsure, True, 1), ("rst", Unsure, True, 1), ("taken garbage", Unsure, True, 1),
        ("taken 503", Unreachable, True, 1), (1.6, Unreachable, True, 1),
    ],
)  # fmt: skip
def test_what_slack_answers(
    channel: Channel, slack: SlackServer, fault: Fault, kind: type[Exception], unsure: bool, arrived: int
) -> None:
    """After any of them the post that arrived is found again, and the one that did not is sent."""
    slack.faults = [fault]
    with pytest.raises((Permanent, Temporary)) as caught:
        send(channel, message(), ROOM)
    assert outcome(caught.value) == (kind, unsure, False)
    assert slack.requests == 1
    assert len(slack.posts) == arrived
    if isinstance(caught.value, Temporary) and fault in (429, "ratelimited"):
        assert caught.value.retry_after == (7.0 if fault == 429 else 30.0)
    if kind is not Permanent:
        assert send(channel, message(), ROOM, unsure=unsure) == {1: f"{ROOM}/{slack.posts[0]['ts']}"}
        assert len(slack.posts) == 1
    assert slack.complaints == []


def test_a_slack_that_is_not_there(settings: ChannelSettings) -> None:
    channel = open_channel("slack", replace(settings, slack_base_url="http://127.0.0.1:1"))
    with pytest.raises(Unreachable) as caught:
        send(channel, message(), ROOM)
    assert outcome(caught.value) == (Unreachable, False, False)
    with pytest.raises(Unreachable) as asked:
        send(channel, message(), ROOM, unsure=True)
    assert outcome(asked.value) == (Unreachable, True, False)


def test_channels_that_do_not_exist_or_are_archived(channel: Channel, slack: SlackServer) -> None:
    slack.missing, slack.archived, slack.not_in = {"#gone"}, {"#old"}, {"#private"}
    for target, error in (("#gone", "not_found"), ("#old", "archived"), ("#private", "not_in")):
        with pytest.raises(Permanent, match=error):
            send(channel, message(), target)


@pytest.mark.parametrize("error", ["token_revoked", "account_inactive", "invalid_auth", "token_expired"])
def test_a_revoked_token_is_asked_about_once_more(channel: Channel, slack: SlackServer, error: str) -> None:
    slack.token_error = error
    with pytest.raises(Permanent, match=f"{error}: the token needs to be replaced"):
        send(channel, message(), ROOM)
    assert slack.calls == ["chat.postMessage", "auth.test"]
    slack.token_error = ""
    assert len(send(channel, message(), ROOM)) == 1


@pytest.mark.parametrize("answer", ["", "internal_error", 503, "drop", "garbage", "list"])
def test_a_token_that_is_not_confirmed_to_be_revoked_waits(
    channel: Channel, slack: SlackServer, answer: Fault
) -> None:
    slack.faults, slack.read_faults = ["invalid_auth"], [answer]
    with pytest.raises(Unreachable) as caught:
        send(channel, message(), ROOM)
    assert outcome(caught.value) == (Unreachable, False, True)


def test_a_token_that_may_not_post_waits_for_an_operator(channel: Channel, slack: SlackServer) -> None:
    slack.scopes = set()
    with pytest.raises(Unreachable, match="missing_scope") as caught:
        send(channel, message(), ROOM)
    assert caught.value.broken


def test_a_reply_to_a_thread_that_is_gone_is_posted_in_the_channel(channel: Channel, slack: SlackServer) -> None:
    told = {item(1).call_id: f"{ROOM}/1700000000.000001"}
    to = envelope(ROOM, threads=told)
    slack.faults = ["", "lost"]
    with pytest.raises(Unsure):
        send(channel, message(item(1)), to)
    (post,) = slack.posts
    assert "thread_ts" not in post
    assert send(channel, message(item(1)), to, unsure=True) == {1: f"{ROOM}/{post['ts']}"}
    assert len(slack.posts) == 1


def test_a_lost_reply_is_found_in_its_thread(channel: Channel, slack: SlackServer) -> None:
    first = message(item(1))
    told = threads(channel, first, "#calls", send(channel, first, "#calls"))
    to = envelope("#calls", threads=told, message_id="m2")
    slack.faults = ["rst"]
    later = message(item(1, changes=(changed(EventKind.BUDGET_CHANGED),)))
    with pytest.raises(Unsure):
        send(channel, later, to)
    (remote_id,) = send(channel, later, to, unsure=True).values()
    assert remote_id.endswith(slack.posts[1]["ts"])
    assert [post.get("thread_ts") for post in slack.posts] == [None, slack.posts[0]["ts"]]


def test_a_name_can_be_read_back_once_something_was_posted_there(channel: Channel, slack: SlackServer) -> None:
    (place,) = send(channel, message(item(1)), envelope("#calls", message_id="m1")).values()
    slack.faults = ["lost", "lost"]
    for known, posts in ((place, 2), ("", 4)):
        to = envelope("#calls", message_id=f"m{posts}", place=known)
        with pytest.raises(Unsure):
            send(channel, message(item(2)), to)
        send(channel, message(item(2)), to, unsure=True)
        assert len(slack.posts) == posts
    assert slack.posts[2]["client_msg_id"] == slack.posts[3]["client_msg_id"]


def test_where_slack_heeds_the_client_id_even_an_unknown_channel_gets_no_repeat(
    channel: Channel, slack: SlackServer
) -> None:
    slack.dedupe, slack.faults = True, ["lost"]
    with pytest.raises(Unsure):
        send(channel, message(), "#calls")
    send(channel, message(), "#calls", unsure=True)
    assert len(slack.posts) == 1


def test_the_post_is_looked_for_beyond_the_first_page(channel: Channel, slack: SlackServer) -> None:
    slack.faults = ["lost"]
    with pytest.raises(Unsure):
        send(channel, message(), ROOM)
    ours = slack.posts[0]
    slack.posts += [{"text": "talk", "channel_id": ROOM, "ts": f"{ours['ts'][:-6]}{n:06}"} for n in range(2, 500)]
    assert send(channel, message(), ROOM, unsure=True) == {1: f"{ROOM}/{ours['ts']}"}
    assert slack.calls[1:] == ["conversations.history"] * 3


def test_not_further_back_than_a_thousand_posts_or_the_message_itself(
    channel: Channel, slack: SlackServer
) -> None:
    slack.faults = ["lost"]
    with pytest.raises(Unsure):
        send(channel, message(), ROOM)
    ours = slack.posts[0]
    talk = [{"text": "talk", "channel_id": ROOM, "ts": f"{ours['ts'][:-6]}{n:06}"} for n in range(2, 1200)]
    slack.posts += talk
    send(channel, message(), ROOM, unsure=True)
    assert slack.calls[1:] == ["conversations.history"] * 5 + ["chat.postMessage"]
    slack.posts = [{**ours, "ts": f"{float(ours['ts']) - 3600:.6f}"}]
    send(channel, message(), ROOM, unsure=True)
    assert len(slack.posts) == 2


@pytest.mark.parametrize("cause", ["missing_scope", "not_in_channel", "an_error_of_tomorrow"])
def test_what_cannot_be_known_is_sent_again(channel: Channel, slack: SlackServer, cause: str) -> None:
    slack.faults, slack.read_faults = ["lost"], [cause]
    with pytest.raises(Unsure):
        send(channel, message(), ROOM)
    send(channel, message(), ROOM, unsure=True)
    assert slack.posts[0]["client_msg_id"] == slack.posts[1]["client_msg_id"]


@pytest.mark.parametrize(
    ("fault", "kind", "wait"),
    [
        (429, Unsure, 7.0), ("ratelimited", Unsure, 30.0), (503, Unreachable, None), ("drop", Unsure, None),
        ("internal_error", Unsure, None), ("garbage", Unsure, None), ("list", Unsure, None),
    ],
)  # fmt: skip
def test_as_long_as_it_can_be_known_later_nothing_is_sent(
    channel: Channel, slack: SlackServer, fault: Fault, kind: type[Temporary], wait: float | None
) -> None:
    """The doubt stays: the error says so, and the next attempt asks again."""
    slack.faults, slack.read_faults = ["lost"], [fault]
    with pytest.raises(Unsure):
        send(channel, message(), ROOM)
    with pytest.raises(kind) as caught:
        send(channel, message(), ROOM, unsure=True)
    assert outcome(caught.value) == (kind, True, False)
    assert caught.value.retry_after == wait
    send(channel, message(), ROOM, unsure=True)
    assert len(slack.posts) == 1


@pytest.mark.parametrize(
    ("fault", "kind", "unsure"),
    [
        ("no_service", Permanent, False), (404, Permanent, False), (410, Permanent, False),
        ("invalid_token", Permanent, False), ("channel_is_archived", Permanent, False),
        (429, Temporary, False), (503, Unreachable, True), ("drop", Unsure, True), ("rst", Unsure, True),
        (1.6, Unreachable, True),
    ],
)  # fmt: skip
def test_what_incoming_webhooks_answer(
    settings: ChannelSettings, slack: SlackServer, fault: Fault, kind: type[Exception], unsure: bool
) -> None:
    hook = SecretStr(slack.url + "/services/T0/B0/geheim")
    channel = open_channel("slack", replace(settings, slack_token=None, slack_webhook_url=hook, timeout=1.0))
    slack.faults = [fault]
    with pytest.raises((Permanent, Temporary)) as caught:
        send(channel, message(), "#calls")
    assert outcome(caught.value) == (kind, unsure, False)
    assert "geheim" not in str(caught.value)
    assert slack.requests == 1


def test_every_permanent_answer_is_one(channel: Channel, slack: SlackServer) -> None:
    for name in sorted(NEVER - {"is_archived"}):
        if "_" in name:
            slack.faults = [name]
            with pytest.raises(Permanent, match=name):
                send(channel, message(), ROOM)
