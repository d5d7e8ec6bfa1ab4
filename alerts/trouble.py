"""What operators are told: conditions that began and conditions that are over, in words. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.contact import Contact
from alerts.message import Message, MessageKind, encode
from alerts.subscription import Ops
from alerts.wording import Wording
from pipeline.outbox import NewMessage
from pipeline.people import Condition
from pipeline.text import clean

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "ops.callwatch")
KEY = "ops"
"""Stands for a subscription in messages to operators."""


def report(
    ops: Ops, contact: Contact, begun: Sequence[Condition], over: Sequence[Condition], now: datetime
) -> NewMessage:
    """The message that tells operators what has begun and what is over; its id depends on nothing else."""
    words = Wording(contact.language, ZoneInfo(contact.time_zone))
    message = Message(
        kind=MessageKind.OPS,
        contact=contact.name,
        contact_key=ops.contact,
        language=contact.language,
        time_zone=contact.time_zone,
        subscription=KEY,
        subscription_name=KEY,
        at=now,
        lines=tuple(_lines(begun, over, words)),
    )
    said = [f"{c.key}|{c.since.isoformat()}|{c.over_at or ''}" for c in (*begun, *over)]
    return NewMessage(
        id=str(uuid.uuid5(NAMESPACE, "\n".join(sorted(said)))),
        contact=ops.contact,
        subscription=KEY,
        channel=ops.channel,
        target=contact.address(ops.channel, ops.contact),
        kind=MessageKind.OPS.value,
        payload=encode(message),
        created_at=now,
        not_before=now,
    )


def _lines(begun: Sequence[Condition], over: Sequence[Condition], words: Wording) -> Iterator[str]:
    for condition in begun:
        yield words.t("{what}: {detail}", what=clean(condition.key, 200), detail=clean(condition.detail, 500))
    for condition in over:
        yield words.t(
            "Over: {what}, since {moment}.", what=clean(condition.key, 200), moment=words.moment(condition.since)
        )
