"""A channel that is opened for its first message, so that one which lacks a setting holds back nobody else."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from callwatch.wiring import Wiring
from pipeline.errors import ConfigError
from pipeline.store import Store, marks

if TYPE_CHECKING:
    from alerts.channels import Channel, Envelope, Post
    from alerts.message import Message


class OnDemand:
    """The channel `name`. Raises Unreachable with the missing setting when it cannot be opened.

    In a cluster (a broker is set) the pace of posts is kept in the `store`, else in this process.
    """

    def __init__(self, wiring: Wiring, name: str, store: Store | None = None) -> None:
        self.name = name
        self._wiring = wiring
        self._store = store if wiring.settings.broker_url else None
        self._channel: Channel | None = None
        self._opening = threading.Lock()

    def lane(self, target: str) -> str:
        """As the channel says; one that cannot be opened needs one lane only."""
        from alerts.channels import Unreachable

        try:
            return self._opened().lane(target)
        except Unreachable:
            return ""

    def posts(self, message: Message, envelope: Envelope) -> Sequence[Post]:
        """As the channel itself."""
        return self._opened().posts(message, envelope)

    def send(self, post: Post, message: Message, envelope: Envelope) -> str:
        """As the channel itself."""
        return self._opened().send(post, message, envelope)

    def find(self, post: Post, message: Message, envelope: Envelope) -> str:
        """As the channel itself."""
        return self._opened().find(post, message, envelope)

    def close(self) -> None:
        """Close it, if it was opened."""
        if self._channel is not None:
            self._channel.close()

    def _opened(self) -> Channel:
        from alerts.channels import Unreachable, open_channel

        with self._opening:
            if self._channel is None:
                try:
                    turn = partial(_turn, self._store, self.name) if self._store else None
                    settings = dataclasses.replace(self._wiring.channel_settings(), turn=turn)
                    self._channel = open_channel(self.name, settings)
                except ConfigError as error:
                    raise Unreachable(str(error), broken=True) from error
            return self._channel


def _turn(store: Store, channel: str, place: str, pause: float) -> float:
    with store.begin() as conn:
        return marks.turn(conn, f"{channel} {place}", pause)
