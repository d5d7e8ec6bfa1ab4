"""Figures of a soak: what was lost or came twice, how soon work that was interrupted was made good, how long news
take when nobody disturbs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TextIO

import msgspec
from sqlalchemy import select

from pipeline.outbox import MessageState
from pipeline.store import Outbox, Store, runs
from pipeline.store.outbox_rows import Outcome
from pipeline.store.tables import events
from pipeline.store.tables import runs as runs_table
from tests.delivery.oracle import Figures
from tests.faults.came import Came, Difference
from tests.faults.changing import EARLIER, LATER, NEW
from tests.faults.crowd import Kill
from tests.harvest.commands import PORTAL

WORDS = {"new": NEW, "deadline_extended": LATER, "deadline_brought_forward": EARLIER}


class Result(msgspec.Struct, kw_only=True):
    """`difference`: what the portal showed against what readers read; `figures`: the outbox against the servers.
    Seconds: `recoveries` from a kill until what it interrupted was made good, `latencies` from the storing of an
    event to its arrival while nobody was killed, `rest` from the end to the last message."""

    seed: int
    store: str
    minutes: float
    kills: dict[str, int]
    changes: int
    difference: Difference
    figures: Figures
    recoveries: list[float]
    latencies: list[float]
    rest: float

    @property
    def is_good(self) -> bool:
        """Whether both oracles found everything, and nothing else."""
        return self.difference.is_exact and self.figures.is_exact

    def row(self) -> list[str]:
        """For a table; see HEADS."""
        found, sure = self.difference, self.figures
        return [
            str(self.seed), self.store, f"{self.minutes:g}", str(sum(self.kills.values())), str(self.changes),
            str(found.expected), str(sure.received), str(found.lost + sure.lost),
            str(found.duplicates + found.strange + sure.slack_repeats + sure.outside + sure.strange),
            str(sure.mail_repeats), str(len(self.recoveries)), _seconds(self.recoveries, 50),
            _seconds(self.recoveries, 99), _seconds(self.latencies, 50), _seconds(self.latencies, 95),
        ]  # fmt: skip


HEADS = [
    "seed", "store", "minutes", "kills", "changes", "to be told", "posts", "lost", "doubled", "ambiguous",
    "interrupted", "recovery p50", "p99", "latency p50", "p95",
]  # fmt: skip


def show(results: Sequence[Result], out: TextIO) -> None:
    """As Markdown, with examples of what is wrong."""
    rows = [HEADS, ["---"] * len(HEADS), *(result.row() for result in results)]
    out.writelines(f"| {' | '.join(cells)} |\n" for cells in rows)
    for result in results:
        out.writelines(f"seed {result.seed}: {example}\n" for example in result.difference.examples)
        if not result.figures.is_exact:
            out.write(f"seed {result.seed}: {result.figures}\n")
    out.flush()


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-len(ordered) * percent // 100) - 1)]


def _seconds(values: Sequence[float], percent: float) -> str:
    return f"{percentile(values, percent):.1f}" if values else "-"


def interrupted(store: Store, kills: Sequence[Kill]) -> list[float]:
    """Seconds from the kill of who was at it until a message had left or the portal was read after all."""
    telling = [kill for kill in kills if kill.what.startswith(("tick", "deliver"))]
    reading = [kill for kill in kills if kill.what.startswith(("tick", "harvest"))]
    return [*_messages(store, telling), *_harvests(store, reading)]


def _messages(store: Store, kills: Sequence[Kill]) -> list[float]:
    outbox, found = Outbox(store), list[float]()
    for entry in outbox.messages(state=MessageState.SENT):
        tried = outbox.deliveries(entry.message.id) if entry.attempts > 1 else []
        for attempt in tried:
            end = tried[-1].ended_at
            if attempt.outcome is Outcome.UNKNOWN and end and (at := _killed(kills, attempt.started_at, end)):
                found.append(end.timestamp() - at)
    return found


def _harvests(store: Store, kills: Sequence[Kill]) -> list[float]:
    with store.read() as conn:
        all_of = runs.latest(conn, PORTAL, 10_000)[::-1]
    ends = [run.finished_at for run in all_of if run.state == "done" and run.finished_at]
    found = []
    for run in all_of:
        end = next((end for end in ends if end > run.started_at), None)
        if run.state == "abandoned" and end and (at := _killed(kills, run.started_at, end)):
            found.append(end.timestamp() - at)
    return found


def _killed(kills: Sequence[Kill], begun: datetime, made_good: datetime) -> float:
    """When the first one died that was there at the beginning; 0 if nobody did before it was made good."""
    first, last = begun.timestamp(), made_good.timestamp()
    return next((kill.at for kill in kills if kill.began <= first + 0.1 and first <= kill.at <= last), 0.0)


def latencies(store: Store, found: Sequence[Came], since: float) -> list[float]:
    """Seconds from the end of the harvest that stored an event to its arrival, for harvests later than `since`."""
    e, r = events.c, runs_table.c
    statement = select(e.call_id, e.kind, r.finished_at).join(runs_table, r.id == e.run_id)
    with store.read() as conn:
        rows = conn.execute(statement.where(r.finished_at.is_not(None))).all()
    stored = {(row.call_id.partition(":")[2], WORDS.get(row.kind)): row.finished_at.timestamp() for row in rows}
    times = [(stored.get((one.told.call, one.told.what)), one.at) for one in found]
    return [at - begun for begun, at in times if begun and begun >= since]
