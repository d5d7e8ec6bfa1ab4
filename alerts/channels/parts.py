"""How a message is dealt to mails, each small enough to be shown whole: nothing is ever left out.

Mail programs cut a mail off at about 102,000 bytes, in the middle of whatever stands there. So the first calls
stand in full, as many as fit, the others on one line each, and what does not fit goes into a second mail. All that
depends on the message alone, on no clock and no address, so that a later attempt deals it the same way.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

import msgspec

from alerts.channels.quoted import (
    MARKED,
    midnight,
    quoted_bottom,
    quoted_item,
    quoted_top,
    steps,
)
from alerts.head import loud, quiet
from alerts.message import Item, Message, MessageKind, decode, encode
from alerts.render import FULL
from alerts.same import Same
from alerts.view import Part, frame, whole, wording
from alerts.wording import Wording

LIMIT = 100_000
"""Bytes of a whole mail."""
SPARE = 10_000
"""Left for headers and headings, for names of people and subscriptions, and for words that grow by the hour."""
ADDRESS = 60
"""Characters that the public address is taken to have."""
EVENT = 1_700
"""Bytes of a deadline with its alarms, in the calendar that goes with an alert or a reminder."""
CARDS = 0.6
"""The share of the first of several mails that calls in full may take."""
HEAVIEST = 20_000
"""Bytes of a call in full; one that needs more stands on one line."""
REMEMBERED = 64
"""Contents whose division is kept."""
_NOBODY = {"contact": "", "contact_key": "", "subscription": "", "subscription_name": ""}


class Letter(msgspec.Struct, frozen=True):
    """One mail to be: what of the message, which is without its reader here, stands in it. `changing` are the
    instants at which it is read differently."""

    part: Part
    message: Message
    changing: tuple[datetime, ...]

    def settled(self, now: datetime) -> datetime:
        """The instant since which it is read as it is at `now`, so that a body serves a whole day."""
        place = bisect_right(self.changing, now)
        today = midnight(now)
        return max(today, self.changing[place - 1]) if place else today


def deal(message: Message) -> tuple[Letter, ...]:
    """The mails of `message`, at least one. Equal messages to many readers are dealt once."""
    frame = encode(msgspec.structs.replace(message, items=(), **_NOBODY))
    return _dealt(frame, Same(message.items), token_size(message))


def token_size(message: Message) -> int:
    """Characters of the reader's tokens (alerts.links), up to the next 32."""
    named = len(msgspec.json.encode([message.contact_key, message.subscription]))
    return -(-(named * 4 // 3 + 40) // 32) * 32


@lru_cache(maxsize=REMEMBERED)
def _dealt(frame: bytes, items: Same[Item], token: int) -> tuple[Letter, ...]:
    """The mails of a message, as JSON without items and reader, whose tokens have at most `token` characters."""
    message = msgspec.structs.replace(decode(frame), items=items.things)
    scale = _Scale(message, wording(message), ADDRESS + token)
    room = scale.room()
    still = quiet(message)
    cards, rest = _cards(loud(message), room, scale.lines(still), scale)
    shares = _shares(rest, still, room - sum(map(scale.card, cards)), room, scale)
    parts = [Part(number, len(shares), (), *share) for number, share in enumerate(shares, start=1)]
    parts[0] = replace(parts[0], cards=cards)
    changing = tuple(sorted({step for item in message.items for step in steps(Same((item,)))}))
    return tuple(Letter(part, message, changing) for part in parts)


@dataclass(frozen=True)
class _Scale:
    """Weighs the calls of one message, each once; `link` is what each link is taken to need."""

    message: Message
    words: Wording
    link: int
    known: dict[tuple[int, bool], int] = field(default_factory=dict)

    def card(self, item: Item) -> int:
        at_once = self.message.kind in (MessageKind.ALERT, MessageKind.REMINDER)
        ahead = sum(not d.passed for d in item.deadlines) if at_once else 0
        return self._weight(item, card=True) + ahead * EVENT

    def line(self, item: Item) -> int:
        return self._weight(item, card=False)

    def lines(self, items: Iterable[Item]) -> int:
        return sum(map(self.line, items))

    def room(self) -> int:
        """What one mail has for calls."""
        around = frame(self.message, whole(self.message, 0), self.words, self.message.at, MARKED)
        around_weight = sum(piece.weight(self.link) for piece in (quoted_top(around), quoted_bottom(around)))
        return LIMIT - SPARE - around_weight

    def _weight(self, item: Item, *, card: bool) -> int:
        key = (id(item), card)
        if key not in self.known:
            piece = quoted_item(item, self.words, self.message.at, card=card, linked=True)
            self.known[key] = piece.weight(self.link)
        return self.known[key]


def _cards(
    items: Sequence[Item], room: int, still: int, scale: _Scale
) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """The calls in full and the others: as many in full as one mail holds beside the others, else `CARDS`. A card
    weighs more than a line, so no card is made behind the first that has no room."""
    if len(items) <= FULL and _all_fit(items, room - still, scale):
        return tuple(items), ()
    cards, needed = 0, scale.lines(items) + still
    several, chosen = needed > room, set[int]()
    for place, item in enumerate(items[:FULL]):
        weight = scale.card(item)
        if weight > HEAVIEST:
            continue
        cards, needed = cards + weight, needed + weight - scale.line(item)
        if cards > room * CARDS if several else needed > room:
            break
        chosen.add(place)
    others = (item for place, item in enumerate(items) if place not in chosen)
    return tuple(items[place] for place in sorted(chosen)), tuple(others)


def _all_fit(items: Sequence[Item], room: int, scale: _Scale) -> bool:
    """Whether all can be shown in full."""
    for item in items:
        weight = scale.card(item)
        room -= weight
        if weight > HEAVIEST or room < 0:
            return False
    return True


def _shares(
    rest: Sequence[Item], still: Sequence[Item], first: int, room: int, scale: _Scale
) -> list[tuple[tuple[Item, ...], tuple[Item, ...]]]:
    """(rest, still) of each mail; `first` is what the first has left for lines."""
    shares: list[tuple[list[Item], list[Item]]] = [([], [])]
    left = first
    for kind, items in enumerate((rest, still)):
        for item in items:
            weight = scale.line(item)
            if weight > left:
                shares.append(([], []))
                left = room
            shares[-1][kind].append(item)
            left -= weight
    return [(tuple(lines), tuple(only_open)) for lines, only_open in shares]
