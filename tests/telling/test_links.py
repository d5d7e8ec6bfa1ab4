"""One call, one alert, whichever portal shows it first; and all of it back when a link is undone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from alerts.message import Message, Relation
from pipeline import changes
from pipeline.linking import LinkState, Place
from pipeline.models import Budget, Call, Event, EventKind, Kind, Link
from pipeline.outbox import StoredCall
from pipeline.people import Choice, Chosen
from pipeline.relate import decide, relate
from pipeline.store import calls, events, links, people
from pipeline.store.calls import CallRow
from tests.alerts.samples import call, deadline, moved, stored
from tests.telling.conftest import Office, book

TOPIC = "HORIZON-CL5-2027-01-D5-01"
PAGE = "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities/topic-details/"
PLACES = {
    "eu_funding_tenders": Place("eu_funding_tenders", "Funding & Tenders", 2),
    "eccp": Place("eccp", "ECCP", 4),
    "eismea": Place("eismea", "EISMEA", 9),
}
PORTAL = stored(call(TOPIC, url=PAGE + TOPIC))
P, S, N = PORTAL.call.id, "eccp:9", "eismea:news"


def eccp(**fields: Any) -> StoredCall:
    """The same call at ECCP; it names the topic's page."""
    given = {"portal": "eccp", "identifier": "9", "url": "https://eccp.example/9", "links": (Link(PAGE + TOPIC),)}
    return stored(call("9", **{**given, **fields}))


def article(**fields: Any) -> StoredCall:
    """An announcement that names the topic, unless it has another text."""
    given: dict[str, Any] = {"portal": "eismea", "identifier": "news", "kind": Kind.ANNOUNCEMENT}
    given |= {"url": "https://eismea.example/news", "text": f"Now open: {TOPIC}", "title": "Money for cold trucks"}
    return stored(call("news", **{**given, **fields}))


class Linked(Office):
    """An office whose harvests link what they bring."""

    def __init__(self, folder: Path, given: dict[str, Any], **settings: Any) -> None:
        super().__init__(folder, given, **settings)
        self.wiring.__dict__["places"] = PLACES

    def arrives(self, *of: Call | StoredCall, version: int = 1) -> Linked:
        """A harvest brings these calls, with the events it would give them."""
        new = [each.call if isinstance(each, StoredCall) else each for each in of]
        rows = [
            CallRow(stored(each, first_seen=self.now, last_seen=self.now, version=version), str(each), True)
            for each in new
        ]
        with self.store.begin() as conn:
            calls.save(conn, rows, "run", self.now)
            if version == 1:
                events.add(conn, [e for each in new for e in changes.first_event(each, self.now)], "run")
        relate(self.store, PLACES, self.now)
        return self

    def happens_to(self, call_id: str, kind: EventKind, **fields: Any) -> None:
        with self.store.begin() as conn:
            events.add(conn, [Event(call_id, kind, self.now, self.now.isoformat(), **fields)], "run")

    def undo(self) -> None:
        with self.store.read() as conn:
            (link,) = links.query(conn, state=LinkState.LINKED)
        decide(self.store, link.id, LinkState.UNDONE, PLACES, self.now)

    def names(self, **time: float) -> list[list[str]]:
        """The calls of each message that is planned so much later."""
        self.later(**time)
        return [[item.call_id for item in message.items] for message in self.told()]


def an_office(folder: Path, *wishes: dict[str, Any], **contact: Any) -> Linked:
    """One contact that was welcomed with another call two hours ago."""
    office = Linked(folder, book(*wishes, **contact))
    office.arrives(call("FIRST"))
    office.plan()
    office.later(hours=8)
    office.plan()
    return office


@pytest.fixture
def office(tmp_path: Path) -> Linked:
    return an_office(tmp_path)


def only(messages: list[Message]) -> Message:
    (message,) = messages
    return message


@pytest.mark.parametrize("days", [0.01, 5, 60])
def test_the_other_portal_comes_later_and_is_a_source_and_no_alert(office: Linked, days: float) -> None:
    assert office.arrives(PORTAL).names() == [[P]]
    office.later(days=days)
    assert office.arrives(eccp()).names() == []
    office.happens_to(P, EventKind.DEADLINE_EXTENDED, **moved("2027-03-01", "2027-03-17"))
    (item,) = only(office.later(hours=1).told()).items
    assert [(s.name, s.url, s.relation) for s in item.sources] == [
        ("ECCP", "https://eccp.example/9", Relation.SAME)
    ]
    assert item.conflicts == ()


