"""What the stand-in answers, without any socket: a request in, a reply out."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson

from callwatch.demo.standin.asked import Asked, BadRequest
from callwatch.demo.standin.facets import facets
from callwatch.demo.standin.hostile import ANSWERS, ITEMS, spoil_answer, spoil_first
from callwatch.demo.standin.index import Index, Row
from callwatch.demo.standin.knobs import Knobs
from callwatch.demo.standin.order import SortKeys, arranged, has_all, is_stable, sort_keys
from callwatch.demo.standin.query import InvalidQuery, Predicate, compile_query, text_predicate

SEARCH = "/search-api/prod/rest/search"
FACET = "/search-api/prod/rest/facet"
API_KEY = "SEDIA"
API_VERSION = "2.155"
WINDOW = 10_000

# The index also holds organisations, people, questions and up to 24 translations of everything; a search without
# filters announced 541,009 rows in May 2025 and 563,270 in September 2025.
ELSEWHERE = 541_009

_JSON = "application/json;charset=UTF-8"
_BY_RELEVANCE: SortKeys = (("relevance", False),)
# Never part of an answer that was cut with displayFields, whatever the list says.
_NEVER_DISPLAYED = "topicConditions"


@dataclass
class Reply:
    """What goes back."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": _JSON})


def error(status: int, kind: str, message: str) -> Reply:
    """The portal's error body."""
    return Reply(status, orjson.dumps({"type": kind, "message": message}))


def answer(index: Index, asked: Asked, knobs: Sequence[Knobs], chance: Random) -> Reply:
    """The portal's answer to a search or facet request, on a day with these (already selected) knobs."""
    if asked.path not in (SEARCH, FACET):
        return error(404, "businessError", "Not found")
    # The text is not recorded; any other key is the name of another index.
    if asked.api_key != API_KEY:
        return error(403, "businessError", "Invalid API key")
    if asked.fault or (asked.path == FACET and "sort" in asked.parts):
        return error(500, "throwable", "An internal error occurred")
    try:
        if asked.refused:
            raise BadRequest(asked.refused)
        return _facet(index, asked) if asked.path == FACET else Search(index, asked, knobs, chance).reply()
    except BadRequest as refusal:
        return error(400, "businessError", str(refusal))


def _facet(index: Index, asked: Asked) -> Reply:
    found = facets(index.remember(_key(asked, ()), lambda: _selected(index, asked, ())), API_VERSION)
    return Reply(body=orjson.dumps({"apiVersion": API_VERSION, "terms": asked.text, "facets": found}))


def _key(asked: Asked, keys: SortKeys) -> bytes:
    return orjson.dumps([asked.text, keys, *(asked.parts.get(name, "") for name in ("query", "languages"))])


def _selected(index: Index, asked: Asked, keys: SortKeys) -> Iterator[Row]:
    """The rows that a request is about, in the order of the index."""
    tests: list[Predicate] = [text_predicate(asked.text)]
    if "query" in asked.parts:
        tests.append(compile_query(asked.parts["query"]))
    if "languages" in asked.parts:
        tests.append(_language_test(asked.parts["languages"]))
    return (row for row in index.rows if all(test(row) for test in tests) and has_all(row, keys))


def _language_test(languages: Any) -> Predicate:
    if not isinstance(languages, list) or not all(isinstance(entry, str) for entry in languages):
        raise InvalidQuery
    wanted = frozenset(languages)
    return lambda row: row.language in wanted


