"""What Slack would refuse, and what no payload of ours may contain: limits documented and undocumented."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

BROKEN = re.compile(r"<(?!https?://[^\s<>|]+\|[^<>]*>)|&(?!amp;|lt;|gt;)")
"""Control sequences of Slack: all but our own links, and an ampersand that is not escaped."""

FIELDS = {
    "header": {"type", "block_id", "text"},
    "section": {"type", "block_id", "text"},
    "context": {"type", "block_id", "elements"},
    "divider": {"type", "block_id"},
    "actions": {"type", "block_id", "elements"},
}
BUTTON = {"type", "text", "action_id", "value", "url", "style"}
POST = {
    "channel", "text", "blocks", "unfurl_links", "unfurl_media", "link_names", "client_msg_id", "metadata",
    "thread_ts", "reply_broadcast",
}  # fmt: skip
HOOK = {"text", "blocks", "unfurl_links", "unfurl_media"}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def length(text: str) -> int:
    """Characters as Slack counts them: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def texts(body: dict[str, Any]) -> Iterator[str]:
    """Every text in which Slack would find control sequences."""
    yield str(body.get("text", ""))
    for block in body.get("blocks", []):
        for holder in [block, *block.get("elements", [])]:
            text = holder.get("text")
            yield text["text"] if isinstance(text, dict) else str(text or "")


def judge(body: dict[str, Any]) -> str:
    """The name of the error that Slack would answer, or empty."""
    blocks = body.get("blocks", [])
    if not body.get("text"):
        return "no_text"
    if length(body["text"]) > 40_000:
        return "msg_too_long"
    if len(blocks) > 50:
        return "invalid_blocks"
    if len(json.dumps(blocks)) > 13_000:
        return "msg_blocks_too_long"
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)) or any(len(i) > 255 for i in ids):
        return "invalid_blocks"
    if not all(_block(block) for block in blocks):
        return "invalid_blocks"
    return _metadata(body.get("metadata"))


def unknown(body: dict[str, Any], *, hook: bool) -> str:
    """An argument that Slack does not know, or that is not what it is to be; empty if there is none."""
    if extra := set(body) - (HOOK if hook else POST):
        return f"unknown argument {sorted(extra)[0]}"
    if "client_msg_id" in body and not UUID.fullmatch(body["client_msg_id"]):
        return "client_msg_id is not a UUID"
    if body.get("reply_broadcast") and "thread_ts" not in body:
        return "reply_broadcast without a thread"
    return ""


def _block(block: dict[str, Any]) -> bool:
    kind = block.get("type", "")
    if kind not in FIELDS or set(block) - FIELDS[kind]:
        return False
    check: Callable[[dict[str, Any]], bool] = {
        "header": lambda b: _text(b["text"], "plain_text", 150),
        "section": lambda b: _text(b["text"], "mrkdwn", 3000),
        "context": lambda b: 0 < len(b["elements"]) <= 10 and all(_text(e, "mrkdwn", 3000) for e in b["elements"]),
        "divider": lambda b: True,
        "actions": _actions,
    }[kind]
    return check(block)


def _text(text: dict[str, Any], kind: str, longest: int) -> bool:
    known = {"type", "text", "emoji"} if kind == "plain_text" else {"type", "text", "verbatim"}
    return text.get("type") == kind and not set(text) - known and 0 < length(text["text"]) <= longest


def _actions(block: dict[str, Any]) -> bool:
    elements = block["elements"]
    ids = [element.get("action_id", "") for element in elements]
    return 0 < len(elements) <= 25 and len(ids) == len(set(ids)) and all(_button(e) for e in elements)


def _button(button: dict[str, Any]) -> bool:
    return (
        button.get("type") == "button"
        and not set(button) - BUTTON
        and _text(button["text"], "plain_text", 75)
        and 0 < length(button.get("action_id", "")) <= 255
        and length(button.get("value", "")) <= 2000
        and length(button.get("url", "")) <= 3000
        and ("url" not in button or button["url"].startswith(("https://", "http://")))
    )


def _metadata(metadata: Any) -> str:
    if metadata is None:
        return ""
    if set(metadata) != {"event_type", "event_payload"} or not isinstance(metadata["event_payload"], dict):
        return "invalid_metadata_format"
    if not re.fullmatch(r"[a-z0-9_]{1,255}", metadata["event_type"]):
        return "invalid_metadata_format"
    return "metadata_too_large" if len(json.dumps(metadata)) > 8000 else ""
