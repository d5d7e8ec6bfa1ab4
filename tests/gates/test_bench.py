"""How measurements are compared with the stored ones, and that the page shows the stored ones."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import msgspec
import orjson
import pyperf
import pytest

from tests.bench import compare, data, growth, page, results
from tests.bench.benches import BENCHES
from tests.bench.compare import Judged, Verdict
from tests.bench.figure import Figure
from tests.bench.growth import Point

STORED = Figure(key="store", what="store", values=(0.4,), limits=(0.1,), clock=0.1, memory=80, whole=True)


def changed(ratio: float | None = 0.25, **given: object) -> Figure:
    values: dict[str, object] = {"limits": ()} if ratio is None else {"values": (0.1 / ratio,)}
    return msgspec.structs.replace(STORED, **values | given)


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        (changed(), Verdict.FINE),
        (
            msgspec.structs.replace(STORED, values=(4.0,), limits=(1.0,)),
            Verdict.FINE,
        ),  # a machine that is ten times slower
        (changed(ratio=0.25 / 1.29), Verdict.FINE),
        (changed(ratio=0.25 / 1.31), Verdict.WORSE),
        (changed(ratio=0.5), Verdict.FINE),
        (changed(ratio=0.1, clock=0.049, whole=False), Verdict.SMALL),
        (changed(ratio=0.1, clock=0.051), Verdict.WORSE),
        (changed(memory=80 * 1.29), Verdict.FINE),
        (changed(memory=80 * 1.31), Verdict.WORSE),
        (changed(memory=200, whole=False), Verdict.FINE),  # growth within a process says little
        (changed(ratio=None, memory=None), Verdict.SMALL),
        (changed(key="other"), Verdict.NEW),
    ],
)
def test_a_figure_is_judged_by_its_ratio_and_the_peak_of_its_process(now: Figure, verdict: Verdict) -> None:
    assert compare.compared([STORED], [now])[0].verdict is verdict


def test_how_many_times_the_stored_cost_it_is_and_what_was_not_measured() -> None:
    stored = [STORED, changed(key="plan"), changed(key="tick", memory=40)]
    judged = compare.compared(stored, [changed(key="tick", ratio=0.125, memory=90), changed(memory=88)])
    assert judged == [
        Judged("tick", Verdict.WORSE, 2.0, None),  # 40 MB are too little to compare with
        Judged("store", Verdict.FINE, 1.0, 1.1),
        Judged("plan", Verdict.ABSENT),
    ]
    assert compare.worse(judged) == ["tick"]


def test_the_best_of_several_measurements_counts() -> None:
    slow, quick = changed(ratio=0.1, memory=70), changed(ratio=0.24, memory=90)
    (found,) = compare.best([[slow], [quick]])
    assert (found.ratio, found.memory) == (pytest.approx(0.24), 70)
    assert compare.worse(compare.compared([STORED], [found])) == []
    assert compare.worse(compare.compared([STORED], compare.best([[slow], [slow]]))) == ["store"]


def test_figures_are_kept_as_a_suite_of_pyperf(tmp_path: Path) -> None:
    file = tmp_path / "build" / "latest.json"
    whole = changed(values=(0.5, 0.3, 0.4), limits=(0.1, 0.2, 0.1), count=9, goal="1 s", reached=False, note="a")
    added = changed(key="read", whole=False, memory=2.0, limits=())
    results.keep([STORED], file)
    results.keep([whole, added], file)
    kept = results.read(file)
    assert kept == results.Results(results.this_machine(), [whole, added])
    assert (whole.ours, whole.limit, whole.ratio) == (0.4, 0.1, 0.25)
    suite = pyperf.BenchmarkSuite.load(str(file))
    assert suite.get_benchmark("store").median() == 0.4
    assert suite.get_benchmark("store").get_metadata()["mem_max_rss"] == 80 * 2**20
    assert suite.get_benchmark_names() == ["store", "store: the least", "read"]
    assert not {"hostname", "cpu_model_name", "platform"} & suite.get_metadata().keys()


def test_what_is_told_names_the_figure_and_what_became_of_it() -> None:
    told = compare.told([Judged("tick", Verdict.WORSE, 2.0, 1.5)], {"tick": "callwatch tick"})
    assert told == "callwatch tick  cost x 2.00  memory x 1.50  worse"


def test_the_page_shows_the_stored_figures_and_nothing_else_was_written_there() -> None:
    text = page.PAGE.read_text("utf-8")
    assert page.written(text, results.read(results.REFERENCE)) == text


def test_a_page_without_a_place_for_the_table_is_left_alone() -> None:
    with pytest.raises(ValueError, match="no place"):
        page.written("# Benchmarks\n", results.read(results.REFERENCE))


def test_every_bench_is_there_and_the_stored_figures_have_names_of_their_own() -> None:
    from importlib import import_module

    for bench in BENCHES.values():
        assert callable(getattr(import_module(f"tests.bench.{bench.module}"), bench.function))
    keys = [figure.key for figure in results.read(results.REFERENCE).figures]
    assert len(keys) == len(set(keys)) > 0


def test_curves_are_drawn_with_their_units_and_numbers() -> None:
    points = [Point("calls", 1_000, 0.8, 140), Point("calls", 10_000, 8.4, 150), Point("calls", 100_000, 90, 180)]
    contacts = [Point("contacts", 1_000, 2.0, 300)]
    pictures = growth.drawn([*points, *contacts])
    assert sorted(pictures) == ["growth-calls.svg", "growth-contacts.svg"]
    tree = ElementTree.fromstring(pictures["growth-calls.svg"])
    said = ["".join(text.itertext()) for text in tree.iter("{http://www.w3.org/2000/svg}text")]
    for words in ("CPU seconds per 1,000 calls", "peak memory, MB", "100,000", "0.84", "0.9", "180"):
        assert words in said
    lines = [line.get("points", "").split() for line in tree.iter("{http://www.w3.org/2000/svg}polyline")]
    across = [[float(point.partition(",")[0]) for point in line] for line in lines]
    assert all(line[1] - line[0] == line[2] - line[1] > 0 for line in across)  # tenfold is equally far


def test_pages_that_are_made_one_by_one_hold_every_call_once() -> None:
    pages = [(kind, orjson.loads(body)) for kind, body in data.streamed(230)]
    references = [row["reference"] for _, page in pages for row in page["results"]]
    assert len(references) == len(set(references)) == 230
    assert all(len(page["results"]) <= data.PAGE for _, page in pages)
    assert {kind for kind, _ in pages} == {data.kind_of(row) for _, page in pages for row in page["results"]}
