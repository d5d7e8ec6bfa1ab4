"""The answer of a search API: its totals, and its items as the very bytes that came. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from pipeline.errors import PortalDrift
from pipeline.text import clean
from spiders.select import NothingFound, tree_of

_TITLE_WITHIN = 100_000
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{},]', re.DOTALL)
_RESULTS = re.compile(rb'"results"\s*+:\s*+\[')


class NotAnAnswer(ValueError):
    """What came is no answer to a search: a maintenance page, an error, half a body."""


class Envelope(msgspec.Struct, frozen=True):
    """One page of results. `number` and `size` are what the portal says it answered; None if it does not say."""

    total: int
    items: tuple[bytes | msgspec.Raw, ...]
    number: Any = None
    size: Any = None


class _Answer(msgspec.Struct, rename="camel"):
    total_results: Any = msgspec.UNSET
    results: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET
    page_number: Any = None
    page_size: Any = None
    message: Any = None


class _FacetValue(msgspec.Struct, rename="camel"):
    raw_value: str


class _Facet(msgspec.Struct, rename="camel"):
    raw_name: str
    values: list[_FacetValue]


class _Facets(msgspec.Struct):
    facets: list[_Facet]


_decode_answer = msgspec.json.Decoder(_Answer).decode
_decode_facets = msgspec.json.Decoder(_Facets).decode


def read(body: bytes) -> Envelope:
    """Open the envelope. Raises NotAnAnswer, or PortalDrift when an answer does not say how many there are."""
    try:
        answer, items = _decode_answer(body), None
    except msgspec.ValidationError as error:
        raise NotAnAnswer(f"JSON of another shape ({error})") from error
    except (msgspec.DecodeError, RecursionError) as error:
        answer, items = _salvage(body, error)
    if isinstance(answer.results, msgspec.UnsetType) and answer.message is not None:
        raise NotAnAnswer(f"the portal reports an error: {clean(str(answer.message), 200)}")
    total = answer.total_results
    if isinstance(total, bool) or not isinstance(total, int) or total < 0:
        raise PortalDrift(f"totalResults is no number ({clean(str(total), 60)}): the answer cannot be checked")
    if isinstance(answer.results, msgspec.UnsetType):
        raise NotAnAnswer("an answer without results")
    found = tuple(answer.results) if items is None else items
    return Envelope(total, found, answer.page_number, answer.page_size)


def facet_values(body: bytes, field: str) -> tuple[str, ...]:
    """The values of one facet, each once; a facet may be listed several times. Raises NotAnAnswer."""
    try:
        facets = _decode_facets(body).facets
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotAnAnswer(f"no facets ({error})") from error
    return tuple(dict.fromkeys(v.raw_value for f in facets if f.raw_name == field for v in f.values))


def page_title(body: bytes) -> str:
    """The title of a web page, for a reader; BeautifulSoup, because error pages are rarely well formed."""
    try:
        title = tree_of(body[:_TITLE_WITHIN]).title
    except NothingFound:
        return ""
    return clean(title.get_text(" "), 120) if title else ""


def is_web_page(body: bytes) -> bool:
    """Whether markup came where JSON was asked for."""
    return body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _salvage(body: bytes, error: Exception) -> tuple[_Answer, tuple[bytes, ...]]:
    """Cut the items out by their brackets, so that one that is no JSON does not take its neighbours along."""
    start = _RESULTS.search(body)
    spans, end = _spans(body, start.end()) if start else ([], -1)
    if not start or end < 0:
        raise NotAnAnswer(f"no JSON ({error})") from error
    try:
        answer = _decode_answer(body[: start.end()] + body[end:])
    except (msgspec.DecodeError, RecursionError) as still:
        raise NotAnAnswer(f"no JSON ({still})") from still
    return answer, tuple(body[a:b].strip() for a, b in spans)


def _spans(body: bytes, start: int) -> tuple[list[tuple[int, int]], int]:
    """Where the elements of the array that opens before `start` lie, and where it closes (-1: nowhere)."""
    spans = []
    begin = start
    for at, depth, token in _levels(body, start):
        if depth == 0 and token == b",":
            spans.append((begin, at))
            begin = at + 1
        elif depth < 0:
            if body[begin:at].strip():
                spans.append((begin, at))
            return spans, at
    return spans, -1


def _levels(body: bytes, start: int) -> Iterator[tuple[int, int, bytes]]:
    """Position, depth and text of every bracket and comma outside of strings."""
    depth = 0
    for token in _TOKEN.finditer(body, start):
        text = token[0]
        depth += (text in b"[{") - (text in b"]}") if len(text) == 1 else 0
        yield token.start(), depth, text
