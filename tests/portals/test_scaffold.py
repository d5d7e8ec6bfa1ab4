"""`callwatch portals new` in a copy of the checkout: from an address to calls, and every gate passes there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.portals.checkout import Checkout
from tests.portals.made_up import ALL, PERSON, MadeUp
from tests.portals.site_server import Answer, SiteServer, site_server


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return Checkout(tmp_path_factory.mktemp("checkout") / "callwatch")


@pytest.fixture
def cards() -> Iterator[SiteServer]:
    with site_server(ALL["listing"]().answers) as server:
        yield server


@pytest.mark.slow
def test_of_every_base_a_portal_gives_calls_and_passes_the_gates(tmp_path: Path) -> None:
    copy = Checkout(tmp_path / "callwatch")
    names = {base: f"made_{base}" for base in ALL}
    with ExitStack() as stack:
        made = {base: make() for base, make in ALL.items()}
        servers = {base: stack.enter_context(site_server(each.answers)) for base, each in made.items()}
        for base, server in servers.items():
            done = copy.new(names[base], made[base], base, server.base_url)
            assert done.returncode == 0, done.stderr
            assert 3 <= len(done.stdout.split("Next (")[1].splitlines()) <= 6
            assert len(server.asked) <= 1 + made[base].pages, "one list, a few pages"
            assert server.faults == []
        env = {f"CALLWATCH_{names[base].upper()}_BASE_URL": server.base_url for base, server in servers.items()}
        done = copy.run("callwatch", "harvest", *names.values(), **env)
        for base, name in names.items():
            number = made[base].calls
            complete = f"{name}: complete. {number} of {number} documents seen"
            assert complete in done.stdout, done.stdout + done.stderr
        listed = copy.run("callwatch", "calls", "--format", "csv").stdout
        for base, name in names.items():
            lines = [line for line in listed.splitlines() if line.startswith(f"{name}:")]
            assert len(lines) == made[base].calls, name
            assert all("2027-0" in line and ",EUR," in line for line in lines), "deadline and money"
    _gates(copy, names)


def _gates(copy: Checkout, names: dict[str, str]) -> None:
    pages = [name for base, name in names.items() if base != "json_list"]
    assert copy.run("tests.portals.sites", *pages).returncode == 0
    assert copy.run("tests.portals.facts", names["json_list"]).returncode == 0
    tests = (
        "tests/docs",
        "tests/portals/test_sites.py",
        "tests/portals/test_shapes.py",
        "tests/portals/test_expected.py",
    )
    own = [f"tests/portals/{name}" for name in names.values()]
    done = copy.run("pytest", "-q", "-n0", *tests, *own, "-k", "made_ or docs")
    assert done.returncode == 0, done.stdout
    assert "made_listing" in copy.run("callwatch", "portals", "list").stdout
    written = ("spiders/portals", "pipeline/normalise", *own)
    assert copy.run("ruff", "check", *written).stdout == "All checks passed!\n"
    assert copy.run("ruff", "format", "--check", *written).returncode == 0
    assert (done := copy.run("mypy", "pipeline/normalise", "spiders")).returncode == 0, done.stdout
    kept = [path for name in names.values() for path in (copy.root / "tests/portals" / name).rglob("*")]
    assert not [path for path in kept if path.is_file() and PERSON.encode() in path.read_bytes()]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("Cards", "https://cards.example/calls", "listing"), "is no name"),
        (("cards", "http://cards.example/calls", "listing"), "is no https:// address"),
        (("cards", "https://cards.example/calls", "lising"), 'Did you mean "listing"?'),
        (("vinnova", "https://cards.example/calls", "listing"), "already"),
        (("shared", "https://cards.example/calls", "listing"), "shared.py: is there already"),
        (("cards", "https://cards.example/calls", "feed"), "neither RSS nor Atom. Try --like listing."),
        (("cards", "https://cards.example/gone", "listing"), "HTTP 404"),
        (("cards", "https://cards.example/empty", "listing"), "no list of links was found in the page. Perhaps"),
        (("cards", "https://cards.example/private", "listing"), "robots.txt"),
        (("cards", "https://cards.example/moved", "listing"), "refused to ask https://elsewhere.example:443"),
    ],
)
def test_what_cannot_be_is_an_error_and_nothing_is_written(
    copy: Checkout, cards: SiteServer, arguments: tuple[str, str, str], says: str
) -> None:
    cards.robots = "User-agent: *\nDisallow: /private\n"
    site = "https://cards.example"
    cards.answers |= {"/empty": Answer(b"<main>Drawn by a script.</main>")}
    cards.change(f"{site}/moved", status=302, headers={"Location": "https://elsewhere.example/"})
    name, url, base = arguments
    before = copy.state()
    done = copy.new(name, MadeUp(url, {}), base, cards.base_url)
    assert done.returncode == 2, done.stdout
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert copy.state() == before


@pytest.mark.slow
def test_in_an_installed_wheel_it_says_where_portals_are_made(tmp_path: Path, cards: SiteServer) -> None:
    for name in ("spiders", "pipeline", "alerts", "callwatch"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "config", tmp_path / "callwatch" / "_config")
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "CALLWATCH_CARDS_BASE_URL": cards.base_url}
    command = [sys.executable, "-m", "callwatch", "portals", "new", "cards", "https://cards.example/calls"]
    done = subprocess.run(
        [*command, "--like", "listing"], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "is no checkout of callwatch" in done.stderr
    assert cards.asked == []
