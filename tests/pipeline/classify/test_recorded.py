"""Against the labelled development set and the recorded topics. Floors, not targets: they stop a fall."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pipeline.classify import Classifier
from pipeline.models import Classification
from pipeline.profile import Profiles

pytestmark = pytest.mark.recorded

Texts = dict[str, tuple[str, str, str]]


@pytest.fixture(scope="module")
def topics(recorded: Path) -> list[dict[str, Any]]:
    with gzip.open(recorded / "ft" / "open_topics_2026-08-12.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def labelled(
    recorded: Path, topics: list[dict[str, Any]], classifier: Classifier
) -> list[tuple[Any, Classification]]:
    """Each labelled call with our labels, from the longest text there is of it."""
    texts: Texts = {}
    for path in sorted((recorded / "ft" / "daily").glob("*.json.gz")):
        for grant in json.loads(gzip.decompress(path.read_bytes()))["grants"]:
            _keep(texts, grant["id"], (grant["identifier"], grant["title"], grant.get("abstract") or ""))
    for topic in topics:
        _keep(texts, topic["reference"], (topic["topicId"], topic["title"], topic["description"]))
    rows = []
    for row in json.loads((recorded / "ecosystems_dev.json").read_text(encoding="utf-8")):
        _, title, text = texts.get(row["ref"], ("", "", ""))
        ours = classifier.classify_text(identifier=row["identifier"], title=title, text=text, language="en")
        rows.append((row, ours))
    return rows


def _keep(texts: Texts, reference: str, found: tuple[str, str, str]) -> None:
    if reference not in texts or len(found[2]) >= len(texts[reference][2]):
        texts[reference] = found


def _f1(hit: int, wrong: int, missed: int) -> float:
    return 2 * hit / max(1, 2 * hit + wrong + missed)


def test_ecosystems(labelled: list[tuple[Any, Classification]], profiles: Profiles) -> None:
    hit, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    primary = 0
    for row, result in labelled:
        ours, theirs = [label.id for label in result.ecosystems], row["eco"]
        primary += ours[:1] == theirs[:1]
        hit.update(set(ours) & set(theirs))
        wrong.update(set(ours) - set(theirs))
        missed.update(set(theirs) - set(ours))
    f1, accuracy = _f1(hit.total(), wrong.total(), missed.total()), primary / len(labelled)
    table = "\n".join(
        f"{name:20} right {hit[name]:3} wrong {wrong[name]:3} missed {missed[name]:3} "
        f"F1 {_f1(hit[name], wrong[name], missed[name]):.2f}"
        for name in profiles.ecosystems
    )
    report = f"micro-F1 {f1:.3f}, primary {accuracy:.3f} on {len(labelled)} calls\n{table}"
    print("\n" + report)  # noqa: T201 - the figure is what the test is for
    assert f1 >= 0.90, report
    assert accuracy >= 0.89, report


def _kappa(pairs: list[tuple[int, int]]) -> float:
    """Cohen's kappa with quadratic weights of (theirs, ours)."""
    theirs, ours = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    seen = sum((a - b) ** 2 for a, b in pairs)
    by_chance = sum((a - b) ** 2 * n * m for a, n in theirs.items() for b, m in ours.items()) / len(pairs)
    return 1 - seen / by_chance


@pytest.mark.parametrize(("region", "floor"), [("SE332", 0.82), ("SE322", 0.72)])
def test_s3(labelled: list[tuple[Any, Classification]], region: str, floor: float) -> None:
    pairs = []
    for row, result in labelled:
        if region in row.get("s3", {}):
            ours = next((label.score for label in result.s3 if label.region == region), 0)
            pairs.append((row["s3"][region]["score"], ours))
    kappa = _kappa(pairs)
    print(f"\n{region}: quadratic kappa {kappa:.3f} on {len(pairs)} calls")  # noqa: T201
    assert kappa >= floor


def test_direct_relevance_stays_rare(
    topics: list[dict[str, Any]], classifier: Classifier, profiles: Profiles
) -> None:
    direct: Counter[str] = Counter()
    for topic in topics:
        result = classifier.classify_text(
            identifier=topic["topicId"], title=topic["title"], text=topic["description"], language="en"
        )
        direct.update(label.region for label in result.s3 if label.score == 3)
    shares = {region: direct[region] / len(topics) for region in profiles.regions}
    print("\n" + ", ".join(f"{region} {share:.1%}" for region, share in shares.items()))  # noqa: T201
    assert max(shares.values()) <= 0.10
