"""Portals fall ill and get well: operators hear of it once each, whatever the number of harvests between."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts import render
from alerts.message import decode
from callwatch import sources
from callwatch.doctor import examine
from pipeline.harvest import Issue, RunReport, Verdict
from pipeline.health import Ill
from pipeline.store import Store, conditions, runs
from tests.telling.conftest import Office, a_call, book

PORTAL = "vinnova"
WHOLE = "eu_funding_tenders"
FULL = {"title": 1.0, "text": 0.96, "budget": 0.1}


class Desk(Office):
    """An office whose operators are told in files, and whose portals are harvested by word."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, book() | {"ops": {"contact": "asa", "channel": "file"}})

    def harvested(self, verdict: Verdict | None = Verdict.COMPLETE, portal: str = WHOLE, **fields: Any) -> None:
        """Twelve hours later a harvest of the whole portal ends so, and portals are looked over."""
        self.later(hours=12)
        fields = {"seen": 100, "sample": 100, "fill": FULL, **fields}
        whole = fields.pop("whole", True)
        with self.store.begin() as conn:
            run = runs.start(conn, portal, self.now, whole=whole)
            if verdict is None:
                runs.abandon_stale(conn, portal, self.now)
            else:
                runs.finish(conn, run, RunReport(portal=portal, verdict=verdict, **fields), self.now)
        sources.look_over(self.wiring, self.store)

    def heard(self) -> list[str]:
        """What operators were told, line by line."""
        told = [decode(entry.message.payload) for entry in self.messages() if entry.message.kind == "ops"]
        return [line for message in told for line in message.lines]

    def standing(self) -> list[str]:
        with self.store.read() as conn:
            return [condition.key for condition in conditions.standing(conn)]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_five_bad_harvests_are_told_once_and_so_is_the_end(desk: Desk) -> None:
    for _ in range(4):
        desk.harvested()
    assert desk.heard() == []
    for _ in range(5):
        desk.harvested(Verdict.PARTIAL, seen=59)
    (line,) = desk.heard()
    assert line.startswith("portal eu_funding_tenders: items: only 59 calls, usually 100: 41% fewer")
    assert "Last read completely on 2026-11-25 07:00 UTC." in line
    desk.harvested()
    desk.harvested()
    assert desk.heard()[1:] == ["Over: portal eu_funding_tenders, since 25 November 2026 at 20:00 (Brussels)."]
    assert desk.standing() == []


def test_a_field_that_is_gone_is_told_in_numbers(desk: Desk) -> None:
    for _ in range(3):
        desk.harvested()
    desk.harvested(Verdict.PARTIAL, fill=FULL | {"text": 0.0})
    (line,) = desk.heard()
    assert "text: filled in 0% of 100 calls looked at, usually in 96%" in line


@pytest.mark.parametrize("bad", [Verdict.FAILED, Verdict.PARTIAL, None])
def test_one_bad_day_is_none_and_the_second_is_trouble(desk: Desk, bad: Verdict | None) -> None:
    desk.harvested()
    desk.harvested(bad, issues=[Issue("", "answer", "HTTP 401")])
    assert desk.heard() == []
    desk.harvested(bad, issues=[Issue("", "answer", "HTTP 401")])
    (line,) = desk.heard()
    word = bad.value if bad else "failed"
    assert f"2 harvests in a row were not complete, the last one {word}. Last read completely on" in line
    assert ("It said: HTTP 401" in line) is (bad is not None)


def test_an_illness_that_changes_its_face_is_told_once(desk: Desk) -> None:
    desk.harvested()
    desk.harvested(Verdict.PARTIAL, seen=1)
    for _ in range(9):
        desk.harvested(Verdict.FAILED)
    assert len(desk.heard()) == 1
    with desk.store.read() as conn:
        (condition,) = conditions.standing(conn)
    assert "9 harvests" not in condition.detail
    assert "10 harvests in a row" in condition.detail


def test_silence_of_two_days_is_told_also_by_those_who_only_deliver(desk: Desk) -> None:
    desk.harvested()
    desk.later(hours=47).deliver()
    assert desk.heard() == []
    desk.later(hours=2).deliver()
    desk.later(hours=2).deliver()
    (line,) = desk.heard()
    assert line.startswith("portal eu_funding_tenders: no complete harvest for more than 48 hours.")


def test_how_long_a_portal_may_be_silent_stands_in_its_yaml(desk: Desk) -> None:
    patient = desk.wiring.portals[WHOLE].model_copy(update={"stale_hours": 200})
    desk.wiring.portals[WHOLE] = patient
    desk.harvested()
    desk.later(hours=199).deliver()
    assert desk.standing() == []
    desk.later(hours=2).deliver()
    assert desk.standing() == ["portal eu_funding_tenders"]


def test_harvests_of_a_part_say_nothing(desk: Desk) -> None:
    for _ in range(5):
        desk.harvested(Verdict.PARTIAL, seen=3, whole=False)
    assert desk.heard() == []


