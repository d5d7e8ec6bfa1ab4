"""Sets of labelled calls: what may stand in them, what is said to a mistake, and what is wrong with calls."""

from __future__ import annotations

import pytest

from pipeline.errors import ConfigError
from pipeline.evaluate.agreement import agreement
from pipeline.evaluate.labelled import Labelled, Relevance, family, parse
from pipeline.evaluate.mistakes import worst
from pipeline.models import Because, Classification, EcosystemLabel, S3Label

KNOWN = ["health", "digital", "mobility"]


def test_lines_and_an_array_say_the_same():
    row = b'{"ref": "1", "identifier": "A-01", "eco": ["health"], "annotators": 1, "s3": {"SE332": {"score": 2}}}'
    lines, array = (
        parse(row + b"\n\n" + row, "x.jsonl", KNOWN),
        parse(b"[" + row + b"," + row + b"]", "x.json", KNOWN),
    )
    assert lines == array
    assert lines[0] == Labelled(ref="1", identifier="A-01", eco=("health",), s3={"SE332": Relevance(2)})
    assert parse(b'{"ref": "1", "eco": [], "s3": {"SE332": 3}}', "x", KNOWN)[0].s3 == {"SE332": Relevance(3)}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            b'{"ref": "1", "eco": []}\n{"ref": "2", "eco": ["helth"]}',
            'x:2: unknown ecosystem "helth". Did you mean "he',
        ),
        (b'{"ref": "1", "eco": [], "eco_b": ["digitl"]}', "x:1: unknown ecosystem"),
        (b'{"eco": []}', "x:1: neither `ref` nor `identifier`"),
        (b'{"ref": "1"}', "x:1: Object missing required field `eco`"),
        (b'{"ref": "1", "eco": [], "s3": {"SE332": 4}}', "x:1: s3.SE332: a score is 0 to 3"),
        (b'{"ref": "1", "eco": [], "s3": {"SE332": {"score": 1, "a": -1}}}', "x:1: s3.SE332"),
        (b'{"ref": "1", "eco": "health"}', "x:1: Expected `array`"),
        (b'\n{"ref": ', "x:2: not valid JSON"),
        (b'[{"ref": ]', "x: not valid JSON"),
        (b"3", "x:1: a call is an object"),
    ],
)
def test_a_mistake_is_named_with_its_line(body, said):
    with pytest.raises(ConfigError) as error:
        parse(body, "x", KNOWN)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("HORIZON-CL5-2027-03-D5-16", "HORIZON-CL5-2027-03-D5"),
        ("horizon-cl5-2027-03-d5-05", "HORIZON-CL5-2027-03-D5"),
        ("EDF-2026-DA-SMT-STEP", "EDF-2026-DA-SMT-STEP"),
        ("I3-2026-INV2a", "I3-2026-INV2A"),
        ("ERC_2026_07", "ERC_2026"),
    ],
)
def test_sister_topics_are_one_family(identifier, name):
    assert family(identifier) == name


def rows(*pairs):
    return [Labelled(ref=str(n), eco=a, eco_a=a, eco_b=b, s3=s3) for n, (a, b, s3) in enumerate(pairs)]


def test_two_readers_are_compared():
    found = agreement(
        [
            *rows(
                (("health",), ("health",), {"R": Relevance(2, 2, 2)}),
                (("digital", "health"), ("health", "digital"), {"R": Relevance(0, 0, 0)}),
                ((), ("digital",), {"R": Relevance(3, 3, 1), "S": Relevance(1)}),
            ),
            Labelled(ref="once", eco=("mobility",)),
        ]
    )
    assert found
    assert found.calls == 3
    assert found.figures["micro_f1"] == pytest.approx(2 * 3 / (2 * 3 + 1))
    assert found.figures["primary"] == pytest.approx(1 / 3)
    assert found.figures["zeros"] == 0.0
    assert 0 < found.figures["kappa R"] < 1
    assert "kappa S" not in found.figures
    assert found.kappas == {"health": 1.0, "digital": pytest.approx(0.4)}
    assert found.alpha is not None
    assert 0 < found.alpha < 1
    assert agreement([Labelled(ref="once", eco=())]) is None


def label(name: str, score: float) -> EcosystemLabel:
    return EcosystemLabel(name, "primary", score, (Because("words in the title", (name,), "title"),))


def test_the_worst_mistakes_come_first_with_their_reasons():
    judged = [
        (Labelled(ref="a", eco=("health",)), "A", Classification((label("digital", 0.6),))),
        (Labelled(ref="b", eco=()), "B", Classification((label("digital", 0.9),))),
        (Labelled(ref="c", eco=("health", "mobility")), "C", Classification((label("health", 0.7),))),
        (Labelled(ref="d", eco=(), s3={"R": Relevance(3), "S": Relevance(1)}), "D",
         Classification(s3=(S3Label("S", 2, "wood", (Because("enabling", ("wood",), "text"),)),))),
    ]  # fmt: skip
    found = worst(judged, 10)
    assert [(m.kind, m.identifier, m.label) for m in found] == [
        ("wrong", "b", "digital"),
        ("wrong", "a", "digital"),
        ("missed", "a", "health"),
        ("missed", "c", "mobility"),
        ("s3", "d", "R"),
        ("s3", "d", "S"),
    ]
    assert found[0].because[0].words == ("digital",)
    assert (found[0].truth, found[0].ours) == ("none", "digital 0.90")
    assert (found[4].truth, found[4].ours, found[4].because) == ("3", "0", ())
    assert found[5].because[0].words == ("wood",)
    assert [m.identifier for m in worst(judged, 1)] == ["b", "a", "d"]
    assert worst(judged, 0) == []
