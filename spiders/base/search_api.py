"""The European Commission's corporate search API: how it is asked, and whether it answered just that. Pure.

A question goes as multipart/form-data with one JSON part each for `query`, `languages` and `sort`; encoded in any
other way the API ignores its filters without a word and answers with the whole index. Hence `foreign`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
import orjson

from pipeline.harvest import Role
from pipeline.source import SearchPortal
from spiders.base.asks import Ask, Part, Slice
from spiders.base.envelope import Envelope
from spiders.multipart import encode


class Question(Part, frozen=True, kw_only=True):
    """Documents of one type in one language. `since` (field, day): only those with a value from that day on."""

    type: str
    language: str
    statuses: tuple[str, ...] = ()
    since: tuple[str, date] | None = None


class _Metadata(msgspec.Struct, rename={"deadlines": "deadlineDate"}):
    type: Any = None
    status: Any = None
    language: Any = None
    deadlines: Any = None


class Row(msgspec.Struct):
    """What tells whether an item was asked for. Some rows have no `metadata` but its fields at their top level."""

    language: Any = None
    type: Any = None
    status: Any = None
    metadata: _Metadata | None = None


_row = msgspec.json.Decoder(Row).decode


def url_of(address: str, index: str, ask: Ask) -> str:
    """Address with the parameters that count only in the URL; *** asks for every document."""
    parameters = {"apiKey": index, "text": "***"}
    if not ask.facet:
        parameters |= {"pageSize": str(ask.size), "pageNumber": str(ask.number)}
    return f"{address}?{urlencode(parameters, safe='*')}"


def body_of(ask: Ask, data_source: str) -> tuple[bytes, str]:
    """Body and Content-Type of a question."""
    assert isinstance(ask.part, Question)  # noqa: S101 - the spider's own parts
    parts = {
        "query": orjson.dumps(_query(ask.part, ask.where, data_source)),
        "languages": orjson.dumps([ask.part.language]),
    }
    if ask.sort:
        parts["sort"] = orjson.dumps({"field": ask.sort, "order": "DESC" if ask.descending else "ASC"})
    return encode(parts)


def _query(part: Question, where: Slice, data_source: str) -> dict[str, Any]:
    must = [_terms("type", [part.type]), _terms("DATASOURCE", [data_source])]
    if part.statuses:
        must.append(_terms("status", part.statuses))
    if part.since:
        field, day = part.since
        # Only a value in the index's own form is compared; a bare date just tests for existence.
        must.append({"range": {field: {"gte": f"{day.isoformat()}T00:00:00.000+0000"}}})
    must += [_terms(field, [value]) for field, value in where.within]
    bare = [_terms(field, values) for field, values in where.without]
    return {"bool": {"must": must, "must_not": bare} if bare else {"must": must}}


def _terms(field: str, values: Iterable[str]) -> dict[str, Any]:
    return {"terms": {field: list(values)}}


def wrong_page(envelope: Envelope, ask: Ask, max_total: int) -> str:
    """Why an answer cannot be one to `ask`, or empty."""
    if envelope.total > max_total:
        return f"{envelope.total} results, at most {max_total} expected: the portal ignored the filters"
    if envelope.number not in (None, ask.number):
        return f"page {ask.number} was asked for, page {envelope.number!r} answered"
    if envelope.size not in (None, ask.size):
        return f"pages of {ask.size} were asked for, pages of {envelope.size!r} answered"
    return ""


def read_row(item: bytes | msgspec.Raw) -> Row | None:
    """The few fields that `foreign` and `over_before` look at; None for what has another shape."""
    try:
        return _row(item)
    except (msgspec.DecodeError, RecursionError):
        return None


def foreign(row: Row, part: Part) -> str:
    """Why a row is not one of those asked for, or empty. Fields it lacks say nothing."""
    assert isinstance(part, Question)  # noqa: S101 - the spider's own parts
    told = row.metadata or row
    checks = (
        ("language", row.language or (row.metadata and row.metadata.language), (part.language,)),
        ("type", told.type, (part.type,)),
        ("status", told.status, part.statuses),
    )
    for field, stated, wanted in checks:
        values = _texts(stated)
        if wanted and values and not set(values) & set(wanted):
            return f"a row of {field} {values[0]!r} although only {', '.join(wanted)} was asked for"
    return ""


def over_before(row: Row, day: date) -> bool:
    """Whether the last deadline of a row lies before `day`; False when it states none."""
    days = [text[:10] for text in _texts(row.metadata and row.metadata.deadlines)]
    return bool(days) and max(days) < day.isoformat()


def _texts(value: object) -> list[str]:
    return [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, str) and v]


def questions(portal: SearchPortal, today: date, *, closed: bool, since: date | None) -> list[Question]:
    """The parts of a harvest: every kind in every language, then the news; calls that are over with `closed`."""
    harvest = portal.harvest
    statuses = harvest.statuses.closed if closed else harvest.statuses.live
    deadline = ("deadlineDate", since) if since else None
    parts = [
        Question(
            name=kind.name if language == portal.language else f"{kind.name} ({language})",
            role=Role.CALL if language == portal.language else Role.TRANSLATION,
            sort=kind.sort,
            type=kind.type,
            language=language,
            statuses=statuses,
            since=deadline,
        )
        for language in harvest.languages
        for kind in harvest.kinds
    ]
    return parts if closed else [*parts, _news(portal, today)]


def _news(portal: SearchPortal, today: date) -> Question:
    news = portal.harvest.news
    return Question(
        name="news",
        role=Role.NEWS,
        sort=news.sort,
        optional=True,
        type=news.type,
        language=portal.language,
        since=(news.sort, today - timedelta(days=news.days)),
    )
