"""The documentation names every command, setting, portal, profile key and channel."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

import pytest
import typer

from alerts import channels
from callwatch.cli import app
from callwatch.scaffold.draft import BASES
from callwatch.settings import Settings
from pipeline.profile import Priority, Region
from pipeline.source import Portal, load_portals
from pipeline.source_forms import JsonList, JsonPages
from pipeline.source_limits import Bounds, Requests
from pipeline.source_pages import Pages, Source

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PORTALS = (ROOT / "docs" / "how-to" / "add-a-portal.md").read_text(encoding="utf-8")
PROFILES = (ROOT / "docs" / "how-to" / "add-a-profile.md").read_text(encoding="utf-8")


def commands() -> dict[str, str]:
    """Every command with its help text, sub-commands as "portals list"."""
    found, group = {}, typer.main.get_command(app)
    for name, command in group.commands.items():
        children = getattr(command, "commands", None) or {"": command}
        found.update({f"{name} {child}".strip(): inner.help or "" for child, inner in children.items()})
    return found


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_is_in_the_readme_and_has_help_with_an_example(name):
    assert f"callwatch {name}" in README or f"make {name}" in README
    assert "Example: " in commands()[name]


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_explained(name):
    assert f"`CALLWATCH_{name.upper()}`" in OPERATIONS


def test_no_setting_is_documented_that_does_not_exist(config_dir):
    known = {f"CALLWATCH_{name.upper()}" for name in Settings.model_fields}
    portals = load_portals(config_dir).values()
    known |= {portal.key_env for portal in portals if portal.key_env}
    assert set(re.findall(r"\| `(CALLWATCH_\w+)`", OPERATIONS)) == known


@pytest.mark.parametrize("name", channels.NAMES)
def test_every_channel_is_named(name):
    assert f"`{name}`" in OPERATIONS


@pytest.mark.parametrize("key", sorted({*Region.model_fields, *Priority.model_fields}))
def test_every_key_of_a_region_profile_is_explained(key):
    assert f"`{key}`" in PROFILES or f"priorities.{key}" in PROFILES


@pytest.mark.parametrize("form", [Portal, Requests, Bounds, Pages, Source, JsonList, JsonPages])
def test_every_key_of_a_portal_is_explained(form):
    told = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", PORTALS))))
    assert set(form.model_fields) <= told


@pytest.mark.parametrize("base", BASES)
def test_every_base_of_the_scaffold_is_explained(base):
    assert f"| `{base}` |" in PORTALS


def test_spider_yaml_normaliser_and_test_folder_share_one_name(config_dir):
    portals = {path.stem for path in (config_dir / "portals").glob("*.yml")}
    assert portals == {path.stem for path in (ROOT / "spiders" / "portals").glob("[!_]*.py")}
    assert all(name in README + OPERATIONS for name in portals)
    for name in portals:
        normaliser = ROOT / "pipeline" / "normalise" / name
        assert normaliser.is_dir() or normaliser.with_suffix(".py").is_file()
        assert (ROOT / "tests" / "portals" / name).is_dir()


def test_no_other_distribution_owns_our_top_level_names():
    owners = importlib.metadata.packages_distributions()
    for name in ("spiders", "pipeline", "alerts", "callwatch"):
        assert set(owners.get(name, ["callwatch"])) == {"callwatch"}


def test_links_inside_the_documentation_lead_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_no_merge_was_left_half_done():
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "config").rglob("*.yml")]:
        assert not re.search(r"^(<{7}|>{7}|={7})( |$)", page.read_text(encoding="utf-8"), re.M), page.name
