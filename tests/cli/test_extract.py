"""`callwatch extract`: one document for programs, rows for people, and what it says to wrong use."""

from __future__ import annotations

from pathlib import Path

from pipeline.store import Store, calls
from tests.harvest.commands import Callwatch

KEYS = [
    *("title", "language", "budget", "project_max", "deadlines", "opens_at", "openings", "closed", "programme"),
    *("identifiers", "applicants", "ecosystems", "evidence"),
]
NOTICE = "Stöd till hamnar\n\nSista ansökningsdag: 3 maj kl. 12.00\nBudget: 4 miljoner kronor\n"


def notice(read: Callwatch, text: str = NOTICE) -> str:
    path = Path(read.folder) / "notice.txt"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_document_has_the_keys_of_the_contract(read: Callwatch) -> None:
    done = read("extract", notice(read), "--published", "2025-01-10")
    assert (done.code, done.err) == (0, "")
    assert list(done.json) == KEYS
    assert done.json["budget"] == {"amount": 4_000_000, "currency": "SEK"}
    assert done.json["deadlines"] == [
        {
            "at": "2025-05-03T12:00+02:00",
            "precision": "exact",
            "time_zone": "Europe/Stockholm",
            "inferred": True,
            "raw": "3 maj kl. 12.00",
        }
    ]
    assert done.json["evidence"]["budget"] == "Budget: 4 miljoner kronor"


def test_a_table_for_people(read: Callwatch) -> None:
    done = read("extract", notice(read), "--published", "2025-01-10", "--format", "table")
    assert done.code == 0
    assert "4 000 000 SEK" in done.out
    assert "2025-05-03 12:00 Europe/Stockholm (year inferred)" in done.out


def test_a_text_without_facts_is_no_error(read: Callwatch) -> None:
    done = read("extract", notice(read, "Hej!"), "--language", "SV")
    assert (done.code, done.json["language"], done.json["deadlines"], done.json["budget"]) == (0, "sv", [], None)


def test_wrong_use_is_told_apart(read: Callwatch) -> None:
    for arguments in (
        ("extract", "missing.txt"),
        ("extract", notice(read), "--published", "soon"),
        ("extract", notice(read), "--language", "xx"),
    ):
        done = read(*arguments)
        assert done.code == 2
        assert "Traceback" not in done.err


def test_the_stored_call_it_belongs_to_is_found(read: Callwatch) -> None:
    with Store.open(f"sqlite:///{read.folder / 'callwatch.db'}") as store, store.read() as conn:
        stored = [
            one.call
            for one in calls.query(conn)
            if one.call.budget and one.call.budget.total and one.call.deadlines
        ]
    pairs = [(call.budget.total, call.deadlines[0].at.date()) for call in stored if call.budget]
    call = next(one for one, pair in zip(stored, pairs, strict=True) if pairs.count(pair) == 1)
    assert call.budget is not None
    money = f"{call.budget.total:f} {call.budget.currency}"
    text = f"Call for proposals\nDeadline: {call.deadlines[0].at:%d %B %Y}\nBudget: {money}\n"
    done = read("extract", notice(read, text))
    assert done.json["identifiers"] == [call.identifier]
    assert read("extract", notice(read, "Call\nDeadline: 3 May 2025\n")).json["identifiers"] == []
