"""Many rows, one call: which row is believed, what is folded, what each field becomes."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.harvest import Role
from pipeline.models import Kind, Link, News
from pipeline.normalise import Document, normaliser
from pipeline.normalise.eu_funding_tenders import assemble
from pipeline.text import clean
from tests.portals.eu_funding_tenders.rows import (
    PROGRAMMES,
    TOPIC,
    assembled,
    cascade,
    documents,
    fields_of,
    news,
    prospect,
    row,
    topic,
)

PAGES = "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities"
NOW = datetime(2026, 5, 7, tzinfo=UTC)


def test_a_topic() -> None:
    call, issues = assembled(topic())
    assert issues == []
    assert (call.portal, call.reference, call.kind) == ("eu_funding_tenders", TOPIC, Kind.TOPIC)
    assert (call.title, call.language, call.titles) == ("Winter tests of electric lorries", "en", {})
    assert call.url == f"{PAGES}/topic-details/{TOPIC}"
    assert (call.call_identifier, call.call_title) == ("HORIZON-TEST-2026-01", "Clean transport")
    assert (call.programme, call.programme_name) == ("HORIZON", "Horizon Europe")
    assert call.type_of_action == "HORIZON Research and Innovation Actions"
    assert (call.portal_status, call.deadline_model) == ("open", "single-stage")
    assert call.text == "Scope:\nLorries in the cold."
    assert call.html == "<h4>Scope:</h4><p>Lorries in the cold.</p>"
    assert call.conditions == "Conditions\nAnnex A."
    assert call.conditions_html == "<div><h4>Conditions</h4><p>Annex A.</p></div>"
    assert call.keywords == ("Batteries", "Snow")
    assert (call.witnesses, call.sources) == (("ccm2:48000001",), ("SEDIA|48000001TOPICSen|en",))
    assert (call.parent, call.project, call.links, call.latest, call.applicants) == ("", "", (), (), "")


def test_a_cascade_call_is_itself_and_not_its_parent() -> None:
    call, issues = assembled(cascade())
    assert issues == []
    assert (call.reference, call.kind) == ("15301COMPETITIVE_CALL", Kind.CASCADE)
    assert (call.title, call.parent) == ("Vouchers for tourism firms", "SMP-COSME-2024-CLUSTER-01")
    assert (call.call_title, call.project) == ("Clusters for recovery", "TOURCLUST")
    assert call.url == f"{PAGES}/competitive-calls-cs/15301"
    assert call.text == "Vouchers.\nWrite to us."
    assert call.html == "<p>Vouchers.</p>\n<p>Write to us.</p>"
    assert call.witnesses == ()


def test_a_cascade_call_never_takes_its_parents_title() -> None:
    assert assembled(cascade(callTitle=None, caName="Named here"))[0].title == "Named here"
    assert assembled(cascade(callTitle=None) | {"summary": "Or here"})[0].title == "Or here"
    call, issues = assemble(documents([cascade(callTitle=None)]), PROGRAMMES)
    assert (call, fields_of(issues)) == (None, ["title"])


def test_an_external_action() -> None:
    published = [
        {"docUrl": "https://webgate.example/doc 1.pdf", "nameDoc": "Guidelines", "languageDoc": "FR"},
        {"docUrl": "https://webgate.example/doc 1.pdf", "nameDoc": "again"},
        {"docUrl": "javascript:alert(1)", "nameDoc": "bad"},
        {"nameDoc": "no address"},
    ]
    call, issues = assembled(prospect(publicationDocuments=json.dumps(published)))
    assert (call.reference, call.kind) == ("185123PROSPECTS", Kind.EXTERNAL_ACTION)
    assert (call.identifier, call.call_identifier) == ("EuropeAid/185123/DD/ACT/XX", "185123")
    assert call.url == f"{PAGES}/prospect-details/185123PROSPECTSEN"
    assert call.links == (
        Link("https://webgate.ec.europa.eu/prospect/external/publishedcalls.htm?callId=185123", "Official text"),
        Link("https://webgate.example/doc%201.pdf", "Guidelines (FR)"),
    )
    assert fields_of(issues) == ["publicationDocuments"]


def test_translations_are_kept_where_they_are_translations() -> None:
    swedish = topic("sv", title="Vinterprov av ellastbilar", descriptionByte="<p>Lastbilar i kyla.</p>")
    older_swedish = topic("sv", "48000001RIA1sv", title="Gammal rubrik")
    bulgarian = topic("bg", "48000001RIA1bg")
    call, _ = assembled(bulgarian, older_swedish, swedish, topic())
    assert (call.language, call.title) == ("en", "Winter tests of electric lorries")
    assert call.titles == {"sv": "Vinterprov av ellastbilar"}
    assert call.texts == {"sv": "Lastbilar i kyla."}
    assert len(call.sources) == 4


def test_without_an_english_row_the_swedish_one_is_the_call() -> None:
    call, _ = assembled(topic("cs", title="Zima"), topic("sv", title="Vinterprov"))
    assert (call.language, call.title, call.titles) == ("sv", "Vinterprov", {"cs": "Zima"})


def test_new_generation_then_latest_ingest_is_believed() -> None:
    legacy = topic(
        reference="48000001RIA1746396000000", title="Legacy", esDA_IngestDate="2026-09-01T00:00:00.000+0200"
    )
    older = topic(title="Older", esDA_IngestDate="2026-05-01T23:59:00.000+0200")
    newer = topic(reference="48000002TOPICSen", title="Newer", esDA_IngestDate="2026-05-02T00:30:00.000+0200")
    undated = topic(reference="48000003TOPICSen", title="Undated", esDA_IngestDate=None)
    assert assembled(legacy, older, newer, undated)[0].title == "Newer"
    assert assembled(legacy, older)[0].title == "Older"


def test_a_stub_is_folded_under_a_fuller_row_and_is_no_call_alone() -> None:
    stub = {
        "reference": "48000009TOPICSen",
        "identifier": TOPIC,
        "title": "Stub",
        "url": "https://x",
        "language": "en",
    }
    call, _ = assembled(stub, topic("sv", title="Vinterprov"))
    assert (call.title, call.titles) == ("Vinterprov", {"en": "Stub"})
    alone, issues = assemble(documents([stub]), PROGRAMMES)
    assert (alone, fields_of(issues)) == (None, ["status"])


def test_news_alone_frozen_copies_and_nothing_give_nothing() -> None:
    ghost = topic(DATASOURCE="SEDIA_PRD_CENTRICITY")
    assert assemble(documents([news("Extended", "2026-05-06T10:00:00.000+0000"), ghost]), PROGRAMMES) == (None, [])
    assert assemble([], PROGRAMMES) == (None, [])


def test_a_row_of_another_call_is_left_out_and_reported() -> None:
    other = news("Not ours", "2026-05-06T10:00:00.000+0000", identifier="OTHER-01")
    call, issues = assembled(topic(), other, topic("sv", identifier="OTHER-01", title="Annat"))
    assert (call.latest, call.titles) == ((), {})
    assert fields_of(issues) == ["identifier"]


def test_news_from_the_row_and_from_rows_of_their_own_once_each_newest_first() -> None:
    infos = [
        {
            "approvalDate": "",
            "lastChangeDate": "2026-06-02T13:45:06.325",
            "content": "<p>Extended to <b>June</b></p>",
        },
        {"lastChangeDate": "someday", "content": "Undated"},
        {"lastChangeDate": "2026-06-03T00:00:00.000", "content": " "},
        {"lastChangeDate": "2026-01-03T10:00:00.000+0200", "content": "With offset"},
    ]
    updates = [{"approvalDate": "Apr 27, 2026 4:18:31 PM", "content": "Corrected"}]
    call, issues = assembled(
        topic(latestInfos=json.dumps(infos), callUpdates=json.dumps(updates)),
        news("<ol><li>Extended to&nbsp;June</li></ol>", "2026-06-02T11:45:06.325+0000"),
        news("Results", "2026-07-01T08:00:00.000+0000", "480000018888888"),
    )
    assert call.latest == (
        News("Results", datetime(2026, 7, 1, 8, tzinfo=UTC)),
        News("Extended to June", datetime(2026, 6, 2, 11, 45, tzinfo=UTC)),
        News("Corrected", datetime(2026, 4, 27, 14, 18, tzinfo=UTC)),
        News("With offset", datetime(2026, 1, 3, 8, tzinfo=UTC)),
        News("Undated"),
    )
    assert fields_of(issues) == ["latestInfos"]


def test_real_json_in_place_of_json_text_and_raw_control_characters_are_read() -> None:
    item = topic(actions=[{"deadlineDates": ["2026-09-15"]}], latestInfos='[{"content": "two\nlines"}]')
    call, issues = assembled(item)
    assert (issues, call.latest) == ([], (News("two\nlines"),))


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 200000, b"null", b"[]", b'{"reference": "x"}'])
def test_a_broken_body_is_an_issue_and_its_neighbours_go_on(body: bytes) -> None:
    broken = Document(Role.CALL, "en", body, NOW)
    call, issues = assemble([broken, *documents([topic()])], PROGRAMMES)
    assert call is not None
    assert len(issues) == 1


def test_half_characters_in_a_body_are_survived() -> None:
    body = json.dumps(topic(title="half \ud800 title", descriptionByte="<p>\udfff</p>")).encode()
    call, _ = assemble([Document(Role.CALL, "en", body, NOW)], PROGRAMMES)
    assert call is not None
    assert (call.title, call.text) == ("half title", "")


def test_the_register() -> None:
    assert normaliser("eu_funding_tenders") is sys.modules["pipeline.normalise.eu_funding_tenders"]
    with pytest.raises(ConfigError, match='No normaliser for portal "elsewhere"'):
        normaliser("elsewhere")


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = sorted({key for item in (topic(), cascade(), prospect()) for key in item["metadata"]} | {"callUpdates"})
INNER = (
    "budgetTopicActionMap",
    "action",
    "budgetYearMap",
    "deadlineDates",
    "content",
    "url",
    "types",
    "typeOfAction",
)
NESTED = st.lists(st.dictionaries(st.sampled_from(INNER), JSON, max_size=4), max_size=3)
VALUES = JSON | st.lists(JSON, max_size=2) | NESTED | NESTED.map(json.dumps).map(lambda text: [text])


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.sampled_from(["48000001TOPICSen", "15301COMPETITIVE_CALLen", "185123PROSPECTSEN", "9"]),
    st.sampled_from(["1", "2", "6", "8"]),
    st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8),
)
def test_never_raises_whatever_the_metadata(reference: str, kind: str, meta: dict[str, Any]) -> None:
    item = row(reference, kind, identifier=TOPIC, title="T", status="31094502")
    item["metadata"].update(meta)
    call, issues = assemble([Document(Role.CALL, "en", json.dumps(item).encode(), NOW)], PROGRAMMES)
    assert call is None or (call.title and call.reference)
    assert all(issue.problem == clean(issue.problem) for issue in issues)
