"""What is remembered of pages, and which of them are worth another look."""

from __future__ import annotations

import orjson

from pipeline.harvest import PageMemory, WatchedPage
from pipeline.models import Status
from pipeline.store import Store, pages, raw
from tests.builders import NOW, at, deadline
from tests.store.samples import PORTAL, a_call, batch, keep, record

URL = "https://portal.example/calls/1#calls"


def memories(store: Store, reading: str = "r1", portal: str = PORTAL) -> dict[str, PageMemory]:
    with store.read() as conn:
        return pages.remembered(conn, portal, reading)


def test_what_was_remembered_last_counts(store: Store) -> None:
    first = PageMemory(URL, '"a"', "Thu, 01 Jan 2026 00:00:00 GMT", "2026-01-01", ("A", 'B "ö" \x00'))
    with store.begin() as conn:
        pages.remember(conn, PORTAL, "r1", [])
        pages.remember(conn, PORTAL, "r1", [PageMemory(URL, "old"), first])
    assert memories(store) == {URL: first}
    second = PageMemory(URL, 'W/"b"')
    with store.begin() as conn:
        pages.remember(conn, PORTAL, "r1", [second])
    assert memories(store) == {URL: second}


def test_another_reading_or_portal_knows_nothing_of_it(store: Store) -> None:
    with store.begin() as conn:
        pages.remember(conn, PORTAL, "r1", [PageMemory(URL, "a", found=("A",))])
    assert memories(store, "r2") == {}
    assert memories(store, portal="other") == {}
    with store.begin() as conn:
        pages.remember(conn, PORTAL, "r2", [PageMemory(URL, "b")])
    assert memories(store) == {}
    assert memories(store, "r2") == {URL: PageMemory(URL, "b")}


def test_many_pages_and_one_whose_address_is_endless(store: Store) -> None:
    many = [PageMemory(f"{URL}{n}", f'"{n}"', found=(str(n),)) for n in range(3_000)]
    with store.begin() as conn:
        pages.remember(conn, PORTAL, "r1", [*many, PageMemory(URL * 100, "x")])
    assert memories(store) == {memory.url: memory for memory in many}


def body(source: str, title: str) -> str:
    return orjson.dumps({"source": source, "url": "u", "fields": {"title": title}, "html": "x"}).decode()


def test_watched_are_the_pages_of_calls_one_can_still_apply_to(store: Store) -> None:
    live = a_call("LIVE", deadline(10))
    undated = a_call("UNDATED", portal_status="")
    over = a_call("OVER", deadline(-1))
    closed = a_call("CLOSED", deadline(10), status=Status.CLOSED)
    gone = a_call("GONE", deadline(10), gone_since=at(-1))
    records = [record(name, body("news", name)) for name in ("LIVE", "UNDATED", "OVER", "CLOSED", "GONE")]
    with store.begin() as conn:
        raw.stage(
            conn, "run-1", batch(*records, record("LIVE-2", body("news", "part"), call_reference="LIVE")), NOW
        )
        keep(conn, live, undated, over, closed, gone)
    with store.read() as conn:
        found = pages.watched(conn, PORTAL, NOW)
        assert pages.watched(conn, "other", NOW) == {}
    assert {url.rpartition("/")[2]: page for url, page in found.items()} == {
        "LIVE": WatchedPage("news", {"title": "LIVE"}),
        "LIVE-2": WatchedPage("news", {"title": "part"}),
        "UNDATED": WatchedPage("news", {"title": "UNDATED"}),
    }


def test_watched_is_what_the_page_said_last_whatever_it_was(store: Store) -> None:
    old, new = record("LIVE", body("news", "old")), record("LIVE", body("list", "new"))
    odd = record("ODD", '["no object"]')
    with store.begin() as conn:
        raw.stage(conn, "run-1", batch(old, odd), NOW)
        raw.stage(conn, "run-2", batch(new), at(1))
        keep(conn, a_call("LIVE", deadline(10)), a_call("ODD", deadline(10)))
    with store.read() as conn:
        found = pages.watched(conn, PORTAL, NOW)
    assert found[new.url] == WatchedPage("list", {"title": "new"})
    assert found[odd.url] == WatchedPage()
