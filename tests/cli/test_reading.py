"""What calls, show, events and classify print, and what they say to wrong use."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.cli.conftest import FORMULA, RENAMED
from tests.harvest.commands import PORTAL, Callwatch, Done
from tests.harvest.days import NOW
from tests.harvest.state import stored_calls

CALL_KEYS = [
    *("id", "portal", "reference", "identifier", "call_identifier", "kind", "programme", "title", "titles"),
    *("status", "opens_at", "deadlines", "next_deadline", "budget", "ecosystems", "s3", "url", "sources"),
    *("first_seen", "last_seen", "gone_since"),
]
BUDGET_KEYS = ["total", "currency", "project_min", "project_max", "grants", "by_year"]
TOMORROW = NOW + timedelta(days=1)


def run(callwatch: Callwatch, *arguments: str, **given: Any) -> Done:
    done = callwatch(*arguments, at=TOMORROW, **given)
    assert (done.code, done.err) == (0, ""), done.err
    return done


def is_utc(text: str | None) -> bool:
    return text is None or datetime.fromisoformat(text).utcoffset() == timedelta(0)


def test_calls_as_json_have_the_keys_of_the_contract(read: Callwatch) -> None:
    listed = run(read, "calls", "--format", "json").json
    assert len(listed) == len(stored_calls(read)) > 85
    for call in listed:
        assert list(call) == CALL_KEYS
        assert call["id"] == f"{PORTAL}:{call['reference']}"
        for deadline in call["deadlines"]:
            assert list(deadline) == ["at", "stage", "precision", "passed"]
            assert is_utc(deadline["at"])
        assert call["budget"] is None or list(call["budget"]) == BUDGET_KEYS
        for label in call["ecosystems"]:
            assert [key for key in label if key != "review"] == ["id", "rank", "score", "because"]
            assert label.get("review", True) is True
            assert label["because"]
        for label in call["s3"]:
            assert list(label) == ["region", "score", "priority", "because"]
            assert 0 <= label["score"] <= 3
        assert all(is_utc(call[name]) for name in ("opens_at", "next_deadline", "first_seen", "last_seen"))


def test_calls_come_nearest_deadline_first(read: Callwatch) -> None:
    listed = run(read, "calls", "--live", "--format", "json").json
    ahead = [call["next_deadline"] for call in listed]
    assert ahead == sorted(ahead)
    assert all(call["gone_since"] is None and call["status"] != "closed" for call in listed)
    first = run(read, "calls", "--live", "--format", "json", "--limit", "3").json
    assert first == listed[:3]


@pytest.mark.parametrize(
    ("arguments", "fits"),
    [
        (["--programme", "HORIZON"], lambda c: c["programme"] == "HORIZON"),
        (["--programme", "horizon"], lambda c: c["programme"] == "HORIZON"),
        (["--kind", "cascade"], lambda c: c["kind"] == "cascade"),
        (["--status", "forthcoming"], lambda c: c["status"] == "forthcoming"),
        (["--ecosystem", "mobility"], lambda c: "mobility" in [e["id"] for e in c["ecosystems"]]),
        (["--region", "SE332"], lambda c: any(s["region"] == "SE332" and s["score"] >= 1 for s in c["s3"])),
        (
            ["--region", "se332", "--least", "3"],
            lambda c: any(s["region"] == "SE332" and s["score"] == 3 for s in c["s3"]),
        ),
        (["--word", "battery"], None),
        (["--portal", PORTAL], lambda c: True),
        (
            ["--programme", "HORIZON", "--status", "open"],
            lambda c: (c["programme"], c["status"]) == ("HORIZON", "open"),
        ),
    ],
)
def test_filters_choose_just_what_fits(read: Callwatch, arguments: list[str], fits: Any) -> None:
    every = run(read, "calls", "--format", "json").json
    found = run(read, "calls", *arguments, "--format", "json").json
    assert found
    if fits is None:
        known = stored_calls(read)
        said = {name: f"{s.call.identifier} {s.call.title} {s.call.text}".casefold() for name, s in known.items()}
        assert {c["reference"] for c in found} == {name for name, text in said.items() if "battery" in text}
    else:
        assert {c["id"] for c in found} == {c["id"] for c in every if fits(c)}


def test_calls_as_csv_run_no_formula(read: Callwatch) -> None:
    done = run(read, "calls", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert len(rows) == len(stored_calls(read))
    titles = {row["id"]: row["title"] for row in rows}
    assert titles[f"{PORTAL}:{RENAMED}"].startswith(f"'{FORMULA}")
    assert not [cell for row in rows for cell in row.values() if cell[:1] in set("=+-@\t\r")]


@pytest.mark.parametrize("arguments", [["calls"], ["show", RENAMED], ["events"], ["calls", "--format", "csv"]])
def test_no_title_steers_a_terminal(read: Callwatch, arguments: list[str]) -> None:
    assert "\x1b" not in run(read, *arguments).out


def test_show_as_json_is_the_call_with_everything_known_of_it(read: Callwatch) -> None:
    (listed,) = [c for c in run(read, "calls", "--format", "json").json if c["reference"] == RENAMED]
    shown = run(read, "show", RENAMED.lower(), "--format", "json").json
    assert {key: shown[key] for key in CALL_KEYS} == listed
    assert set(shown) - set(CALL_KEYS) >= {
        "text",
        "html",
        "conditions",
        "keywords",
        "links",
        "events",
        "witnesses",
    }
    assert [event["kind"] for event in shown["events"]] == ["new", "text_changed"]
    assert shown["events"][1]["after"]["title"].startswith(FORMULA)


def test_show_on_a_terminal(read: Callwatch) -> None:
    sheet = run(read, "show", "13402COMPETITIVE_CALL").out
    for words in (
        "Identifier:",
        "Kind:       cascade",
        "Deadline:",
        "Brussels",
        "Budget:     480 000 EUR",
        " UTC  new",
    ):
        assert words in sheet


def test_events_as_json(read: Callwatch) -> None:
    listed = run(read, "events", "--format", "json").json
    assert all(list(event) == ["call_id", "kind", "at", "before", "after"] for event in listed)
    assert [event["at"] for event in listed] == sorted(event["at"] for event in listed)
    since = run(read, "events", "--since", TOMORROW.isoformat(), "--format", "json").json
    assert since == [event for event in listed if event["at"] >= TOMORROW.isoformat()]
    assert 0 < len(since) < len(listed)
    one = run(read, "events", "--kind", "deadline_extended", "--format", "json").json
    assert one == [event for event in listed if event["kind"] == "deadline_extended"] != []
    assert run(read, "events", "--limit", "2", "--format", "json").json == listed[-2:]
    table = run(read, "events", "--kind", "deadline_brought_forward").out.splitlines()
    assert re.fullmatch(r"at +kind +call +before +after *", table[0])
    assert len(table) == 2


def test_classify_as_json_from_words_a_file_and_standard_input(read: Callwatch) -> None:
    text = "Buses, railways and ports are to be electrified; trucks and ferries are to follow. " * 3
    notice = read.folder / "notice.txt"
    notice.write_text(text)
    title = ("classify", "--title", "Electric buses, railways and ports", "--format", "json", "--text")
    ways = (run(read, *title, text), run(read, *title, str(notice)), run(read, *title, "-", stdin=text))
    assert ways[0].json == ways[1].json == ways[2].json != run(read, *title, "").json
    found = ways[0].json
    assert list(found) == ["ecosystems", "s3"]
    assert found["ecosystems"][0]["id"] == "mobility"
    assert found["ecosystems"][0]["because"][0]["words"]


def test_classify_needs_no_database(read: Callwatch) -> None:
    nowhere = {"CALLWATCH_DATABASE_URL": "sqlite:////nonexistent/callwatch.db"}
    assert read("classify", "--title", "Fossil-free steel", **nowhere).code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["calls", "--ecosystem", "mobilty"], 'unknown "mobilty". Did you mean "mobility"?'),
        (["calls", "--region", "SE333"], 'unknown "SE333". Did you mean "SE332"?'),
        (["calls", "--programme", "HORIZN"], 'unknown "HORIZN". Did you mean "HORIZON"?'),
        (["calls", "--portal", "eu_funding"], 'unknown "eu_funding". Did you mean "eu_funding_tenders"?'),
        (["calls", "--kind", "topc"], "'topc' is not one of 'topic', 'cascade', 'external_action'"),
        (["calls", "--status", "opn"], "'opn' is not one of 'forthcoming', 'open', 'closed'"),
        (["calls", "--least", "4"], "Input should be less than or equal to 3"),
        (["calls", "--format", "xml"], "'xml' is not one of 'table', 'json', 'csv'"),
        (["calls", "--limt", "3"], "No such option: --limt"),
        (["call"], "No such command 'call'. Did you mean 'calls'?"),
        (["events", "--kind", "opend"], "'opend' is not one of"),
        (["events", "--since", "soon"], '"soon" is not a day or instant like 2026-01-31'),
        (["show", "NOTHING-LIKE-IT"], "in the store; try `callwatch calls --word`"),
        (["show", "HORIZON"], "'HORIZON' fits several calls: eu_funding_tenders:"),
        (["show", RENAMED, "--format", "csv"], "csv is for lists"),
        (["classify"], "give --identifier, --title or --text"),
        (["classify", "--title", "x", "--format", "csv"], "csv is for lists"),
    ],
)
def test_wrong_use_is_answered_with_a_remedy(read: Callwatch, arguments: list[str], told: str) -> None:
    done = read(*arguments, at=TOMORROW)
    assert (done.code, done.out) == (2, "")
    assert told in " ".join(done.err.split())
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "command",
    [["calls"], ["show", RENAMED], ["events"], ["classify", "--title", "Steel"], ["status"], ["portals", "list"]],
)
def test_json_is_one_document_and_nothing_else(read: Callwatch, command: list[str]) -> None:
    done = read("--verbose", *command, "--format", "json", at=TOMORROW)
    assert done.code == 0
    assert done.json
    assert done.out.endswith(("]\n", "}\n"))
