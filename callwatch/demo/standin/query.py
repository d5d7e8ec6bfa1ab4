"""The portal's query language, compiled once into a predicate over rows.

Known clauses: bool {must, must_not, should}, term, terms, range, text, phrase. Everything else is refused with
`InvalidQuery`, as the portal refuses wildcard, match and prefix.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from callwatch.demo.standin.asked import BadRequest
from callwatch.demo.standin.index import Row, words

Predicate = Callable[[Row], bool]

_INDEX_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}")
_BOUNDS: dict[str, Callable[[int, int], bool]] = {
    "gt": lambda value, bound: value > bound,
    "gte": lambda value, bound: value >= bound,
    "lt": lambda value, bound: value < bound,
    "lte": lambda value, bound: value <= bound,
}
# Deeper than anything the portal's own pages send; keeps a hostile query from ending in a RecursionError.
_DEEPEST = 20


class InvalidQuery(BadRequest):
    """The portal's word for a clause it does not know."""

    def __init__(self) -> None:
        super().__init__("Invalid Query format")


def compile_query(query: Any) -> Predicate:
    """The predicate of a decoded `query` part. Raises InvalidQuery."""
    return _clause(query, 0)


def _clause(clause: Any, depth: int) -> Predicate:
    if not isinstance(clause, dict) or len(clause) != 1 or depth > _DEEPEST:
        raise InvalidQuery
    ((name, body),) = clause.items()
    if name == "bool":
        return _bool(body, depth)
    build = _LEAVES.get(name)
    if build is None or not isinstance(body, dict):
        raise InvalidQuery
    return build(body)


def _bool(body: Any, depth: int) -> Predicate:
    if not isinstance(body, dict) or body.keys() - {"must", "must_not", "should"}:
        raise InvalidQuery
    must, must_not, should = (
        [_clause(c, depth + 1) for c in _listed(body.get(name, []))] for name in ("must", "must_not", "should")
    )
    # As in Elasticsearch: beside a must, a should only ranks.
    either = should if not must else []

    def holds(row: Row) -> bool:
        return (
            all(c(row) for c in must)
            and not any(c(row) for c in must_not)
            and (not either or any(c(row) for c in either))
        )

    return holds


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _term(body: dict[str, Any]) -> Predicate:
    if len(body) != 1 or not all(isinstance(v, str) for v in body.values()):
        raise InvalidQuery
    ((field, value),) = body.items()
    return lambda row: value in row.values(field)


def _terms(body: dict[str, Any]) -> Predicate:
    if len(body) != 1:
        raise InvalidQuery
    ((field, values),) = body.items()
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise InvalidQuery
    wanted = frozenset(values)
    return lambda row: not wanted.isdisjoint(row.values(field))


def _range(body: dict[str, Any]) -> Predicate:
    if len(body) != 1:
        raise InvalidQuery
    ((field, bounds),) = body.items()
    if not isinstance(bounds, dict) or not bounds or bounds.keys() - _BOUNDS.keys():
        raise InvalidQuery
    # A bound that is not in the index's own form (a bare date) compares with nothing: only existence is left.
    limits = [(_BOUNDS[name], instant(str(bound))) for name, bound in bounds.items()]

    def inside(value: str) -> bool:
        moment = instant(value)
        return all(limit is None or (moment is not None and compare(moment, limit)) for compare, limit in limits)

    return lambda row: any(inside(value) for value in row.values(field))


@lru_cache(maxsize=65536)
def instant(value: str) -> int | None:
    """Milliseconds since the epoch of `2026-09-25T00:00:00.000+0000` or of an epoch-ms string; else None."""
    if value.isdecimal():
        return int(value)
    if not _INDEX_FORM.fullmatch(value):
        return None
    try:
        return round(datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp() * 1000)
    except ValueError:
        return None


def _text(body: dict[str, Any]) -> Predicate:
    query, fields = body.get("query"), body.get("fields", [])
    operator = str(body.get("defaultOperator", "OR")).upper()
    if body.keys() - {"query", "fields", "defaultOperator"} or not isinstance(query, str):
        raise InvalidQuery
    if not isinstance(fields, list) or operator not in ("AND", "OR"):
        raise InvalidQuery
    return text_predicate(query, [str(f).partition("^")[0] for f in fields], every=operator == "AND")


def text_predicate(query: str, fields: list[str] | None = None, *, every: bool = False) -> Predicate:
    """Free text as in the URL: `***` is everything, "…" a phrase, else any word (`every`: all words)."""
    if not query.strip("* "):
        return lambda row: True
    if len(query) > 2 and query.startswith('"') and query.endswith('"'):
        return _sequence(query, fields or [], 0)
    wanted = [f" {word} " for word in words(query).split()]
    combine = all if every else any
    return lambda row: combine(word in row.text(fields) for word in wanted)


def _phrase(body: dict[str, Any]) -> Predicate:
    query, field, slop = body.get("query"), body.get("field"), body.get("phraseSlop", 0)
    if body.keys() - {"query", "field", "phraseSlop", "boost"} or not isinstance(query, str):
        raise InvalidQuery
    if not isinstance(field, str) or not str(slop).isdecimal():
        raise InvalidQuery
    return _sequence(query, [field], int(slop))


def _sequence(query: str, fields: list[str], slop: int) -> Predicate:
    gap = rf" (?:\w+ ){{0,{min(slop, 50)}}}"
    pattern = re.compile(" " + gap.join(re.escape(word) for word in words(query).split()) + " ")
    return lambda row: pattern.search(row.text(fields)) is not None


_LEAVES: dict[str, Callable[[dict[str, Any]], Predicate]] = {
    "term": _term,
    "terms": _terms,
    "range": _range,
    "text": _text,
    "phrase": _phrase,
}
