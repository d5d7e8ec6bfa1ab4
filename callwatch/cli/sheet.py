"""One call on one screen, for a person at a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from callwatch.cli.output import printable
from pipeline.models import BRUSSELS, Because, Budget, Call, Classification, Deadline, EcosystemLabel, Event
from pipeline.outbox import OutboxMessage, StoredCall

if TYPE_CHECKING:
    from pipeline.store.outbox_rows import Delivery

WIDTH = 96


def text(stored: StoredCall, events: Sequence[Event], now: datetime, linked: Iterable[str] = ()) -> str:
    """Everything known about a call, wrapped to a terminal; `linked` are lines about its other sources."""
    call = stored.call
    parts = [
        printable(call.title),
        *(f"{language}: {printable(title)}" for language, title in call.titles.items() if title != call.title),
        "",
        *_facts(call, stored, now),
        *linked,
        "",
        *labels(stored.classification),
        "",
        *_wrapped("Text", call.text),
        *_wrapped("Conditions", call.conditions),
        *(f"News {n.at:%Y-%m-%d}: {printable(n.text)[:WIDTH]}" for n in call.latest if n.at),
        *(f"Link: {printable(link.label)} {link.url}" for link in call.links),
        "",
        *(f"{e.at:%Y-%m-%d %H:%M} UTC  {e.kind.value}" for e in events),
    ]
    return "\n".join(parts).rstrip()


def message(entry: OutboxMessage, attempts: Sequence[Delivery]) -> str:
    """A message as its reader saw it, with what became of it."""
    from alerts import render
    from alerts.message import decode

    told = entry.message
    head = [
        _line("Message", told.id),
        _line("To", f"{told.contact} by {told.channel} ({printable(told.target)})"),
        _line("Planned", f"{told.created_at:%Y-%m-%d %H:%M} UTC for {told.subscription}"),
        _line("State", " ".join(filter(None, (entry.state.value, printable(entry.last_error))))),
        *(_line("Arrived", f"part {number}: {remote}") for number, remote in sorted(entry.posts.items())),
        *(
            _line(
                f"Attempt {a.attempt}",
                f"{a.started_at:%Y-%m-%d %H:%M:%S} UTC {a.outcome.value} {printable(a.detail)}",
            )
            for a in attempts
        ),
    ]
    if not told.payload:
        return "\n".join([*head, "", "Its text was deleted for its age; that it was told stays on record."])
    content = decode(told.payload)
    seen = entry.sent_at or told.created_at
    return "\n".join([*head, "", f"Subject: {render.subject(content, seen)}", "", render.text(content, seen)])


def _facts(call: Call, stored: StoredCall, now: datetime) -> Iterator[str]:
    yield _line("Identifier", call.identifier)
    yield _line("Kind", f"{call.kind.value}, {call.type_of_action}" if call.type_of_action else call.kind.value)
    yield _line(
        "Programme", f"{call.programme_name} ({call.programme})" if call.programme_name else call.programme
    )
    yield _line("Call", f"{call.call_identifier} {printable(call.call_title)}".strip())
    if call.parent:
        yield _line("Parent", f"{call.parent} {printable(call.project)}".strip())
    gone = f", not listed since {stored.gone_since:%Y-%m-%d}" if stored.gone_since else ""
    yield _line("Status", f"{call.status_at(now).value}{gone}")
    if call.opens_at:
        yield _line("Opens", f"{call.opens_at.astimezone(BRUSSELS):%Y-%m-%d}")
    for deadline in call.deadlines:
        yield _line("Deadline", _deadline(deadline, now))
    for remark in call.remarks:
        yield _line("Note", printable(remark))
    if call.budget:
        yield _line("Budget", budget(call.budget))
    if call.applicants:
        yield _line("Applicants", printable(call.applicants))
    if call.keywords:
        yield _line("Keywords", printable(", ".join(call.keywords)))
    yield _line("Page", call.url)
    yield _line("Seen", f"{stored.first_seen:%Y-%m-%d} to {stored.last_seen:%Y-%m-%d}, version {stored.version}")


def labels(classification: Classification) -> list[str]:
    """Ecosystems and S3 relevance with the words and rules that decided."""
    ecosystems = [
        _line("Ecosystem", f"{label.id} ({_rank(label)}): {reasons(label.because)}")
        for label in classification.ecosystems
    ]
    regions = [
        _line("S3", f"{label.region} = {label.score} {label.priority}: {reasons(label.because)}")
        for label in classification.s3
    ]
    language = classification.uncovered
    doubt = [_line("Labels", f"not to be relied on: no terms for the language {language}")] if language else []
    return [*ecosystems, *regions, *doubt]


def _rank(label: EcosystemLabel) -> str:
    doubt = ", uncertain: needs review" if label.review else ""
    return f"{label.rank}, {label.score:.2f}{doubt}"


def reasons(because: Sequence[Because]) -> str:
    """Rules and matched words in one line."""
    return "; ".join(
        f"{reason.rule} {', '.join(reason.words)}".strip() + (f" ({reason.where})" if reason.where else "")
        for reason in because
    )


def budget(money: Budget) -> str:
    """Total, per project, grants, years; what is not stated is left out."""
    parts = [f"{money.total:,.0f} {money.currency}".replace(",", " ")] if money.total else []
    if money.project_min or money.project_max:
        ends = [f"{end:,.0f}".replace(",", " ") for end in (money.project_min, money.project_max) if end]
        parts.append(f"{' to '.join(dict.fromkeys(ends))} per project")
    if money.grants:
        parts.append(f"{money.grants} grants")
    if money.shared_with:
        parts.append(f"shown alike for {money.shared_with} other topics: probably shared")
    return ", ".join(parts)


def _deadline(deadline: Deadline, now: datetime) -> str:
    local = deadline.at.astimezone(BRUSSELS)
    state = "passed" if deadline.passed(now) else f"{(deadline.at - now).days} days left"
    stage = "" if deadline.stage == "single" else f", {deadline.stage}"
    rule = f"; the portal gives the day, the hour is its rule {deadline.rule}" if deadline.rule else ""
    return f"{local:%Y-%m-%d %H:%M} Brussels{stage} ({state}{rule})"


def _line(name: str, value: str) -> str:
    return f"{name + ':':<12}{value}"


def _wrapped(name: str, prose: str) -> list[str]:
    paragraphs = [textwrap.fill(printable(p), WIDTH) for p in prose.split("\n") if p.strip()]
    return [f"{name}:", *paragraphs, ""] if paragraphs else []
