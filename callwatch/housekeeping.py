"""What is done once a night: what is kept no longer goes, what is past is kept small, free space is given back."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import structlog

from callwatch.contacts import tidy
from callwatch.wiring import Wiring
from pipeline.errors import Busy
from pipeline.store import Store, folding, forgetting, locks, slots, thinning
from pipeline.store.sqlx import chunks

log = structlog.get_logger()

STEP = 200
"""Calls thinned in one transaction."""


class Kept(msgspec.Struct):
    """What a night did: deleted texts, messages, runs; bytes folded; thinned calls; the file made new."""

    texts: int = 0
    folded: int = 0
    thinned: int = 0
    messages: int = 0
    runs: int = 0
    anew: bool = False

    def __str__(self) -> str:
        words = ", the file written anew" if self.anew else ""
        return (
            f"{self.texts} texts deleted, {self.folded / 1e6:.1f} MB of past states folded, "
            f"{self.thinned} calls thinned, {self.messages} messages and {self.runs} runs deleted{words}"
        )


def keep(wiring: Wiring, store: Store, now: datetime, holding: tuple[str, ...] = ()) -> Kept:
    """Do all of it, in short transactions; what a kill leaves is done the next night. `holding`: locks of ours."""
    given, done = wiring.settings, Kept()
    done.texts = tidy(wiring, store, now)
    done.folded = _fold(store)
    done.thinned = _thin(store, now - timedelta(days=given.keep_history_days))
    done.messages = _forget_messages(store, now - timedelta(days=given.keep_messages_days))
    before = now - timedelta(days=given.keep_runs_days)
    with store.begin() as conn:
        done.runs = forgetting.forget_runs(conn, before, now - timedelta(days=given.keep_issues_days))
        forgetting.forget_conditions(conn, before)
        slots.forget(conn, before)
    done.anew = _reclaim(store, holding)
    return done


def _fold(store: Store) -> int:
    total = 0
    while True:
        with store.begin() as conn:
            done = folding.fold_new(conn)
            forgetting.note_saved(conn, done or 0)
        if done is None:
            return total
        total += done


def _thin(store: Store, before: datetime) -> int:
    with store.read() as conn:
        over = thinning.over_since(conn, before)
    for part in chunks(over, STEP):
        with store.begin() as conn:
            # Looked at again: a harvest or a plan may have come between.
            still = set(thinning.over_since(conn, before))
            saved = thinning.thin(conn, [call_id for call_id in part if call_id in still], before)
            forgetting.note_saved(conn, saved)
    return len(over)


def _forget_messages(store: Store, before: datetime) -> int:
    total = 0
    while True:
        with store.begin() as conn:
            done = forgetting.forget_messages(conn, before)
        total += done
        if done < forgetting.STEP // 2:
            return total


def _reclaim(store: Store, holding: tuple[str, ...]) -> bool:
    if not forgetting.is_loose(store):
        return False
    try:
        with locks.hold_all(store.engine, besides=holding):
            forgetting.reclaim(store)
    except Busy as error:
        log.info("the database is written anew another night", reason=str(error))
        return False
    return True
