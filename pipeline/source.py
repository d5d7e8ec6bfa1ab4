"""Typed views of config/portals/<name>.yml and config/programmes.yml; unknown keys are errors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, NamedTuple
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, RootModel, field_validator, model_validator

from pipeline.errors import ConfigError
from pipeline.yaml_data import Strict, nearest, read

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


class Harvest(Strict):
    """What is asked of a search API, and what proves that everything was seen.

    `languages[0]` is the language of the calls, the others are translations. Beyond `window` rows a query is split
    by the facets `split_by`, one after the other; a total above `max_total` means that the filters were ignored.
    """

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
    def _window_of_whole_pages(self) -> Harvest:
        if self.window % self.page_size:
            raise ValueError(f"window ({self.window}) is no multiple of page_size ({self.page_size})")
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
    """One place that publishes calls. `name` is also that of the file, the spider and the normaliser."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Name
    publisher: Name
    licence: Name
    language: Language
    url: Address
    harvest: Harvest
    requests: Requests
    bounds: Bounds

    @model_validator(mode="after")
    def _addresses_within_hosts(self) -> Portal:
        for url in (self.harvest.search, self.harvest.facet):
            host = urlsplit(url).hostname or ""
            if host not in self.requests.hosts:
                raise ValueError(f'harvest asks "{host}", which is not among requests.hosts')
        return self


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
    portal = read(path, Portal)
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
