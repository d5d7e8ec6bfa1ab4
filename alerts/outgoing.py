"""From what was found for a subscription to a message in the outbox. Pure.

The id of a message is derived from what it says and to whom, so two planners at once cannot say it twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
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


class Tidings(msgspec.Struct, frozen=True):
    """Calls that are told together, in order, and what follows from them for every message that tells them: found
    once for all who are told the same.

    `changed` is how many calls something happened to, `name` their part of the message's id.
    """

    found: tuple[Found, ...]
    bodies: tuple[msgspec.Raw, ...]
    call_ids: tuple[str, ...]
    event_ids: tuple[int, ...]
    reminded: tuple[Reminded, ...]
    changed: int
    name: str


def together(found: Iterable[Found]) -> Tidings:
    """These calls as one message tells them."""
    told = tuple(found)
    event_ids = tuple([number for one in told for number in one.event_ids])
    reminded = tuple([reminder for one in told for reminder in one.reminded])
    return Tidings(
        told,
        bodies=tuple([one.body for one in told]),
        call_ids=tuple([one.item.call_id for one in told]),
        event_ids=event_ids,
        reminded=reminded,
        changed=sum(bool(one.item.changes) for one in told),
        name=_name(event_ids, reminded),
    )


def _name(event_ids: Sequence[int], reminded: Sequence[Reminded]) -> str:
    told = ",".join(str(number) for number in sorted(event_ids))
    if not reminded:
        return told
    reminders = sorted(reminded, key=lambda r: (r.call_id, r.deadline_at, r.days))
    return f"{told}|{msgspec.json.encode(reminders).decode()}"


class Frame(NamedTuple):
    """What surrounds the calls of a message. `held`: an operator has to let it go."""

    kind: MessageKind
    at: datetime
    proof: tuple[Proof, ...] = ()
    period: str = ""
    window: tuple[datetime, datetime] | None = None
    gap: tuple[datetime, datetime] | None = None
    held: bool = False


def outgoing(subscription: Subscription, contact: Contact, frame: Frame, tidings: Tidings) -> NewMessage:
    """The message that brings `tidings` to the contact of `subscription`."""
    parts = (subscription.key, subscription.channel, frame.kind.value, frame.period, tidings.name)
    return NewMessage(
        id=str(uuid.uuid5(NAMESPACE, "|".join(parts))),
        contact=subscription.contact,
        subscription=subscription.key,
        channel=subscription.channel,
        target=subscription.target(contact),
        kind=frame.kind.value,
        payload=encode(_message(subscription, contact, frame), tidings.bodies),
        event_ids=tidings.event_ids,
        call_ids=tidings.call_ids,
        period=frame.period,
        created_at=frame.at,
        not_before=frame.at,
        reminders=tidings.reminded,
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
