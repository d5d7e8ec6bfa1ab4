"""What Slack's answers, and the lack of one, mean for a message. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookResponse

from alerts.channels import Unreachable, Unsure
from alerts.channels.transport import never_left
from pipeline.errors import Permanent, SendError, Temporary

TOKEN = frozenset({"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"})
"""The token is no longer good for anything."""

LIMITED = frozenset({"rate_limited", "ratelimited"})

DOUBTFUL = frozenset({"fatal_error", "internal_error", "request_timeout"})
"""Slack failed in the middle of this request, and may have posted by then."""

DOWN = frozenset({"service_unavailable"})
"""The same, and not for this request alone."""

NO_THREAD = frozenset(
    {
        "cannot_reply_to_message",
        "message_not_found",
        "restricted_action_non_threadable_channel",
        "restricted_action_thread_locked",
        "thread_not_found",
    }
)
"""The message one would reply to is gone, or takes no replies."""

NEVER = frozenset(
    {
        "access_denied",
        "action_prohibited",
        "as_user_not_supported",
        "block_mismatch",
        "blocked_from_dm",
        "channel_is_archived",
        "channel_not_found",
        "channel_type_not_supported",
        "duplicate_channel_not_found",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "invalid_arguments",
        "invalid_attachments",
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
        "msg_blocks_too_long",
        "msg_too_long",
        "no_permission",
        "no_service",
        "no_service_id",
        "no_team",
        "no_text",
        "not_allowed_token_type",
        "not_in_channel",
        "org_login_required",
        "posting_to_general_channel_denied",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "rollup_error",
        "team_access_not_granted",
        "team_disabled",
        "team_not_found",
        "too_many_attachments",
        "two_factor_setup_required",
        "user_disabled",
        "user_not_found",
    }
)
"""Answers that another try will not change. Everything else may pass, so it is tried again."""

WINDOW = 30.0
"""Seconds to wait where Slack names none: its usual window."""

_NAME = re.compile(r"[a-z0-9_]{2,80}")


def name_of(error: SlackApiError) -> str:
    """The name of the error that Slack answered; empty if the answer was not Slack's JSON."""
    data = getattr(error.response, "data", error.response)
    name = data.get("error", "") if isinstance(data, dict) else ""
    return name if isinstance(name, str) and _NAME.fullmatch(name) else ""


def refusal(error: SlackApiError) -> SendError:
    """What an answer that is not "ok" means; for those of `TOKEN` see `Slack`, which asks again."""
    response: Any = error.response
    status = int(getattr(response, "status_code", 0))
    return _judge(status, name_of(error), getattr(response, "headers", None) or {})


def hook_refusal(answer: WebhookResponse) -> SendError:
    """The same for an incoming webhook, which answers with a status and one word. It has no token: what is wrong
    with its address will stay wrong."""
    word = answer.body.strip()
    name = word if _NAME.fullmatch(word) else ""
    if name in TOKEN or answer.status_code in (400, 403, 404, 410):
        return Permanent(f"Slack answered {name or f'HTTP {answer.status_code}'}")
    return _judge(answer.status_code, name, answer.headers)


def lost(error: Exception) -> SendError:
    """No answer came, or none that can be read.

    A timeout keeps the whole channel waiting: each further message would cost as much time as this one did.
    """
    reason = getattr(error, "reason", error)
    text = f"Slack cannot be reached ({type(reason).__name__})."
    if never_left(error):
        return Unreachable(text)
    if isinstance(reason, TimeoutError):
        return Unreachable(f"Slack did not answer in time ({type(reason).__name__}).", unsure=True)
    return Unsure(f"Slack's answer was lost ({type(reason).__name__}).")


def _judge(status: int, name: str, headers: Mapping[str, Any]) -> SendError:
    text = f"Slack answered {name or f'HTTP {status}'}"
    if status == 429 or name in LIMITED:
        return Temporary(text, retry_after=_seconds(headers))
    if status >= 500 or name in DOWN:
        return Unreachable(text, unsure=True)
    if name in DOUBTFUL or not name:
        return Unsure(text if name or status != 200 else "Slack's answer was not understood.")
    if name == "missing_scope":
        return Unreachable(text, broken=True)
    return Permanent(text) if name in NEVER else Temporary(text)


def _seconds(headers: Mapping[str, Any]) -> float:
    """Retry-After in seconds."""
    values = {str(k).lower(): v for k, v in dict(headers).items()}
    value = values.get("retry-after", "")
    value = value[0] if isinstance(value, list) and value else value
    return float(value) if str(value).isdigit() else WINDOW