@pytest.mark.parametrize("days", [0.01, 5, 60])
def test_the_portal_itself_comes_later_and_counts_as_told(office: Linked, days: float) -> None:
    assert office.arrives(eccp()).names() == [[S]]
    office.later(days=days)
    assert office.arrives(PORTAL).names() == []
    assert office.names(days=1) == []
    office.happens_to(S, EventKind.BUDGET_CHANGED, before={"total": "1"}, after={"total": "2"})
    assert office.names(hours=1) == []
    office.happens_to(P, EventKind.DEADLINE_EXTENDED, **moved("2027-03-01", "2027-03-17"))
    assert office.names(hours=1) == [[P]]


def test_both_at_once_are_one_alert(office: Linked) -> None:
    office.arrives(PORTAL, eccp())
    (item,) = only(office.told()).items
    assert (item.call_id, [s.name for s in item.sources]) == (P, ["ECCP"])
    assert office.names(hours=1) == []


def test_who_was_told_of_a_coming_call_is_told_when_the_portal_shows_it_open(office: Linked) -> None:
    coming = {"opens_at": office.now + timedelta(days=5), "portal_status": "forthcoming"}
    assert office.arrives(eccp(**coming)).names() == [[S]]
    assert office.arrives(PORTAL).names(days=1) == [[P]]
    office.happens_to(S, EventKind.OPENED, after=office.now.isoformat())
    assert office.names(days=5) == []


@pytest.mark.parametrize("cadence", ["daily", "weekly"])
@pytest.mark.parametrize("order", [[PORTAL, eccp()], [eccp(), PORTAL]])
def test_a_digest_tells_it_once_too(tmp_path: Path, cadence: str, order: list[StoredCall]) -> None:
    office = an_office(tmp_path, {"cadence": cadence, "empty": "skip"})
    office.later(days=7)
    office.plan()
    for each in order:
        office.later(hours=1).arrives(each)
    fresh = []
    for _ in range(9):
        for message in office.later(days=1).told():
            fresh += [item.call_id for item in message.items if item.changes]
            assert S not in [item.call_id for item in message.items]
    assert fresh == [P]


def test_a_digest_between_the_two_has_told_it(tmp_path: Path) -> None:
    office = an_office(tmp_path, {"cadence": "daily", "empty": "skip"})
    office.later(days=1).arrives(eccp())
    assert any(S in found for found in office.names(days=1))
    office.arrives(PORTAL)
    for _ in range(4):
        for message in office.later(days=1).told():
            assert [item.call_id for item in message.items if item.changes] == []


def test_a_welcome_has_told_it(tmp_path: Path) -> None:
    office = Linked(tmp_path, book())
    office.arrives(eccp()).later(days=3)
    assert office.names() == [[S]]
    assert office.later(days=3).arrives(PORTAL).names() == []


def test_what_the_others_say_otherwise_is_shown_at_the_one_that_is_believed(office: Linked) -> None:
    office.arrives(PORTAL, eccp(deadlines=(deadline("2027-03-12"),), budget=Budget("EUR", Decimal(7))))
    (item,) = only(office.told()).items
    assert [d.deadline for d in item.deadlines] == [deadline()]
    assert [(c.name, c.deadline, c.budget) for c in item.conflicts] == [
        ("ECCP", deadline("2027-03-12"), None),
        ("ECCP", None, Budget("EUR", Decimal(7))),
    ]


def test_a_reader_whom_only_the_other_portal_suits_is_told_and_why(tmp_path: Path) -> None:
    office = an_office(tmp_path, {"filters": {"words": ["snow"], "exclude": ["nuclear"]}})
    office.arrives(call("SNOW", text="snow"))
    assert office.names() == [["eu_funding_tenders:SNOW"]]
    assert office.arrives(PORTAL).names(days=30) == []
    office.arrives(eccp(text="Testing in snow."))
    (item,) = only(office.told()).items
    assert (item.call_id, item.reasons[-1].about, item.reasons[-1].label) == (P, "source", "ECCP")
    assert office.names(days=1) == []


def test_what_the_believed_one_rules_out_is_not_told(tmp_path: Path) -> None:
    office = an_office(tmp_path, {"filters": {"words": ["snow"], "exclude": ["battery*"]}})
    office.arrives(call("SNOW", text="snow"))
    office.plan()
    assert office.arrives(PORTAL, eccp(text="Testing in snow.")).names(hours=1) == []


def test_a_muted_call_stays_muted_under_its_other_name(office: Linked) -> None:
    assert office.arrives(eccp()).names() == [[S]]
    with office.store.begin() as conn:
        people.choose(conn, Chosen("asa", S, Choice.MUTED, office.now, "link"))
    office.arrives(PORTAL)
    office.happens_to(P, EventKind.DEADLINE_EXTENDED, **moved("2027-03-01", "2027-03-17"))
    assert office.names(hours=1) == []


