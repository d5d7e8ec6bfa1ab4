"""Which stored calls a selection chooses, and in which order."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from callwatch.selection import Selection
from pipeline.models import Classification, EcosystemLabel, Kind, S3Label, Status
from pipeline.store import Store, calls
from pipeline.store.calls import CallRow
from tests.builders import NOW, at, call, deadline, stored

LABELS = Classification(
    ecosystems=(EcosystemLabel("mobility", "primary", 0.9), EcosystemLabel("energy", "secondary", 0.4)),
    s3=(S3Label("SE332", 2, "transport"), S3Label("SE331", 0)),
)
STORED = [
    stored(call(deadline(20), reference="LATER", programme="LIFE"), classification=LABELS),
    stored(call(deadline(-3), deadline(9), reference="CUTS", title="Winter roads")),
    stored(call(deadline(-3), reference="OVER")),
    stored(call(deadline(5), reference="GONE"), gone_since=at(-1)),
    stored(call(deadline(3), reference="SOON", kind=Kind.CASCADE, titles={"sv": "Vintervägar"})),
    stored(call(reference="ENDLESS", text="Snow\nand ice")),
    stored(call(deadline(40), reference="COMING", opens_at=at(10))),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("selection") / "callwatch.db"
    with Store.open(f"sqlite:///{path}") as opened, opened.begin() as conn:
        calls.save(conn, [CallRow(each, each.call.reference, True) for each in STORED], "run", NOW)
        calls.set_absence(conn, STORED)
    return path


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["SOON", "GONE", "CUTS", "LATER", "COMING", "ENDLESS", "OVER"]),
        ({"live": True}, ["SOON", "CUTS", "LATER", "COMING", "ENDLESS"]),
        ({"status": Status.CLOSED}, ["OVER"]),
        ({"status": Status.FORTHCOMING}, ["COMING"]),
        ({"status": Status.OPEN, "live": True}, ["SOON", "CUTS", "LATER", "ENDLESS"]),
        ({"kind": Kind.CASCADE}, ["SOON"]),
        ({"programme": "LIFE"}, ["LATER"]),
        ({"portal": "vinnova"}, []),
        ({"ecosystem": "energy"}, ["LATER"]),
        ({"ecosystem": "tourism"}, []),
        ({"region": "SE332"}, ["LATER"]),
        ({"region": "SE332", "least": 3}, []),
        ({"region": "SE331"}, []),
        ({"word": "VINTERVÄG"}, ["SOON"]),
        ({"word": "winter roads"}, ["CUTS"]),
        ({"word": "and ice"}, ["ENDLESS"]),
        ({"word": "horizon-test"}, ["SOON", "GONE", "CUTS", "LATER", "COMING", "ENDLESS", "OVER"]),
    ],
)
def test_a_selection(store: Path, wanted: dict, found: list[str]) -> None:
    with Store.open(f"sqlite:///{store}") as opened:
        chosen = Selection(**wanted).of(opened, NOW)
        assert [each.call.reference for each in chosen] == found
        assert Selection(**wanted).of(opened, NOW, limit=2) == chosen[:2]


def test_a_selection_is_a_value() -> None:
    assert msgspec.structs.replace(Selection(live=True), live=False) == Selection()
