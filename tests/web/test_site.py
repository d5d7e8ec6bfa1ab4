"""Contacts read anew while the server runs, a subscription in words, and what stays honest at the edges."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from structlog.testing import capture_logs

from alerts.links import Bearer, Purpose
from alerts.subscription import Filters, Subscriptions
from alerts.wording import Wording
from callwatch.web import saying
from callwatch.web.pages import call_row
from callwatch.web.pressing import Pressing
from callwatch.web.site import Directory
from pipeline.errors import ConfigError
from pipeline.models import Precision
from pipeline.people import Choice
from pipeline.store import people as people_reads
from tests.alerts.samples import KNOWN, NOW, call, deadline, stored, subscription
from tests.web.conftest import ASA, TRUCKS, Served, people
from tests.web.test_slack_buttons import payload


def words(language: str = "en") -> Wording:
    return Wording(language, people().contacts["asa"].zone)


def test_a_new_contact_needs_no_restart_and_a_mistake_harms_nobody() -> None:
    now, there = [0.0], [people()]

    def load() -> Subscriptions:
        if not there:
            raise ConfigError("subscriptions.yml:3: a mistake")
        return there[0]

    directory = Directory(load, clock=lambda: now[0])
    newcomer = subscription(key="new", contact="bo")
    there[0] = Subscriptions(people().contacts, (newcomer,), KNOWN)
    assert directory.find(Bearer("bo", "new")) is None
    now[0] = 61
    assert directory.find(Bearer("bo", "new")) is not None
    assert directory.find(ASA) is None
    there.clear()
    with capture_logs() as logged:
        for moment in (130, 200):
            now[0] = moment
            assert directory.find(Bearer("bo", "new")) is not None
    assert [entry["reason"] for entry in logged] == ["subscriptions.yml:3: a mistake"]


def test_without_a_good_configuration_the_server_does_not_begin() -> None:
    def load() -> Subscriptions:
        raise ConfigError("a mistake")

    with pytest.raises(ConfigError):
        Directory(load)


def test_a_subscription_in_words() -> None:
    filters = {
        "ecosystems": ("mobility",), "regions": ({"region": "SE331", "least": 3},), "programmes": ("SMP",),
        "kinds": ("cascade",), "budget_at_least": 2_000_000, "words": ("ice",), "exclude": ("sand",),
    }  # fmt: skip
    given = subscription(channel="slack", cadence="daily", filters=filters)
    assert saying.subscription(given, KNOWN, words()) == [
        "In Slack, once a day.",
        "Ecosystems: Mobility, transport and automotive.",
        "Regions: Västerbotten (a direct match or better).",
        "Programmes: Single Market Programme.",
        "Kinds of call: cascade call (funding for third parties).",
        "Budget: at least EUR 2,000,000.",
        "With the words: ice.",
        "Without the words: sand.",
    ]
    plain = subscription(channel="file", cadence="weekly")
    assert plain.filters == Filters()
    assert saying.subscription(plain, KNOWN, words("sv")) == [
        "file, en gång i veckan.",
        "Alla utlysningar, utan filter.",
    ]


def test_a_call_never_shows_an_hour_that_the_portal_did_not_name() -> None:
    def note(*deadlines: object, **fields: object) -> str:
        return call_row(msgspec.structs.replace(stored(call(deadlines=deadlines)), **fields), words(), NOW).note

    assert note(deadline("2026-11-30")) == "Deadline: 30 November 2026, 7 days left"
    assert note(deadline("2026-11-30", precision=Precision.EXACT)).startswith(
        "Deadline: 30 November 2026 at 17:00 ("
    )
    assert note(deadline("2026-11-01")) == "closed"
    assert note() == "no deadline stated"
    assert note(deadline("2026-11-30"), gone_since=NOW - timedelta(days=1)) == "Withdrawn"


def test_an_action_that_is_none_of_ours(served: Served) -> None:
    address = f"/act/{served.token(Purpose.ACT)}/burn?call={TRUCKS}"
    assert {served(method, address).status for method in ("GET", "POST")} == {404}


def test_a_press_that_cannot_be_stored_is_told_and_can_be_repeated(served: Served) -> None:
    pressing = Pressing(served.store, served.site.directory, lambda: NOW)
    path = served.store.path
    assert path is not None
    served.store.engine.dispose()
    kept = path.read_bytes()
    path.write_bytes(b"no database at all " * 100)
    assert pressing.answer(payload()) == "That could not be noted just now. Please press again in a minute."
    served.store.engine.dispose()
    path.write_bytes(kept)
    assert pressing.answer(payload()).startswith("This call is muted")
    with served.store.read() as conn:
        assert people_reads.choices_of(conn, ["asa"]) == {"asa": {TRUCKS: Choice.MUTED}}


def test_an_answer_that_slack_does_not_take_harms_nothing(served: Served) -> None:
    pressing = Pressing(served.store, served.site.directory, lambda: NOW, "http://127.0.0.1:1/api/")
    assert pressing.tell("http://127.0.0.1:1/actions/x", "text") is False
