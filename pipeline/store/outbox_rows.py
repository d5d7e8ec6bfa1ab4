"""How messages and deliveries lie in their rows."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Row

from pipeline.outbox import MessageState, NewMessage, OutboxMessage
from pipeline.store.codec import ZSTD, compress, decompress, to_text


class Outcome(StrEnum):
    """What became of one attempt. Unknown: its end was never recorded, so it may have reached the recipient."""

    STARTED = "started"
    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Delivery(msgspec.Struct, frozen=True):
    """One attempt to say a message. `detail` is the remote id or the error."""

    attempt: int
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome
    detail: str


def message_row(message: NewMessage) -> dict[str, Any]:
    """The columns of table `messages` for a message that was never tried."""
    row = {name: getattr(message, name) for name in _PLAIN}
    row |= {"event_ids": to_text(message.event_ids), "call_ids": to_text(message.call_ids)}
    row |= {"payload": compress(message.payload)}
    state = MessageState.HELD if message.held else MessageState.PENDING
    row |= {"state": state.value, "attempts": 0, "lease_token": "", "lease_until": None}
    row |= {"sent_at": None, "remote_id": "", "last_error": "", "unsure": False, "due_at": message.not_before}
    return row


_ELSEWHERE = ("event_ids", "call_ids", "payload", "reminders", "held")
_PLAIN = tuple(name for name in NewMessage.__struct_fields__ if name not in _ELSEWHERE)


def outbox_message(row: Row[*tuple[Any, ...]], posts: dict[int, str] | None = None) -> OutboxMessage:
    """A row of table `messages` as a value, with what has arrived of it."""
    values = {name: getattr(row, name) for name in _PLAIN}
    values["event_ids"] = msgspec.json.decode(row.event_ids, type=tuple[int, ...])
    values["call_ids"] = msgspec.json.decode(row.call_ids, type=tuple[str, ...])
    values["payload"] = _payload(row.payload)
    values["held"] = row.state == MessageState.HELD
    return OutboxMessage(
        message=NewMessage(**values),
        state=MessageState(row.state),
        attempts=row.attempts,
        token=row.lease_token,
        sent_at=row.sent_at,
        remote_id=row.remote_id,
        last_error=row.last_error,
        unsure=row.unsure,
        due_at=row.due_at,
        posts=posts or {},
    )


def _payload(stored: bytes) -> bytes:
    """Compressed since revision 0003; empty once it was deleted for its age."""
    return decompress(stored) if stored.startswith(ZSTD) else stored
