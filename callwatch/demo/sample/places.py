"""Sample facts put in time: each record with its dates around "today" and the status the portal would show."""

from __future__ import annotations

import zlib
from datetime import date, datetime, timedelta

import msgspec

from callwatch.demo.sample.facts import (
    Action,
    CallFacts,
    CascadeFacts,
    ExternalFacts,
    Line,
    Programme,
    Sample,
    TopicFacts,
)

STATUS = {"forthcoming": "31094501", "open": "31094502", "closed": "31094503"}
STATUS_LABEL = {"forthcoming": "Forthcoming", "open": "Open for submission", "closed": "Closed"}
SORT = {"open": "1", "forthcoming": "2", "closed": "3"}


class PlacedNews(msgspec.Struct, frozen=True):
    """One item of "latest information" with its moved date."""

    day: date
    text: str
    sv: str


class PlacedTopic(msgspec.Struct, frozen=True):
    """A topic around today; `lines` is the budget table of its whole call, its own line among them."""

    facts: TopicFacts
    call: CallFacts
    action: Action
    programme: Programme
    opens: date
    deadlines: list[date]
    status: str
    news: list[PlacedNews]
    lines: list[Line]
    actions: dict[str, Action]

    @property
    def amounts(self) -> dict[str, int]:
        """EUR by year as the budget table states it for this topic; empty = not stated."""
        amount = self.facts.amount if self.call.pot is None else self.call.pot
        if isinstance(amount, dict):
            return {str(year): value for year, value in amount.items()}
        return {} if amount is None else {str(self.call.year): amount}


class PlacedCascade(msgspec.Struct, frozen=True):
    """A cascade call around today."""

    facts: CascadeFacts
    programme: Programme
    opens: date
    deadlines: list[datetime]
    status: str


class PlacedExternal(msgspec.Struct, frozen=True):
    """An external action around today."""

    facts: ExternalFacts
    opens: datetime
    deadline: datetime
    status: str


def topics(sample: Sample, today: date) -> list[PlacedTopic]:
    """All topics of the sample around `today`."""
    siblings: dict[str, list[Line]] = {}
    for facts in sample.topics:
        siblings.setdefault(facts.call, []).append(_own_line(facts))
    for call, lines in siblings.items():
        lines.extend(sample.calls[call].table)
    return [_topic(sample, facts, siblings[facts.call], today) for facts in sample.topics]


def _topic(sample: Sample, facts: TopicFacts, lines: list[Line], today: date) -> PlacedTopic:
    call = sample.calls[facts.call]
    shift = timedelta() if facts.dates == "real" else sample.shift("calls", today)
    opens = (facts.opens or call.opens) + shift
    deadlines = [day + shift for day in facts.deadlines or call.deadlines]
    return PlacedTopic(
        facts=facts,
        call=call,
        action=sample.actions[facts.action],
        programme=sample.programmes[call.programme],
        opens=opens,
        deadlines=deadlines,
        status=facts.status or status(opens, deadlines[-1], today),
        news=[PlacedNews(item.day + shift, item.text, item.sv or item.text) for item in facts.news],
        lines=lines,
        actions=sample.actions,
    )


def _own_line(facts: TopicFacts) -> Line:
    amount = sum(facts.amount.values()) if isinstance(facts.amount, dict) else facts.amount or 0
    return Line(id=facts.id, action=facts.action, amount=amount, grants=facts.grants, each=facts.each)


def cascades(sample: Sample, today: date) -> list[PlacedCascade]:
    """All cascade calls of the sample around `today`."""
    shift = sample.shift("cascades", today)
    placed = []
    for facts in sample.cascades:
        opens, deadlines = facts.opens + shift, [moment + shift for moment in facts.deadlines]
        state = status(opens, deadlines[-1].date(), today)
        placed.append(PlacedCascade(facts, sample.programmes[facts.programme], opens, deadlines, state))
    return placed


def external(sample: Sample, today: date) -> list[PlacedExternal]:
    """All external actions of the sample around `today`."""
    shift = sample.shift("external", today)
    placed = []
    for facts in sample.external:
        opens, deadline = facts.opens + shift, facts.deadline + shift
        placed.append(PlacedExternal(facts, opens, deadline, status(opens.date(), deadline.date(), today)))
    return placed


def status(opens: date, last: date, today: date) -> str:
    """The status by whole days: a call due today is open."""
    if last < today:
        return "closed"
    return "forthcoming" if today < opens else "open"


def number(word: str, digits: int = 7) -> int:
    """A stable number of `digits` digits for an internal id of the portal that no source gives."""
    low: int = 10 ** (digits - 1)
    return low + zlib.crc32(word.encode()) % (9 * low)
