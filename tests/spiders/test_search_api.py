"""How the search API is asked, and how an answer to another question is told."""

from __future__ import annotations

from datetime import date
from email import message_from_bytes
from typing import Any

import orjson
import pytest

from pipeline.harvest import Role
from pipeline.source import Portal, load_portal
from spiders.base.asks import Ask, Part, Slice
from spiders.base.envelope import Envelope
from spiders.base.search_api import (
    Question,
    Row,
    body_of,
    foreign,
    over_before,
    questions,
    read_row,
    url_of,
    wrong_page,
)
from spiders.multipart import encode

TOPICS = Question(
    name="topics", role=Role.CALL, sort="identifier", type="1", language="en", statuses=("31094501", "31094502")
)
OPEN = {"terms": {"status": ["31094501", "31094502"]}}


@pytest.fixture(scope="module")
def portal(config_dir: Any) -> Portal:
    return load_portal(config_dir, "eu_funding_tenders")


def parts_of(ask: Ask) -> dict[str, Any]:
    body, content_type = body_of(ask, "SEDIA")
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    found = {}
    for part in message.get_payload():
        assert part.get_content_type() == "application/json"
        found[part.get_param("name", header="Content-Disposition")] = orjson.loads(part.get_payload(decode=True))
    return found


def test_a_page_is_asked_for_as_the_portal_wants_it() -> None:
    ask = Ask(part=TOPICS, where=Slice(), size=100, number=3, sort="identifier")
    assert url_of("https://h/search", "SEDIA", ask) == (
        "https://h/search?apiKey=SEDIA&text=***&pageSize=100&pageNumber=3"
    )
    assert parts_of(ask) == {
        "query": {"bool": {"must": [{"terms": {"type": ["1"]}}, {"terms": {"DATASOURCE": ["SEDIA"]}}, OPEN]}},
        "languages": ["en"],
        "sort": {"field": "identifier", "order": "ASC"},
    }


def test_a_slice_narrows_and_excludes() -> None:
    where = Slice().only("programme", "7").less("division", ["1", "2"])
    parts = parts_of(Ask(part=TOPICS, where=where, sort="identifier", descending=True))
    assert {"terms": {"programme": ["7"]}} in parts["query"]["bool"]["must"]
    assert parts["query"]["bool"]["must_not"] == [{"terms": {"division": ["1", "2"]}}]
    assert parts["sort"]["order"] == "DESC"


def test_a_count_has_no_sort_and_a_facet_neither_sort_nor_page() -> None:
    assert "sort" not in parts_of(Ask(part=TOPICS, where=Slice()))
    facet = Ask(part=TOPICS, where=Slice(), facet="programme")
    assert "sort" not in parts_of(facet)
    assert url_of("https://h/facet", "SEDIA", facet) == "https://h/facet?apiKey=SEDIA&text=***"


def test_equal_questions_are_equal_bytes_and_different_ones_differ() -> None:
    ask = Ask(part=TOPICS, where=Slice(), size=100, sort="identifier")
    assert body_of(ask, "SEDIA") == body_of(ask, "SEDIA")
    assert encode({"a": b"1"}) != encode({"a": b"2"})
    assert encode({"a": b"1", "b": b""})[1] != encode({"a": b"1b"})[1]


def test_a_range_is_written_in_the_form_of_the_index() -> None:
    news = Question(name="n", role=Role.NEWS, sort="s", type="6", language="en", since=("s", date(2026, 9, 5)))
    query = parts_of(Ask(part=news, where=Slice()))["query"]
    assert {"range": {"s": {"gte": "2026-09-05T00:00:00.000+0000"}}} in query["bool"]["must"]


