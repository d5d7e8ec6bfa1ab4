"""`callwatch portals record` in a copy of the checkout, against strict servers on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import yaml

from tests.portals.checkout import Checkout
from tests.portals.facts import answer
from tests.portals.list_server import list_server
from tests.portals.made_up import PERSON
from tests.portals.shapes import KEY
from tests.portals.site_server import SiteServer, site, site_server

pytestmark = pytest.mark.slow
NAME, BASE = "tillvaxtverket", "CALLWATCH_TILLVAXTVERKET_BASE_URL"
URLS = tuple(site(NAME))
TEST_FOLDER = f"tests/portals/{NAME}"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return Checkout(tmp_path_factory.mktemp("checkout") / "callwatch")


@pytest.fixture
def pages() -> Iterator[SiteServer]:
    with site_server(site(NAME)) as server:
        yield server


def test_what_came_becomes_the_test_site_without_persons_and_scripts(copy: Checkout, pages: SiteServer) -> None:
    was = site(NAME)[URLS[1]].body
    tracked = f"<script>track()</script><p>A line more. {PERSON}</p></main>".encode()
    pages.change(URLS[1], body=was.replace(b"</main>", tracked))
    done = copy.run("callwatch", "portals", "record", NAME, "--pages", "2", **{BASE: pages.base_url})
    assert done.returncode == 0, done.stderr
    places = yaml.safe_load((copy.root / TEST_FOLDER / "site.yml").read_text(encoding="utf-8"))
    files = sorted(path.name for path in (copy.root / TEST_FOLDER / "site").iterdir())
    assert set(places) == set(URLS[:3]), "the list, and two pages"
    assert files == sorted(places.values())
    text = (copy.root / TEST_FOLDER / "site" / places[URLS[1]]).read_text(encoding="utf-8")
    assert "A line more." in text
    assert PERSON not in text
    assert "track()" not in text
    feed = (copy.root / TEST_FOLDER / "site" / places[URLS[0]]).read_text(encoding="utf-8")
    assert [url in feed for url in URLS[1:]] == [True, True, False, False], "the list is cut"
    assert f"+2 -1     {URLS[1]}" in done.stdout, "a line more, and one without its address"
    assert f"gone      {URLS[4]}" in done.stdout
    assert "licence, by config/portals/tillvaxtverket.yml: public documents" in done.stdout
    shape = json.loads((copy.root / "config/shapes/tillvaxtverket.json").read_bytes())
    assert shape["of"].startswith("live 20")
    assert copy.run("tests.portals.sites", NAME).returncode == 0
    tests = ("tests/portals/test_sites.py", "tests/portals/test_shapes.py")
    done = copy.run("pytest", "-q", "-n0", *tests, "-k", NAME)
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_without_an_answer_nothing_is_written(copy: Checkout, pages: SiteServer) -> None:
    pages.change(URLS[0], status=404)
    before = copy.state()
    for more in ((), ("--shape-only",)):
        done = copy.run("callwatch", "portals", "record", NAME, *more, **{BASE: pages.base_url})
        assert done.returncode == 3
        assert "HTTP 404. Nothing was written." in done.stderr
    assert copy.state() == before


def test_of_a_list_only_the_shape_is_recorded(copy: Checkout) -> None:
    rows = [{**row, "nytt": 1} for row in answer("formas")]
    before = copy.state()
    with list_server("/gdp_formas/utlysningar", rows, key=KEY) as formas:
        env = {"CALLWATCH_FORMAS_BASE_URL": formas.base_url, "CALLWATCH_FORMAS_KEY": KEY}
        done = copy.run("callwatch", "portals", "record", "formas", **env)
        assert done.returncode == 0, done.stderr
        assert len(formas.asked) == 1
    after = copy.state()
    assert {place for place in after if after[place] != before.get(place)} == {"config/shapes/formas.json"}
    assert json.loads(after["config/shapes/formas.json"])["fields"]["nytt"] == [1.0, ["number"]]
    assert "nytt: new" in done.stdout
    assert copy.run("pytest", "-q", "-n0", "tests/portals/test_shapes.py", "-k", "formas").returncode == 0
