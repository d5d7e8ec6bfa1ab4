"""Bad days of a portal, seen from the command line: verdict, exit code, what the operator reads, what is kept."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from callwatch.demo.edits import fields
from callwatch.demo.standin import hostile
from callwatch.demo.standin.knobs import Knobs
from tests.harvest.commands import BASE_URL, PORTAL, Callwatch, Done, Zygote
from tests.harvest.days import Days, days, topics
from tests.harvest.state import State, all_events, kinds, never_new, pending, state, stored_calls

COMPLETE, PARTIAL, FAILED = ("complete", 0), ("partial", 3), ("failed", 3)
YESTERDAY, TODAY = topics(230), topics(250)


@pytest.fixture(scope="module")
def yesterday(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, State]:
    """The database after a good day, and what it holds."""
    callwatch = Callwatch(zygote, tmp_path_factory.mktemp("yesterday"))
    with days(callwatch, YESTERDAY) as portal:
        assert portal.harvest().code == 0
    return callwatch.folder / "callwatch.db", state(callwatch)


@pytest.fixture
def good(callwatch: Callwatch, yesterday: tuple[Path, State]) -> Callwatch:
    """The day after: 20 topics have been added."""
    shutil.copy(yesterday[0], callwatch.folder)
    return callwatch


def pages(number: int = 0, *, counts: bool = False) -> Any:
    """Requests for one page of the topics, or for any; with `counts` those that only ask for the total."""
    return lambda asked: (
        "1" in asked.types
        and (not number or asked.page_number == number)
        and counts is ("sort" not in asked.parts)
        and asked.parts["languages"] == ["en"]
    )


def harvest(portal: Days) -> Done:
    """As an operator does, the day after."""
    portal.day = 1
    env = {BASE_URL: portal.portal.base_url}
    return portal.callwatch("harvest", PORTAL, at=portal.now, tamper={"retries": 1}, **env)


RARELY = {
    *("503 twice", "cut once", "maintenance page once", "trickling", "short once", "empty once"),
    *(
        "broken JSON",
        "short page",
        "one page for all",
        "results null",
        "a list",
        "all redirected away",
        "maintenance",
        "cut off",
        "huge body",
        "redirect",
        "another host",
        "redirected to a file",
        "rows of other pages",
        "smaller pages",
        "error",
        "no total",
    ),
    *("unstable twice", "slow", "error once", "types", "not_an_object", "metadata_null"),
    *("bad_utf8", "deep", "huge_title", "markup", "metadata_text", "no_metadata", "nan", "surrogate"),
}
"""Part of `make check` only: near relations of others, which the tests of the spider alone cover, too."""


def often_or_rarely(names: Iterable[str]) -> list[Any]:
    """All names as parameters."""
    return [pytest.param(name, marks=pytest.mark.slow if name in RARELY else ()) for name in names]


HEALED = {
    "error once": Knobs(status=500, times=1, when=pages(2)),
    "503 twice": Knobs(status=503, times=2, when=pages()),
    "429 with Retry-After": Knobs(status=429, retry_after="1", times=1),
    "cut once": Knobs(cut=True, times=1, when=pages(2)),
    "broken once": Knobs(broken_json=True, times=1, when=pages(2)),
    "maintenance page once": Knobs(html=True, times=1, when=pages(2)),
    "slow": Knobs(delay=0.2, times=2),
    "trickling": Knobs(trickle=0.001, trickle_bytes=1 << 18, times=2),
    "unstable twice": Knobs(repeated_rows=3, times=2, when=pages(2)),
    "total jumps twice": Knobs(jumping_total=7, times=2, when=pages()),
    "short once": Knobs(short_page=40, times=1, when=pages(2)),
    "empty once": Knobs(empty=True, times=1, when=pages(2)),
}


@pytest.mark.parametrize("name", often_or_rarely(HEALED))
def test_a_passing_trouble_is_overcome(good: Callwatch, name: str) -> None:
    with days(good, TODAY) as portal:
        portal.portal.knobs = HEALED[name]
        done = harvest(portal)
    assert HEALED[name].spoiled >= 1
    assert (done.code, done.out.split(".")[0]) == (0, f"{PORTAL}: complete")
    assert "250 of 250 documents seen" in done.out
    assert len(stored_calls(good)) == 250


LASTING = {
    "error": (Knobs(status=500, when=pages(2)), PARTIAL, "page 2: HTTP 500"),
    "cut off": (Knobs(cut=True, when=pages(2)), PARTIAL, "page 2: ResponseDataLossError"),
    "broken JSON": (Knobs(broken_json=True, when=pages(2)), PARTIAL, "page 2: no JSON"),
    "maintenance page": (Knobs(html=True, when=pages(2)), PARTIAL, "page 2: a web page instead of JSON"),
    "short page": (Knobs(short_page=40, when=pages(2)), PARTIAL, "page 2 has 40 rows instead of 100"),
    "gzip bomb": (Knobs(gzip_bomb_mb=80, when=pages(2)), PARTIAL, "page 2: IgnoreRequest"),
    "huge body": (Knobs(huge_mb=40, when=pages(2)), PARTIAL, "page 2: DownloadCancelledError"),
    "redirect": (Knobs(redirect="http://169.254.169.254/latest/", when=pages(2)), PARTIAL, "refused to ask"),
    "total jumps": (Knobs(jumping_total=7, when=pages(counts=True)), PARTIAL, "not seen"),
    "rows of other pages": (Knobs(repeated_rows=60, when=pages()), PARTIAL, "not seen"),
    "one page for all": (Knobs(stuck_page=True, when=pages()), PARTIAL, "150 of 250 documents were not seen"),
    "empty": (Knobs(empty=True), PARTIAL, "only 0 calls, usually 230"),
    "results null": (Knobs(hostile="results_null", when=pages(2)), PARTIAL, "page 2: JSON of another shape"),
    "a list": (Knobs(hostile="answer_list", when=pages(2)), PARTIAL, "page 2: JSON of another shape"),
    "down": (Knobs(status=503), FAILED, "not one page was answered"),
    "all redirected away": (Knobs(redirect="http://169.254.169.254/"), FAILED, "refused to ask"),
    "redirected to a file": (Knobs(redirect="file:///etc/passwd"), FAILED, "not one page was answered"),
    "another host": (Knobs(redirect="https://example.invalid/"), FAILED, "refused to ask https://example.invalid"),
    "maintenance": (Knobs(html=True), FAILED, "a web page instead of JSON"),
    "no total": (Knobs(no_total=True), FAILED, "totalResults is no number"),
    "filters ignored": (Knobs(ignore_filters=True), FAILED, "the portal ignored the filters"),
    "smaller pages": (Knobs(echo_size=50, when=pages(2)), FAILED, "pages of 100 were asked for"),
}


@pytest.mark.parametrize("name", often_or_rarely(LASTING))
def test_a_lasting_trouble_is_said_and_harms_nothing(
    good: Callwatch, yesterday: tuple[Path, State], name: str
) -> None:
    knobs, (verdict, code), told = LASTING[name]
    with days(good, TODAY) as portal:
        portal.portal.knobs = knobs
        done = harvest(portal)
        assert knobs.spoiled >= 1
        assert (done.code, done.out.split(".")[0]) == (code, f"{PORTAL}: {verdict}")
        assert told in done.out + done.err
        assert "Traceback" not in done.out + done.err
        assert all(stored.misses == 0 for stored in stored_calls(good).values())
        assert never_new(all_events(good)) == []
        assert pending(good) == []
        known = {version for calls in state(good).versions.values() for version in calls}
        assert known >= {version for calls in yesterday[1].versions.values() for version in calls}
        if verdict == "failed":
            assert state(good).events == yesterday[1].events
            portal.portal.knobs = Knobs()
            assert harvest(portal).code == 0
            assert kinds(all_events(good)) == {(f"TRIAL-{n:04d}", "new") for n in range(1, 251)}


@pytest.mark.parametrize("kind", often_or_rarely(sorted(hostile.ITEMS)))
def test_a_hostile_item_costs_itself_alone(good: Callwatch, kind: str) -> None:
    knobs = Knobs(hostile=kind, when=pages(1))
    with days(good, TODAY) as portal:
        portal.portal.knobs = knobs
        done = harvest(portal)
    assert knobs.spoiled >= 1
    assert "Traceback" not in done.out + done.err
    found = stored_calls(good)
    assert len(found) == 250
    # It cannot be told which call an unreadable item is: so none was missed.
    assert all(stored.misses == 0 for stored in found.values())
    title = found["TRIAL-0001"].call.title
    assert len(title) < 2_000
    assert title.isprintable()
    assert {e.call_id for e in never_new(all_events(good))} <= {f"{PORTAL}:TRIAL-0001"}


def test_an_item_that_stays_unreadable_is_never_withdrawn(good: Callwatch) -> None:
    with days(good, YESTERDAY) as portal:
        portal.portal.knobs = Knobs(hostile="metadata_null", when=pages(1))
        for _ in range(3):
            portal.next(play=False)
            done = portal.harvest()
        assert (done.code, done.report["verdict"]) == (0, "complete")
        assert "1 could not be placed and may be any call: none counts as missed" in done.problems
    assert never_new(all_events(good)) == []


def test_half_of_the_usual_calls_is_not_believed(good: Callwatch) -> None:
    with days(good, YESTERDAY[:115]) as portal:
        for _ in range(3):
            portal.next(play=False)
            done = portal.harvest()
            assert (done.code, done.report["verdict"]) == (3, "partial")
            assert "only 115 calls, usually 230: 50% fewer (bounds: drop, at most 40%)" in done.problems
    assert never_new(all_events(good)) == []
    assert all(stored.misses == 0 for stored in stored_calls(good).values())


def test_a_page_that_keeps_failing_costs_only_itself(callwatch: Callwatch) -> None:
    with days(callwatch, TODAY) as portal:
        portal.portal.knobs = Knobs(status=500, when=pages(2))
        done = portal.harvest(tamper={"retries": 1})
        assert (done.code, done.report["verdict"]) == (3, "partial")
        assert (done.report["expected"], done.report["seen"], done.report["stored"]) == (250, 150, 150)
        assert len(stored_calls(callwatch)) == 150


@pytest.mark.slow
def test_more_calls_than_the_portal_serves_of_one_query(callwatch: Callwatch) -> None:
    codes = ("43108390", "43251567", "43252405", "43152860")
    many = [
        topic
        for place, code in enumerate(codes)
        for topic in topics(3_000, first=3_000 * place + 1, programme=code)
    ]
    for number, topic in enumerate(many, start=60_000_000):
        # The numbers that are made of identifiers are not distinct among so many.
        topic["reference"] = f"{number}TOPICSen"
        fields(topic).update(REFERENCE=[topic["reference"]], ccm2Id=[str(number)])
    with days(callwatch, many) as portal:
        done = portal.harvest()
        assert (done.code, done.report["verdict"]) == (0, "complete")
        assert (done.report["expected"], done.report["stored"], done.report["new"]) == (12_000, 12_000, 12_000)
        assert max(asked.page_number for asked in portal.portal.requests) <= 100
        portal.next(play=False)
        again = portal.harvest().report
    assert (again["verdict"], again["unchanged"], again["changed"]) == ("complete", 12_000, 0)
