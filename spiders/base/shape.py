"""The shape of a portal's answer: which fields its items have, how often, of what kind; and how two shapes differ.

A shape holds no text of a portal. Pure.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

DEEPEST = 3
"""Levels of objects inside objects that are looked into."""
MOST_FIELDS = 300
LUCK = 0.01
"""What is less likely than this is no chance: that none of so many items has a field."""
USUAL = 0.8
"""A field in so many items stays in most."""
FEW = 5
"""Of fewer items, a field that has become rare says nothing."""
_KINDS = {bool: "truth value", int: "number", float: "number", str: "text", list: "list", dict: "object"}


class Field(msgspec.Struct, frozen=True, array_like=True):
    """`share` of the items that have it, 0 to 1, and the kinds of its values."""

    share: float
    kinds: tuple[str, ...]


class Shape(msgspec.Struct, frozen=True):
    """The items of one part of a portal. `of` says what it was taken from: "test site", or "live" and the day."""

    of: str
    part: str
    fields: dict[str, Field]


class Difference(msgspec.Struct, frozen=True):
    """What is not as recorded: the field (or part), and the problem."""

    field: str
    problem: str


def shape_of(items: Sequence[Mapping[str, Any]], *, of: str, part: str) -> Shape:
    """The shape of these items; what is empty counts as missing."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    having: Counter[str] = Counter()
    for item in items:
        seen: dict[str, set[str]] = defaultdict(set)
        for name, kind in _fields(item, "", DEEPEST):
            seen[name].add(kind)
        for name, kinds in seen.items():
            having[name] += 1
            found[name].update(kinds)
    kept = sorted(name for name, _ in having.most_common(MOST_FIELDS))
    fields = {name: Field(round(having[name] / len(items), 3), tuple(sorted(found[name]))) for name in kept}
    return Shape(of, part, fields)


def packed(shape: Shape) -> bytes:
    """A shape as JSON, a line for each field."""
    lines = [f"  {_json(name)}: {_json(field)}" for name, field in shape.fields.items()]
    head = f' "of": {_json(shape.of)},\n "part": {_json(shape.part)},\n "fields": {{\n'
    return ("{\n" + head + ",\n".join(lines) + "\n }\n}\n").encode()


def unpacked(data: bytes) -> Shape:
    """The shape that `packed` wrote. Raises msgspec.MsgspecError."""
    return msgspec.json.decode(data, type=Shape)


def differences(recorded: Shape, now: Shape, number: int) -> list[Difference]:
    """What `now`, of so many items, lacks of what was recorded, or has in another form."""
    return list(_differences(recorded, now, number))


def unknown(recorded: Shape, now: Shape) -> list[str]:
    """Fields that most items have now and none had when it was recorded."""
    return [name for name, field in now.fields.items() if field.share >= USUAL and name not in recorded.fields]


def _differences(recorded: Shape, now: Shape, number: int) -> Iterator[Difference]:
    for name, before in recorded.fields.items():
        after = now.fields.get(name)
        was = f"{before.share:.0%} as recorded"
        if after is None:
            if (1 - before.share) ** number < LUCK:
                yield Difference(name, f"in none of {number} entries; in {was}")
            continue
        if before.share >= USUAL and number >= FEW and after.share < before.share / 2:
            yield Difference(name, f"in {after.share:.0%} of {number} entries; in {was}")
        if other := sorted(set(after.kinds) - set(before.kinds)):
            yield Difference(name, f"{' or '.join(other)} now; {' or '.join(before.kinds)} as recorded")


def _fields(item: Mapping[str, Any], above: str, levels: int) -> Iterable[tuple[str, str]]:
    for key, value in item.items():
        name = f"{above}{key}"
        if value is None or value == "" or value == [] or value == {}:
            continue
        yield name, _KINDS.get(type(value), type(value).__name__)
        inner = value if isinstance(value, list) else [value]
        for each in inner if levels > 1 else ():
            if isinstance(each, dict):
                yield from _fields(each, f"{name}.", levels - 1)


def _json(value: Any) -> str:
    return json.dumps(msgspec.to_builtins(value), ensure_ascii=False)
