"""A small callwatch in this process, wired as the commands are, with a clock that is played."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from alerts.channels import ChannelSettings
from alerts.delivery import DeliveryReport
from alerts.message import decode, encode
from alerts.trouble import KEY
from callwatch.settings import Settings
from callwatch.telling import deliver_messages
from callwatch.wiring import Wiring
from pipeline.outbox import MessageState, NewMessage, SubscriptionState
from pipeline.store import Outbox, Store
from tests.alerts.samples import message
from tests.delivery import world

START = datetime.now(UTC) - timedelta(days=9)
"""Whatever is played here is over by now, so that no server's clock is behind it."""


class OwnWiring(Wiring):
    """The channels get a timeout that a test can wait for."""

    timeout = 5.0

    def channel_settings(self) -> ChannelSettings:
        whole = super().channel_settings()
        there = {field.name for field in dataclasses.fields(whole)}
        wish = {"timeout": self.timeout, "slack_pause": 0.0}
        return dataclasses.replace(whole, **{k: v for k, v in wish.items() if k in there})  # type: ignore[arg-type]


class Office:
    """`put` writes messages, `deliver` sends what is due, `later` lets time pass."""

    def __init__(self, store: Store, folder: Path, book: dict[str, Any], **settings: Any) -> None:
        self.store, self.outbox, self.now = store, Outbox(store), START
        config = world.configure(folder / "config", book)
        given = {"mail_from": "callwatch <alerts@callwatch.example>", "config": config, **settings}
        self.wiring = OwnWiring(Settings(**given), clock=lambda: self.now)

    def put(self, *names: str, **fields: Any) -> None:
        """Messages called "contact-number" on the contact's channel, due now."""
        self.outbox.commit_plan(
            "s", [self._message(name, fields) for name in names], SubscriptionState(START, START)
        )

    def _message(self, name: str, fields: dict[str, Any]) -> NewMessage:
        key = name.rpartition("-")[0]
        contact = self.wiring.subscriptions.contacts[key]
        channel = "slack" if contact.slack else "webhook" if contact.webhook else "email"
        given = {"contact": contact.name, "contact_key": key, "at": self.now}
        return NewMessage(
            id=name,
            contact=key,
            subscription="s",
            channel=channel,
            target=contact.address(channel, key),
            kind="alert",
            payload=encode(msgspec.structs.replace(message(), **given)),
            created_at=self.now,
            not_before=self.now,
            **fields,
        )

    def deliver(self) -> DeliveryReport:
        """One `callwatch deliver`."""
        return deliver_messages(self.wiring, self.store, self.now)

    def later(self, minutes: float = 0, seconds: float = 0) -> None:
        """Time passes."""
        self.now += timedelta(minutes=minutes, seconds=seconds)

    def state(self, name: str) -> MessageState:
        """What has become of a message."""
        found = self.outbox.message(name)
        assert found
        return found.state

    def states(self, names: Sequence[str]) -> set[MessageState]:
        """The same of many."""
        return {self.state(name) for name in names}

    def until_rest(self, rounds: int = 30) -> None:
        """Deliver as often as anything waits, as cron does, every half an hour."""
        for _ in range(rounds):
            self.deliver()
            counts = self.outbox.counts()
            if not counts["pending"] + counts["leased"]:
                return
            self.later(30)
        raise AssertionError(f"the outbox does not come to rest: {self.outbox.counts()}")

    def told_operators(self) -> list[str]:
        """Every line that operators were told, in order."""
        said = self.outbox.messages(subscription=KEY)
        return [line for entry in said for line in decode(entry.message.payload).lines]


def readers(*keys: str, **more: dict[str, Any]) -> dict[str, Any]:
    """Contacts by these keys with an e-mail address each, those of `more` with what is given, and operators."""
    contacts = {key: {"name": key, "email": f"{key}@reader.example", "vouched": True} for key in keys}
    contacts |= {key: {"name": key, "vouched": True, **given} for key, given in more.items()}
    contacts["ops"] = {"name": "Operators", "email": "ops@callwatch.example", "vouched": True}
    wish = {"key": "s", "contact": next(iter(contacts)), "channel": "file", "cadence": "daily"}
    return {"contacts": contacts, "subscriptions": [wish], "ops": {"contact": "ops", "channel": "email"}}
