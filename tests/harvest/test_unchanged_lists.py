"""Lists that say that they have not changed: they are not sent again, and hold what they held."""

from __future__ import annotations

from tests.harvest.commands import Callwatch
from tests.harvest.lists import harvest
from tests.harvest.state import stored_calls
from tests.portals.facts import answer
from tests.portals.list_server import ListServer


def test_a_list_that_has_not_changed_is_not_sent_again(callwatch: Callwatch, formas: ListServer) -> None:
    server = formas
    server.rows = [row for row in answer("formas") if row["diarienummer"] != "2018-80004"]
    server.rows += [server.rows[0] | {"diarienummer": f"2020-1{n:04}"} for n in range(9)]
    first = harvest(callwatch, server)
    server.answered.clear()
    again = harvest(callwatch, server, days=1)
    assert server.answered == [200, 304], "robots.txt, and the list"
    assert (again.code, again.report["verdict"]) == (0, "complete")
    assert [again.report[name] for name in ("new", "changed", "unchanged")] == [0, 0, first.report["new"]]
    assert (again.report["expected"], again.report["seen"]) == (first.report["expected"], first.report["seen"])
    server.rows = server.rows[1:]
    harvest(callwatch, server, days=2)
    server.answered.clear()
    for day in (3, 5):
        harvest(callwatch, server, days=day)
    assert server.answered == [200, 304] * 2
    assert stored_calls(callwatch)["2026-80001"].gone_since, "absence is proven by what has not changed, too"


def test_a_list_of_which_something_could_not_be_kept_is_read_again(
    callwatch: Callwatch, formas: ListServer
) -> None:
    formas.rows = [*answer("formas"), {"finansiarNamn": "Formas"}]
    for day in (0, 1):
        assert "could not be placed" in harvest(callwatch, formas, days=day).problems
    assert 304 not in formas.answered


def test_what_was_left_out_by_a_limit_comes_with_the_next_harvest(
    callwatch: Callwatch, formas: ListServer
) -> None:
    harvest(callwatch, formas, "--limit", "1")
    assert harvest(callwatch, formas, days=1).report["new"] == 2
