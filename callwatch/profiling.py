"""Profiles as files that people change: what is wrong with them, what a change would do, a new region."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import msgspec

from callwatch.paths import PACKAGE
from callwatch.wiring import Wiring
from pipeline.classify import Classifier
from pipeline.errors import ConfigError
from pipeline.evaluate.difference import Balance, Change, Relabelled, balance, changes
from pipeline.profile import EcosystemsFile, Groups, Profiles, load_folder, read_region
from pipeline.profile_terms import weighted
from pipeline.store import Store, calls
from pipeline.yaml_data import read

NUTS = re.compile(r"[A-Z]{2}[0-9A-Z]{1,3}")
SCAFFOLD = PACKAGE / "region.yml.txt"


class Counts(msgspec.Struct, frozen=True):
    """What the profiles hold. `terms`: by language, those of ecosystems; `regions_terms`: own and weak words."""

    ecosystems: int
    terms: dict[str, int]
    vetoes: int
    priors: int
    regions: int
    priorities: dict[str, int]
    regions_terms: int
    groups: int


def folder_of(given: Path) -> Path:
    """The folder of profiles that somebody means: `given` itself, or the part "profiles" of a configuration."""
    for folder in (given, given / "profiles"):
        if (folder / "ecosystems.yml").is_file():
            return folder
    raise ConfigError(f"{given}: holds no ecosystems.yml. Copy the folder of profiles there and change the copy.")


def mistakes(folder: Path) -> list[str]:
    """Everything that is wrong with any file of the profiles in `folder`: file, line, field, remedy."""
    said: list[str] = []
    ecosystems: list[str] | None = None
    try:
        ecosystems = list(read(folder / "ecosystems.yml", EcosystemsFile).ecosystems)
    except ConfigError as error:
        said += str(error).splitlines()
    groups = folder / "regions" / "groups.yml"
    regions = [path for path in sorted((folder / "regions").glob("*.yml")) if path != groups]
    for path in regions:
        try:
            read_region(path, ecosystems)
        except ConfigError as error:
            said += str(error).splitlines()
    if groups.is_file():
        try:
            read(groups, Groups, context={"regions": tuple(path.stem for path in regions)})
        except ConfigError as error:
            said += str(error).splitlines()
    return said


def counts(profiles: Profiles) -> Counts:
    """How much they hold."""
    terms = Counter(str(place[0]) for e in profiles.ecosystems.values() for _, _, place in weighted(e.terms))
    priorities = [p for region in profiles.regions.values() for p in region.priorities]
    return Counts(
        ecosystems=len(profiles.ecosystems),
        terms=dict(terms.most_common()),
        vetoes=len(profiles.vetoes),
        priors=len(profiles.priors),
        regions=len(profiles.regions),
        priorities=dict(Counter(str(p.status) for p in priorities)),
        regions_terms=sum(len(p.terms) + len(p.weak) for p in priorities),
        groups=len(profiles.groups),
    )


def compare(wiring: Wiring, store: Store, folder: Path | None) -> tuple[int, list[Balance], list[Change]]:
    """What other profiles would change: number of stored calls, balance, every change.

    With `folder` the profiles in use are compared with those there; without it the labels as they are stored with
    the profiles in use, which may have been changed since.
    """
    present = wiring.classifier
    trial = Classifier(load_folder(folder_of(folder))) if folder else present
    with store.read() as conn:
        relabelled: list[Relabelled] = [
            (s.call, present.classify(s.call) if folder else s.classification, trial.classify(s.call))
            for s in calls.query(conn)
        ]
    found = changes(relabelled)
    return len(relabelled), balance(relabelled, found), found


def new_region(wiring: Wiring, nuts: str, name: str) -> Path:
    """Write the scaffold of a region's profile among those in use, and say where. Never overwrites a file."""
    code = nuts.strip().upper()
    if not NUTS.fullmatch(code):
        raise ConfigError(f'"{nuts}" is not a NUTS code. Write the country and one to three signs, like SE224.')
    config = wiring.config("profiles")
    if config == PACKAGE / "_config" or wiring.settings.config not in (None, config):
        raise ConfigError(
            f"The profiles in use are those callwatch came with ({config / 'profiles'}). "
            "Copy that folder into a folder of your own, name the latter in CALLWATCH_CONFIG, and try again."
        )
    path = config / "profiles" / "regions" / f"{code}.yml"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(_scaffold(code, name or code))
    except FileExistsError as error:
        raise ConfigError(f"{path}: is there already. Change it, or choose another region.") from error
    return path


def _scaffold(code: str, name: str) -> str:
    """A profile that changes no label until words are written into it."""
    title, quoted = " ".join(name.split()), json.dumps(name, ensure_ascii=False)
    template = SCAFFOLD.read_text(encoding="utf-8")
    return template.replace("{title}", title).replace("{code}", code).replace("{name}", quoted)
