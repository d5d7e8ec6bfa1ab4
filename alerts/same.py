"""A key for what is kept: of things that are the same objects, not of equal ones. Pure."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Same(Generic[T]):
    """Equal to another one of the very same things, whatever these hold; so it costs no look into them.

    It keeps them alive, so no other thing can come to bear the identity of one of them.
    """

    __slots__ = ("_ids", "things")

    def __init__(self, things: tuple[T, ...]) -> None:
        self.things = things
        self._ids = tuple(map(id, things))

    def __hash__(self) -> int:
        return hash(self._ids)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self._ids == other._ids
