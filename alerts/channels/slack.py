"""Posts to Slack: with a bot token to any channel the bot is in, else to the one channel of an incoming webhook.

With a token each call has a thread: the post in which a channel was first told of it is the parent, and what
follows are replies. After an answer that got lost, the channel is read back: what has arrived is not said again.
The library's own second attempts are off: it would post again after a lost answer, and the outbox decides that.
"""

from __future__ import annotations

import logging
import re
import uuid
from typing import Any, NamedTuple

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse
from slack_sdk.webhook import WebhookClient

from alerts.channels import ChannelSettings, Envelope, Post, Unreachable, Unsure
from alerts.channels import slack_errors as errors
from alerts.channels.pace import Pace
from alerts.channels.slack_history import EVENT, find_post
from alerts.channels.transport import FAULTS
from alerts.message import Message
from alerts.slack_blocks import SlackPart, slack
from pipeline.errors import ConfigError, Permanent, SendError

API = "https://slack.com/api/"
NAMESPACE = uuid.UUID("0b0f3d5c-6f0b-5a51-9d5c-1f6a3a1c7e52")
_PLACE = re.compile(r"([CDG][A-Z0-9]+)/(\d+\.\d+)")


class Place(NamedTuple):
    """Where a post stands: the channel's id, and the time that Slack knows it by."""

    channel: str
    ts: str


class _Body(NamedTuple):
    """`thread`: the post to reply to. `aloud`: the reply is shown in the channel as well."""

    part: SlackPart
    thread: Place | None = None
    aloud: bool = False


class Slack:
    """One workspace. A remote id is "CHANNEL/ts"; for an incoming webhook, which names none, "webhook-1"."""

    name = "slack"

    def __init__(self, settings: ChannelSettings) -> None:
        timeout = max(1, int(settings.timeout))
        token, hook = settings.slack_token, settings.slack_webhook_url
        if not token and not hook:
            raise ConfigError("the channel slack needs CALLWATCH_SLACK_TOKEN or CALLWATCH_SLACK_WEBHOOK_URL.")
        given: dict[str, Any] = {"timeout": timeout, "retry_handlers": [], "logger": _quiet()}
        base = (settings.slack_base_url or API).rstrip("/") + "/"
        self._client = WebClient(token.get_secret_value(), base_url=base, **given) if token else None
        self._hook = WebhookClient(hook.get_secret_value(), **given) if hook else None
        self._listened = settings.buttons
        self._pace = Pace(settings.slack_pause, settings.turn)

    def lane(self, target: str) -> str:
        """One for each channel of the workspace; all that an incoming webhook is given goes to one."""
        return target if self._client else ""

    def posts(self, message: Message, envelope: Envelope) -> list[Post]:
        """A post for each call where it can have a thread, else as few as hold them all."""
        parts = slack(
            message,
            envelope.now,
            envelope.links,
            threads=self._client is not None,
            listened=self._listened,
        )
        return [Post(number, part.call_ids, _body(part, envelope)) for number, part in enumerate(parts, start=1)]

    def send(self, post: Post, message: Message, envelope: Envelope) -> str:
        """Post one part, no sooner than Slack takes it."""
        if self._client and not envelope.target:
            raise Permanent("the contact has no Slack channel.")
        self._pace.wait(self.lane(envelope.target))
        try:
            if self._client:
                return self._post(self._client, post, envelope)
            return self._hand_in(post.body.part, post.number)
        except SlackApiError as error:
            raise self._refused(error) from None
        except (SlackClientError, AttributeError) as error:  # JSON, but not an object
            raise Unsure(f"Slack's answer was not understood ({type(error).__name__}).") from None
        except FAULTS as error:
            raise errors.lost(error) from None

    def try_out(self) -> None:
        """See whether Slack takes our token (an incoming webhook cannot be asked). Raises SendError."""
        if self._client is None:
            return
        try:
            self._client.auth_test()
        except SlackApiError as error:
            raise errors.refusal(error) from None
        except (SlackClientError, AttributeError) as error:
            raise Unsure(f"Slack's answer was not understood ({type(error).__name__}).") from None
        except FAULTS as error:
            raise errors.lost(error) from None

    def find(self, post: Post, message: Message, envelope: Envelope) -> str:
        """Look for the post in its thread and its channel, back to when the message was written.

        Only the id of a channel can be asked about; a contact's "#name" is known by it as soon as anything was
        posted there.
        """
        body: _Body = post.body
        channel = _channel_id(envelope, body.thread)
        if self._client is None or not channel:
            return ""
        mark = _mark(envelope.message_id, post.number)
        if body.thread and (ts := find_post(self._client, channel, mark, message.at, thread=body.thread.ts)):
            return f"{channel}/{ts}"
        ts = find_post(self._client, channel, mark, message.at)
        return f"{channel}/{ts}" if ts else ""

    def close(self) -> None:
        """The library keeps no connection."""

    def _post(self, client: WebClient, post: Post, envelope: Envelope) -> str:
        """As a reply where there is a thread; in the channel if that is gone, which Slack says before it posts."""
        body: _Body = post.body
        given = _payload(post, envelope)
        thread = body.thread.ts if body.thread else None
        try:
            answer = client.chat_postMessage(**given, thread_ts=thread, reply_broadcast=body.aloud or None)
        except SlackApiError as error:
            if not thread or errors.name_of(error) not in errors.NO_THREAD:
                raise
            answer = client.chat_postMessage(**given)
        return _remote_id(answer)

    def _hand_in(self, part: SlackPart, number: int) -> str:
        assert self._hook is not None  # noqa: S101 - the constructor refuses to have neither
        answer = self._hook.send(text=part.text, blocks=part.blocks, unfurl_links=False, unfurl_media=False)
        if answer.status_code == 200:
            return f"webhook-{number}"
        raise errors.hook_refusal(answer)

    def _refused(self, error: SlackApiError) -> SendError:
        """What Slack's refusal means for the message.

        A token that is no longer good is the channel's fault, not the message's, but only an operator can mend it,
        and a deadline does not wait for one. So once `auth.test` has said the same, the message has failed for
        good: each contact's fallback channel takes over now instead of in three days, operators are told, and what
        has no fallback is kept, for `callwatch resend --failed` with the new token. Unless it is confirmed, the
        message waits.
        """
        name = errors.name_of(error)
        if name not in errors.TOKEN or self._client is None:
            return errors.refusal(error)
        try:
            self._client.auth_test()
        except SlackApiError as second:
            if errors.name_of(second) in errors.TOKEN:
                return Permanent(f"Slack answered {name}: the token needs to be replaced.")
        except (SlackClientError, AttributeError, *FAULTS):
            pass
        return Unreachable(f"Slack answered {name}.", broken=True)


