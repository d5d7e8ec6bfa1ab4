"""Typed view of config/profiles: what the ecosystems are, and the S3 priorities of each region.

Everything is data (YAML, docs/how-to/add-a-profile.md); a mistake is a ConfigError with file, line and remedy.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from pipeline.errors import ConfigError
from pipeline.profile_terms import Language, Term, Terms, problem_at, refuse_twice, weighted
from pipeline.yaml_data import Strict, read, unknown

# Part of every fingerprint: raised when the classifier's own rules change, so that stored labels are seen as old.
METHOD = "4"


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f'"{value}" is not a regular expression: {error}.') from error
    return value


def _known(kind: str, plural: str) -> AfterValidator:
    def check(value: str, info: ValidationInfo) -> str:
        known = (info.context or {}).get(plural)
        if known is not None and value not in known:
            raise unknown(kind, value, tuple(known))
        return value

    return AfterValidator(check)


Share = Annotated[float, Field(ge=0, le=1)]
EcosystemId = Annotated[str, _known("ecosystem", "ecosystems")]
RegionId = Annotated[str, _known("region", "regions")]


class Ecosystem(Strict):
    """One industrial ecosystem: names by language, scope, and weighted terms by language."""

    name: dict[Language, str]
    scope: str
    exclusive: bool = False
    technology: bool = False
    terms: Terms

    @field_validator("name")
    @classmethod
    def _in_english(cls, value: dict[str, str]) -> dict[str, str]:
        if "en" not in value:
            raise ValueError("a name in English (en) is needed.")
        return value

    @model_validator(mode="after")
    def _once(self) -> Ecosystem:
        refuse_twice(((word, ("terms", *place)) for word, _, place in weighted(self.terms)), "terms")
        return self


class Prior(Strict):
    """What an identifier or a programme alone suggests: probability per ecosystem, and of none at all."""

    ids: Annotated[str, AfterValidator(_pattern)] = ""
    programme: str = ""
    none: Share = 0.0
    ecosystems: dict[EcosystemId, Share] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_condition(self) -> Prior:
        if bool(self.ids) == bool(self.programme):
            raise ValueError("a prior has either `ids` or `programme`.")
        return self

    @property
    def rule(self) -> str:
        """How the prior is named to a reader."""
        return f"programme {self.programme}" if self.programme else f"identifier {self.ids}"


class Condition(Strict):
    """A term that counts only near another one, or only in the title or objective; `within` in characters."""

    term: Term
    near: tuple[Term, ...] = ()
    within: Annotated[int, Field(ge=1, le=1000)] = 100
    place: Annotated[Literal["title", "objective"] | None, Field(alias="in")] = None

    @model_validator(mode="after")
    def _some(self) -> Condition:
        if not self.near and self.place is None:
            raise ValueError("a condition needs `near` or `in`.")
        return self


class EcosystemsFile(Strict):
    """config/profiles/ecosystems.yml."""

    vetoes: tuple[Term, ...] = ()
    conditions: tuple[Condition, ...] = ()
    no_industry: Terms = Field(default_factory=dict)
    elsewhere: tuple[Term, ...] = ()
    ecosystems: Annotated[dict[str, Ecosystem], Field(min_length=1)]
    priors: tuple[Prior, ...] = ()

    @model_validator(mode="after")
    def _references(self) -> EcosystemsFile:
        refuse_twice(((word, ("vetoes", i)) for i, word in enumerate(self.vetoes)), "vetoes")
        known = tuple(self.ecosystems)
        used = {word for e in self.ecosystems.values() for word, _, _ in weighted(e.terms)}
        used |= {word for word, _, _ in weighted(self.no_industry)}
        errors = [
            problem_at(
                ("conditions", i, "term"), str(unknown("term", condition.term, sorted(used))), condition.term
            )
            for i, condition in enumerate(self.conditions)
            if condition.term not in used
        ]
        errors += [
            problem_at(("priors", i, "ecosystems", name), str(unknown("ecosystem", name, known)), name)
            for i, prior in enumerate(self.priors)
            for name in prior.ecosystems
            if name not in self.ecosystems
        ]
        if errors:
            raise ValidationError.from_exception_data("priors", errors)
        return self


class Priority(Strict):
    """One S3 priority. `terms` speak for it; `weak` words are too general to mean it by themselves."""

    name: str
    name_sv: str = ""
    kind: Literal["strength", "development", "horizontal"] = "strength"
    status: Literal["verified", "provisional"]
    provenance: str
    ecosystems: Annotated[tuple[EcosystemId, ...], Field(min_length=1)]
    terms: tuple[Term, ...] = ()
    weak: tuple[Term, ...] = ()

    @model_validator(mode="after")
    def _once(self) -> Priority:
        lists = (("terms", self.terms), ("weak", self.weak))
        refuse_twice(((word, (key, i)) for key, words in lists for i, word in enumerate(words)), "terms")
        return self


class Strategy(Strict):
    """The document the priorities come from."""

    title: str = ""
    url: str = ""


class Region(Strict):
    """One region's profile (config/profiles/regions/<NUTS>.yml). `ineligible`: the programmes (abbreviations)
    that fund nobody there."""

    nuts: str
    name: str
    strategy: Strategy = Strategy()
    note: str = ""
    hooks: tuple[Term, ...] = ()
    ineligible: tuple[str, ...] = ()
    priorities: Annotated[tuple[Priority, ...], Field(min_length=1)]


class Groups(Strict):
    """config/profiles/regions/groups.yml: names for several regions at once."""

    groups: dict[str, tuple[RegionId, ...]] = Field(default_factory=dict)


@dataclass(frozen=True)
class Profiles:
    """All profiles; `fingerprint` changes with every change of a file or of the method (16 hex digits)."""

    ecosystems: Mapping[str, Ecosystem]
    regions: Mapping[str, Region]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    vetoes: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    no_industry: Terms = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()
    priors: tuple[Prior, ...] = ()
    fingerprint: str = ""


def load_profiles(config_dir: Path) -> Profiles:
    """Read `config_dir`/profiles. Raises ConfigError: file:line, field, nearest valid word."""
    return load_folder(config_dir / "profiles")


def load_folder(folder: Path) -> Profiles:
    """Read the profiles in `folder`, whatever it is called. Raises ConfigError as `load_profiles`."""
    main = folder / "ecosystems.yml"
    groups_file = folder / "regions" / "groups.yml"
    files = [path for path in sorted((folder / "regions").glob("*.yml")) if path != groups_file]
    shared = read(main, EcosystemsFile)
    regions = {path.stem: read_region(path, shared.ecosystems) for path in files}
    groups = Groups()
    if groups_file.is_file():
        groups = read(groups_file, Groups, context={"regions": tuple(regions)})
        files.append(groups_file)
    return Profiles(
        ecosystems=shared.ecosystems,
        regions=regions,
        groups=groups.groups,
        vetoes=shared.vetoes,
        conditions=shared.conditions,
        no_industry=shared.no_industry,
        elsewhere=shared.elsewhere,
        priors=shared.priors,
        fingerprint=_fingerprint([main, *files]),
    )


def read_region(path: Path, ecosystems: Iterable[str] | None) -> Region:
    """One region's file; None: which ecosystems there are is not known. Raises ConfigError as `load_profiles`."""
    region = read(path, Region, context=None if ecosystems is None else {"ecosystems": tuple(ecosystems)})
    if region.nuts != path.stem:
        raise ConfigError(f"{path}:1: nuts: {region.nuts} is not the file's name; call it {region.nuts}.yml.")
    return region


def _fingerprint(paths: list[Path]) -> str:
    digest = hashlib.sha256(METHOD.encode())
    for path in paths:
        body = path.read_bytes()
        digest.update(f"\0{path.name}\0{len(body)}\0".encode())
        digest.update(body)
    return digest.hexdigest()[:16]
