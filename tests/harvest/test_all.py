"""All portals in one command: side by side, each at its own pace, and none at the cost of another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
import yaml

from callwatch.demo import sample
from callwatch.demo.standin.server import StandIn
from pipeline.source import ListPortal, PagePortal, SearchPortal, load_portals
from tests.conftest import ROOT
from tests.harvest.commands import Callwatch, Done
from tests.portals.facts import answer
from tests.portals.list_server import ListServer, list_server
from tests.portals.site_server import Answer, Crowd, SiteServer, site, site_server
from tests.portals.sites import NOW, SITES, hosts

PORTALS = {name: portal for name, portal in load_portals(ROOT / "config").items() if not portal.off}
READY = [
    name
    for name, portal in PORTALS.items()
    if isinstance(portal, SearchPortal | ListPortal) or (isinstance(portal, PagePortal) and name in SITES)
]
KEY = "k3y"


class World:
    """A stand-in for every portal, each on a port of its own."""

    def __init__(self, callwatch: Callwatch, servers: dict[str, Any]) -> None:
        self.callwatch, self.servers = callwatch, servers
        self.crowd = Crowd()
        self.env = {f"CALLWATCH_{name.upper()}_BASE_URL": server.base_url for name, server in servers.items()}
        self.env |= {portal.key_env: KEY for portal in PORTALS.values() if portal.key_env}
        self.env["CALLWATCH_CONFIG"] = str(callwatch.folder / "config")
        for server in servers.values():
            server.crowd = self.crowd

    def all(self, *command: str, days: int = 0, **more: Any) -> Done:
        return self.callwatch(
            *(command or ("harvest", "--all", "--json")), at=NOW + timedelta(days), **self.env, **more
        )


def verdicts(done: Done) -> dict[str, str]:
    return {run["portal"]: run["verdict"] for run in done.json["runs"]}


def listing_server(name: str, portal: ListPortal) -> Any:
    (listed,) = portal.harvest.lists
    path = "/" + listed.url.split("/", 3)[3].removesuffix("/{since}")
    return list_server(path, answer(name), key=KEY if portal.key_env else "", dated="{since}" in listed.url)


@pytest.fixture
def world(callwatch: Callwatch) -> Iterator[World]:
    folder = callwatch.folder / "config" / "portals"
    folder.mkdir(parents=True)
    (folder.parent / "subscriptions.yml").write_text("contacts: {}\nsubscriptions: []\n")
    with ExitStack() as stack:
        servers: dict[str, Any] = {}
        for name in READY:
            (folder / f"{name}.yml").write_text((ROOT / "config" / "portals" / f"{name}.yml").read_text())
            portal = PORTALS[name]
            if isinstance(portal, ListPortal):
                servers[name] = stack.enter_context(listing_server(name, portal))
            elif isinstance(portal, SearchPortal):
                servers[name] = stack.enter_context(StandIn(sample.records(NOW.date())))
            else:
                servers[name] = stack.enter_context(site_server(site(name), hosts=hosts(name)))
        yield World(callwatch, servers)


def on_loopback(world: World) -> list[SiteServer | ListServer]:
    return [server for server in world.servers.values() if isinstance(server, SiteServer | ListServer)]


def test_side_by_side_and_each_host_one_at_a_time(world: World) -> None:
    for server in on_loopback(world):
        server.delay = 1.0
    done = world.all()
    found = verdicts(done)
    assert list(found) == READY, "in their order"
    assert len(found) >= 6
    assert found["eu_funding_tenders"] == "complete"
    assert "failed" not in found.values(), done.err
    assert {server.most_at_once for server in on_loopback(world)} == {1}
    assert world.crowd.most >= len(on_loopback(world)) - 1, "their hosts are asked at the same time"


def test_what_breaks_in_one_costs_the_others_nothing(world: World) -> None:
    before = verdicts(world.all())
    world.servers["formas"].mood = "reset"
    broken = {
        "forte": "spiders.portals.forte:Forte.parse",
        "vetenskapsradet": "pipeline.normalise.vetenskapsradet:assemble",
    }
    world.servers["vetenskapsradet"].rows = [row | {"titel": "Ny"} for row in answer("vetenskapsradet")]
    done = world.all(days=1, tamper={"raise_in": list(broken.values())})
    found = {run["portal"]: run for run in done.json["runs"]}
    assert done.code == 3
    for name, verdict in before.items():
        assert found[name]["verdict"] == ("failed" if name in {"formas", *broken} else verdict), name
    for name, place in broken.items():
        problem = f"RuntimeError: broken on purpose: {place}"
        assert found[name]["issues"][0] == {"reference": "", "field": "run", "problem": problem}
        assert f"broken on purpose: {place}" in done.err
    assert done.err.count("a fault of callwatch, not of the portal") == 2
    world.servers["formas"].mood = ""
    assert verdicts(world.all(days=2)) == before, "and the next day all is well"


def test_a_fault_in_every_portal_is_a_fault_of_ours(world: World) -> None:
    places = ["spiders.portals.formas:Formas.parse", "spiders.portals.forte:Forte.parse"]
    done = world.callwatch(
        "harvest", "formas", "forte", "--json", at=NOW, tamper={"raise_in": places}, **world.env
    )
    assert (done.code, done.out) == (1, "")
    assert "broken on purpose: spiders.portals.formas:Formas.parse" in done.err


def test_a_portal_without_its_parts_costs_the_others_nothing(world: World) -> None:
    text = (ROOT / "config" / "portals" / "forte.yml").read_text().replace("name: forte", "name: nobody")
    (world.callwatch.folder / "config" / "portals" / "nobody.yml").write_text(text)
    done = world.callwatch("harvest", "forte", "nobody", "--json", at=NOW, **world.env)
    assert (done.code, verdicts(done)) == (3, {"forte": "complete", "nobody": "failed"})
    assert 'No normaliser for portal \\"nobody\\": add pipeline/normalise/nobody.py' in done.out
    alone = world.callwatch("harvest", "nobody", at=NOW, **world.env)
    assert alone.code == 2


def test_portals_that_share_a_host_are_asked_one_at_a_time(callwatch: Callwatch) -> None:
    lists = {
        "https://h/api/ansokningsomgangar/2024-01-01": answer("vinnova"),
        f"https://h/gdp_formas/utlysningar?authorization={KEY}": answer("formas"),
        f"https://h/gdp_forte/utlysningar?authorization={KEY}": answer("forte"),
    }
    pages = {url: Answer(json.dumps(rows).encode(), "application/json") for url, rows in lists.items()}
    names = ("tillvaxtverket", "vinnova", "formas", "forte")
    with site_server({**site("tillvaxtverket"), **pages}) as server:
        server.delay = 0.15
        env = {f"CALLWATCH_{name.upper()}_BASE_URL": server.base_url for name in names}
        env |= {f"CALLWATCH_{name.upper()}_KEY": KEY for name in names}
        done = callwatch("harvest", *names, "--json", at=NOW, **env)
        assert "failed" not in verdicts(done).values()
        assert (server.most_at_once, server.faults) == (1, [])
        assert len(server.asked) >= 8


@pytest.fixture
def told(world: World) -> World:
    """A reader of everything, a first day, and a new call on the second one."""
    contact = {"name": "A", "email": "a@contacts.example", "vouched": True}
    wish = {"key": "all", "contact": "a", "channel": "file", "cadence": "at_once"}
    people = {"contacts": {"a": contact}, "subscriptions": [wish]}
    (world.callwatch.folder / "config" / "subscriptions.yml").write_text(yaml.safe_dump(people))
    world.all("tick")
    assert "Snowplough" not in messages(world)
    row = answer("vinnova")[0] | {"Diarienummer": "2026-99999", "TitelEngelska": "Snowplough trials"}
    world.servers["vinnova"].rows = [*answer("vinnova"), row]
    return world


def messages(world: World) -> str:
    """All that was written to readers."""
    return "\n".join(path.read_text() for path in sorted(world.callwatch.folder.glob("callwatch-out/*")))


def test_tick_plans_and_delivers_beside_a_broken_portal(told: World) -> None:
    broken = ["spiders.portals.forte:Forte.parse", "pipeline.normalise.vetenskapsradet:assemble"]
    done = told.all("tick", days=1, tamper={"raise_in": broken})
    assert done.code == 3
    assert "forte failed" in done.out
    assert "Snowplough" in messages(told)


def test_tick_delivers_also_when_no_portal_could_be_harvested(told: World) -> None:
    told.all("harvest", "vinnova", days=1)
    for name in READY:
        if name != "forte":
            (told.callwatch.folder / "config" / "portals" / f"{name}.yml").unlink()
    done = told.all("tick", days=1, tamper={"raise_in": ["spiders.portals.forte:Forte.parse"]})
    assert done.code == 1
    assert "broken on purpose" in done.err
    assert "Snowplough" in messages(told)
