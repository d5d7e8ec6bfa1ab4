"""Which stages of a call come near by a contact's lead times. Pure.

A reminder belongs to the morning of one day, so many days before a stage ends. It is due when that morning lies
between the last planning and now: so a deadline that moves takes its reminders along, none comes twice, and those
for which the time came while callwatch did not run are told late, and say so. A digest is late only when it comes
later than its period; lead times shorter than the period are left to those who are told at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from alerts.contact import Contact
from alerts.message import Notice
from alerts.window import morning_of
from pipeline.models import BRUSSELS, Call, Deadline, Status
from pipeline.outbox import Reminded

LATE = {"at_once": timedelta(days=1), "daily": timedelta(days=2), "weekly": timedelta(days=8)}
"""How much later than its morning a reminder may come, by the cadence with which one is told."""
OPENING_DAYS = 14
"""How long before it opens a forthcoming call is announced."""


class Due(NamedTuple):
    """What has to be told of one stage, and the lead times that are settled by it. `missed`: the stage is over."""

    notice: Notice
    settled: tuple[Reminded, ...]
    missed: bool = False


def closing(
    call: Call, contact: Contact, since: datetime, now: datetime, cadence: str = "at_once"
) -> tuple[Due, ...]:
    """The reminders of `call` that became due after `since` and until `now`, at most one for each stage."""
    found = (_stage(call, deadline, contact, since, now, LATE[cadence]) for deadline in call.deadlines)
    return tuple(due for due in found if due)


def opening(
    call: Call, contact: Contact, since: datetime, now: datetime, cadence: str = "weekly"
) -> tuple[Due, ...]:
    """The announcement of a call that opens within two weeks."""
    if call.opens_at is None or call.status_at(now) is not Status.FORTHCOMING:
        return ()
    morning = morning_of(contact, call.opens_at.astimezone(BRUSSELS).date() - timedelta(days=OPENING_DAYS))
    if not since < morning <= now:
        return ()
    notice = Notice(call.opens_at, 0, late=now - morning > LATE[cadence])
    return (Due(notice, (Reminded(call.id, call.opens_at, 0),)),)


def _stage(
    call: Call, deadline: Deadline, contact: Contact, since: datetime, now: datetime, grace: timedelta
) -> Due | None:
    """The latest of the lead times that have come for one stage; the longer ones are settled with it.

    A stage that is over is told only by who comes late: a digest in good time has named it before.
    """
    day = deadline.at.astimezone(BRUSSELS).date()
    mornings = [(days, morning_of(contact, day - timedelta(days=days))) for days in set(contact.reminders)]
    come = sorted((days, morning) for days, morning in mornings if since < morning <= now)
    if not come:
        return None
    days, morning = come[0]
    late, missed = now - morning > grace, deadline.passed(now)
    if missed and not late:
        return None
    notice = Notice(deadline.at, days, deadline.stage, late=late)
    return Due(notice, tuple(Reminded(call.id, deadline.at, lead) for lead, _ in come), missed)