def test_what_changed_today_says_nothing_of_tomorrow(desk: Desk) -> None:
    """A portal that tells only what changed may tell of one call after a hundred."""
    desk.harvested(portal=PORTAL)
    desk.harvested(Verdict.PARTIAL, portal=PORTAL, seen=1, sample=1, fill={})
    assert desk.heard() == []


@pytest.mark.parametrize("harvests", [0, 1, 4])
def test_portals_that_are_off_or_lack_their_key_are_not_watched(desk: Desk, harvests: int) -> None:
    for _ in range(harvests):
        desk.harvested(Verdict.FAILED, portal="formas")
    assert desk.heard() == []


def test_a_portal_that_is_put_off_is_ill_no_more_and_nothing_is_told(desk: Desk) -> None:
    desk.harvested(Verdict.FAILED)
    desk.harvested(Verdict.FAILED)
    assert desk.standing() == ["portal eu_funding_tenders"]
    desk.wiring.portals[WHOLE] = desk.wiring.portals[WHOLE].model_copy(update={"off": "moved"})
    desk.deliver()
    assert (desk.standing(), len(desk.heard())) == ([], 1)


def test_several_processes_that_see_the_same_trouble_tell_of_it_once(desk: Desk) -> None:
    desk.harvested()
    with desk.store.begin() as conn:
        for hours in (1, 2):
            run = runs.start(conn, WHOLE, desk.now + timedelta(hours=hours))
            runs.finish(
                conn, run, RunReport(portal=WHOLE, verdict=Verdict.FAILED), desk.now + timedelta(hours=hours)
            )
    start = threading.Barrier(4)

    def one() -> None:
        with Store.open(desk.wiring.settings.database_url.get_secret_value()) as store:
            start.wait()
            sources.look_over(desk.wiring, store)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(desk.heard()) == 1


def test_a_configuration_that_cannot_be_read_does_not_end_a_harvest_and_costs_no_word(
    desk: Desk, tmp_path: Path
) -> None:
    book_of = tmp_path / "config" / "subscriptions.yml"
    good = book_of.read_text(encoding="utf-8")
    book_of.write_text("contacts: [", encoding="utf-8")
    desk.wiring.__dict__.pop("subscriptions", None)
    desk.harvested(Verdict.FAILED)
    desk.harvested(Verdict.FAILED)
    book_of.write_text(good, encoding="utf-8")
    assert (desk.standing(), desk.heard()) == ([], [])
    sources.look_over(desk.wiring, desk.store)
    assert (desk.standing(), len(desk.heard())) == (["portal eu_funding_tenders"], 1)


@pytest.mark.parametrize(
    ("portal", "problem", "hours", "remedy"),
    [
        pytest.param("formas", "HTTP 401", 0, "set CALLWATCH_FORMAS_KEY to a valid one", id="key"),
        pytest.param(WHOLE, "forbidden by robots.txt", 0, "its robots.txt forbids", id="robots"),
        pytest.param(WHOLE, "HTTP 503", 0, "run `callwatch harvest eu_funding_tenders --dry-run`", id="other"),
        pytest.param(WHOLE, "", 90, "see whether cron still runs", id="stale"),
    ],
)
def test_doctor_says_what_can_be_done(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, portal: str, problem: str, hours: float, remedy: str
) -> None:
    monkeypatch.setenv("CALLWATCH_FORMAS_KEY", "k")
    desk.harvested(portal=portal)
    for _ in range(2 if problem else 0):
        desk.harvested(Verdict.FAILED, portal=portal, issues=[Issue("", "answer", problem)])
    found = {finding.what: finding for finding in examine(desk.wiring, desk.later(hours=hours).now)}
    assert remedy in found[f"portal {portal}"].remedy
    assert f"callwatch portals check {portal}" in found[f"portal {portal}"].remedy
    assert "portals" not in found


def test_doctor_calls_no_portal_well_that_was_never_read(desk: Desk) -> None:
    desk.harvested()
    desk.harvested(Verdict.FAILED)
    desk.harvested(Verdict.FAILED, portal=PORTAL)
    never, once = [found for found in examine(desk.wiring, desk.now) if found.what == "portals"]
    assert never.state == f"tried, and never read completely: {PORTAL}"
    assert "callwatch show RUN" in never.remedy
    assert (once.state, once.remedy) == (f"not read completely the last time, and tried again: {WHOLE}", "")


def test_readers_are_told_which_portals_are_ill_whatever_they_subscribed_to(desk: Desk) -> None:
    desk.happens(a_call("FIRST"))
    desk.harvested(portal=PORTAL)
    desk.harvested()
    for _ in range(2):
        desk.harvested(Verdict.FAILED, portal=PORTAL)
    (welcome,) = desk.told()
    assert {proof.portal: proof.ill for proof in welcome.proof} == {WHOLE: None, PORTAL: Ill.FAILING}
    assert (welcome.items[0].portal_name, welcome.items[0].unproven) == (desk.wiring.portals[WHOLE].title, False)
    page = " ".join(render.text(welcome).split())
    assert "Vinnova: could not be read completely since 23 November 2026 at 20:00 (Brussels)" in page
