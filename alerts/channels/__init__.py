"""The ways out, and their register. A channel says one message to one target, post by post, or raises why not.

A new channel: one module with a class that takes `ChannelSettings`, one line in `_CHANNELS`, one test. Modules are
imported when a channel is opened, so that `callwatch --help` pays for none of them.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, TextIO

import msgspec
from pydantic import SecretStr

from alerts.links import Links
from alerts.message import Message
from pipeline.errors import ConfigError, Temporary

_CHANNELS = {
    "apprise": ("alerts.channels.apprise", "Apprise"),
    "console": ("alerts.channels.console", "Console"),
    "email": ("alerts.channels.email", "Email"),
    "file": ("alerts.channels.file", "File"),
    "slack": ("alerts.channels.slack", "Slack"),
    "webhook": ("alerts.channels.webhook", "Webhook"),
}
NAMES = tuple(_CHANNELS)


class Post(msgspec.Struct, frozen=True):
    """One thing that is sent for a message: a mail, a Slack post, a request. `body` is the channel's own affair.

    Which calls stand in which post depends on the message alone, so that a later attempt can go on behind what
    arrived of an earlier one.
    """

    number: int
    call_ids: tuple[str, ...]
    body: Any


class Envelope(msgspec.Struct, frozen=True):
    """What a channel is told beside the message itself.

    `message_id` and `at`, the time of the message, are the same on every attempt; `now` is when it is read.
    `threads`: by call id, the remote id of the post in which this target was first told of the call. `place` is
    the remote id of the latest post to the target. `links` are those that the message offers its reader.
    """

    message_id: str
    target: str
    now: datetime
    threads: Mapping[str, str] = {}
    place: str = ""
    links: Links = Links()


class Channel(Protocol):
    """One way out. It keeps no state that a message depends on; connections may be kept until `close`.

    Used by one thread at a time, unless `lane` gives each target a lane of its own: then by several.
    """

    name: str

    def lane(self, target: str) -> str:
        """Messages of one lane are sent one after the other, those of different lanes side by side."""
        ...

    def posts(self, message: Message, envelope: Envelope) -> Sequence[Post]:
        """What has to be sent, in order, numbered from 1. Raises Permanent if it never can be."""
        ...

    def send(self, post: Post, message: Message, envelope: Envelope) -> str:
        """Hand one post over and return what the other side calls it.

        Raises Temporary or Permanent, and nothing else on purpose; Unsure when it may have arrived nevertheless.
        """
        ...

    def find(self, post: Post, message: Message, envelope: Envelope) -> str:
        """The remote id of `post` if an earlier attempt turns out to have arrived; empty if not, or not to be
        known.

        Asked only when an attempt ended without an answer. Raises as `send` does.
        """
        ...

    def close(self) -> None:
        """Give up kept connections. May be called at any time, and more than once."""
        ...


class Unreachable(Temporary):
    """The channel as a whole cannot be reached: its other messages need not be tried now either.

    `broken`: not before an operator mends it (a wrong password, a revoked token). `unsure`: it may have arrived.
    """

    def __init__(
        self, message: str, *, retry_after: float | None = None, broken: bool = False, unsure: bool = False
    ) -> None:
        super().__init__(message, retry_after=retry_after)
        self.broken, self.unsure = broken, unsure


class Unsure(Temporary):
    """The other side may have taken the post: no answer came, or one that says nothing."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class ChannelSettings:
    """What the channels have to be told; callwatch.settings fills it from the environment.

    `smtp_url`: smtp://user:password@host:port, or smtps://; `?starttls=no` allows plain text beyond this machine
    (never with a password). `slack_base_url` takes the place of https://slack.com/api/. `buttons`: somebody hears
    what is pressed in Slack. `slack_pause`: seconds between posts to one Slack channel, which takes about one a
    second; `turn` keeps it across processes: asked by the name of a place and the pause, it takes the next turn
    and answers in how many seconds that comes. `stream` is the console.
    """

    smtp_url: SecretStr | None = None
    mail_from: str = "callwatch@localhost"
    slack_token: SecretStr | None = None
    slack_webhook_url: SecretStr | None = None
    slack_base_url: str | None = None
    slack_pause: float = 1.0
    turn: Callable[[str, float], float] | None = None
    webhook_secret: SecretStr | None = None
    buttons: bool = False
    out_dir: Path = Path("callwatch-messages")
    timeout: float = 20.0
    stream: TextIO = field(default_factory=lambda: sys.stdout)
    clock: Callable[[], datetime] = _now


def open_channel(name: str, settings: ChannelSettings) -> Channel:
    """The channel called `name`. Raises ConfigError for an unknown name, or when it lacks a setting."""
    if name not in _CHANNELS:
        close = difflib.get_close_matches(name, NAMES, n=1)
        remedy = f'Did you mean "{close[0]}"?' if close else f"Known: {', '.join(NAMES)}."
        raise ConfigError(f'unknown channel "{name}". {remedy}')
    module, kind = _CHANNELS[name]
    channel: Channel = getattr(import_module(module), kind)(settings)
    return channel
