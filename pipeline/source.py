"""Typed views of config/portals/<name>.yml and config/programmes.yml; unknown keys are errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, Field, RootModel, field_validator, model_validator

from pipeline.errors import ConfigError
from pipeline.yaml_data import Strict, nearest, read, unknown

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9]+$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
Name = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0)]
Positive = Annotated[int, Field(gt=0)]


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


class Retry(Strict):
    """How often a request is sent again, and the pause before: `first` seconds, then twice as long each time.

    A Retry-After of the portal counts instead; no pause is longer than `longest`.
    """

    times: Annotated[int, Field(ge=0, le=10)]
    first: Seconds
    longest: Seconds


class Requests(Strict):
    """How politely, how long and how much is fetched; `hosts` are the only ones a request may go to."""

    hosts: tuple[Name, ...] = Field(min_length=1)
    delay: Seconds
    longest_delay: Seconds
    concurrency: Annotated[int, Field(gt=0, le=8)]
    timeout: Annotated[float, Field(gt=0)]
    redirects: Annotated[int, Field(ge=0, le=5)]
    body_mib: Positive
    item_kib: Positive
    retry: Retry


class Bounds(Strict):
    """Below these a harvest is not believed: number of calls, loss since the last one, share that has a field."""

    min_items: Annotated[int, Field(ge=0)]
    drop: Share
    fill: dict[str, Share]


class Portal(Strict):
    """One place that publishes calls. `name` is also that of the file, the spider and the normaliser.

    `partial_view`: it tells only what changed, so that a call which is not listed is not missed. `unproven`: made
    from its description; no live answer was seen yet.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Name
    publisher: Name
    licence: Name
    language: Language
    url: Address
    requests: Requests
    bounds: Bounds
    partial_view: bool = False
    unproven: bool = False

    @property
    def key_env(self) -> str:
        """The environment variable without which this portal cannot be asked; empty when none is needed."""
        return ""

    def _within_hosts(self, addresses: Iterable[str]) -> None:
        for url in addresses:
            host = urlsplit(url).hostname or ""
            if host not in self.requests.hosts:
                raise ValueError(f'harvest asks "{host}", which is not among requests.hosts')


class SearchPortal(Portal):
    """A portal with a search API."""

    harvest: SearchApi

    @model_validator(mode="after")
    def _addresses_within_hosts(self) -> SearchPortal:
        self._within_hosts((self.harvest.search, self.harvest.facet))
        return self


class ListPortal(Portal):
    """A portal that answers with whole lists."""

    harvest: JsonList

    @property
    def key_env(self) -> str:
        return self.harvest.key.env if self.harvest.key else ""

    @model_validator(mode="after")
    def _addresses_within_hosts(self) -> ListPortal:
        self._within_hosts(listed.url for listed in self.harvest.lists)
        if self.harvest.since and not self.partial_view:
            raise ValueError("what changed since a day is not everything: write partial_view: true")
        return self


BASES: Mapping[str, type[Portal]] = {"search_api": SearchPortal, "json_list": ListPortal}
"""`harvest.base` -> what its YAML may say; without it, a search API."""


class _Base(BaseModel):
    """The one key that decides which form the file has."""

    harvest: Any = None

    @field_validator("harvest")
    @classmethod
    def _known_base(cls, harvest: Any) -> str:
        base = str(harvest.get("base", "search_api")) if isinstance(harvest, dict) else "search_api"
        if base not in BASES:
            raise unknown("base", base, set(BASES))
        return base


class Programme(NamedTuple):
    """A funding programme as readers know it."""

    abbreviation: str
    name: str


Programmes = Mapping[str, Programme]
"""Code of the portal -> programme. An unknown code is data, not an error: new periods bring new codes."""


class _ProgrammeEntry(Strict):
    abbreviation: Name
    name: Name


class _ProgrammeFile(RootModel[dict[Code, _ProgrammeEntry]]):
    @field_validator("root", mode="before")
    @classmethod
    def _codes_as_text(cls, value: object) -> object:
        # YAML reads a bare 43108390 as a number.
        return {str(key): entry for key, entry in value.items()} if isinstance(value, dict) else value


def load_portal(config_dir: Path, name: str) -> Portal:
    """The portal of config_dir/portals/<name>.yml. Raises ConfigError for an unknown or an unusable one."""
    path = config_dir / "portals" / f"{name}.yml"
    if not path.is_file():
        known = sorted(p.stem for p in path.parent.glob("*.yml"))
        raise ConfigError(f'unknown portal "{name}" (no {path}).{nearest(name, known)}')
    portal = read(path, BASES[read(path, _Base).harvest])
    if portal.name != name:
        raise ConfigError(f'{path}: name: is "{portal.name}", but the file is called {name}.yml')
    return portal


def load_portals(config_dir: Path) -> dict[str, Portal]:
    """Every portal by name, sorted. Raises ConfigError when one cannot be used or there is none."""
    names = sorted(path.stem for path in (config_dir / "portals").glob("*.yml"))
    if not names:
        raise ConfigError(f"{config_dir / 'portals'}: no portal (*.yml) there.")
    return {name: load_portal(config_dir, name) for name in names}


def load_programmes(config_dir: Path) -> dict[str, Programme]:
    """The table of config_dir/programmes.yml: `code: {abbreviation, name}`. Raises ConfigError."""
    entries = read(config_dir / "programmes.yml", _ProgrammeFile).root
    return {code: Programme(entry.abbreviation, entry.name) for code, entry in entries.items()}
