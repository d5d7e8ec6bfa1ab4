"""One test per promise of the README, with real commands and real servers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callwatch.demo.nextday import next_day
from callwatch.demo.standin.knobs import Knobs
from tests.end_to_end.conftest import World


def today():
    return datetime.now(UTC).date()


def test_people_are_told_on_their_channel_in_their_language_once(world: World):
    assert world.run("harvest", "eu_funding_tenders").code == 0
    planned = world.run("plan", "--format", "json").json
    assert {(m["contact"], m["channel"]) for m in planned} == {
        ("cluster", "email"),
        ("university", "slack"),
        ("sme", "file"),
    }
    assert world.run("deliver").code == 0
    (mail,) = world.postbox.mails
    assert "cluster@example.org" in mail["To"]
    assert "utlysningar" in mail["Subject"]
    assert world.slack.posts
    assert len(list((world.folder / "out").glob("*.eml"))) == 1

    for command in ("harvest eu_funding_tenders", "plan", "deliver", "tick"):
        assert world.run(*command.split()).code == 0
    assert len(world.postbox.mails) == 1
    assert len(list((world.folder / "out").glob("*.eml"))) == 1


def test_the_next_day_only_what_changed_is_told(world: World):
    world.run("tick")
    mails = len(world.postbox.mails)
    played = next_day(world.sample, today() + timedelta(days=1))
    world.portal.replace(played.records)
    assert world.run("tick").code == 0, "the portal is not due again so soon"
    assert len(world.postbox.mails) == mails
    assert world.run("tick", at=datetime.now(UTC) + timedelta(hours=6)).code == 0
    (mail,) = world.postbox.mails[mails:]
    assert "tidigarelagd" in mail["Subject"]
    text = mail.get_body(("plain",)).get_content()
    assert "CEF-DIG-2026-CABLE-REPAIR-CAPACITIES-WORKS" in text
    assert "CEF-T-2026-AFIFGEN-COSTS" in text
    assert "HORIZON-CL5-2026-10-D6-01" not in text


def test_an_alert_is_not_lost_when_the_mail_server_is_down(world: World):
    world.run("harvest", "eu_funding_tenders")
    world.run("plan")
    done = world.run("deliver", "--format", "json", CALLWATCH_SMTP_URL="smtp://127.0.0.1:9")
    assert done.code == 3
    assert (done.json["sent"], done.json["retried"]) == (2, 1)
    failure = world.run("status", "--format", "json").json["failures"][0]
    assert failure["contact"] == "cluster"
    assert "127.0.0.1" in failure["reason"]
    assert world.postbox.mails == []


@pytest.mark.slow
def test_a_channel_without_its_setting_holds_back_nobody_else(world: World):
    world.run("harvest", "eu_funding_tenders")
    world.run("plan")
    done = world.run("deliver", CALLWATCH_SLACK_TOKEN="")
    assert done.code == 3
    assert "CALLWATCH_SLACK_TOKEN" in done.out
    assert len(world.postbox.mails) == 1


def test_a_broken_harvest_is_never_nothing_new(world: World):
    world.run("harvest", "eu_funding_tenders")
    before = world.run("calls", "--live", "--format", "json").json
    world.portal.knobs = Knobs(html=True)
    done = world.run("harvest", "eu_funding_tenders", "--json")
    assert done.code == 3
    assert done.json["runs"][0]["verdict"] == "failed"
    assert world.run("calls", "--live", "--format", "json").json == before
    planned = world.run("plan", "--format", "json").json
    assert planned
    preview = world.run("subscriptions", "preview", "mobility")
    assert "kunde inte läsas" in preview.out


@pytest.mark.slow
def test_no_secret_is_ever_shown(world: World):
    outputs = [world.run("--log-format", "json", "-v", "tick"), world.run("status", "--format", "json")]
    outputs.append(world.run("deliver", CALLWATCH_SMTP_URL="smtp://robot:hunter2@127.0.0.1:9"))
    for done in outputs:
        assert "xoxb-secret" not in done.out + done.err
        assert "hunter2" not in done.out + done.err


@pytest.mark.slow
def test_the_demonstration_shows_alerts_and_digest(world: World):
    done = world.run("demo", "--folder", str(world.folder / "demo"))
    assert done.code == 0
    assert "tidigarelagd" in done.out
    assert "digest" in done.out
    messages = list((world.folder / "demo" / "messages").glob("*veckobrev*"))
    assert {path.suffix for path in messages} == {".eml", ".html", ".txt"}