class Search:
    """One search on one day. Raises BadRequest where the portal answers 400."""

    def __init__(self, index: Index, asked: Asked, knobs: Sequence[Knobs], chance: Random) -> None:
        if any(k.ignore_filters for k in knobs):
            asked = Asked(asked.method, asked.path, {**asked.parameters, "text": "***"})
        self.index, self.asked, self.knobs, self.chance = index, asked, knobs, chance
        self.keys = sort_keys(asked.parts["sort"]) if "sort" in asked.parts else _BY_RELEVANCE
        self.size = min(asked.page_size, *(k.echo_size for k in knobs if k.echo_size), 100)
        self.everything = asked.filters_ignored and not asked.text.strip("* ")
        # Nobody recorded what the portal says beyond its window, only that it serves nothing there.
        if asked.page_number * self.size > WINDOW:
            raise BadRequest("Result window is too large")

    def reply(self) -> Reply:
        """The answer, with what the knobs make of it."""
        began = time.perf_counter()
        rows = self._rows()
        total = 0 if self._any("empty") else len(rows) + (ELSEWHERE if self.everything else 0)
        total += sum(k.jumping_total for k in self.knobs if k.spoiled % 2 == 0)
        envelope = self._envelope(total)
        for knob in self.knobs:
            if knob.hostile in ANSWERS:
                return Reply(body=spoil_answer(knob.hostile, envelope))
        items = self._items(self._page(rows))
        envelope["responseTime"] = round((time.perf_counter() - began) * 1000)
        head, _, tail = orjson.dumps(envelope).rpartition(b'"results":[]')
        return Reply(body=b"".join((head, b'"results":[', b",".join(items), b"]", tail)))

    def _any(self, knob: str) -> bool:
        return any(getattr(k, knob) for k in self.knobs)

    def _rows(self) -> Sequence[Row]:
        """All rows of the question in their order; an unstable order is drawn anew for each request."""
        keys, stable = self.keys, is_stable(self.keys)

        def build() -> Iterable[Row]:
            found = _selected(self.index, self.asked, keys)
            return arranged(found, keys, self.chance) if stable else found

        rows: Sequence[Row] = self.index.remember(_key(self.asked, keys), build)
        if not stable:
            rows = arranged(rows, keys, self.chance)
        # Observed: the first page of everything is Bulgarian and Finnish.
        return sorted(rows, key=lambda row: row.language == "en") if self.everything else rows

    def _page(self, rows: Sequence[Row]) -> list[Row]:
        if self._any("empty"):
            return []
        first = 0 if self._any("stuck_page") else (self.asked.page_number - 1) * self.size
        page = list(rows[first : first + self.size])
        before = rows[max(0, first - self.size) : first]
        for knob in self.knobs:
            repeated = min(knob.repeated_rows, len(page), len(before))
            for place in self.chance.sample(range(len(page)), repeated):
                page[place] = self.chance.choice(before)
            if knob.short_page is not None:
                page = page[: knob.short_page]
        return page

    def _envelope(self, total: int) -> dict[str, Any]:
        """The answer without its items."""
        text = self.asked.text
        return {
            "apiVersion": API_VERSION,
            "terms": text,
            "responseTime": 0,
            **({} if self._any("no_total") else {"totalResults": total}),
            "pageNumber": self.asked.page_number,
            "pageSize": self.size,
            # Recorded is only "relevance" for a request without sort.
            "sort": self.keys[0][0],
            "groupByField": "sortStatus",
            "queryLanguage": {"language": "en", "probability": 0.0},
            "spellingSuggestion": text.strip('"').lower() if text.strip("* ") else None,
            "bestBets": [],
            "results": [],
            "warnings": [],
        }

    def _items(self, page: list[Row]) -> list[bytes]:
        shown = self.asked.parts.get("displayFields")
        if isinstance(shown, list):
            names = {name for name in shown if isinstance(name, str)} - {_NEVER_DISPLAYED}
            items = [orjson.dumps(_cut(row.item, names)) for row in page]
        else:
            items = [row.body for row in page]
        for knob in self.knobs:
            if knob.hostile in ITEMS and page:
                items[0] = spoil_first(knob.hostile, page[0].item)
        return items


def _cut(item: Any, names: set[str]) -> Any:
    if not isinstance(item, dict) or not isinstance(item.get("metadata"), dict):
        return item
    return {**item, "metadata": {k: v for k, v in item["metadata"].items() if k in names}}
