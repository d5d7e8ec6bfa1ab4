"""`callwatch evaluate`, end to end: labels of calls in the store, of texts in files, of neither."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.harvest.commands import Callwatch

STEEL = {
    "identifier": "X-2026-STEEL-01",
    "title": "Fossil-free steel and mining",
    "abstract": "<p>Steel makers.</p>",
}


def write_set(path: Path, rows: list[dict]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def own(read: Callwatch) -> list[dict]:
    """What callwatch itself says of some topics in the store, as if people had said it."""
    calls = read("calls", "--format", "json").json
    topics = [c for c in calls if c["kind"] == "topic" and c["ecosystems"]][:12]
    return [
        {
            "ref": "never seen",
            "identifier": call["identifier"],
            "eco": [label["id"] for label in call["ecosystems"]],
            "s3": {"SE332": next((s["score"] for s in call["s3"] if s["region"] == "SE332"), 0)},
        }
        for call in topics
    ]


def test_what_callwatch_says_itself_is_all_right(read: Callwatch, own: list[dict], tmp_path: Path):
    (found,) = read("evaluate", write_set(tmp_path / "own.jsonl", own), "--format", "json").json
    assert (found["name"], found["calls"], found["missing"]) == ("own", 12, [])
    assert {found["figures"][name] for name in ("micro_f1", "macro_f1", "primary")} == {1.0}
    assert found["intervals"]["micro_f1"] == [1.0, 1.0]
    assert found["mistakes"] == []
    assert sum(map(sum, found["confusion"]["counts"])) == 12
    assert sum(map(sum, found["s3"]["SE332"])) == 12


def test_a_wrong_label_is_shown_with_the_words_that_misled(read: Callwatch, own: list[dict], tmp_path: Path):
    twisted = [{**own[0], "eco": ["textiles"]}, *own[1:]]
    done = read("evaluate", write_set(tmp_path / "own.jsonl", twisted), "--worst", "2")
    assert done.code == 0
    assert "12 calls of" in done.out
    assert f"{own[0]['eco'][0]}: {own[0]['identifier']}" in done.out
    assert f"textiles: {own[0]['identifier']}" in done.out
    assert "labelled textiles; ours" in done.out
    assert "(title)" in done.out or "prior:" in done.out


def test_texts_are_found_in_folders_and_what_is_not_found_is_named(read: Callwatch, tmp_path: Path):
    folder = tmp_path / "texts" / "daily"
    folder.mkdir(parents=True)
    grants = [{"id": "1TOPICSen", **STEEL}, {"id": "2", "kind": {"id": "8"}, **STEEL}, {"unlike": 1}]
    (folder / "2026-04-14.json.gz").write_bytes(gzip.compress(json.dumps({"grants": grants}).encode()))
    (folder / "other.json").write_text("[1, 2]", encoding="utf-8")
    rows = [
        {"ref": "1TOPICSen", "eco": ["energy_intensive"], "eco_a": ["energy_intensive"], "eco_b": ["mobility"]},
        {"identifier": STEEL["identifier"], "eco": ["energy_intensive"]},
        {"ref": "3", "title": "Museums and film", "text": "Museums.", "eco": ["creative_cultural"]},
        {"ref": "nowhere", "identifier": "GONE-01", "eco": []},
    ]
    labels = write_set(tmp_path / "mixed.jsonl", rows)
    (found,) = read("evaluate", labels, "--texts", str(tmp_path / "texts"), "--format", "json").json
    assert (found["calls"], found["missing"]) == (3, ["GONE-01"])
    assert found["figures"]["primary"] == 1.0
    assert found["agreement"]["calls"] == 1
    table = read("evaluate", labels, "--texts", str(tmp_path / "texts")).out
    assert "No text of 1 labelled calls: GONE-01." in table
    assert "Krippendorff's alpha" in table
    assert "Give --texts" in read("evaluate", write_set(tmp_path / "none.jsonl", rows[3:])).out


def test_single_mistakes_of_a_set_held_back_are_shown_only_when_asked_for(
    read: Callwatch, own: list[dict], tmp_path: Path
):
    held = write_set(tmp_path / "own_test.jsonl", [{**row, "eco": ["textiles"]} for row in own])
    (quiet,) = read("evaluate", held, "--format", "json").json
    (asked,) = read("evaluate", held, "--format", "json", "--worst", "1").json
    assert quiet["mistakes"] == []
    assert quiet["figures"] == asked["figures"]
    assert {mistake["kind"] for mistake in asked["mistakes"]} == {"wrong", "missed"}


def test_the_picture_is_well_formed_and_counts_every_call(read: Callwatch, own: list[dict], tmp_path: Path):
    picture = tmp_path / "confusion.svg"
    labels = write_set(tmp_path / "a<b.jsonl", [*own, {"ref": "9", "title": "Courts", "eco": []}])
    assert read("evaluate", labels, "--picture", str(picture)).code == 0
    drawn = ElementTree.parse(picture).getroot()
    text = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert sum(int(each) for each in text if each and each.isdigit()) == 13
    assert any(each and each.startswith("a<b: primary class right in") for each in text)
    assert text.count("No ecosystem") == 2


def test_a_call_known_to_the_store_by_its_document_is_found(read: Callwatch, tmp_path: Path):
    call = next(c for c in read("calls", "--format", "json").json if c["kind"] == "cascade")
    labels = write_set(tmp_path / "cascade.jsonl", [{"ref": call["sources"][0], "eco": []}])
    (found,) = read("evaluate", labels, "--format", "json").json
    assert (found["calls"], found["missing"]) == (1, [])


FACTS = "file,language,deadline_iso,budget_eur\na.txt,sv,2026-01-31,500\nb.txt,en,,\n"


def test_facts_read_from_prose_are_judged(read: Callwatch, tmp_path: Path):
    for name, text in (("facts.csv", FACTS), ("a.txt", "Sista dag"), ("b.txt", "Nothing")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    predictions = {"a.txt": {"deadlines": ["2026-01-31"], "budget": {"amount": "600", "currency": "EUR"}}}
    (tmp_path / "p.json").write_text(json.dumps(predictions), encoding="utf-8")
    asked = ("evaluate", "--extract", str(tmp_path), "--predictions", str(tmp_path / "p.json"))
    fields = {field["name"]: field for field in read(*asked, "--format", "json").json["fields"]}
    assert (fields["deadline"]["right"], fields["deadline"]["harm"]) == (1.0, 0.0)
    assert (fields["budget"]["right"], fields["budget"]["harm"]) == (0.0, 0.5)
    assert "wrong     budget: stated 500; found 600 EUR (a.txt)" in read(*asked).out


def test_our_own_reading_is_judged(read: Callwatch):
    folder = read.folder / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("Call\nDeadline: 31 January 2026, 17:00 Brussels time.", encoding="utf-8")
    (folder / "facts.csv").write_text("file,deadline_iso\na.txt,2026-01-31T17:00\n", encoding="utf-8")
    document = read("evaluate", "--extract", str(folder), "--format", "json").json
    deadline = next(field for field in document["fields"] if field["name"] == "deadline")
    assert (deadline["exact"], deadline["wrong"]) == (1, 0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.jsonl"], "nowhere.jsonl: cannot be read"),
        (["--format", "csv"], "take table or json"),
        (["--texts", "nowhere"], "nowhere: no such file or folder"),
        (["--texts", "bad.json"], "bad.json: cannot be read as JSON"),
        (["--extract", "nowhere", "--predictions", "bad.json"], "bad.json"),
        (["--extract", "nowhere"], "facts.csv: cannot be read"),
    ],
)
def test_wrong_use_is_said(read: Callwatch, arguments: list[str], said: str):
    (read.folder / "bad.json").write_text("{", encoding="utf-8")
    done = read("evaluate", *arguments)
    assert done.code == 2
    assert said in " ".join(done.err.split())
