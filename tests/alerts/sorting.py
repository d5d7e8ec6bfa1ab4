"""Where the planner puts an item with these changes."""

from __future__ import annotations

from alerts.message import Change, Section
from pipeline.models import EventKind


def section_of(changes: tuple[Change, ...]) -> Section:
    """The section of the most harmful change; without any, that of other changes."""
    kind = changes[0].kind if changes else EventKind.TEXT_CHANGED
    if kind.harm <= EventKind.DEADLINE_REMOVED.harm:
        return Section.ALARM
    if kind.harm <= EventKind.DEADLINE_ADDED.harm:
        return Section.LATER
    if kind.harm <= EventKind.NEW.harm:
        return Section.FRESH
    return Section.CLOSING if kind is EventKind.CLOSING_SOON else Section.CHANGED
