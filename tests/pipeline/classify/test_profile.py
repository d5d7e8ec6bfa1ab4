"""Profiles are read strictly: every mistake names file, line, field and remedy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.profile import Profiles, load_profiles

ECOSYSTEMS = """\
vetoes: ["space for"]
ecosystems:
  mobility:
    name: {en: Mobility, no: Mobilitet}
    scope: Vehicles.
    terms:
      en:
        3: [rail, "road transport"]
        1: [road]
      no: {2: ["jernbane*"]}
  digital:
    name: {en: Digital}
    scope: Software.
    terms: {en: {3: [software]}}
priors:
  - {ids: "^CEF-T", ecosystems: {mobility: 0.9}}
"""
REGION = """\
nuts: SE332
name: Norrbotten
priorities:
  - name: Testing
    status: verified
    provenance: the strategy
    ecosystems: [mobility]
    terms: ["winter test*"]
    weak: [ice]
"""


def write(folder: Path, ecosystems: str = ECOSYSTEMS, region: str = REGION, groups: str = "") -> Path:
    regions = folder / "profiles" / "regions"
    regions.mkdir(parents=True)
    (folder / "profiles" / "ecosystems.yml").write_text(ecosystems, encoding="utf-8")
    (regions / "SE332.yml").write_text(region, encoding="utf-8")
    if groups:
        (regions / "groups.yml").write_text(groups, encoding="utf-8")
    return folder


def test_reads_a_small_profile(tmp_path: Path) -> None:
    profiles = load_profiles(write(tmp_path, groups="groups: {north: [SE332]}\n"))
    assert profiles.ecosystems["mobility"].name == {"en": "Mobility", "no": "Mobilitet"}
    assert profiles.ecosystems["mobility"].terms["no"][2] == ("jernbane*",)
    assert profiles.regions["SE332"].priorities[0].weak == ("ice",)
    assert profiles.groups == {"north": ("SE332",)}
    assert profiles.priors[0].rule == "identifier ^CEF-T"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "[road]",
            "[rail]",
            'ecosystems.yml:9: ecosystems.mobility.terms.en.1.0: the term "rail" is already listed',
        ),
        ("[road]", "[RAIL]", "delete one of the two"),
        ("1: [road]", "4: [road]", "the weight 4 is not 3 (decisive), 2 (typical) or 1 (weak)."),
        ("1: [road]", "yes: [road]", "the weight 'yes' is not 3"),
        ("[road]", '["r*ad"]', 'ecosystems.yml:9: ecosystems.mobility.terms.en.1.0: the term "r*ad" has a *'),
        ("[road]", '["r*"]', "is too short"),
        ("      en:\n", "      english:\n", '"english" is not a language'),
        ("scope: Software.", "scop: Software.", 'unknown key "scop". Did you mean "scope"?'),
        ("name: {en: Digital}", "name: {sv: Digital}", "a name in English (en) is needed."),
        ("{mobility: 0.9}", "{mobilty: 0.9}", "ecosystems.yml:16: priors.0.ecosystems.mobilty: unknown ecosystem"),
        ("{mobility: 0.9}", "{mobilty: 0.9}", 'Did you mean "mobility"?'),
        ("{mobility: 0.9}", "{mobility: 9}", "less than or equal to 1"),
        ('ids: "^CEF-T", ', "", "a prior has either `ids` or `programme`."),
        ('ids: "^CEF-T"', 'ids: "^CEF-(T"', "is not a regular expression"),
        ('["space for"]', '["space for", "Space  for"]', "ecosystems.yml:1: vetoes.1: the term"),
        ('["space for"]', '["space {for}", "space {for}"]', 'the term "space {for}" is already listed'),
    ],
)
def test_mistakes_in_ecosystems(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in ECOSYSTEMS
    with pytest.raises(ConfigError) as error:
        load_profiles(write(tmp_path, ecosystems=ECOSYSTEMS.replace(old, new, 1)))
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "[mobility]",
            "[mobilty]",
            'SE332.yml:7: priorities.0.ecosystems.0: unknown ecosystem "mobilty". Did you mean',
        ),
        ("[mobility]", "[]", "SE332.yml:7: priorities.0.ecosystems"),
        ("weak: [ice]", 'weak: [ice, "winter test*"]', "SE332.yml:9: priorities.0.weak.1: the term"),
        ("status: verified", "status: maybe", "SE332.yml:5: priorities.0.status"),
        ("weak:", "week:", 'SE332.yml:9: priorities.0.week: unknown key "week". Did you mean "weak"?'),
        ("nuts: SE332", "nuts: SE331", "SE332.yml:1: nuts: SE331 is not the file's name; call it SE331.yml."),
        ("name: Norrbotten\n", "name: Norrbotten\nname: Norr\n", "the key 'name' is written twice"),
    ],
)
def test_mistakes_in_a_region(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in REGION
    with pytest.raises(ConfigError) as error:
        load_profiles(write(tmp_path, region=REGION.replace(old, new, 1)))
    assert message in str(error.value)


def test_an_unknown_region_in_a_group(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'groups\.yml:1: .*unknown region "SE323"\. Did you mean "SE332"'):
        load_profiles(write(tmp_path, groups="groups: {north: [SE323]}\n"))


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    text = ECOSYSTEMS.replace("[road]", "[rail]").replace("[software]", "[software, software]")
    with pytest.raises(ConfigError) as error:
        load_profiles(write(tmp_path, ecosystems=text))
    assert len(str(error.value).splitlines()) == 2


def test_the_fingerprint_follows_every_file(tmp_path: Path, config_dir: Path, profiles: Profiles) -> None:
    copy = tmp_path / "config"
    shutil.copytree(config_dir / "profiles", copy / "profiles")
    assert load_profiles(copy).fingerprint == profiles.fingerprint
    for name in ("ecosystems.yml", "regions/SE332.yml", "regions/groups.yml"):
        path = copy / "profiles" / name
        before = load_profiles(copy).fingerprint
        path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
        assert load_profiles(copy).fingerprint != before


def test_the_shipped_profiles(profiles: Profiles) -> None:
    assert len(profiles.ecosystems) == 15
    assert len(profiles.regions) == 19
    assert profiles.groups["north-sweden"] == ("SE321", "SE322", "SE331", "SE332")
    for ecosystem in profiles.ecosystems.values():
        assert {"en", "sv", "fi", "de", "fr", "es"} <= set(ecosystem.name)
        assert ecosystem.terms["en"]
        assert ecosystem.terms["sv"]
    for region in profiles.regions.values():
        for priority in region.priorities:
            assert priority.terms, (region.nuts, priority.name)
            assert priority.provenance
    named_in_swedish = [p for r in ("SE332", "SE331", "SE322", "SE321") for p in profiles.regions[r].priorities]
    assert all(priority.name_sv for priority in named_in_swedish)


@pytest.mark.parametrize("nuts", ["SE321", "SE322", "SE331", "SE332"])
def test_each_profile_explains_itself(config_dir: Path, nuts: str) -> None:
    text = (config_dir / "profiles" / "regions" / f"{nuts}.yml").read_text(encoding="utf-8")
    head = text.split("nuts:")[0]
    for word in ("priorities", "provenance", "terms", "weak", "hooks", "without programming"):
        assert word in head
