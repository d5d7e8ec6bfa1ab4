"""Texts of labelled calls, found where they lie."""

from __future__ import annotations

import gzip
import json

import pytest

from callwatch.evaluating.texts import Library, as_call
from pipeline.errors import ConfigError
from pipeline.evaluate.labelled import Labelled
from pipeline.models import Kind

PROGRAMMES = {"43108390": ("HORIZON", "Horizon Europe")}


@pytest.mark.parametrize(
    ("row", "kind", "programme"),
    [
        ({"reference": "1", "topicId": "T-1", "programmeId": "43108390", "programme": "?"}, "topic", "HORIZON"),
        ({"id": "2", "kind": {"id": "8"}, "frameworkProgrammes": [{"id": "43108390"}]}, "cascade", "HORIZON"),
        ({"id": "3", "kind": {"id": "2"}, "frameworkProgrammes": [{"id": "1"}]}, "external_action", ""),
        ({"ref": "4COMPETITIVE_CALLen"}, "cascade", ""),
        ({"ref": "5PROSPECTSEN", "programme": "LIFE"}, "external_action", "LIFE"),
        ({"ref": "6", "kind": "cascade"}, "cascade", ""),
        ({"identifier": "T-7", "frameworkProgrammes": []}, "topic", ""),
    ],
)  # fmt: skip
def test_the_forms_that_are_known(row, kind, programme):
    found = as_call({**row, "title": " A \x07 title ", "abstract": "<p>One</p><p>Two</p>"}, PROGRAMMES)
    assert found
    assert (found.kind, found.programme, found.title, found.text) == (kind, programme, "A title", "One\nTwo")


@pytest.mark.parametrize("row", [{}, {"id": 7, "title": "x"}, {"id": "7"}, {"title": "x", "text": "y"}])
def test_what_is_no_call_is_passed_over(row):
    assert as_call(row, {}) is None


def test_the_longest_text_of_all_sources_is_taken_and_a_cascade_call_never_for_its_parent(tmp_path):
    short, long = (
        {"reference": "R1", "topicId": "T-1", "title": "T", "description": text} for text in ("a", "a b")
    )
    cascade = {
        "id": "R2",
        "identifier": "T-1",
        "title": "C",
        "abstract": "a longer text of another call",
        "kind": {"id": "8"},
    }
    lines = "\n".join(json.dumps(row) for row in (long, short, cascade))
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    (tmp_path / "note.txt").write_text("no JSON", encoding="utf-8")
    library = Library({})
    library.add(tmp_path)
    for labelled in (
        Labelled(ref="R1", eco=()),
        Labelled(identifier="t-1", eco=()),
        Labelled(ref="?", identifier="T-1", eco=()),
    ):
        found = library.find(labelled)
        assert found
        assert (found.kind, found.text) == (Kind.TOPIC, "a b")
    assert library.find(Labelled(ref="r2", eco=())).title == "C"
    assert library.find(Labelled(ref="R3", eco=())) is None
    assert library.find(Labelled(ref="R1", title="Own", eco=())).title == "Own"


@pytest.mark.parametrize("name", ["broken.json", "broken.json.gz", "broken.jsonl", "missing.json"])
def test_a_source_that_cannot_be_read_is_named(tmp_path, name):
    if name.startswith("broken"):
        (tmp_path / name).write_bytes(b"{")
    with pytest.raises(ConfigError, match=name):
        Library({}).add(tmp_path / name)