def test_undone_each_is_told_to_those_who_did_not_hear_of_it(office: Linked) -> None:
    assert office.arrives(PORTAL).names() == [[P]]
    assert office.arrives(eccp()).names(days=10) == []
    office.later(days=10).undo()
    assert office.names() == [[S]]
    assert office.names(days=1) == []
    relate(office.store, PLACES, office.now, afresh=True)
    assert office.names(days=1) == []
    office.happens_to(S, EventKind.BUDGET_CHANGED, before={"total": "1"}, after={"total": "2"})
    assert office.names(hours=1) == [[S]]


def test_undone_the_one_that_counted_as_told_is_told(office: Linked) -> None:
    assert office.arrives(eccp()).names() == [[S]]
    assert office.arrives(PORTAL).names(days=10) == []
    office.undo()
    assert office.names(days=1) == [[P]]
    assert office.names(days=1) == []


def test_undone_after_a_welcome_in_which_one_stood_for_both(tmp_path: Path) -> None:
    office = Linked(tmp_path, book())
    office.arrives(PORTAL, eccp()).later(days=3)
    assert office.names() == [[P]]
    office.later(days=1).undo()
    assert office.names() == [[S]]


def test_withdrawn_by_the_portal_is_an_alarm_and_by_the_other_is_none(office: Linked) -> None:
    office.arrives(PORTAL, eccp())
    office.plan()
    with office.store.begin() as conn:
        calls.set_absence(conn, [stored(eccp().call, gone_since=office.now)])
    office.happens_to(S, EventKind.WITHDRAWN, before=office.now.isoformat())
    assert office.names(hours=1) == []
    with office.store.begin() as conn:
        calls.set_absence(conn, [stored(PORTAL.call, gone_since=office.now), stored(eccp().call)])
    office.happens_to(P, EventKind.WITHDRAWN, before=office.now.isoformat())
    assert office.names(hours=1) == [[P]]


@pytest.mark.parametrize(("days", "told"), [(0, []), (6, []), (6.99, []), (7, [[N]]), (8, [[N]])])
def test_an_announcement_is_told_alone_after_seven_days(
    office: Linked, days: float, told: list[list[str]]
) -> None:
    office.arrives(article(text="No names here."))
    assert office.names(days=days) == told
    assert office.names(days=9) == ([] if told else [[N]])
    assert office.names(days=9) == []


def test_an_announcement_that_waits_is_in_no_welcome_and_no_digest(tmp_path: Path) -> None:
    office = Linked(tmp_path, book({"key": "all"}, {"key": "weekly", "cadence": "weekly"}))
    office.arrives(call("FIRST"), article(text="No names here."))
    office.later(days=6)
    assert N not in [name for found in office.names() for name in found]
    assert [N] in office.names(days=1)


@pytest.mark.parametrize("order", [[PORTAL, article()], [article(), PORTAL]])
def test_an_announcement_that_names_its_call_is_a_source_of_it(office: Linked, order: list[StoredCall]) -> None:
    office.arrives(order[0]).later(days=2)
    office.plan()
    office.arrives(order[1])
    office.plan()
    assert office.names(days=8) == []
    office.happens_to(P, EventKind.DEADLINE_EXTENDED, **moved("2027-03-01", "2027-03-17"))
    (item,) = only(office.later(hours=1).told()).items
    assert [(s.name, s.relation) for s in item.sources] == [("EISMEA", Relation.NEWS)]
    assert [m.items[0].call_id for m in map(_decoded, office.messages())].count(P) == 2


def _decoded(entry: Any) -> Message:
    from alerts.message import decode

    return decode(entry.message.payload)


def test_news_of_many_calls_silences_none_of_them(office: Linked) -> None:
    assert office.arrives(article(text="On HORIZON-CL5-2027-01")).names(days=7) == [[N]]
    second = call(f"{TOPIC[:-1]}2", url=f"{PAGE}{TOPIC[:-1]}2")
    (told,) = office.arrives(PORTAL, second).names(hours=1)
    assert sorted(told) == [P, second.id]


def test_a_cascade_call_is_told_beside_its_topic_and_says_what_it_is_part_of(office: Linked) -> None:
    fields = {
        "kind": Kind.CASCADE,
        "parent": TOPIC,
        "identifier": TOPIC,
        "url": f"{PAGE}../competitive-calls-cs/15",
    }
    office.arrives(PORTAL, call("15COMPETITIVE_CALL", **fields))
    found = {item.call_id: item for item in only(office.told()).items}
    assert len(found) == 2
    (source,) = found["eu_funding_tenders:15COMPETITIVE_CALL"].sources
    assert (source.name, source.relation) == (PORTAL.call.title, Relation.PART_OF)
    assert found[P].sources == ()
