"""Portals of pages: their hand-written sites, harvested by the real command, become what was checked by eye."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.harvest.commands import Callwatch
from tests.harvest.conftest import callwatch, zygote
from tests.portals.site_server import HERE, site, site_server
from tests.portals.sites import NOW, SITES, harvest, hosts, outcome

__all__ = ["callwatch", "zygote"]


@pytest.mark.parametrize("portal", SITES)
def test_expected_and_the_next_day_nothing_new(portal: str, callwatch: Callwatch) -> None:
    with site_server(site(portal), hosts=hosts(portal)) as server:
        first = harvest(callwatch, portal, server)
        found = json.loads(json.dumps(outcome(callwatch, first), default=list))
        assert found == json.loads((HERE / portal / "expected.json").read_text(encoding="utf-8"))
        assert found["calls"], "a site without calls shows nothing"
        assert server.most_at_once == 1
        server.answered.clear()
        again = harvest(callwatch, portal, server, at=NOW + timedelta(days=1))
    assert (again.report["new"], again.report["changed"]) == (0, 0)
    assert again.report["verdict"] == first.report["verdict"]
    asked = [(path, status) for path, status in server.answered if not path.endswith("robots.txt")]
    assert {status for _, status in asked} <= {304, 404, 302}, "nothing that has not changed is fetched again"
