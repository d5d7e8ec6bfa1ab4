"""The memory of the loopback Slack: channels, posts and threads, and what each method answers."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.alerts.slack_judge import BROKEN, judge, texts, unknown

Answer = dict[str, Any]


class Refused(Exception):
    """Slack answers this error."""


class Workspace:
    """Every "#name" and id is a channel the bot is in, but for the `missing` and `archived` ones and those it is
    `not_in`. `scopes` are those of the token; `token_error` is what any call with it is answered. `dedupe`: a
    client_msg_id that was seen before is answered with the post it made. `rate`: seconds between posts that a
    channel takes. `log`: a file that gets a line of JSON for each post taken. `clock`: Unix seconds of each post.
    """

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.complaints: list[str] = []
        self.token = "xoxb-secret"
        self.token_error = ""
        self.scopes = {"chat:write", "channels:history"}
        self.missing: set[str] = set()
        self.archived: set[str] = set()
        self.not_in: set[str] = set()
        self.dedupe = False
        self.rate = 0.0
        self.log: Path | None = None
        self.clock: Callable[[], float] = time.time
        self._last: dict[str, float] = {}

    def channel(self, target: str) -> str:
        """The id of a channel by its name or id; the direct messages with a user have one as well."""
        if not re.fullmatch(r"#\S+|[CDGU][A-Z0-9]{5,}", target) or target in self.missing:
            raise Refused("channel_not_found")
        if target in self.archived:
            raise Refused("is_archived")
        if target in self.not_in:
            raise Refused("not_in_channel")
        if target[0] in "CDG":
            return target
        digest = hashlib.sha256(target.encode()).hexdigest()[:9].upper()
        return ("D" if target[0] == "U" else "C") + digest

    def judge(self, body: dict[str, Any]) -> str:
        """The error that Slack would answer; control sequences in any text are noted in `complaints`."""
        self.complaints += [text for text in texts(body) if BROKEN.search(text)]
        return judge(body)

    def authorise(self, header: str | None, scope: str = "") -> None:
        if not header:
            raise Refused("not_authed")
        if header != f"Bearer {self.token}":
            raise Refused("invalid_auth")
        if self.token_error:
            raise Refused(self.token_error)
        if scope and scope not in self.scopes:
            raise Refused("missing_scope")

    def post(self, body: dict[str, Any]) -> Answer:
        """chat.postMessage."""
        channel = self.channel(str(body.get("channel", "")))
        self._check(body, hook=False)
        if self.dedupe and (known := self._known(channel, body.get("client_msg_id"))):
            return {"ok": True, "channel": channel, "ts": known["ts"], "message": known}
        parent = body.get("thread_ts")
        if parent and not any(p["ts"] == parent and p["channel_id"] == channel for p in self.posts):
            raise Refused("thread_not_found")
        if time.monotonic() - self._last.get(channel, -1e9) < self.rate:
            raise Refused("ratelimited")
        self._last[channel] = time.monotonic()
        kept = self._keep(body, channel)
        return {"ok": True, "channel": channel, "ts": kept["ts"], "message": {"text": body["text"]}}

    def hook(self, body: dict[str, Any]) -> None:
        """An incoming webhook."""
        self._check(body, hook=True)
        self._keep(body, "CHOOK00000")

    def history(self, given: dict[str, str]) -> Answer:
        """conversations.history: newest first, replies only where they were broadcast."""
        channel = self._read(given)
        shown = [p for p in self.posts if p["channel_id"] == channel]
        shown = [p for p in shown if not p.get("thread_ts") or p.get("reply_broadcast")]
        return _page([p for p in reversed(shown) if _since(p, given)], given)

    def replies(self, given: dict[str, str]) -> Answer:
        """conversations.replies: the parent, then its replies, oldest first."""
        channel, ts = self._read(given), given.get("ts", "")
        here = [p for p in self.posts if p["channel_id"] == channel]
        parent = [p for p in here if p["ts"] == ts]
        if not parent:
            raise Refused("thread_not_found")
        return _page(parent + [p for p in here if p.get("thread_ts") == ts and _since(p, given)], given)

    def _check(self, body: dict[str, Any], *, hook: bool) -> None:
        if complaint := unknown(body, hook=hook):
            self.complaints.append(complaint)
        if error := self.judge(body):
            raise Refused(error)

    def _read(self, given: dict[str, str]) -> str:
        """Only by its id can a channel be read."""
        channel = given.get("channel", "")
        if not re.fullmatch(r"[CDG][A-Z0-9]{5,}", channel) or channel in self.missing:
            raise Refused("channel_not_found")
        if channel in self.not_in:
            raise Refused("not_in_channel")
        return channel

    def _known(self, channel: str, client_id: str | None) -> dict[str, Any] | None:
        here = (p for p in self.posts if p["channel_id"] == channel)
        return next((p for p in here if client_id and p.get("client_msg_id") == client_id), None)

    def _keep(self, body: dict[str, Any], channel: str) -> dict[str, Any]:
        ts = f"{int(self.clock())}.{len(self.posts) + 1:06}"
        kept = {**body, "channel_id": channel, "ts": ts}
        self.posts.append(kept)
        if self.log:
            with self.log.open("a", encoding="utf-8") as file:
                file.write(json.dumps({**kept, "at": time.time()}, ensure_ascii=False) + "\n")
        return kept


def _since(post: dict[str, Any], given: dict[str, str]) -> bool:
    return float(post["ts"]) > float(given.get("oldest", 0))


def _page(posts: list[dict[str, Any]], given: dict[str, str]) -> Answer:
    start, limit = int(given.get("cursor") or 0), int(given.get("limit", 100))
    if not 0 < limit < 1000:
        raise Refused("invalid_limit")
    with_metadata = given.get("include_all_metadata") in ("1", "true")
    shown = ("text", "ts", "thread_ts", *(["metadata"] if with_metadata else []))
    messages = [{key: p[key] for key in shown if key in p} for p in posts[start : start + limit]]
    more = start + limit < len(posts)
    answer: Answer = {"ok": True, "messages": messages, "has_more": more}
    return {**answer, "response_metadata": {"next_cursor": str(start + limit)}} if more else answer
