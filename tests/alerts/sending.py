"""Sends messages the way a delivery does: post by post, going on behind what is on record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alerts.channels import Channel, Envelope
from alerts.message import Message
from tests.alerts.samples import NOW

ID = "6f1c7c0e-0000-5000-8000-000000000001"


def envelope(target: str, **fields: Any) -> Envelope:
    return Envelope(**{"message_id": ID, "target": target, "now": NOW, **fields})


def send(
    channel: Channel,
    message: Message,
    to: Envelope | str,
    arrived: dict[int, str] | None = None,
    *,
    unsure: bool = False,
) -> dict[int, str]:
    """Remote ids by number. `arrived` is added to as posts arrive, also when a later one raises."""
    given = to if isinstance(to, Envelope) else envelope(to)
    arrived = {} if arrived is None else arrived
    for post in channel.posts(message, given):
        if post.number not in arrived:
            found = channel.find(post, message, given) if unsure else ""
            arrived[post.number] = found or channel.send(post, message, given)
            unsure = False
    return arrived


def threads(channel: Channel, message: Message, to: Envelope | str, arrived: Mapping[int, str]) -> dict[str, str]:
    """What the outbox remembers of a message: by call id, the remote id of its post."""
    given = to if isinstance(to, Envelope) else envelope(to)
    posts = channel.posts(message, given)
    return {call_id: arrived[post.number] for post in posts for call_id in post.call_ids}
