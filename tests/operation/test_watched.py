"""What operators, doctor, status and metrics say of a queue, a disk, a clock, files and credentials."""

from __future__ import annotations

import shutil
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from callwatch import ops, surroundings
from callwatch.demo.standin.server import StandIn
from callwatch.doctor import examine
from callwatch.finding import Finding
from callwatch.metrics import exposition
from callwatch.status import overview
from pipeline.harvest import RunReport, Verdict
from pipeline.schedule import Slot
from pipeline.store import marks, runs, slots
from tests.alerts.slack_server import slack_server
from tests.delivery.smtp_server import MailServer
from tests.telling.conftest import Office, a_call, book
from tests.telling.test_trouble import OPS, reports

PORTAL = "eu_funding_tenders"
Usage = namedtuple("Usage", "total used free")


def office_of(folder: Path, **settings: Any) -> Office:
    given = book({"channel": "email"}, email="asa@cluster.example") | {"ops": OPS}
    office = Office(folder, given, **settings)
    office.happens(a_call("FIRST"))
    return office


def finding(office: Office, what: str, **given: Any) -> Finding:
    (found,) = [found for found in examine(office.wiring, office.now, **given) if found.what == what]
    return found


def test_a_queue_older_than_an_hour_is_told_once_and_when_it_is_over(tmp_path: Path, mails: MailServer) -> None:
    office = office_of(tmp_path, smtp_url=SecretStr(mails.url))
    office.plan()
    mails.faults["connect"] = ["421 not today"] * 3
    for _ in range(3):
        office.deliver()
        office.later(minutes=40)
    assert [line.partition(":")[0] for line in reports(office)] == ["queue"]
    assert "1 messages wait for more than an hour, the first since" in reports(office)[0]
    assert "the mail server refuses the connection" in reports(office)[0]
    office.later(hours=3)
    assert office.deliver().sent == 2, "the mail, and what operators are told"
    assert reports(office)[1].startswith("Over: queue, since ")
    assert len(reports(office)) == 2


def test_a_disk_that_is_nearly_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = office_of(tmp_path)
    free = [10**12]
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(2 * 10**12, 0, free[0]))
    for free[0] in (10**12, 10**11 - 1, 10**8, 10**12):
        office.deliver()
    assert [line.partition(",")[0][:22] for line in reports(office)] == ["disk: nearly full: 100", "Over: disk"]
    free[0] = 4 * 10**8
    found = finding(office, "disk")
    assert found.state.startswith("400 MB of 2,000,000 MB are free where")
    assert "free some space" in found.remedy


def test_a_clock_that_was_set_back(tmp_path: Path) -> None:
    office = office_of(tmp_path)
    office.plan()
    office.later(minutes=-4)
    assert not finding(office, "clock").remedy
    office.later(minutes=-2)
    assert "NTP" in finding(office, "clock").remedy


def test_zones_that_are_old() -> None:
    (found,) = surroundings.zones(datetime(2026, 11, 26, tzinfo=UTC))
    assert found.state.startswith("tzdata 20")
    assert not found.remedy
    (old,) = surroundings.zones(datetime(2036, 11, 26, tzinfo=UTC))
    assert "upgrade tzdata" in old.remedy


def test_files_that_everybody_may_change(tmp_path: Path) -> None:
    office = office_of(tmp_path)
    assert "configuration" not in {f.what for f in examine(office.wiring, office.now) if f.remedy}
    path = tmp_path / "config" / "subscriptions.yml"
    path.chmod(0o666)
    (found,) = [f for f in examine(office.wiring, office.now) if f.what == "configuration" and f.remedy]
    assert found.remedy == f"chmod o-w {path}"
    path.chmod(0o644)
    (tmp_path / "callwatch.db").chmod(0o646)
    (found,) = [f for f in examine(office.wiring, office.now) if f.what == "database" and f.remedy]
    assert found.remedy == f"chmod o-w {tmp_path / 'callwatch.db'}"
    (tmp_path / "callwatch.db").chmod(0o644)
    (found,) = [f for f in examine(office.wiring, office.now) if f.what == "database" and f.remedy]
    assert "holds people's addresses" in found.state
    assert found.remedy == f"chmod o-r {tmp_path / 'callwatch.db'}*"


def test_credentials_are_tried_and_never_shown(tmp_path: Path, mails: MailServer) -> None:
    url = SecretStr(mails.url.replace("//", "//robot:hunter2@"))
    office = office_of(tmp_path, smtp_url=url)
    assert finding(office, "channel email").state == "takes our credentials"
    mails.faults["auth"] = ["535 wrong"]
    found = finding(office, "channel email")
    assert found.state == "the mail server refuses the user name or password (535)."
    assert found.remedy
    assert mails.mails == []
    assert len(mails.passwords) == 2
    assert "hunter2" not in repr(examine(office.wiring, office.now))


def test_a_misspelt_setting_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLWATCH_EU_FUNDING_TENDER_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("CALLWATCH_FORMAS_KEY", "given")
    found = finding(office_of(tmp_path), "settings")
    assert found.state == "CALLWATCH_EU_FUNDING_TENDER_BASE_URL is set, and no setting has this name"
    assert found.remedy == 'Did you mean "CALLWATCH_EU_FUNDING_TENDERS_BASE_URL"?'


