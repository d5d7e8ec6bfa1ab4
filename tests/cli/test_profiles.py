"""`callwatch profiles`: mistakes with file, line and remedy; what a change would do; a new region."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.harvest.commands import Callwatch
from tests.harvest.state import state


@pytest.fixture
def changed(config_dir: Path, tmp_path: Path) -> Path:
    """A configuration folder of one's own with the shipped profiles."""
    shutil.copytree(config_dir / "profiles", tmp_path / "own" / "profiles")
    return tmp_path / "own"


def edit(path: Path, old: str, new: str) -> int:
    """Replace the first `old`; the line where it stood."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_good_profiles_are_counted(callwatch: Callwatch, config_dir: Path):
    done = callwatch("profiles", "check")
    assert done.code == 0
    assert f"No mistakes in {config_dir / 'profiles'}" in done.out
    held = callwatch("profiles", "check", "--format", "json").json
    assert held["ecosystems"] == 15
    assert held["regions"] == len(list((config_dir / "profiles" / "regions").glob("[A-Z]*.yml")))
    assert held["terms"]["en"] > held["terms"]["sv"] > 100
    assert held["priorities"]["verified"] > held["priorities"]["provisional"] > 0


def test_mistakes_of_all_files_are_told_at_once(callwatch: Callwatch, changed: Path):
    regions = changed / "profiles" / "regions"
    line = edit(regions / "SE322.yml", "ecosystems: [renewable_energy]", "ecosystems: [renewable_enrgy]")
    key = edit(regions / "SE332.yml", "priorities:\n", "priorites:\n")
    group = edit(regions / "groups.yml", "SE332", "SE333")
    done = callwatch("profiles", "check", "--folder", str(changed))
    assert done.code == 2
    told = f"{regions / 'SE322.yml'}:{line}: priorities.0.ecosystems.0: unknown ecosystem"
    assert f'{told} "renewable_enrgy". Did you mean "renewable_energy"?' in done.err
    assert (
        f'{regions / "SE332.yml"}:{key}: priorites: unknown key "priorites". Did you mean "priorities"?'
        in done.err
    )
    assert f"{regions / 'groups.yml'}:{group}: " in done.err
    assert 'unknown region "SE333". Did you mean "SE33' in done.err
    assert "mistakes in" in done.err


def test_a_broken_ecosystems_file_does_not_hide_the_others(callwatch: Callwatch, changed: Path):
    edit(changed / "profiles" / "ecosystems.yml", "ecosystems:\n", "ecosystem:\n")
    edit(changed / "profiles" / "regions" / "SE322.yml", "nuts: SE322", "nuts: SE999")
    done = callwatch("profiles", "check", CALLWATCH_CONFIG=str(changed))
    assert done.code == 2
    assert 'unknown key "ecosystem". Did you mean "ecosystems"?' in done.err
    assert "SE999 is not the file's name" in done.err


def test_what_a_change_would_do_is_shown_before_it_is_used(read: Callwatch, changed: Path):
    before = state(read)
    assert "No label of" in read("profiles", "try", "--folder", str(changed)).out
    edit(
        changed / "profiles" / "ecosystems.yml",
        "    terms:\n      en:\n        3: [",
        '    terms:\n      en:\n        3: ["battery", ',
    )
    done = read("profiles", "try", "--folder", str(changed / "profiles"), "--format", "json").json
    assert done["calls"] > 85
    gained = [c for c in done["changes"] if c["kind"] == "ecosystem" and c["after"] > c["before"]]
    assert gained
    assert all(change["because"] for change in gained)
    assert any("attery" in word for c in gained for because in c["because"] for word in because["words"])
    (mine,) = [b for b in done["balance"] if (b["kind"], b["name"]) == ("ecosystem", gained[0]["name"])]
    assert mine["after"] - mine["before"] == mine["gained"] - mine["lost"] > 0
    table = read("profiles", "try", "--folder", str(changed), "--limit", "1").out
    assert f"  + {gained[0]['identifier']}" in table
    assert "stored calls would change." in table
    assert state(read) == before


def test_stored_labels_are_compared_with_the_profiles_in_use(read: Callwatch, changed: Path):
    assert "No label of" in read("profiles", "try").out
    (changed / "profiles" / "regions" / "SE332.yml").unlink()
    edit(changed / "profiles" / "regions" / "groups.yml", "SE332", "SE331")
    done = read("profiles", "try", "--format", "json", CALLWATCH_CONFIG=str(changed)).json
    assert {(b["kind"], b["name"], b["after"]) for b in done["balance"]} == {("region", "SE332", 0)}
    (lost,) = done["balance"]
    assert lost["lost"] == lost["before"] == len(done["changes"]) > 0


def test_a_new_region_is_scaffolded_and_passes_the_check(callwatch: Callwatch, changed: Path):
    own = {"CALLWATCH_CONFIG": str(changed)}
    done = callwatch("profiles", "new-region", "se110", "--name", 'Stockholm: "huvudstaden"', **own)
    path = changed / "profiles" / "regions" / "SE110.yml"
    assert done.code == 0
    assert str(path) in done.out
    assert "#" in path.read_text(encoding="utf-8")
    held = callwatch("profiles", "check", "--format", "json", **own).json
    assert held["regions"] == callwatch("profiles", "check", "--format", "json").json["regions"] + 1
    edit(path, "Name of the first priority", "Life science")
    again = callwatch("profiles", "new-region", "SE110", **own)
    assert again.code == 2
    assert "is there already" in again.err
    assert "Life science" in path.read_text(encoding="utf-8")


def test_an_empty_region_changes_no_label(read: Callwatch, changed: Path):
    assert read("profiles", "new-region", "SE110", CALLWATCH_CONFIG=str(changed)).code == 0
    assert "No label of" in read("profiles", "try", "--folder", str(changed)).out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["new-region", "Stockholm"], '"Stockholm" is not a NUTS code'),
        (["new-region", "../SE1"], "is not a NUTS code"),
        (["check", "--folder", "nowhere"], "holds no ecosystems.yml"),
    ],
)
def test_wrong_use_is_said(callwatch: Callwatch, arguments: list[str], said: str):
    done = callwatch("profiles", *arguments)
    assert done.code == 2
    assert said in done.err


def test_a_folder_without_profiles_is_not_given_a_single_region(callwatch: Callwatch, tmp_path: Path):
    (tmp_path / "own").mkdir()
    done = callwatch("profiles", "new-region", "SE110", CALLWATCH_CONFIG=str(tmp_path / "own"))
    assert done.code == 2
    assert "Copy that folder" in done.err
    assert not list((tmp_path / "own").iterdir())
