"""The fork server of tests/harvest, with what is needed to kill a planning or a delivery at any moment of it."""

from __future__ import annotations

import dataclasses
import faulthandler
import importlib
import os
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partialmethod
from typing import Any

from tests.harvest import zygote

LOADED_ONCE = (
    "alerts.channels.email", "alerts.channels.slack", "alerts.channels.webhook", "alerts.deliver", "alerts.plan",
    "alerts.render", "callwatch.cli", "callwatch.cli.views", "callwatch.ops", "callwatch.readers",
    "callwatch.telling", "callwatch.wiring", "holidays", "pipeline.classify", "pipeline.store", "psycopg",
    "rich.console", "rich.table", "sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.sqlite",
)  # fmt: skip
LIFE = 600
"""Seconds after which a command that hangs is ended by the kernel."""


SHIPPED: dict[str, Any] = {}
"""Configuration that is read once: the folders of these tests hold a subscriptions.yml and nothing else."""


def played(seconds: float) -> None:
    """The clock goes on from so many seconds after the present moment (or before it)."""
    from callwatch import wiring

    faulthandler.enable()
    signal.alarm(LIFE)
    for name, value in SHIPPED.items():
        setattr(wiring.Wiring, name, value)
    shift, whole = timedelta(seconds=seconds), wiring.Wiring.__init__
    clock = partialmethod(whole, clock=lambda: datetime.now(UTC) + shift)
    wiring.Wiring.__init__ = clock  # type: ignore[assignment]


def life(seconds: int) -> None:
    """As much longer as there is to do."""
    signal.alarm(seconds)


def channels(given: dict[str, Any]) -> None:
    """Other channel settings than the environment can give, such as a short timeout."""
    from callwatch.wiring import Wiring

    whole = Wiring.channel_settings

    def channel_settings(wiring: Wiring) -> Any:
        settings = whole(wiring)
        there = {field.name for field in dataclasses.fields(settings)}
        return dataclasses.replace(settings, **{k: v for k, v in given.items() if k in there})

    Wiring.channel_settings = channel_settings  # type: ignore[method-assign]


def plan_parts(size: int) -> None:
    """So many subscriptions are planned in one transaction, so that there are more moments to die in."""
    from callwatch import telling

    telling.PART = size


def impatient(seconds: float) -> None:
    """A locked database is an error after so many seconds, not after thirty."""
    from pipeline.store import connect

    connect.BUSY_SECONDS = seconds


def die_before_send(number: int) -> None:
    """SIGKILL in place of the so-many-th post."""
    _count_sends(number, before=True)


def die_after_send(number: int) -> None:
    """SIGKILL when the other side has taken the so-many-th post: the one moment in which a thing can be said
    twice."""
    _count_sends(number, before=False)


def _count_sends(number: int, *, before: bool) -> None:
    from alerts.channels.email import Email
    from alerts.channels.slack import Slack

    lock, left = threading.Lock(), [number]

    def counting(send: Callable[..., str]) -> Callable[..., str]:
        def counted(*given: Any) -> str:
            with lock:
                left[0] -= 1
                mine = left[0] == 0
            if mine and before:
                os.kill(os.getpid(), signal.SIGKILL)
            remote_id = send(*given)
            if mine:
                os.kill(os.getpid(), signal.SIGKILL)
            return remote_id

        return counted

    for channel in (Email, Slack):
        channel.send = counting(channel.send)  # type: ignore[method-assign]


zygote.TAMPER.update(
    {f.__name__: f for f in (played, life, channels, plan_parts, impatient, die_before_send, die_after_send)}
)

if __name__ == "__main__":
    zygote.LOADED_ONCE = LOADED_ONCE
    zygote.CONFIGURATION = ("profiles", "programmes", "portals")
    from callwatch.wiring import Wiring

    for module in LOADED_ONCE:
        importlib.import_module(module)
    SHIPPED.update((name, getattr(Wiring(), name)) for name in zygote.CONFIGURATION)
    zygote.main()
