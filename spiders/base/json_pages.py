"""Base of spiders for portals that answer queries, POSTed as JSON, page by page, with proof that all was seen.

A query is counted, read in pages that are sorted without ties, and counted again (planned.py). A page of which the
portal says that it gave up before the end is kept, and proves nothing.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import orjson
from scrapy.http import Response

from pipeline.errors import ConfigError, PortalDrift
from pipeline.harvest import Issue, RawBatch, Role
from pipeline.normalise.shared import decode
from pipeline.source import QueryPortal
from pipeline.text import clean
from spiders.base.asks import Answer, Ask, Limits, Part
from spiders.base.envelope import NotAnAnswer
from spiders.base.json_list import first_day_asked
from spiders.base.planned import PlannedSpider
from spiders.base.portal_spider import PortalSpider
from spiders.base.records import digests_of
from spiders.base.requests import rebased

SORTED = "as the query says"
_decode_answer = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_items = msgspec.json.Decoder(list[msgspec.Raw]).decode


class Asked(Part, frozen=True, kw_only=True):
    """One query, as it is sent; nothing published before `since` was asked for."""

    query: str
    since: date


class JsonPagesSpider(PlannedSpider):
    __doc__ = PortalSpider.__doc__
    portal: QueryPortal
    items = "items"
    total = "total"
    cut_short = ""
    """Fields of an answer; the last is true when the portal gave up before the end (empty: it never says so)."""

    read_faults = (400,)

    @abstractmethod
    def body(self, query: str, number: int, size: int) -> dict[str, Any]:
        """What a question holds beside `body` of the YAML: page `number` (from 1) of pages of `size`."""

    def foreign(self, item: Mapping[str, Any], asked: Asked) -> str:
        """Why an item is not one of those asked for, or empty."""
        return ""

    def parts(self) -> Sequence[Part]:
        harvest, since = self.portal.harvest, first_day_asked(self.portal.harvest.since, self.intake)
        return [
            Asked(name=query.name, role=Role.CALL, sort=SORTED, query=harvest.written(query, since), since=since)
            for query in harvest.queries
        ]

    def limits(self) -> Limits:
        if not isinstance(self.portal, QueryPortal):
            raise ConfigError(f'{self.name} answers no queries: its YAML lacks "base: json_pages"')
        harvest = self.portal.harvest
        size = min(harvest.page_size, self.limit or harvest.page_size)
        return Limits(
            page_size=size, window=harvest.window, scans=harvest.scans, other_sort=SORTED, rows=self.limit
        )

    def request(self, ask: Ask) -> tuple[str, bytes, str]:
        assert isinstance(ask.part, Asked)  # noqa: S101 - our own parts
        harvest = self.portal.harvest
        query = f"{ask.part.query} {harvest.sort}" if ask.sort else ask.part.query
        body = {**harvest.body, **self.body(query, ask.number, ask.size)}
        return rebased(harvest.search, self.base_url), orjson.dumps(body), "application/json"

    def read(self, response: Response, ask: Ask) -> tuple[Answer, RawBatch | None]:
        assert isinstance(ask.part, Asked)  # noqa: S101 - our own parts
        fields = _opened(response)
        items, total = self._items(fields), _field(fields, self.total)
        if isinstance(total, bool) or not isinstance(total, int) or total < 0:
            raise NotAnAnswer(f"{self.total} is no number ({clean(str(total), 60)})")
        if total > (most := self.portal.harvest.max_total):
            raise PortalDrift(f"{total} results, at most {most} expected: the portal ignored the query")
        digests = digests_of(items)
        looks = zip(items, self.reader.to_check(digests), strict=True)
        if wrong := next((why for item, look in looks if look and (why := self._foreign(item, ask.part))), ""):
            raise PortalDrift(wrong)
        problem = ""
        if self.cut_short and _field(fields, self.cut_short):
            problem = f"{self.cut_short}: the portal gave up before the end"
            self.note(Issue("", ask.part.name, problem))
        if not ask.sort:
            return Answer(total, problem=problem), None
        found = self.reader.page(items, response.url, datetime.now(UTC), digests=digests)
        return Answer(total, found.keys, problem=problem), found.batch

    def issues(self) -> list[Issue]:
        told = [Issue("", "closed", "this portal is asked for what it calls active, and nothing else")]
        return [*super().issues(), *(told if self.over_calls else ())]

    def _items(self, fields: Mapping[str, msgspec.Raw]) -> list[msgspec.Raw]:
        try:
            return _decode_items(fields.get(self.items, b"null"))
        except (msgspec.DecodeError, RecursionError) as error:
            raise NotAnAnswer(f"{self.items} is no list ({error})") from error

    def _foreign(self, item: msgspec.Raw, asked: Asked) -> str:
        try:
            row = decode(bytes(item))
        except (ValueError, RecursionError):
            return ""
        return self.foreign(row, asked) if isinstance(row, dict) else ""


def _opened(response: Response) -> dict[str, msgspec.Raw]:
    """The fields of the answer. Raises NotAnAnswer, with what the portal says of a question it refuses."""
    try:
        fields = _decode_answer(response.body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotAnAnswer(f"no JSON object (HTTP {response.status}, {error})") from error
    if response.status != 200:
        raise NotAnAnswer(f"HTTP {response.status}: {clean(str(_field(fields, 'message')), 200)}")
    return fields


def _field(fields: Mapping[str, msgspec.Raw], name: str) -> Any:
    try:
        return orjson.loads(bytes(fields[name])) if name in fields else None
    except ValueError:
        return None
