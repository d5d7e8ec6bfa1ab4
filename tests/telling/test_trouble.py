"""Operators hear of trouble once, and once when it is over; doctor and status count both sides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from alerts.message import decode
from callwatch.doctor import examine
from callwatch.reconcile import balance
from callwatch.status import overview
from pipeline.outbox import OutboxMessage
from pipeline.store import conditions
from tests.alerts.slack_server import SlackServer, slack_server
from tests.telling.conftest import Office, a_call, book

OPS = {"contact": "asa", "channel": "file"}


def an_office(folder: Path, *wishes: dict[str, Any], ops: dict[str, str] | None = OPS, **settings: Any) -> Office:
    given = book(*wishes, slack="C0FOREST1", email="asa@cluster.example")
    office = Office(folder, given | ({"ops": ops} if ops else {}), **settings)
    office.happens(a_call("FIRST"))
    return office


def reports(office: Office) -> list[str]:
    """What operators were told, line by line."""
    told = [decode(entry.message.payload) for entry in office.messages() if entry.message.kind == "ops"]
    return [line for message in told for line in message.lines]


def only(entries: list[OutboxMessage]) -> OutboxMessage:
    (entry,) = entries
    return entry


def test_a_channel_without_its_setting_is_told_once_and_when_it_is_over(tmp_path: Path) -> None:
    office = an_office(tmp_path, {"channel": "slack"})
    office.plan()
    for _ in range(3):
        office.deliver()
        office.later(hours=1)
    assert len(reports(office)) == 1
    assert reports(office)[0].startswith("channel slack: the channel slack needs CALLWATCH_SLACK_TOKEN")
    with slack_server() as slack:
        mended = an_office_again(tmp_path, office, slack)
        assert mended.deliver().sent == 1
    assert reports(mended)[1].startswith("Over: channel slack")
    with mended.store.read() as conn:
        assert conditions.standing(conn) == []


def an_office_again(folder: Path, office: Office, slack: SlackServer) -> Office:
    settings = {"slack_token": SecretStr("xoxb-secret"), "slack_base_url": f"{slack.url}/"}
    again = Office(folder, book({"channel": "slack"}, slack="C0FOREST1") | {"ops": OPS}, **settings)
    again.now = office.now
    return again


def test_an_archived_channel_is_told_once_and_the_fallback_is_used(tmp_path: Path) -> None:
    with slack_server() as slack:
        slack.faults = ["is_archived", "is_archived"]
        given = book({"channel": "slack"}, slack="C0FOREST1", fallback="console") | {"ops": OPS}
        settings = {"slack_token": SecretStr("xoxb-secret"), "slack_base_url": f"{slack.url}/"}
        office = Office(tmp_path, given, **settings)
        office.happens(a_call("FIRST"))
        office.plan()
        office.deliver()
        assert "FIRST" in office.console.getvalue()
        office.later(hours=1).happens(a_call("SECOND"))
        office.plan()
        office.deliver()
    assert office.console.getvalue().count("To: ") == 2
    assert [line.partition(":")[0] for line in reports(office)] == ["slack to asa"]
    assert "Sent by console instead." in reports(office)[0]


def test_without_operators_nobody_is_written_to_and_doctor_says_so(tmp_path: Path) -> None:
    office = an_office(tmp_path, {"channel": "slack"}, ops=None)
    office.plan()
    office.deliver()
    assert reports(office) == []
    found = {finding.what: finding for finding in examine(office.wiring, office.now)}
    assert "ops:" in found["operators"].remedy
    assert "CALLWATCH_SLACK_TOKEN" in found["channel slack"].state


def test_a_held_message_is_told_with_its_remedy(tmp_path: Path) -> None:
    office = an_office(tmp_path, {"channel": "file"}, storm_limit=2)
    office.plan()
    office.deliver()
    office.later(hours=1).happens(*(a_call(f"FLOOD-{n}") for n in range(3)))
    (held,) = office.plan()
    office.deliver()
    office.deliver()
    assert len(reports(office)) == 1
    assert f"callwatch show {held.id}" in reports(office)[0]
    office.outbox.discard([held.id], "no")
    office.deliver()
    assert reports(office)[1].startswith(f"Over: held {held.id}")


def test_both_sides_are_counted(tmp_path: Path) -> None:
    office = an_office(tmp_path, {"channel": "file"})
    office.plan()
    office.deliver()
    office.later(minutes=50).happens(a_call("SECOND"))
    assert balance(office.wiring, office.store, office.later(minutes=50).now).is_even
    late = balance(office.wiring, office.store, office.later(minutes=20).now)
    assert (late.unplanned, late.is_even) == ({"all": 1}, False)
    office.plan()
    assert balance(office.wiring, office.store, office.now).is_even
    stuck = balance(office.wiring, office.store, office.later(hours=2).now)
    assert (len(stuck.stuck), stuck.is_even) == (1, False)
    office.deliver()
    even = balance(office.wiring, office.store, office.now)
    assert (even.planned, even.sent, even.is_even) == (2, 2, True)
    found = overview(office.wiring, office.store, office.now)
    assert found["alerts"] | {"planned": 2, "sent": 2, "stuck": 0} == found["alerts"]


@pytest.mark.parametrize("minutes", [0, 90])
def test_doctor_finds_nothing_but_advice_where_all_is_well(tmp_path: Path, minutes: int) -> None:
    settings = {"public_url": "https://calls.example", "secret_key": SecretStr("0123456789abcdef")}
    office = an_office(tmp_path, {"channel": "file"}, **settings)
    office.plan()
    office.deliver()
    assert [f for f in examine(office.wiring, office.later(minutes=minutes).now) if f.remedy] == []


def test_doctor_stops_at_a_configuration_that_cannot_be_read(tmp_path: Path) -> None:
    office = an_office(tmp_path)
    (tmp_path / "config" / "subscriptions.yml").write_text("contacts: [", encoding="utf-8")
    office.wiring.__dict__.pop("subscriptions", None)
    (finding,) = examine(office.wiring, office.now)
    assert (finding.what, "subscriptions.yml" in finding.state) == ("configuration", True)
