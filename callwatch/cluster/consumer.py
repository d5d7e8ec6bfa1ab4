"""Celery's consumer without what we have no use for."""

from __future__ import annotations

from celery.worker.consumer import Consumer


class Waking(Consumer):  # type: ignore[misc]
    """Leaves out the delayed delivery that comes with quorum queues: 28 exchanges and queues for nothing."""

    class Blueprint(Consumer.Blueprint):  # type: ignore[misc]
        """The other steps."""

        default_steps = [step for step in Consumer.Blueprint.default_steps if "delayed_delivery" not in step]  # noqa: RUF012
