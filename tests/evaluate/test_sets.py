"""The committed sets: no texts in them, sister topics on one side, both readers' labels kept; and their floors."""

from __future__ import annotations

import json
import random
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.evaluate.agreement import agreement
from pipeline.evaluate.labelled import family, parse
from pipeline.profile import load_profiles
from tests.evaluate import floors
from tests.evaluate.__main__ import compare

SETS = Path(__file__).parent / "sets"


@pytest.fixture(scope="module")
def rows(config_dir):
    known = list(load_profiles(config_dir).ecosystems)
    return {path.stem: parse(path.read_bytes(), path.name, known) for path in SETS.glob("*.jsonl")}


def test_only_references_and_labels_are_committed():
    for path in SETS.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert set(json.loads(line)) == {"ref", "identifier", "eco", "eco_a", "eco_b", "s3"}


def test_sister_topics_stand_on_one_side(rows):
    tune, test = ({family(row.name) for row in rows[f"own_2026_11_{part}"]} for part in ("tune", "test"))
    assert not tune & test
    families = sorted(tune | test)
    random.Random(7).shuffle(families)
    assert set(families[3::4]) == test
    assert not {family(row.name) for row in rows["own_2026_11_fresh"]} & (tune | test)


def test_a_call_is_labelled_once_only(rows):
    references = [row.ref for part in rows.values() for row in part]
    assert len(references) == len(set(references)) == 176 + 64


def test_what_counts_is_what_a_reader_said_where_both_agree(rows):
    for row in (row for part in rows.values() for row in part):
        if row.eco_a == row.eco_b:
            assert row.eco == row.eco_a
        assert 0 < len(row.eco) <= 3 or row.eco == ()
        assert set(row.s3) == {"SE322", "SE332"}


def test_the_readers_agree_well_enough_to_measure_by(rows):
    found = agreement([row for part in rows.values() for row in part])
    assert found
    assert found.alpha is not None
    assert found.alpha > 0.8
    assert min(found.figures["kappa SE322"], found.figures["kappa SE332"]) > 0.6


def test_floors_only_go_up():
    before = {"a": {"micro_f1": 0.8, "ece": 0.05}, "old": {"zeros": 0.5}}
    found = {"a": {"micro_f1": 0.7999, "ece": 0.02, "primary": 0.936}, "b": {"zeros": 1.0, "top20 R": 0.5}}
    after = floors.raised(before, found)
    assert after == {
        "a": {"micro_f1": 0.8, "ece": 0.03, "primary": 0.92},
        "old": {"zeros": 0.5},
        "b": {"zeros": 0.99},
    }
    assert floors.raised(after, {"a": {"micro_f1": 0.91, "ece": 0.4}})["a"]["micro_f1"] == 0.9
    assert floors.raised(after, {"a": {"micro_f1": 0.91, "ece": 0.4}})["a"]["ece"] == 0.03


def test_floors_are_read_as_written(tmp_path):
    known = {"a": {"micro_f1": 0.8}}
    floors.write(known, tmp_path / "floors.yml")
    assert floors.read(tmp_path / "floors.yml") == known
    assert {path.stem for path in SETS.glob("*.jsonl")} <= floors.read().keys()


def test_a_figure_below_its_floor_is_a_failure():
    figures = {"micro_f1": 0.85, "ece": 0.06, "primary": 0.9}
    found = SimpleNamespace(figures=figures, intervals=dict.fromkeys(figures, (0.5, 1.0)))
    lines = dict(compare(found, {"micro_f1": 0.8, "ece": 0.05, "zeros": 0.7}))
    said = {line.split()[0]: (line, good) for line, good in lines.items()}
    assert said["micro_f1"][1]
    assert "0.050 above its floor 0.80" in said["micro_f1"][0]
    assert not said["ece"][1]
    assert "0.010 BELOW its floor 0.05" in said["ece"][0]
    assert said["primary"][1]
    assert not said["zeros"][1]
