"""What an operator reads: the state of the database, and of callwatch as a whole."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import ROOT
from tests.harvest.commands import Callwatch


def test_the_database_is_created_once(callwatch: Callwatch):
    first, second = callwatch("db", "upgrade"), callwatch("db", "upgrade")
    assert (first.code, second.code) == (0, 0)
    assert "callwatch.db: created, at revision 0009." in first.out
    assert "callwatch.db: up to date." in second.out


def test_status_before_anything_has_happened(callwatch: Callwatch):
    done = callwatch("status", "--format", "json")
    assert done.code == 0
    names = sorted(path.stem for path in (ROOT / "config" / "portals").glob("*.yml"))
    never = {
        **{"at": "never", "verdict": "", "seen": 0, "issues": 0},
        **{
            "last_success": None,
            "failures": 0,
            "usual": 0,
            "fill": {},
            "weakest": None,
            "misses": {},
            "trouble": "",
        },
    }
    portals = done.json["portals"]
    told = {portal["portal"]: portal.pop("note") for portal in portals}
    assert portals == [{"portal": name, **never} for name in names]
    assert (told["vinnova"], told["formas"]) == ("unproven", "needs CALLWATCH_FORMAS_KEY; unproven")
    assert done.json["calls"] == {"all": 0, "live": 0, "gone": 0}
    assert "never" in callwatch("status").out


def test_every_mistake_in_the_subscriptions_is_told_with_its_line(callwatch: Callwatch, tmp_path: Path):
    text = (
        "contacts:\n  asa: {name: Åsa}\nsubscriptions:\n"
        "  - {key: a, contact: åsa, channel: fil, cadence: weekly, filters: {ecosystems: [mobilty]}}\n"
    )
    (tmp_path / "subscriptions.yml").write_text(text, encoding="utf-8")
    done = callwatch("subscriptions", "check", CALLWATCH_CONFIG=str(tmp_path))
    assert done.code == 2
    assert 'subscriptions.yml:4: subscriptions.0.channel: unknown channel "fil". Did you mean "file"?' in done.err
    assert 'unknown ecosystem "mobilty". Did you mean "mobility"?' in done.err
    assert 'unknown contact "åsa". Did you mean "asa"?' in done.err


def test_portals_are_listed(callwatch: Callwatch):
    portals = {portal.pop("name"): portal for portal in callwatch("portals", "list", "--format", "json").json}
    assert portals["eu_funding_tenders"]["note"] == ""
    assert portals["vinnova"]["note"] == "unproven"
    assert portals["formas"]["note"] == "needs CALLWATCH_FORMAS_KEY; unproven"
    assert "CALLWATCH" not in callwatch("portals", "list", CALLWATCH_FORMAS_KEY="x").out.partition("forte")[0]
    listed = callwatch("portals", "list").out
    assert all(f"\n{name} " in f"\n{listed}" for name in ("eu_funding_tenders", "formas"))
    assert "European Commission" in listed
    assert "needs CALLWATCH_FORTE_KEY" in listed
