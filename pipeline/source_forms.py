"""What a portal's YAML says under `harvest:`, one form for each base, and the words all of them share."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from pipeline.schedule import parse
from pipeline.yaml_data import Strict

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
Name = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0)]
Positive = Annotated[int, Field(gt=0)]


def _schedule(text: str) -> str:
    parse(text)
    return text


When = Annotated[str, AfterValidator(_schedule)]


def _https(url: str) -> str:
    if urlsplit(url).scheme != "https" or not urlsplit(url).hostname:
        raise ValueError(f'"{url}" is no https:// address')
    return url


Address = Annotated[str, BeforeValidator(_https)]


class Kind(Strict):
    """One kind of document of the index: its type code, and the field that sorts it without ties."""

    type: Code
    name: Name
    sort: Name


class Statuses(Strict):
    """The portal's codes of a call's status: what a daily harvest asks for, and what `closed=1` asks for."""

    live: tuple[Code, ...] = Field(min_length=1)
    closed: tuple[Code, ...] = Field(min_length=1)


class News(Strict):
    """Rows that tell what changed on a call; only those of the last `days` are asked for."""

    type: Code
    days: Positive
    sort: Name


class SearchApi(Strict):
    """What is asked of a search API, and what proves that everything was seen.

    `languages[0]` is the language of the calls, the others are translations. Beyond `window` rows a query is split
    by the facets `split_by`, one after the other; a total above `max_total` means that the filters were ignored.
    """

    base: Literal["search_api"] = "search_api"
    search: Address
    facet: Address
    index: Name
    data_source: Name
    languages: tuple[Language, ...] = Field(min_length=1)
    kinds: tuple[Kind, ...] = Field(min_length=1)
    statuses: Statuses
    news: News
    other_sort: Name
    page_size: Annotated[int, Field(gt=0, le=100)]
    window: Positive
    max_total: Positive
    scans: Annotated[int, Field(gt=0, le=9)]
    split_by: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _window_of_whole_pages(self) -> SearchApi:
        if self.window % self.page_size:
            raise ValueError(f"window ({self.window}) is no multiple of page_size ({self.page_size})")
        return self


class Listed(Strict):
    """One address that answers with a JSON array; `{since}` in it stands for a day as 2026-12-31."""

    name: Name
    url: Address


class Key(Strict):
    """A secret that the portal wants in each request: the environment variable that holds it, and the name of the
    query parameter it is sent as."""

    env: Annotated[str, Field(pattern=r"^CALLWATCH_[A-Z0-9_]+_KEY$")]
    parameter: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]


class Since(Strict):
    """What `{since}` becomes: `first_day`; once a harvest was complete, `overlap_days` before the last such."""

    first_day: date
    overlap_days: Annotated[int, Field(ge=0, le=366)]


class JsonList(Strict):
    """What is asked of a portal that publishes everything as a few JSON arrays.

    More than `max_items` in one of them means that what was asked for was ignored. Fields named in `drop`, at any
    depth, are taken out before anything is stored.
    """

    base: Literal["json_list"]
    lists: tuple[Listed, ...] = Field(min_length=1)
    max_items: Positive
    since: Since | None = None
    key: Key | None = None
    drop: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _since_where_it_is_used(self) -> JsonList:
        if any("{since}" in listed.url for listed in self.lists) != (self.since is not None):
            raise ValueError("write both {since} in an address and since:, or neither")
        return self


class Query(Strict):
    """One query: `text` with {since:%Y%m%d}, the first day asked for, and {name} for each of the terms."""

    name: Name
    text: Name


class JsonPages(Strict):
    """What is asked of a portal that answers queries, POSTed as JSON, page by page.

    `sort` is appended to a query when its pages are read: it must order without ties. `terms` are lists of words,
    which stand in the queries side by side. `body` is what else each question holds. More than `max_total` results
    mean that a query was ignored; `scans` of one query at most.
    """

    base: Literal["json_pages"]
    search: Address
    queries: tuple[Query, ...] = Field(min_length=1)
    sort: Name
    terms: dict[str, tuple[Name, ...]] = Field(default_factory=dict)
    body: dict[str, Any] = Field(default_factory=dict)
    page_size: Annotated[int, Field(gt=0, le=1000)]
    window: Positive
    max_total: Positive
    scans: Annotated[int, Field(gt=0, le=9)]
    since: Since | None = None

    @model_validator(mode="after")
    def _pages_within_the_window(self) -> JsonPages:
        if self.window % self.page_size:
            raise ValueError(f"window ({self.window}) is no multiple of page_size ({self.page_size})")
        if self.max_total > self.window:
            raise ValueError(f"max_total ({self.max_total}) is more than the window ({self.window}) can show")
        return self

    @model_validator(mode="after")
    def _queries_of_known_words(self) -> JsonPages:
        for query in self.queries:
            try:
                self.written(query, date(2026, 12, 31))
            except (LookupError, ValueError, AttributeError) as error:
                problem = f'query "{query.name}": {error} is not among terms, and no {{since:%Y%m%d}} either'
                raise ValueError(problem) from None
        if any("{since" in query.text for query in self.queries) != (self.since is not None):
            raise ValueError("write both {since:...} in a query and since:, or neither")
        return self

    def written(self, query: Query, since: date) -> str:
        """The query with its words. Raises KeyError or ValueError for words that are not there."""
        words = {name: " ".join(values) for name, values in self.terms.items()}
        return " ".join(query.text.format(since=since, **words).split())
