"""What there is to tell one subscription: changes, stages that come near, calls that are still open. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from operator import attrgetter

from alerts.kin import silent_since
from alerts.match import ALARMS, asked_for, available, match_call, wanted
from alerts.message import Section
from alerts.outgoing import Found, Tidings, together
from alerts.reminders import Due
from alerts.table import Desk, Table
from pipeline.models import EventKind
from pipeline.outbox import Candidate, Reminded

LONGEST_RUN = timedelta(hours=6)
"""An event bears the time at which its run began, and may be stored that much later."""


def news(desk: Desk, table: Table, since: datetime, *, reminding: bool = True) -> Tidings:
    """Changes that were not told and, with `reminding`, the stages that came near after `since`, the worst first.

    Found once for subscriptions that ask for the same and have been told the same.
    """
    subscription, contact = desk.subscription, desk.contact
    key = (
        *(subscription.filters, subscription.cadence, contact.language, contact.regions, contact.reminders),
        *(contact.time_zone, contact.country, contact.window, since, reminding, desk.only_followed),
        *(frozenset(desk.told), frozenset(desk.reminded), tuple(desk.choices.items())),
        max(desk.state.first_planned_at - LONGEST_RUN, table.earliest),
    )
    found = table.news.get(key)
    if found is None:
        found = table.news[key] = together(in_order(_news(desk, table, since, reminding=reminding)))
    return found


def _news(desk: Desk, table: Table, since: datetime, *, reminding: bool) -> Iterator[Found]:
    reasons = table.reasons(desk)
    near: Mapping[str, tuple[Due, ...]] = {}
    if reminding and (desk.only_followed or asked_for(desk.subscription, EventKind.CLOSING_SOON)):
        near = table.near(desk.contact, since, "at_once" if desk.only_followed else desk.subscription.cadence)
    for call_id in reasons:
        fresh = _fresh(table.changed.get(call_id, ()), desk, table)
        due = [stage for told in near.get(call_id, ()) if (stage := _not_reminded(told, desk.reminded))]
        one = table.told(call_id, desk, reasons[call_id], fresh, due) if fresh or due else None
        if one is not None:
            yield one


def still_open(
    desk: Desk, table: Table, besides: Iterable[Found] = (), *, section: Section = Section.STILL_OPEN
) -> list[Found]:
    """Everything that one can apply to now or later, nearest deadline first; events that were not told count as
    told with it. In a welcome all of it is `section` fresh, for its reader."""
    named = {one.item.call_id for one in besides}
    found = []
    for call_id, why in table.reasons(desk).items():
        if call_id not in named and available(table.calls[call_id], table.now):
            one = table.told(call_id, desk, why, section=section)
            untold = tuple(c.event_id for c in table.changed.get(call_id, ()) if c.event_id not in desk.told)
            if one is not None:
                found.append(one._replace(event_ids=untold) if untold else one)
    return in_order(found)


def is_urgent(found: Found) -> bool:
    """Whether it is told at any hour."""
    return any(change.kind in ALARMS for change in found.item.changes)


def in_order(found: Iterable[Found]) -> list[Found]:
    """By section, harm and nearness of the next deadline."""
    return sorted(found, key=_by_rank)


_by_rank = attrgetter("rank")


def _fresh(candidates: Sequence[Candidate], desk: Desk, table: Table) -> list[Candidate]:
    begun = desk.state.first_planned_at - LONGEST_RUN
    untold = [
        c
        for c in candidates
        if c.event.at >= begun and c.event_id not in desk.told and not _has_heard(c, desk, table, begun)
    ]
    if untold and untold[0].event.call_id in desk.followed:
        return [c for c in untold if c.event.kind is not EventKind.CLOSING_SOON]
    asked = [c for c in untold if wanted(desk.subscription, c, table.now)]
    if asked and not desk.subscription.filters.events:
        # New wording alone interrupts nobody, but it belongs to the rest.
        asked = [c for c in untold if c in asked or c.event.kind is EventKind.TEXT_CHANGED]
    return asked


def _has_heard(candidate: Candidate, desk: Desk, table: Table, begun: datetime) -> bool:
    """Whether the reader was told of the same call from another source, or found it in the welcome."""
    since = silent_since(candidate.event)
    for other in table.kin.heard(candidate):
        if other.event_id in desk.told:
            return True
        # A call that another one spoke for when the reader was welcomed stood in no welcome.
        silent = since is not None and desk.state.first_planned_at >= since
        if other.event.at < begun and not silent and match_call(desk.subscription, other.stored, table.known):
            return True
    return False


def _not_reminded(stage: Due, reminded: AbstractSet[Reminded]) -> Due | None:
    """The stage without the lead times that were settled before; None if the one that has come is among them."""
    if reminded.isdisjoint(stage.settled):
        return stage
    if stage.settled[0] in reminded:
        return None
    return stage._replace(settled=tuple(one for one in stage.settled if one not in reminded))