def test_who_was_not_asked_or_has_not_answered_gets_no_mail_and_doctor_says_so(tmp_path: Path) -> None:
    given = book({"channel": "email"}, email="asa@cluster.example", vouched=False) | {"ops": OPS}
    found = finding(Office(tmp_path, given), "confirmation")
    assert found.state.startswith("no mail but this question goes to asa: without links")
    assert "callwatch contacts confirm KEY" in found.remedy
    links = {"public_url": "https://calls.example", "secret_key": SecretStr("0123456789abcdef")}
    found = finding(Office(tmp_path, given, **links), "confirmation")
    assert (found.state.endswith("they are asked, and have not answered"), found.remedy) == (True, "")


def test_no_links_are_a_choice_and_half_of_them_a_mistake(tmp_path: Path) -> None:
    assert finding(office_of(tmp_path), "links").remedy == ""
    half = office_of(tmp_path, public_url="https://calls.example")
    assert finding(half, "links").remedy == "run `callwatch serve` and set CALLWATCH_SECRET_KEY"


@pytest.mark.parametrize(("token", "well"), [("xoxb-secret", True), ("xoxb-other", False)])
def test_slack_is_asked_about_the_token(tmp_path: Path, token: str, well: bool) -> None:
    with slack_server() as slack:
        given = book({"channel": "slack"}, slack="C0FOREST1") | {"ops": OPS}
        settings = {"slack_token": SecretStr(token), "slack_base_url": f"{slack.url}/"}
        found = finding(Office(tmp_path, given, **settings), "channel slack")
        assert slack.posts == []
    assert (found.remedy == "") is well
    assert token not in repr(found)


def test_portals_are_asked_only_on_demand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = office_of(tmp_path)
    with StandIn([]) as portal:
        monkeypatch.setattr(surroundings.sources, "watched", lambda _: [office.wiring.portals[PORTAL]])
        monkeypatch.setenv(f"CALLWATCH_{PORTAL.upper()}_BASE_URL", portal.base_url)
        assert f"portal {PORTAL}" not in {found.what for found in examine(office.wiring, office.now)}
        assert finding(office, f"portal {PORTAL}", portals=True).state.startswith("answers (127.0.0.1:")
    assert "cannot be reached" in finding(office, f"portal {PORTAL}", portals=True).state


def harvested(office: Office) -> str:
    report = RunReport(portal=PORTAL, verdict=Verdict.PARTIAL, issues=[], seen=7)
    slot = Slot("08", office.now)
    with office.store.begin() as conn:
        slots.begin(conn, slots.harvest_job(PORTAL), slot, office.now)
        run = runs.start(conn, PORTAL, office.now)
        runs.finish(conn, run, report, office.now)
        slots.end(conn, slots.harvest_job(PORTAL), slot.key, office.now, done=True, outcome="partial")
    return run


def test_status_says_what_was_what_waits_and_what_is_next(tmp_path: Path) -> None:
    given = book({"channel": "file", "cadence": "weekly"}) | {"ops": OPS}
    office = Office(tmp_path, given)
    run = harvested(office)
    found = overview(office.wiring, office.store, office.now)
    assert [each["run"] for each in found["runs"]] == [run]
    assert found["queue"] == {"waiting": 0, "oldest": None}
    jobs = {each["job"]: datetime.fromisoformat(each["at"]) for each in found["next"]}
    assert office.now <= jobs.pop(f"harvest {PORTAL}") <= office.now + timedelta(hours=4)
    (digest,) = [job for job in jobs if job.startswith("digest ")]
    assert office.now < jobs[digest] <= office.now + timedelta(days=7)
    assert jobs[digest].astimezone(UTC).weekday() == 0
    assert list(jobs) == sorted(jobs, key=lambda job: (jobs[job], job))


def test_metrics_say_the_same(tmp_path: Path) -> None:
    office = office_of(tmp_path)
    office.plan()
    harvested(office)
    ops.note(office.wiring, office.store, "configuration", "broken", office.now)
    office.later(minutes=30)
    with office.store.begin() as conn:
        marks.note_time(conn, "planned at", office.now)
    families = text_string_to_metric_families(exposition(office.wiring, office.store, office.now).decode())
    found = {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}
    assert found["callwatch_portal_items", PORTAL] == 7
    verdicts = {
        word: found["callwatch_portal_verdict", PORTAL, word] for word in ("complete", "partial", "failed")
    }
    assert verdicts == {"complete": 0, "partial": 1, "failed": 0}
    assert ("callwatch_portal_last_success_seconds", PORTAL) not in found
    assert found["callwatch_portal_failures", PORTAL] == 1
    assert found["callwatch_messages", "pending"] == 2
    assert found["callwatch_oldest_due_message_seconds",] == 1800
    assert found["callwatch_condition_since_seconds", "configuration"] == office.now.timestamp() - 1800
    assert found["callwatch_slot_due_seconds", f"harvest {PORTAL}", "done"] == office.now.timestamp() - 1800
    assert found["callwatch_last_plan_seconds",] == office.now.timestamp()
