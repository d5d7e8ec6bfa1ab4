"""The ways out, and their register. A channel says one message to one target and returns, or raises why not.

A new channel: one module with a class that takes `ChannelSettings`, one line in `_CHANNELS`, one test. Modules are
imported when a channel is opened, so that `callwatch --help` pays for none of them.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Protocol, TextIO

from pydantic import SecretStr

from alerts.message import Message
from pipeline.errors import ConfigError, Temporary

_CHANNELS = {
    "console": ("alerts.channels.console", "Console"),
    "email": ("alerts.channels.email", "Email"),
    "file": ("alerts.channels.file", "File"),
    "slack": ("alerts.channels.slack", "Slack"),
    "webhook": ("alerts.channels.webhook", "Webhook"),
}
NAMES = tuple(_CHANNELS)


class Channel(Protocol):
    """One way out. It keeps no state that a message depends on; connections may be kept until `close`."""

    name: str

    def send(self, message: Message, *, message_id: str, target: str, done: str = "") -> str:
        """Hand `message` over and return what the other side calls it.

        `message_id` is the same on every attempt; `done` is the `remote_id` of a `Partly` that an earlier attempt
        raised. Raises Temporary or Permanent, and nothing else on purpose.
        """
        ...

    def close(self) -> None:
        """Give up kept connections. May be called at any time, and more than once."""
        ...


class Unreachable(Temporary):
    """The channel as a whole cannot be reached: its other messages need not be tried now either."""


class Partly(Temporary):
    """Some posts of a message arrived before it failed; `remote_id` names them, for the next attempt."""

    def __init__(self, message: str, *, remote_id: str, retry_after: float | None = None) -> None:
        super().__init__(message, retry_after=retry_after)
        self.remote_id = remote_id


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class ChannelSettings:
    """What the channels have to be told; callwatch.settings fills it from the environment.

    `smtp_url`: smtp://user:password@host:port, or smtps://; `?starttls=no` allows plain text beyond this machine
    (never with a password). `slack_base_url` takes the place of https://slack.com/api/. `stream` is the console.
    """

    smtp_url: SecretStr | None = None
    mail_from: str = "callwatch@localhost"
    slack_token: SecretStr | None = None
    slack_webhook_url: SecretStr | None = None
    slack_base_url: str | None = None
    webhook_secret: SecretStr | None = None
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
