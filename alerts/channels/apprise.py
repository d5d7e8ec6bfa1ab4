"""Sends a message as plain text through Apprise to Microsoft Teams, Matrix, Telegram and about a hundred others.

Apprise is an optional extra. It says only whether a service took a notification, so whatever fails is tried again.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from alerts import render
from alerts.channels import ChannelSettings, Envelope, Post
from alerts.message import Message
from alerts.slack_text import pieces
from pipeline.errors import ConfigError, Permanent, Temporary

REMEDY = "the channel apprise needs a package of its own: pip install 'callwatch[apprise]'"
CHATTY = ("apprise", "requests", "urllib3")
"""They write the addresses they call into the log, and those contain secrets."""
FREE = 200
"""Characters left free in each post, for its number and for days left that take more words."""
SHORTEST = 100
"""No post is planned shorter than this, however little a service takes."""

_CALLS = re.compile(r"@(?=(?:everyone|here|channel|all)\b)", re.IGNORECASE)
_MARKS = str.maketrans({"<": "‹", ">": "›"})


class Apprise:
    """One notification, or several with a number each where the service takes less text."""

    name = "apprise"

    def __init__(self, settings: ChannelSettings) -> None:
        try:
            self._apprise: Any = import_module("apprise")
        except ImportError as error:
            raise ConfigError(REMEDY) from error
        for name in CHATTY:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)

    def lane(self, target: str) -> str:
        """One for each address."""
        return target

    def posts(self, message: Message, envelope: Envelope) -> list[Post]:
        """The text, in as many parts as the service needs.

        Several parts are written as of the time of the message, so that they are the same on every attempt; one
        part is written as it is read.
        """
        room = _room(self._service(envelope.target)[0], render.subject(message))
        parts = list(_parts(calm(render.text(message)), room))
        if len(parts) == 1:
            parts = [calm(render.text(message, envelope.now))]
        calls = tuple(item.call_id for item in message.items)
        return [
            Post(number, calls if number == 1 else (), (part, len(parts)))
            for number, part in enumerate(parts, start=1)
        ]

    def find(self, post: Post, message: Message, envelope: Envelope) -> str:
        """Nobody can be asked."""
        return ""

    def send(self, post: Post, message: Message, envelope: Envelope) -> str:
        """Hand one part over. Returns the message's id and the part's number: services give none back."""
        text, count = post.body
        mark = f" {post.number}/{count}" if count > 1 else ""
        title = calm(render.subject(message, envelope.now)) + mark
        if not self._service(envelope.target).notify(body=text, title=title, body_format="text"):
            raise Temporary("the service behind apprise did not take the message.")
        return f"{envelope.message_id}/{post.number}"

    def close(self) -> None:
        """Nothing is kept."""

    def _service(self, target: str) -> Any:
        """Apprise with the one service of `target`. No error repeats the address."""
        service = self._apprise.Apprise(asset=self._apprise.AppriseAsset(async_mode=False))
        if not service.add(address(target)):
            raise Permanent("the contact's apprise address is not one that apprise understands.")
        return service


def address(target: str) -> str:
    """The address itself, or what the environment variable of `env:NAME` holds.

    Raises Temporary when it is not set here: another callwatch on this outbox may have it.
    """
    scheme, _, name = target.partition(":")
    if scheme != "env":
        return target
    if not (found := os.environ.get(name, "")):
        raise Temporary(f"the environment variable {name} with the contact's apprise address is not set.")
    return found


def calm(text: str) -> str:
    """`text` in which no service finds a mark-up of its own: we do not know which one will read it.

    A portal could otherwise call a whole channel, or hide where a link leads.
    """
    return _CALLS.sub("@\u200b", text.translate(_MARKS)).replace("](", "] (")


def _room(service: Any, title: str) -> int:
    """Characters of text in one post; some services count the title among them."""
    return max(SHORTEST, int(service.body_maxlen) - len(title) - FREE)


def _parts(text: str, room: int) -> Iterator[str]:
    """All lines of `text`, as many in each part as it has room for; a longer line is broken."""
    part, used = list[str](), 0
    for line in (piece for whole in text.splitlines() for piece in pieces(whole, room)):
        if part and used + len(line) > room:
            yield "\n".join(part)
            part, used = [], 0
        part.append(line)
        used += len(line) + 1
    yield "\n".join(part)
