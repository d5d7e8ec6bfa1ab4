"""How callwatch is doing, as Prometheus reads it: read from the database when it is asked for.

Needs the extra `metrics`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from callwatch import sources
from callwatch.telling import PLANNED_AT
from callwatch.wiring import Wiring
from pipeline.errors import ConfigError
from pipeline.harvest import Verdict
from pipeline.store import Outbox, Store, conditions, marks, runs, slots

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily


def exposition(wiring: Wiring, store: Store, now: datetime) -> bytes:
    """The state at `now` in Prometheus' text format. Raises ConfigError without the library."""
    try:
        from prometheus_client import CollectorRegistry, generate_latest
    except ModuleNotFoundError:
        raise ConfigError("/metrics needs its library: pip install 'callwatch[metrics]'") from None
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(wiring, store, now))
    return bytes(generate_latest(registry))


class _Collector:
    def __init__(self, wiring: Wiring, store: Store, now: datetime) -> None:
        self._wiring, self._store, self._now = wiring, store, now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """All metrics, each with its samples."""
        yield from self._portals()
        yield from self._messages()
        yield from self._work()

    def _portals(self) -> Iterator[GaugeMetricFamily]:
        success = _gauge("portal_last_success_seconds", "End of the last complete harvest (Unix time).", "portal")
        last = _gauge("portal_last_harvest_seconds", "Start of the last harvest (Unix time).", "portal")
        seen = _gauge("portal_items", "Calls seen by the last harvest.", "portal")
        issues = _gauge("portal_issues", "Issues of the last harvest.", "portal")
        failures = _gauge("portal_failures", "Harvests in a row that were not complete.", "portal")
        verdict = _gauge("portal_verdict", "1 for the verdict of the last harvest.", "portal", "verdict")
        for portal in sources.watched(self._wiring.portals.values()):
            with self._store.read() as conn:
                record, latest = runs.record(conn, portal.name), runs.latest(conn, portal.name, 1)
            name = [portal.name]
            if record.success_at:
                success.add_metric(name, record.success_at.timestamp())
            for run in latest:
                last.add_metric(name, run.started_at.timestamp())
                issues.add_metric(name, run.issue_count)
                seen.add_metric(name, run.report.seen if run.report else 0)
                failures.add_metric(name, record.failures)
                for word in Verdict:
                    verdict.add_metric([*name, word.value], float(run.verdict is word))
        yield from (success, last, seen, issues, failures, verdict)

    def _messages(self) -> Iterator[GaugeMetricFamily]:
        outbox = Outbox(self._store)
        messages = _gauge("messages", "Messages of the outbox by state.", "state")
        for state, number in outbox.counts().items():
            messages.add_metric([state], number)
        number, oldest, _ = outbox.overdue(self._now)
        due = _gauge("messages_due", "Messages that wait and are due.")
        due.add_metric([], number)
        waiting = _gauge("oldest_due_message_seconds", "For so long the first of them has waited; 0 without any.")
        waiting.add_metric([], (self._now - oldest).total_seconds() if oldest else 0)
        yield from (messages, due, waiting)

    def _work(self) -> Iterator[GaugeMetricFamily]:
        with self._store.read() as conn:
            standing, newest = conditions.standing(conn), slots.newest(conn)
            planned = marks.time_of(conn, PLANNED_AT)
        wrong = _gauge("condition_since_seconds", "What operators were told of, since when (Unix).", "condition")
        for condition in standing:
            wrong.add_metric([condition.key], condition.since.timestamp())
        due = _gauge("slot_due_seconds", "The newest time for which a job was begun (Unix time).", "job", "state")
        tries = _gauge("slot_attempts", "How often the job was begun for that time.", "job")
        for job, taken in newest.items():
            due.add_metric([job, taken.state], taken.due_at.timestamp())
            tries.add_metric([job], taken.attempts)
        ticked = _gauge("last_plan_seconds", "When messages were planned last (Unix time): a sign of life.")
        if planned:
            ticked.add_metric([], planned.timestamp())
        yield from (wrong, due, tries, ticked)


def _gauge(name: str, what: str, *labels: str) -> GaugeMetricFamily:
    from prometheus_client.core import GaugeMetricFamily

    return GaugeMetricFamily(f"callwatch_{name}", what, labels=labels)
