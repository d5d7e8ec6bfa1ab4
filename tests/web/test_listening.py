"""Socket Mode against a server on loopback that talks as Slack does: the same answers as over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from alerts.links import Action
from callwatch.web.listening import Listener
from callwatch.web.pressing import Pressing
from callwatch.web.site import Directory
from pipeline.errors import CallwatchError, ConfigError
from pipeline.people import Choice
from pipeline.store import Store, people
from tests.web.conftest import NOW, TRUCKS
from tests.web.conftest import people as contacts
from tests.web.socket_server import TOKEN, SocketServer, socket_server
from tests.web.test_slack_buttons import payload


@pytest.fixture
def slack() -> Iterator[SocketServer]:
    with socket_server() as server:
        yield server


def pressing(store: Store, slack: SocketServer) -> Pressing:
    return Pressing(store, Directory(contacts), lambda: NOW, f"{slack.base}/api/")


@pytest.fixture
def listener(store: Store, slack: SocketServer) -> Iterator[Listener]:
    listener = Listener(pressing(store, slack), SecretStr(TOKEN), f"{slack.base}/api")
    listener.connect()
    yield listener
    listener.close()


def choices(store: Store) -> dict[str, Choice]:
    with store.read() as conn:
        return people.choices_of(conn, ["asa"]).get("asa", {})


@pytest.mark.usefixtures("listener")
def test_pressed_acknowledged_noted_and_told(store: Store, slack: SocketServer) -> None:
    envelope = slack.send(payload(Action.FOLLOW, response_url=f"{slack.base}/actions/1"))
    slack.wait(lambda: slack.answers)
    assert slack.acknowledged == [envelope]
    assert "You follow this call: Cold climate testing" in slack.answers[0]["text"]
    assert choices(store) == {TRUCKS: Choice.FOLLOWED}
    assert slack.complaints == []


@pytest.mark.usefixtures("listener")
def test_an_envelope_that_comes_twice_is_acknowledged_twice_and_done_once(
    store: Store, slack: SocketServer
) -> None:
    given = payload(Action.MUTE, response_url=f"{slack.base}/actions/1")
    for _ in range(2):
        slack.send(given, envelope="same")
    slack.send(payload(Action.MUTE, call_id="eu_funding_tenders:GONE", response_url=f"{slack.base}/actions/1"))
    slack.wait(lambda: len(slack.answers) == 2)
    assert slack.acknowledged[:2] == ["same", "same"]
    assert choices(store) == {TRUCKS: Choice.MUTED}


@pytest.mark.usefixtures("listener")
def test_other_envelopes_are_acknowledged_and_left(store: Store, slack: SocketServer) -> None:
    slack.send({"command": "/calls"}, kind="slash_commands")
    slack.send({"event": {"type": "message"}}, kind="events_api")
    slack.send({"type": "view_submission"})
    slack.wait(lambda: len(slack.acknowledged) == 3)
    assert choices(store) == {}
    assert slack.answers == []


@pytest.mark.usefixtures("listener")
def test_a_connection_that_slack_ends_is_made_again_with_a_new_ticket(store: Store, slack: SocketServer) -> None:
    slack.hang_up()
    slack.wait(lambda: slack.connected == 2)
    slack.send(payload(response_url=f"{slack.base}/actions/1"))
    slack.wait(lambda: slack.answers)
    assert choices(store) == {TRUCKS: Choice.MUTED}
    assert slack.complaints == []


def test_a_token_that_slack_refuses_is_told(store: Store, slack: SocketServer) -> None:
    wrong = Listener(pressing(store, slack), SecretStr("xapp-wrong"), f"{slack.base}/api")
    with pytest.raises(ConfigError, match=r"CALLWATCH_SLACK_APP_TOKEN: Slack says invalid_auth\."):
        wrong.connect()
    wrong.close()


def test_a_slack_that_cannot_be_reached_is_told(store: Store, slack: SocketServer) -> None:
    away = Listener(pressing(store, slack), SecretStr(TOKEN), "http://127.0.0.1:1/api")
    with pytest.raises(CallwatchError, match="Slack cannot be reached"):
        away.connect()
    away.close()
