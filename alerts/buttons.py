"""What a button in Slack says when it is pressed: which action, on which call, for which subscription. Pure.

Slack signs the request that brings it, so the value needs no signature of its own.
"""

from __future__ import annotations

import msgspec

from alerts.links import Action, Bearer

PREFIX = "callwatch_"


class Pressed(msgspec.Struct, frozen=True):
    """A button that was pressed."""

    action: Action
    bearer: Bearer
    call_id: str


def action_id(action: Action) -> str:
    """The `action_id` of a button."""
    return PREFIX + action.value


def value(bearer: Bearer, call_id: str) -> str:
    """The `value` of a button; Slack allows 2,000 characters."""
    return msgspec.json.encode([bearer.contact, bearer.subscription, call_id]).decode()


def pressed(action: str, text: str) -> Pressed | None:
    """What `action_id` and `value` of a pressed button say; None if it is not one of ours."""
    try:
        contact, subscription, call_id = msgspec.json.decode(text, type=tuple[str, str, str])
        return Pressed(Action(action.removeprefix(PREFIX)), Bearer(contact, subscription), call_id)
    except (msgspec.DecodeError, ValueError):
        return None
