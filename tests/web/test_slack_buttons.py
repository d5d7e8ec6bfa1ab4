"""Buttons pressed in Slack: signed as Slack signs, each heard once, answered to nobody but Slack."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from alerts.buttons import action_id, value
from alerts.links import Action, Bearer
from callwatch.web.pressing import Pressing
from pipeline.people import Choice
from pipeline.store import people
from tests.web.conftest import ASA, BO, EVIL, NOW, SIGNING, TRUCKS, Answer, Served, call, keep, stored
from tests.web.hook import Hook


@pytest.fixture
def hook() -> Iterator[Hook]:
    opened = Hook()
    yield opened
    opened.close()


@pytest.fixture
def slack_base(hook: Hook) -> str:
    return f"{hook.base}/api/"


_stamps = iter(range(10**9))


def payload(
    action: Action = Action.MUTE, bearer: Bearer = ASA, call_id: str = TRUCKS, **fields: Any
) -> dict[str, Any]:
    pressed = {
        "type": "button",
        "action_id": action_id(action),
        "block_id": "b1",
        "value": value(bearer, call_id),
        "action_ts": f"1700000000.{next(_stamps):06}",
    }
    user = {"id": "U024BE7LH", "username": "asa", "team_id": "T0"}
    return {"type": "block_actions", "user": user, "actions": [pressed], "trigger_id": "1.2.x", **fields}


def sign(body: bytes, stamp: int | str, secret: str = SIGNING.get_secret_value()) -> str:
    """As Slack's documentation describes it, without Slack's library."""
    base = f"v0:{stamp}:".encode() + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def press(served: Served, given: Any, *, stamp: int | str | None = None, signature: str | None = None) -> Answer:
    body = urlencode({"payload": json.dumps(given)}, quote_via=quote).encode()
    stamp = int(time.time()) if stamp is None else stamp
    return served(
        "POST",
        "/slack/interactions",
        body,
        Content_Type="application/x-www-form-urlencoded",
        X_Slack_Request_Timestamp=str(stamp),
        X_Slack_Signature=sign(body, stamp) if signature is None else signature,
    )


def choices(served: Served, contact: str = "asa") -> dict[str, Choice]:
    with served.store.read() as conn:
        return people.choices_of(conn, [contact]).get(contact, {})


def test_pressed_noted_and_told_to_who_pressed(served: Served, hook: Hook) -> None:
    answer = press(served, payload(response_url=f"{hook.base}/actions/T0/1/x"))
    assert (answer.status, answer.body) == (200, b"")
    assert choices(served) == {TRUCKS: Choice.MUTED}
    (told,) = hook.wait()
    assert told["response_type"] == "ephemeral"
    assert told["replace_original"] is False
    assert "This call is muted: Cold climate testing of electric trucks." in told["text"]
    assert told["blocks"][0]["text"]["type"] == "plain_text"


def test_pressed_again_it_is_taken_back(served: Served, hook: Hook) -> None:
    for expected in ({TRUCKS: Choice.FOLLOWED}, {}, {TRUCKS: Choice.FOLLOWED}):
        press(served, payload(Action.FOLLOW, response_url=f"{hook.base}/actions/1"))
        assert choices(served) == expected
    assert hook.wait(3)[1]["text"] == "Taken back: Cold climate testing of electric trucks."


def test_the_answer_speaks_the_language_of_the_contact(served: Served) -> None:
    answer = press(served, payload(bearer=BO))
    assert "Utlysningen är tystad: Elektriska lastbilar i kyla." in json.loads(answer.body)["text"]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x", "http://hooks.slack.com/x", "https://hooks.slack.com.evil.example/x",
        "https://hooks.slack.com@evil.example/", "https://hooks.slack.com:8443/", "http://127.0.0.1:1/x",
        "http://169.254.169.254/latest", "file:///etc/passwd", "https://[bad", "http://user@{host}/", "",
    ],
)  # fmt: skip
def test_answers_go_nowhere_but_to_slack(served: Served, hook: Hook, url: str) -> None:
    url = url.replace("{host}", hook.base.removeprefix("http://"))
    pressing = Pressing(served.store, served.site.directory, lambda: NOW, f"{hook.base}/api/")
    assert not pressing.tell(url, "text")
    assert press(served, payload(response_url=url)).status == 200
    assert choices(served) == {TRUCKS: Choice.MUTED}
    assert hook.taken == []


def test_answers_follow_no_redirect(served: Served, hook: Hook) -> None:
    hook.status = 302
    pressing = Pressing(served.store, served.site.directory, lambda: NOW, hook.base)
    assert not pressing.tell(f"{hook.base}/x", "text")
    assert len(hook.taken) == 1


def test_without_a_signature_nothing_happens(served: Served) -> None:
    now = int(time.time())
    body = urlencode({"payload": json.dumps(payload())}).encode()
    good = sign(body, now)
    refused = [
        press(served, payload(), signature=signature)
        for signature in (
            "",
            "v0=",
            good,
            "v1=" + good[3:],
            "v0=" + "0" * 64,
            "ä",
            sign(body, now, "other secret"),
        )
    ]
    refused += [
        press(served, payload(), stamp=stamp) for stamp in (now - 301, now + 301, "", "x", "-5", "9" * 5000)
    ]
    refused.append(served("POST", "/slack/interactions", body))
    assert {answer.status for answer in refused} == {401}
    assert choices(served) == {}


def test_a_repeated_request_has_no_effect(served: Served) -> None:
    given, stamp = payload(), int(time.time())
    assert press(served, given, stamp=stamp).body
    assert choices(served) == {TRUCKS: Choice.MUTED}
    again = press(served, given, stamp=stamp)
    assert (again.status, again.body) == (200, b"")
    assert press(served, given, stamp=stamp - 1).body == b""
    assert choices(served) == {TRUCKS: Choice.MUTED}


@pytest.mark.parametrize(
    "change",
    [
        {"bearer": Bearer("nobody", "trucks")}, {"bearer": Bearer("bo", "trucks")},
        {"bearer": Bearer("asa", "gone")},
        {"call_id": "eu_funding_tenders:GONE"}, {"call_id": "eu_funding_tenders:TRUCKS"},
    ],
)  # fmt: skip
def test_what_is_not_there_is_told_politely(served: Served, change: dict[str, Any]) -> None:
    answer = press(served, payload(**change))
    assert answer.status == 200
    assert "Nothing was changed." in json.loads(answer.body)["text"]
    assert choices(served) == {} == choices(served, "bo")


@pytest.mark.parametrize(
    "given",
    [
        {}, [], 7, "text", None, {"type": "view_submission"}, {"type": "block_actions"},
        {"type": "block_actions", "actions": {"a": 1}}, {"type": "block_actions", "actions": [None, 7, {}]},
        {"type": "block_actions", "actions": [{"action_id": 7, "value": None}], "user": "x", "response_url": 9},
        {"type": "block_actions", "actions": [{"action_id": "other_app", "value": "[]"}]},
    ],
)  # fmt: skip
def test_other_payloads_are_heard_and_left(served: Served, given: Any) -> None:
    answer = press(served, given)
    assert (answer.status, answer.body) in ((200, b""), (400, b"no payload\n"))
    assert choices(served) == {}


@pytest.mark.parametrize("text", ["", "null", "[1,2]", '["asa","trucks"]', "x" * 5000, '["asa","trucks",7]'])
def test_a_button_of_ours_with_a_value_of_somebody_else(served: Served, text: str) -> None:
    given = payload()
    given["actions"][0]["value"] = text
    assert "Nothing was changed." in json.loads(press(served, given).body)["text"]


@pytest.mark.parametrize("body", [b"", b"payload=", b"payload=%7B", b"payload=%FF", b"\xff\xfe", b"a=1&" * 2000])
def test_a_signed_body_that_holds_no_payload(served: Served, body: bytes) -> None:
    stamp = int(time.time())
    signed = {"X_Slack_Request_Timestamp": str(stamp), "X_Slack_Signature": sign(body, stamp)}
    assert served("POST", "/slack/interactions", body, **signed).status in (400, 401)


def test_hostile_titles_stay_text(served: Served) -> None:
    keep(served.store, stored(call("EVIL-1", title=EVIL)), when=NOW)
    told = json.loads(press(served, payload(call_id="eu_funding_tenders:EVIL-1")).body)
    assert "<" not in told["text"]
    assert "\n" not in told["text"]
    assert told["blocks"][0]["text"]["type"] == "plain_text"


def test_slack_is_answered_in_time_while_the_database_is_busy(served: Served, hook: Hook) -> None:
    """Slack waits three seconds; what is pressed is done when the database is free, and told then."""
    with served.store.begin():
        began = time.monotonic()
        answer = press(served, payload(response_url=f"{hook.base}/x"))
        assert answer.status == 200
        assert time.monotonic() - began < 3
        assert hook.taken == []
    assert "This call is muted" in hook.wait()[0]["text"]
    assert choices(served) == {TRUCKS: Choice.MUTED}
