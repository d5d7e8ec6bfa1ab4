"""Typed views of config/portals/<name>.yml and config/programmes.yml; unknown keys are errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, RootModel, field_validator, model_validator

from pipeline.errors import ConfigError
from pipeline.source_forms import (
    Address,
    JsonList,
    JsonPages,
    Language,
    Name,
    Positive,
    SearchApi,
    When,
)
from pipeline.source_limits import Bounds, Requests
from pipeline.source_pages import Pages
from pipeline.yaml_data import Strict, checked, nearest, parsed, read, unknown


class Portal(Strict):
    """One place that publishes calls. `name` is also that of the file, the spider and the normaliser.

    `partial_view`: it tells only what changed, so that a call which is not listed is not missed. `unproven`: made
    from its description; no live answer was seen yet. `off` is why it is harvested only when it is named, and by
    no command that harvests all. `schedule`: when it is due, in words or as cron (pipeline.schedule).
    `stale_hours`: without a complete harvest for longer, operators are told. `rank`: of several portals that show
    one call the lowest is believed; a programme's own page has 1, the Funding & Tenders portal and national
    agencies 2, directories 4, news 9. `quiet`: its calls tell nobody; they serve to check those of other portals.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Name
    publisher: Name
    licence: Name
    language: Language
    url: Address
    requests: Requests
    bounds: Bounds
    rank: Annotated[int, Field(ge=1, le=9)] = 5
    schedule: When = "every 6 hours"
    partial_view: bool = False
    off: str = ""
    quiet: bool = False
    unproven: bool = False
    stale_hours: Positive = 48

    @property
    def key_env(self) -> str:
        """The environment variable without which this portal cannot be asked; empty when none is needed."""
        return ""

    @property
    def reading(self) -> str:
        """How pages and lists are read; what is remembered of another reading is worth nothing. Empty: none is."""
        return ""

    @property
    def watches(self) -> bool:
        """Whether pages of live calls are looked at also when nothing names them any more."""
        return False

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

    @property
    def reading(self) -> str:
        return _short(self.harvest)

    @model_validator(mode="after")
    def _addresses_within_hosts(self) -> ListPortal:
        self._within_hosts(listed.url for listed in self.harvest.lists)
        if self.harvest.since and not self.partial_view:
            raise ValueError("what changed since a day is not everything: write partial_view: true")
        return self


class QueryPortal(Portal):
    """A portal that answers queries page by page."""

    harvest: JsonPages

    @model_validator(mode="after")
    def _addresses_within_hosts(self) -> QueryPortal:
        self._within_hosts((self.harvest.search,))
        if self.harvest.since and not self.partial_view:
            raise ValueError("what was published since a day is not everything: write partial_view: true")
        return self


class PagePortal(Portal):
    """A portal of web pages, feeds and files."""

    harvest: Pages

    @property
    def reading(self) -> str:
        return _short(self.harvest)

    @property
    def watches(self) -> bool:
        return any(source.by == "feed" and source.details for source in self.harvest.sources)

    @model_validator(mode="after")
    def _addresses_within_hosts(self) -> PagePortal:
        self._within_hosts(source.url for source in self.harvest.sources)
        return self


def _short(harvest: BaseModel) -> str:
    return sha256(harvest.model_dump_json().encode()).hexdigest()[:16]


BASES: Mapping[str, type[Portal]] = {
    "search_api": SearchPortal,
    "json_list": ListPortal,
    "json_pages": QueryPortal,
    "pages": PagePortal,
}
"""`harvest.base` -> what its YAML may say; without it, a search API."""


class _Base(BaseModel):
    """The one key that decides which form the file has."""

    harvest: Any = Field(None, validate_default=True)

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


_ProgrammeCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+$")]


class _ProgrammeFile(RootModel[dict[_ProgrammeCode, _ProgrammeEntry]]):
    @field_validator("root", mode="before")
    @classmethod
    def _codes_as_text(cls, value: object) -> object:
        # YAML reads a bare 43108390 as a number.
        return {str(key): entry for key, entry in value.items()} if isinstance(value, dict) else value


def load_portal(config_dir: Path, name: str, *, selectors: bool = True) -> Portal:
    """The portal of config_dir/portals/<name>.yml. Raises ConfigError for an unknown or an unusable one.

    Without `selectors` those of CSS are taken as they stand: to look at them costs more than all the rest, and who
    reads no page needs none.
    """
    path = config_dir / "portals" / f"{name}.yml"
    if not path.is_file():
        known = sorted(p.stem for p in path.parent.glob("*.yml"))
        raise ConfigError(f'unknown portal "{name}" (no {path}).{nearest(name, known)}')
    found = parsed(path)
    portal = checked(found, BASES[checked(found, _Base).harvest], context={"selectors": selectors})
    if portal.name != name:
        raise ConfigError(f'{path}: name: is "{portal.name}", but the file is called {name}.yml')
    return portal


def load_portals(config_dir: Path, *, selectors: bool = True) -> dict[str, Portal]:
    """Every portal by name, sorted. Raises ConfigError when one cannot be used or there is none; `selectors` as in
    `load_portal`."""
    names = sorted(path.stem for path in (config_dir / "portals").glob("*.yml"))
    if not names:
        raise ConfigError(f"{config_dir / 'portals'}: no portal (*.yml) there.")
    return {name: load_portal(config_dir, name, selectors=selectors) for name in names}


def load_programmes(config_dir: Path) -> dict[str, Programme]:
    """The table of config_dir/programmes.yml: `code: {abbreviation, name}`. Raises ConfigError."""
    entries = read(config_dir / "programmes.yml", _ProgrammeFile).root
    return {code: Programme(entry.abbreviation, entry.name) for code, entry in entries.items()}
