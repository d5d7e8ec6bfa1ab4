"""How callwatch is doing in numbers, read from the database when they are asked for; and as Prometheus reads them,
which needs the extra `metrics`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
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
    registry.register(_Collector(gauges(wiring, store, now)))
    return bytes(generate_latest(registry))


class Gauge:
    """One metric: its name without ours before it, what it means, and its value for each set of labels."""

    def __init__(self, name: str, what: str, *labels: str) -> None:
        self.name, self.what, self.labels = name, what, labels
        self.samples: list[tuple[list[str], float]] = []

    def add_metric(self, values: list[str], number: float) -> None:
        """Its value for these values of the labels."""
        self.samples.append((values, number))


def gauges(wiring: Wiring, store: Store, now: datetime) -> list[Gauge]:
    """All metrics at `now`."""
    return list(_Reading(wiring, store, now).all())


def without_people(found: Iterable[Gauge]) -> Iterator[Gauge]:
    """The same for those who may know less: conditions do not name contacts, nor messages."""
    for one in found:
        if one.labels != ("condition",):
            yield one
            continue
        hidden = Gauge(one.name, one.what, *one.labels)
        earliest: dict[str, float] = {}
        for (key,), since in one.samples:
            short = "held" if key.startswith("held ") else re.sub(r"^(\w+) to .*", r"\1 to a contact", key)
            earliest[short] = min(since, earliest.get(short, since))
        hidden.samples = [([key], since) for key, since in earliest.items()]
        yield hidden


class _Collector:
    def __init__(self, found: list[Gauge]) -> None:
        self._found = found

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """All metrics, each with its samples."""
        from prometheus_client.core import GaugeMetricFamily

        for one in self._found:
            family = GaugeMetricFamily(f"callwatch_{one.name}", one.what, labels=one.labels)
            for values, number in one.samples:
                family.add_metric(values, number)
            yield family


class _Reading:
    def __init__(self, wiring: Wiring, store: Store, now: datetime) -> None:
        self._wiring, self._store, self._now = wiring, store, now

    def all(self) -> Iterator[Gauge]:
        """All metrics, each with its samples."""
        yield from self._portals()
        yield from self._messages()
        yield from self._work()

    def _portals(self) -> Iterator[Gauge]:
        success = Gauge("portal_last_success_seconds", "End of the last complete harvest (Unix time).", "portal")
        last = Gauge("portal_last_harvest_seconds", "Start of the last harvest (Unix time).", "portal")
        seen = Gauge("portal_items", "Calls seen by the last harvest.", "portal")
        issues = Gauge("portal_issues", "Issues of the last harvest.", "portal")
        failures = Gauge("portal_failures", "Harvests in a row that were not complete.", "portal")
        verdict = Gauge("portal_verdict", "1 for the verdict of the last harvest.", "portal", "verdict")
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

    def _messages(self) -> Iterator[Gauge]:
        outbox = Outbox(self._store)
        messages = Gauge("messages", "Messages of the outbox by state.", "state")
        for state, number in outbox.counts().items():
            messages.add_metric([state], number)
        number, oldest, _ = outbox.overdue(self._now)
        due = Gauge("messages_due", "Messages that wait and are due.")
        due.add_metric([], number)
        waiting = Gauge("oldest_due_message_seconds", "For so long the first of them has waited; 0 without any.")
        waiting.add_metric([], (self._now - oldest).total_seconds() if oldest else 0)
        yield from (messages, due, waiting)

    def _work(self) -> Iterator[Gauge]:
        with self._store.read() as conn:
            standing, newest = conditions.standing(conn), slots.newest(conn)
            planned = marks.time_of(conn, PLANNED_AT)
        wrong = Gauge("condition_since_seconds", "What operators were told of, since when (Unix).", "condition")
        for condition in standing:
            wrong.add_metric([condition.key], condition.since.timestamp())
        due = Gauge("slot_due_seconds", "The newest time for which a job was begun (Unix time).", "job", "state")
        tries = Gauge("slot_attempts", "How often the job was begun for that time.", "job")
        for job, taken in newest.items():
            due.add_metric([job, taken.state], taken.due_at.timestamp())
            tries.add_metric([job], taken.attempts)
        ticked = Gauge("last_plan_seconds", "When messages were planned last (Unix time): a sign of life.")
        if planned:
            ticked.add_metric([], planned.timestamp())
        yield from (wrong, due, tries, ticked)
