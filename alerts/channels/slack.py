"""Posts to Slack: with a bot token to any channel the bot is in, else to the one channel of an incoming webhook.

The library's own second attempts are off: it would post again after a lost answer, and the outbox decides that.
"""

from __future__ import annotations

import uuid
from typing import Any
from urllib.error import HTTPError, URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient, WebhookResponse

from alerts import render
from alerts.channels import ChannelSettings, Envelope, Post, Unreachable
from alerts.message import Message
from alerts.slack_blocks import SlackPart
from pipeline.errors import ConfigError, Permanent, SendError, Temporary
from pipeline.text import clean

NEVER = frozenset(
    {
        "access_denied",
        "account_inactive",
        "action_prohibited",
        "as_user_not_supported",
        "block_mismatch",
        "blocked_from_dm",
        "cannot_reply_to_message",
        "channel_is_archived",
        "channel_not_found",
        "channel_type_not_supported",
        "duplicate_channel_not_found",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "invalid_arguments",
        "invalid_attachments",
        "invalid_auth",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_charset",
        "invalid_json",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "invalid_payload",
        "invalid_post_type",
        "invalid_token",
        "is_archived",
        "messages_tab_disabled",
        "metadata_too_large",
        "missing_post_type",
        "missing_scope",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_permission",
        "no_service",
        "no_service_id",
        "no_team",
        "no_text",
        "not_allowed_token_type",
        "not_authed",
        "not_in_channel",
        "org_login_required",
        "posting_to_general_channel_denied",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "rollup_error",
        "team_access_not_granted",
        "team_disabled",
        "team_not_found",
        "token_expired",
        "token_revoked",
        "too_many_attachments",
        "two_factor_setup_required",
        "user_disabled",
        "user_not_found",
    }
)
"""Answers that another try will not change. Everything else may pass, so it is tried again."""
API = "https://slack.com/api/"


class Slack:
    """One workspace. The remote id is "channel:ts,ts…", one ts for each post."""

    name = "slack"

    def __init__(self, settings: ChannelSettings) -> None:
        self._settings = settings
        timeout = int(settings.timeout)
        token, hook = settings.slack_token, settings.slack_webhook_url
        if not token and not hook:
            raise ConfigError("the channel slack needs CALLWATCH_SLACK_TOKEN or CALLWATCH_SLACK_WEBHOOK_URL.")
        base = (settings.slack_base_url or API).rstrip("/") + "/"
        self._client = (
            WebClient(token.get_secret_value(), base_url=base, timeout=timeout, retry_handlers=[])
            if token
            else None
        )
        self._hook = WebhookClient(hook.get_secret_value(), timeout=timeout, retry_handlers=[]) if hook else None

    def lane(self, target: str) -> str:
        """One for each channel of the workspace."""
        return target

    def posts(self, message: Message, envelope: Envelope) -> list[Post]:
        """The parts of the message."""
        parts = render.slack(message, envelope.now)
        calls = tuple(item.call_id for item in message.items)
        return [
            Post(number, calls if number == 1 else (), (part, len(parts))) for number, part in enumerate(parts, 1)
        ]

    def find(self, post: Post, message: Message, envelope: Envelope) -> str:
        """Not yet asked."""
        return ""

    def send(self, post: Post, message: Message, envelope: Envelope) -> str:
        """Post one part."""
        part, count = post.body
        return self._post(part, envelope.message_id, post.number - 1, count, envelope.target)

    def close(self) -> None:
        """The library keeps no connection."""

    def _post(self, part: SlackPart, message_id: str, number: int, count: int, target: str) -> str:
        try:
            if self._client is not None:
                return self._call(self._client, part, message_id, number, count, target)
            return self._hand_in(part, number)
        except SlackApiError as error:
            raise _refusal(error) from None
        except SlackClientError as error:
            raise Temporary(f"Slack's answer was not understood ({type(error).__name__}).") from None
        except (HTTPError, URLError, OSError) as error:
            raise Unreachable(f"Slack cannot be reached ({type(error).__name__}).") from None

    def _call(
        self, client: WebClient, part: SlackPart, message_id: str, number: int, count: int, target: str
    ) -> str:
        if not target:
            raise Permanent("the contact has no Slack channel.")
        payload = {"message_id": message_id, "part": number + 1, "parts": count}
        answer = client.chat_postMessage(
            channel=target,
            text=part.text,
            blocks=part.blocks,
            unfurl_links=False,
            unfurl_media=False,
            link_names=False,
            client_msg_id=_client_id(message_id, number),
            metadata={"event_type": "callwatch_message", "event_payload": payload},
        )
        return str(answer["ts"])

    def _hand_in(self, part: SlackPart, number: int) -> str:
        assert self._hook is not None  # noqa: S101 - the constructor refuses to have neither
        answer = self._hook.send(text=part.text, blocks=part.blocks, unfurl_links=False, unfurl_media=False)
        if answer.status_code == 200:
            return f"webhook-{number + 1}"
        raise _hook_refusal(answer)


def _client_id(message_id: str, number: int) -> str:
    """The id of the message for its first post, one derived from it for each further post."""
    return message_id if number == 0 else str(uuid.uuid5(uuid.NAMESPACE_URL, f"{message_id}/{number}"))


def _refusal(error: SlackApiError) -> SendError:
    response: Any = error.response
    status = getattr(response, "status_code", 0)
    data = getattr(response, "data", response)
    name = clean(str(data.get("error", "")) if isinstance(data, dict) else "", 80)
    headers = getattr(response, "headers", None) or {}
    return _judge(status, name or f"HTTP {status}", headers)


def _hook_refusal(answer: WebhookResponse) -> SendError:
    return _judge(answer.status_code, clean(answer.body, 80), answer.headers)


def _judge(status: int, name: str, headers: Any) -> SendError:
    text = f"Slack answered {name}"
    if status == 429 or name in ("ratelimited", "rate_limited"):
        return Temporary(text, retry_after=_seconds(headers))
    if name in NEVER or (status in (400, 403, 404, 410) and not name.startswith("HTTP")):
        return Permanent(text)
    return Unreachable(text) if status >= 500 else Temporary(text)


def _seconds(headers: Any) -> float:
    """Retry-After in seconds; 30 where it is missing or unreadable, Slack's usual window."""
    values = {str(k).lower(): v for k, v in dict(headers).items()}
    value = values.get("retry-after", "")
    value = value[0] if isinstance(value, list) else value
    return float(value) if str(value).isdigit() else 30.0
