"""A portal falls ill over several nights and gets well: verdicts, one word to operators, status, doctor."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.message import decode
from callwatch.demo.edits import Item, fields
from pipeline.store import Outbox
from tests.harvest.commands import PORTAL, Callwatch
from tests.harvest.days import NOW, Days, clone, days, topics
from tests.harvest.state import stored_calls
from tests.portals.site_server import site, site_server
from tests.portals.sites import harvest, hosts

OPS = """
contacts: {asa: {name: Åsa, language: en}}
subscriptions: []
ops: {contact: asa, channel: file}
"""


@pytest.fixture
def watched(callwatch: Callwatch, tmp_path: Path) -> Callwatch:
    """The command line of an operator who wants to be told."""
    config = tmp_path / "config"
    config.mkdir()
    (config / "subscriptions.yml").write_text(OPS, encoding="utf-8")
    callwatch.env["CALLWATCH_CONFIG"] = str(config)
    return callwatch


def without_text(records: list[Item]) -> list[Item]:
    """Every row without its description, for which the portal's YAML sets no bound."""
    found = [clone(item) for item in records]
    for item in found:
        fields(item).pop("descriptionByte")
    return found


def heard(callwatch: Callwatch) -> list[str]:
    """What operators were told."""
    with callwatch.store() as store:
        told = [decode(entry.message.payload) for entry in Outbox(store).messages()]
    return [line for message in told for line in message.lines]


def three_good_nights(portal: Days) -> None:
    for _ in range(3):
        assert portal.harvest().code == 0
        portal.next(play=False)


def status(portal: Days) -> dict[str, object]:
    found = portal.callwatch("status", "--format", "json", at=portal.now).json["portals"]
    return next(row for row in found if row["portal"] == PORTAL)


def test_a_field_without_a_bound_that_vanishes(watched: Callwatch) -> None:
    with days(watched, topics(60)) as portal:
        three_good_nights(portal)
        good = portal.records
        portal.show(without_text(good[:50]))
        for _ in range(5):
            done = portal.harvest()
            assert (done.code, done.report["verdict"]) == (3, "partial")
            assert "text: filled in 0% of 50 calls looked at, usually in 100%" in done.problems
            assert (done.report["fill"]["text"], done.report["sample"]) == (0, 50)
            portal.next(play=False)
        row = status(portal)
        assert row["weakest"] == {"field": "text", "now": 0, "usual": 1}
        assert (row["failures"], row["usual"], row["seen"], row["trouble"]) == (5, 60, 50, "drifting")
        (line,) = heard(watched)
        assert line.startswith(f"portal {PORTAL}: text: filled in 0% of 50 calls looked at, usually in 100%")
        portal.show(good)
        assert portal.harvest().code == 0
        portal.next(play=False)
    assert all(stored.misses == 0 for stored in stored_calls(watched).values()), "absence counted for nothing"
    assert [line.partition(",")[0] for line in heard(watched)[1:]] == [f"Over: portal {PORTAL}"]


def test_doctor_and_status_name_the_ill_portal_with_its_remedy(watched: Callwatch) -> None:
    with days(watched, topics(60)) as portal:
        three_good_nights(portal)
        well = {f["what"]: f for f in watched("doctor", "--format", "json", at=portal.now).json}
        assert well["portals"]["remedy"] == ""
        portal.show(portal.records[:30])
        portal.harvest()
        done = watched("doctor", "--format", "json", at=portal.now)
        finding = {f["what"]: f for f in done.json}[f"portal {PORTAL}"]
        table = watched("status", at=portal.now).out
    assert done.code == 3
    assert "only 30 calls, usually 60: 50% fewer" in finding["state"]
    assert "callwatch status" in finding["remedy"]
    (row,) = (line for line in table.splitlines() if line.startswith(PORTAL))
    assert " ".join(row.split()).endswith("1 30 / 60 budget 100% / 100% 0 drifting")


def test_a_dry_run_tells_nobody(watched: Callwatch) -> None:
    with days(watched, topics(60)) as portal:
        three_good_nights(portal)
        portal.show(portal.records[:5])
        assert portal.harvest("--dry-run").code == 3
    assert heard(watched) == []


def test_selectors_that_find_nothing_are_counted_by_name(callwatch: Callwatch) -> None:
    portal = "tillvaxtverket"
    pages = site(portal)
    for answer in pages.values():
        answer.body = answer.body.replace(b"<main", b"<div").replace(b"</main", b"</div")
    with site_server(pages, hosts=hosts(portal)) as server:
        done = harvest(callwatch, portal, server)
    assert done.report["misses"]["calls"] >= 1
    assert done.problems.count("calls: selector found nothing: main") == done.report["misses"]["calls"]
    shown = callwatch("status", at=NOW).out
    (row,) = (line for line in shown.splitlines() if line.startswith(portal))
    assert f"{done.report['misses']['calls']} (calls)" in row
    assert row.rstrip().endswith("unproven")
