"""A button pressed in Slack: put on record, taken back when it is pressed again, and answered to who pressed it.

The same for both ways in which Slack tells us: a signed POST (slack.py) and Socket Mode (listening.py).
"""

from __future__ import annotations

import html
import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec
import structlog

from alerts.buttons import PREFIX, Pressed, pressed
from alerts.wording import Wording
from alerts.words import LOOPBACK
from callwatch.web import saying
from callwatch.web.choosing import CHOICES, choice_of
from callwatch.web.limits import Once
from callwatch.web.site import Directory
from pipeline.errors import Busy, StoreError
from pipeline.outbox import StoredCall
from pipeline.people import Choice, Chosen
from pipeline.store import Store, feeds, people
from pipeline.text import clean

ANSWERS = "hooks.slack.com"
"""The only host to which Slack asks answers to be sent."""
MOST = 10
"""Actions of one payload that are looked at; Slack sends one."""
REPEATED = 600.0
"""Seconds for which a press that is handed over twice is known: Slack repeats what it saw no answer to."""

log = structlog.get_logger()
Words = Mapping[str, Any]


class _Action(NamedTuple):
    """One element of `actions`, with nothing taken for granted."""

    id: str
    value: str
    at: str


class Pressing:
    """Answers payloads. Safe to use from several threads. `base_url` is where Slack stands if not at slack.com."""

    def __init__(
        self, store: Store, directory: Directory, clock: Callable[[], datetime], base_url: str | None = None
    ) -> None:
        self._store, self._directory, self._clock = store, directory, clock
        self._base = urlsplit(base_url) if base_url else None
        self._once = Once(REPEATED)
        self._opener = urllib.request.build_opener(_NoRedirect)

    def answer(self, payload: Any) -> str:
        """What to say to who pressed; empty if there is nothing of ours in it, or it was answered before."""
        user = _text(payload, "user", "id")
        texts = []
        for action in _actions(payload):
            if action.id.startswith(PREFIX) and self._once.first(f"{user}|{action.at}|{action.id}|{action.value}"):
                texts.append(self._done(pressed(action.id, action.value)))
        return "\n".join(texts)

    def tell(self, response_url: str, text: str) -> bool:
        """Send the answer to where Slack wants it; False if that is not Slack, or it cannot be reached."""
        if not self._is_slack(response_url):
            return False
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "callwatch"}
        body = msgspec.json.encode(ephemeral(text))
        request = urllib.request.Request(response_url, body, headers, method="POST")  # noqa: S310 - checked above
        try:
            with self._opener.open(request, timeout=10) as answer:
                answer.read(1024)
        except (OSError, http.client.HTTPException, urllib.error.HTTPError) as error:
            log.warning("Slack did not take an answer", reason=type(error).__name__)
            return False
        return True

    def _done(self, press: Pressed | None) -> str:
        reader = self._directory.find(press.bearer) if press else None
        if press is None or reader is None:
            words = Wording("en", ZoneInfo("UTC"))
            return words.t("This message is too old: its subscription is no longer there. Nothing was changed.")
        words = reader.words
        try:
            return self._noted(press, words)
        except (StoreError, Busy) as error:
            log.warning("a choice from Slack could not be stored", reason=str(error))
            return words.t("That could not be noted just now. Please press again in a minute.")

    def _noted(self, press: Pressed, words: Wording) -> str:
        choice, contact = CHOICES[press.action], press.bearer.contact
        with self._store.begin() as conn:
            stored = feeds.by_id(conn, [press.call_id]).get(press.call_id)
            if stored is None:
                return words.t("This call is no longer there. Nothing was changed.")
            if choice_of(conn, contact, press.call_id) is choice:
                people.unchoose(conn, contact, press.call_id)
                return _back(stored, words)
            people.choose(conn, Chosen(contact, press.call_id, choice, self._clock(), "slack"))
        return _made(stored, choice, words)

    def _is_slack(self, address: str) -> bool:
        try:
            url = urlsplit(address)
            port = url.port
        except ValueError:
            return False
        if url.scheme == "https" and url.netloc == ANSWERS:
            return True
        base = self._base
        ours = base is not None and base.hostname in LOOPBACK and not url.username
        return (
            ours
            and base is not None
            and (url.scheme, url.hostname, port) == (base.scheme, base.hostname, base.port)
        )


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could lead anywhere."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def ephemeral(text: str) -> dict[str, Any]:
    """An answer that only who pressed can see. Plain text, in which Slack looks for no links or names."""
    plain = {"type": "plain_text", "text": text[:3000], "emoji": False}
    return {
        "response_type": "ephemeral",
        "replace_original": False,
        "text": html.escape(text[:3000], quote=False),
        "blocks": [{"type": "section", "text": plain}],
    }


def _made(stored: StoredCall, choice: Choice, words: Wording) -> str:
    said = saying.choice(choice, words)
    again = words.t("Press again to take it back.")
    return f"{said.done}: {_title(stored, words)}. {said.meaning} {again}"


def _back(stored: StoredCall, words: Wording) -> str:
    return f"{words.t('Taken back')}: {_title(stored, words)}."


def _title(stored: StoredCall, words: Wording) -> str:
    call = stored.call
    return clean(call.titles.get(words.language) or call.title, 150) or clean(call.identifier, 150)


def _actions(payload: Any) -> Iterator[_Action]:
    if not isinstance(payload, dict) or payload.get("type") != "block_actions":
        return
    actions = payload.get("actions")
    for action in actions[:MOST] if isinstance(actions, list) else []:
        yield _Action(_text(action, "action_id"), _text(action, "value"), _text(action, "action_ts"))


def _text(value: Any, *path: str) -> str:
    """The text at `path` in nested objects, empty where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def response_url(payload: Any) -> str:
    """Where the answer is to be sent; to be trusted no further than `Pressing.tell` does."""
    return _text(payload, "response_url")