def _quiet() -> logging.Logger:
    """For the library, which writes addresses of webhooks and whole messages into the log when debugging."""
    logger = logging.getLogger(f"{__name__}.sdk")
    logger.setLevel(logging.INFO)
    return logger


def _body(part: SlackPart, envelope: Envelope) -> _Body:
    if not part.alone:
        return _Body(part)
    thread = _place(envelope.threads.get(part.call_ids[0], ""))
    return _Body(part, thread, aloud=thread is not None and part.alarm)


def _payload(post: Post, envelope: Envelope) -> dict[str, Any]:
    """`client_msg_id` is not a documented argument; where Slack heeds it, a repeat is not shown."""
    part: SlackPart = post.body.part
    return {
        "channel": envelope.target,
        "text": part.text,
        "blocks": part.blocks,
        "unfurl_links": False,
        "unfurl_media": False,
        "link_names": False,
        "client_msg_id": str(uuid.uuid5(NAMESPACE, f"{envelope.message_id}/{post.number}")),
        "metadata": {"event_type": EVENT, "event_payload": _mark(envelope.message_id, post.number)},
    }


def _mark(message_id: str, number: int) -> dict[str, str | int]:
    """What is written on each post, invisibly, and looked for afterwards."""
    return {"message_id": message_id, "post": number}


def _remote_id(answer: SlackResponse) -> str:
    channel, ts = answer.get("channel"), answer.get("ts")
    if not channel or not ts:
        raise Unsure("Slack's answer does not say where the post stands.")
    return f"{channel}/{ts}"


def _place(remote_id: str) -> Place | None:
    found = _PLACE.fullmatch(remote_id)
    return Place(found[1], found[2]) if found else None


def _channel_id(envelope: Envelope, thread: Place | None) -> str:
    if re.fullmatch(r"[CDG][A-Z0-9]{5,}", envelope.target):
        return envelope.target
    place = thread or _place(envelope.place)
    return place.channel if place else ""
