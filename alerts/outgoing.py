"""From what was found for a subscription to a message in the outbox. Pure.

The id of a message is derived from what it says and to whom, so two planners at once cannot say it twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from alerts.contact import Contact
from alerts.message import Item, Message, MessageKind, Proof, encode
from alerts.subscription import Subscription
from pipeline.outbox import NewMessage, Reminded

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "messages.callwatch")


class Found(NamedTuple):
    """One call to be told, the events that count as told with it, and the reminders that are settled.

    `rank` is its place among others, `body` the item as JSON: both made once for all who are told the same.
    """

    item: Item
    rank: tuple[int, int, datetime, str]
    body: msgspec.Raw
    event_ids: tuple[int, ...] = ()
    reminded: tuple[Reminded, ...] = ()


class Frame(NamedTuple):
    """What surrounds the calls of a message. `held`: an operator has to let it go."""

    kind: MessageKind
    at: datetime
    proof: tuple[Proof, ...] = ()
    period: str = ""
    window: tuple[datetime, datetime] | None = None
    gap: tuple[datetime, datetime] | None = None
    held: bool = False


def outgoing(subscription: Subscription, contact: Contact, frame: Frame, found: Sequence[Found]) -> NewMessage:
    """The message that tells `found` to the contact of `subscription`."""
    event_ids = tuple(number for one in found for number in one.event_ids)
    reminded = tuple(reminder for one in found for reminder in one.reminded)
    message = _message(subscription, contact, frame)
    return NewMessage(
        id=_name(subscription, frame, event_ids, reminded),
        contact=subscription.contact,
        subscription=subscription.key,
        channel=subscription.channel,
        target=subscription.target(contact),
        kind=frame.kind.value,
        payload=encode(message, [one.body for one in found]),
        event_ids=event_ids,
        call_ids=tuple(one.item.call_id for one in found),
        period=frame.period,
        created_at=frame.at,
        not_before=frame.at,
        reminders=reminded,
        held=frame.held,
    )


def _message(subscription: Subscription, contact: Contact, frame: Frame) -> Message:
    """All of the message but its items."""
    return Message(
        kind=frame.kind,
        contact=contact.name,
        contact_key=subscription.contact,
        language=contact.language,
        time_zone=contact.time_zone,
        subscription=subscription.key,
        subscription_name=subscription.title,
        cadence=subscription.cadence,
        at=frame.at,
        period=frame.period,
        window=frame.window,
        gap=frame.gap,
        proof=frame.proof,
    )


def _name(subscription: Subscription, frame: Frame, event_ids: Sequence[int], reminded: Sequence[Reminded]) -> str:
    told = ",".join(str(number) for number in sorted(event_ids))
    reminders = msgspec.json.encode(sorted(reminded, key=lambda r: (r.call_id, r.deadline_at, r.days))).decode()
    parts = [subscription.key, subscription.channel, frame.kind.value, frame.period, told]
    return str(uuid.uuid5(NAMESPACE, "|".join([*parts, reminders] if reminded else parts)))
