"""Reads back what stands in a Slack channel or thread, to learn whether a post arrived whose answer got lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from alerts.channels import Unreachable, Unsure
from alerts.channels import slack_errors as errors
from alerts.channels.transport import FAULTS
from pipeline.errors import SendError

EVENT = "callwatch_message"
"""The type of the metadata on our posts."""
PAGES, PAGE = 5, 200
"""The latest thousand posts at most; Slack asks for no more than 200 at once."""
EARLIER = timedelta(minutes=10)
"""Clocks differ."""


def find_post(
    client: WebClient, channel: str, mark: Mapping[str, str | int], since: datetime, *, thread: str = ""
) -> str:
    """The `ts` of the post that bears `mark`, in `channel` or below its post `thread`; empty if it is not there.

    Empty as well if Slack does not let us look (no such scope, not in the channel): then nobody can know, and what
    was said may be said again. Raises Unsure or Unreachable if it can be known later.
    """
    cursor = ""
    for _ in range(PAGES):
        try:
            page = _page(client, channel, thread, since, cursor)
        except SlackApiError as error:
            return _nothing(errors.refusal(error))
        except (SlackClientError, AttributeError) as error:
            raise Unsure(f"Slack's answer was not understood ({type(error).__name__}).") from None
        except FAULTS as error:
            raise _later(errors.lost(error)) from None
        messages: list[dict[str, Any]] = page.get("messages") or []
        if found := next((each for each in messages if _bears(each, mark)), None):
            return str(found.get("ts", ""))
        cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            break
    return ""


def _page(client: WebClient, channel: str, thread: str, since: datetime, cursor: str) -> SlackResponse:
    bounds: dict[str, Any] = {"oldest": f"{(since - EARLIER).timestamp():.6f}", "limit": PAGE}
    bounds |= {"cursor": cursor or None, "include_all_metadata": True}
    if thread:
        return client.conversations_replies(channel=channel, ts=thread, **bounds)
    return client.conversations_history(channel=channel, **bounds)


def _bears(message: Mapping[str, Any], mark: Mapping[str, str | int]) -> bool:
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    return metadata.get("event_type") == EVENT and all(payload.get(key) == value for key, value in mark.items())


def _nothing(error: SendError) -> str:
    """No answer to the question is an answer, unless Slack is only busy or failed itself."""
    if isinstance(error, Unsure | Unreachable) and not getattr(error, "broken", False):
        raise error
    if wait := getattr(error, "retry_after", None):
        raise Unsure(str(error), retry_after=wait)
    return ""


def _later(error: SendError) -> SendError:
    """Whatever keeps us from asking, the question stays open."""
    return Unreachable(str(error), unsure=True) if isinstance(error, Unreachable) else error
