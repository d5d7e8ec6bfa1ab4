"""What links between calls mean for readers: one alert for one call, with all its sources. Pure.

Of calls that are the same, one speaks: the others are not told, matched or reminded of on their own. What only
they show is a conflict at the one that speaks. An announcement is silent while it may still find its call, and for
good once it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from alerts.message import Conflict, Page, Relation
from pipeline.changes import JITTER
from pipeline.linking import Clusters, Places, place, rank
from pipeline.linking.happenings import ALSO, PATIENCE, SILENT_SINCE, of_links
from pipeline.models import BRUSSELS, Call, Deadline, Event, EventKind, Kind, Precision, Status
from pipeline.outbox import Candidate, StoredCall
from pipeline.people import Choice
from pipeline.text import clean, safe_url

FIRST = frozenset({EventKind.NEW, EventKind.OPENED})
"""By these a reader hears of a call for the first time, or that it is open."""
LONGEST_NAME = 80


class Kin:
    """The clusters of one planning. `calls`: all linked calls by id. `firsts`: their `new` and `opened` events of
    all times."""

    def __init__(
        self,
        clusters: Clusters | None = None,
        calls: Mapping[str, StoredCall] | None = None,
        places: Places | None = None,
        firsts: Iterable[Candidate] = (),
    ) -> None:
        self.clusters, self.calls, self.places = clusters or Clusters(), calls or {}, places or {}
        self._firsts: dict[str, list[Candidate]] = {}
        for candidate in firsts:
            self._firsts.setdefault(candidate.event.call_id, []).append(candidate)
        sole = {news: about[0] for news, about in self.clusters.news_of.items() if len(about) == 1}
        self._news_of: dict[str, list[str]] = {}
        for news, about in sole.items():
            self._news_of.setdefault(about, []).append(news)
        self.voices: dict[str, str] = {**self.clusters.speaker, **sole}
        """By id of a silent call, the one that is told because of it; an announcement of several has no voice."""

    def others(self, call_id: str) -> list[StoredCall]:
        """The silent calls because of which this one is told, too."""
        return [self.calls[other] for other, speaker in self.voices.items() if speaker == call_id]

    def is_silent(self, stored: StoredCall, now: datetime) -> bool:
        """Whether another call speaks for it, or may turn out to."""
        call = stored.call
        waits = call.kind is Kind.ANNOUNCEMENT and now - stored.first_seen < PATIENCE
        return waits or call.id in self.clusters.speaker or call.id in self.clusters.news_of

    def home(self, candidate: Candidate) -> Candidate | None:
        """An event of a silent call as one of the call that speaks; None where it is not to be told."""
        speaker = self.calls.get(self.clusters.speaker.get(candidate.event.call_id, ""))
        if speaker is None or not candidate.event.key.startswith(ALSO):
            return None
        return Candidate(
            candidate.event_id, msgspec.structs.replace(candidate.event, call_id=speaker.call.id), speaker
        )

    def heard(self, candidate: Candidate) -> Iterator[Candidate]:
        """Events of the same call by another name that leave nothing new in this one, for who was told of them."""
        event = candidate.event
        if not _is_first(event):
            return
        kin = self.clusters.kin.get(event.call_id, (event.call_id,))
        news = [announcement for one in kin for announcement in self._news_of.get(one, ())]
        for call_id in (*kin, *news):
            for other in self._firsts.get(call_id, ()):
                elsewhere = call_id != event.call_id or of_links(event)
                if elsewhere and other.event_id != candidate.event_id and _level(other.event) >= _level(event):
                    yield other

    def needed(self, candidates: Iterable[Candidate]) -> set[int]:
        """The events of which one has to know whether they were told, beside these."""
        return {other.event_id for candidate in candidates for other in self.heard(candidate)}

    def lifted(self, choices: Mapping[str, Choice]) -> Mapping[str, Choice]:
        """What a reader said of a call counts for the one that speaks for it, unless they said something of that
        one, too."""
        lifted: dict[str, Choice] = {}
        for call_id, choice in choices.items():
            speaker = self.clusters.speaker.get(call_id)
            if speaker and speaker not in choices and lifted.get(speaker) is not Choice.FOLLOWED:
                lifted[speaker] = choice
        return {**choices, **lifted} if lifted else choices

    def name(self, call_id: str) -> str:
        """What readers call the portal of a call."""
        return place(self.places, call_id.partition(":")[0]).title

    def sources(self, call_id: str) -> tuple[Page, ...]:
        """Where else the call stands, what was written about it, and what it is a part of; the best first."""
        c = self.clusters
        whole = {above for one in c.kin.get(call_id, (call_id,)) for above in c.wholes.get(one, ())}
        groups = (
            (Relation.SAME, c.beside.get(call_id, ())),
            (Relation.NEWS, c.news.get(call_id, ())),
            (Relation.PART_OF, whole),
        )
        return tuple(
            self._source(self.calls[other].call, relation)
            for relation, others in groups
            for other in sorted(others, key=lambda each: rank(self.calls[each], self.places))
        )

    def _source(self, call: Call, relation: Relation) -> Page:
        shown = call.title if relation is Relation.PART_OF else self.name(call.id)
        if relation is Relation.NEWS:
            shown = f"{_site(call.url) or shown}: {call.title}"
        return Page(clean(shown, LONGEST_NAME), safe_url(call.url), relation)

    def conflicts(self, call_id: str, now: datetime) -> tuple[Conflict, ...]:
        """What the others say otherwise. Only the calls it speaks for count: announcements are of their day."""
        others = [o for o in self.clusters.beside.get(call_id, ()) if self.clusters.speaker.get(o) == call_id]
        return tuple(
            conflict
            for other in others
            for conflict in _conflicts(
                self.calls[call_id].call, self.calls[other].call, clean(self.name(other), LONGEST_NAME), now
            )
        )


def _site(url: str) -> str:
    """Whose page it is: one portal has the news of several sites."""
    return (urlsplit(safe_url(url)).hostname or "").removeprefix("www.")


NO_KIN = Kin()


def silent_since(event: Event) -> datetime | None:
    """From when on another call spoke for the one that this event restores."""
    text = event.after.get(SILENT_SINCE) if isinstance(event.after, dict) else None
    return datetime.fromisoformat(str(text)) if text else None


def _is_first(event: Event) -> bool:
    """Not a call that is only listed again."""
    back = isinstance(event.before, dict) and "gone" in event.before
    return event.kind in FIRST and not back


def _level(event: Event) -> int:
    """How much a reader knows who was told this: that there is a call, or that it is open."""
    status = event.after.get("status") if isinstance(event.after, dict) else None
    return 2 if event.kind is EventKind.OPENED or status == Status.OPEN else 1


def _conflicts(call: Call, other: Call, name: str, now: datetime) -> Iterator[Conflict]:
    stated = other.next_deadline(now) or next(reversed(other.deadlines), None)
    if stated is not None and not any(_agree(stated, deadline) for deadline in call.deadlines):
        yield Conflict(name, deadline=stated)
    mine, theirs = call.budget, other.budget
    if mine is None or theirs is None or None in (mine.total, theirs.total):
        return
    if mine.currency == theirs.currency and mine.total != theirs.total:
        yield Conflict(name, budget=theirs)


def _agree(one: Deadline, other: Deadline) -> bool:
    if Precision.DATE in (one.precision, other.precision):
        return one.at.astimezone(BRUSSELS).date() == other.at.astimezone(BRUSSELS).date()
    return abs(one.at - other.at) < JITTER