def test_the_daily_harvest_asks_every_kind_in_every_language_and_the_news(portal: Portal) -> None:
    parts = questions(portal, date(2026, 11, 23), closed=False, since=None)
    assert [(p.name, p.type, p.language, p.role, p.sort) for p in parts] == [
        ("topics", "1", "en", Role.CALL, "identifier"),
        ("external actions", "2", "en", Role.CALL, "callIdentifier"),
        ("cascade calls", "8", "en", Role.CALL, "callccm2Id"),
        ("topics (sv)", "1", "sv", Role.TRANSLATION, "identifier"),
        ("external actions (sv)", "2", "sv", Role.TRANSLATION, "callIdentifier"),
        ("cascade calls (sv)", "8", "sv", Role.TRANSLATION, "callccm2Id"),
        ("news", "6", "en", Role.NEWS, "es_SortDate"),
    ]
    assert [p.optional for p in parts] == [False] * 6 + [True]
    assert parts[-1].since == ("es_SortDate", date(2026, 10, 9))
    assert {p.statuses for p in parts[:6]} == {("31094501", "31094502")}


def test_closed_calls_come_without_news_and_from_a_day_on(portal: Portal) -> None:
    parts = questions(portal, date(2026, 11, 23), closed=True, since=date(2026, 1, 1))
    assert {p.statuses for p in parts} == {("31094503",)}
    assert {p.since for p in parts} == {("deadlineDate", date(2026, 1, 1))}
    assert len(parts) == 6


@pytest.mark.parametrize(
    ("envelope", "told"),
    [
        (Envelope(500, ()), ""),
        (Envelope(50_000, (), 3, 100), ""),
        (Envelope(50_001, (), 3, 100), "50001 results, at most 50000 expected"),
        (Envelope(5, (), 1, 100), "page 3 was asked for, page 1 answered"),
        (Envelope(5, (), "3", 100), "page 3 was asked for, page '3' answered"),
        (Envelope(5, (), 3, 50), "pages of 100 were asked for, pages of 50 answered"),
    ],
)
def test_an_answer_to_another_question_is_told_by_its_envelope(envelope: Envelope, told: str) -> None:
    found = wrong_page(envelope, Ask(part=TOPICS, where=Slice(), size=100, number=3, sort="i"), 50_000)
    assert found.startswith(told) if told else found == ""


def item(language: Any = "en", /, **metadata: Any) -> bytes:
    return orjson.dumps({"language": language, "metadata": {"type": ["1"], "status": ["31094502"], **metadata}})


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (item(), ""),
        (item("bg"), "language 'bg' although only en"),
        (item(None, language=["fi"]), "language 'fi'"),
        (item(type=["6"]), "type '6' although only 1"),
        (item(type="6"), "type '6'"),
        (item(status=["31094503"]), "status '31094503' although only 31094501, 31094502"),
        (item(type=["1", "6"]), ""),
        (item(type=[7], status=None), ""),
        (b'{"language":"en","type":["8"]}', "type '8'"),
        (b'{"language":"en"}', ""),
    ],
)
def test_a_row_that_was_not_asked_for_is_told(raw: bytes, told: str) -> None:
    row = read_row(raw)
    assert row is not None
    found = foreign(row, TOPICS)
    assert told in found
    assert bool(found) == bool(told)


def test_news_have_no_status_to_compare() -> None:
    news = Question(name="n", role=Role.NEWS, sort="s", type="6", language="en")
    row = read_row(item(type=["6"], status=["anything"]))
    assert row is not None
    assert foreign(row, news) == ""


@pytest.mark.parametrize("raw", [b"17", b'{"metadata":"see above"}', b"[" * 5000, b"nonsense"])
def test_what_has_another_shape_is_not_compared(raw: bytes) -> None:
    assert read_row(raw) is None


@pytest.mark.parametrize(
    ("dates", "over"),
    [
        (["2026-01-01T00:00:00.000+0000"], True),
        (["2026-01-01T00:00:00.000+0000", "2026-02-01T00:00:00.000+0000"], False),
        (["2026-01-31T00:00:00.000+0000"], False),
        ([], False),
        (None, False),
        ([5], False),
    ],
)
def test_the_last_deadline_decides_whether_a_call_was_over_before_a_day(dates: Any, over: bool) -> None:
    row = read_row(item(deadlineDate=dates))
    assert row is not None
    assert over_before(row, date(2026, 1, 31)) is over
    assert over_before(Row(), date(2026, 1, 31)) is False


def test_a_part_of_another_api_cannot_be_asked() -> None:
    with pytest.raises(AssertionError):
        body_of(Ask(part=Part(name="x", role=Role.CALL, sort="s"), where=Slice()), "SEDIA")
