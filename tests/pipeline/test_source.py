"""Portals and programmes as typed data; mistakes are told with file, line and field."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from callwatch.settings import Settings
from callwatch.wiring import Wiring
from pipeline.errors import ConfigError
from pipeline.source import ListPortal, load_portal, load_portals, load_programmes


def test_the_shipped_portal_is_usable(config_dir: Path) -> None:
    portals = load_portals(config_dir)
    portal = portals["eu_funding_tenders"]
    assert portal.harvest.languages[0] == portal.language == "en"
    assert [kind.type for kind in portal.harvest.kinds] == ["1", "2", "8"]
    assert portal.harvest.window % portal.harvest.page_size == 0


@pytest.fixture
def written(tmp_path: Path, config_dir: Path) -> tuple[Path, str]:
    (tmp_path / "portals").mkdir()
    return tmp_path, (config_dir / "portals" / "eu_funding_tenders.yml").read_text()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("page_size: 100", "page_size: 300", "harvest.page_size"),
        ("window: 10000", "window: 10050", "no multiple of page_size"),
        ("search: https://", "search: http://", "is no https:// address"),
        ("hosts: [api.tech.ec.europa.eu]", "hosts: [ec.europa.eu]", "not among requests.hosts"),
        ("title: 0.99", "title: 99", "bounds.fill.title"),
        ("page_size: 100", "pagesize: 100", 'Did you mean "page_size"?'),
        ("languages: [en, sv]", "languages: []", "harvest.languages"),
        ("name: eu_funding_tenders", "name: other", "but the file is called eu_funding_tenders.yml"),
    ],
)
def test_a_mistake_is_told_with_its_place(written: tuple[Path, str], old: str, new: str, told: str) -> None:
    folder, text = written
    assert old in text
    (folder / "portals" / "eu_funding_tenders.yml").write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigError) as caught:
        load_portal(folder, "eu_funding_tenders")
    assert told in str(caught.value)
    assert "eu_funding_tenders.yml" in str(caught.value)


def test_a_portal_that_says_nothing_of_its_harvest_is_told(written: tuple[Path, str]) -> None:
    folder, _ = written
    (folder / "portals" / "vinova.yml").write_text("name: vinova\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"vinova\.yml"):
        load_portals(folder)


def test_the_shipped_lists_are_usable(config_dir: Path) -> None:
    portals = load_portals(config_dir)
    vinnova, formas = portals["vinnova"], portals["formas"]
    assert isinstance(vinnova, ListPortal)
    assert (vinnova.partial_view, vinnova.key_env, vinnova.harvest.drop) == (True, "", ("KontaktLista",))
    assert (formas.partial_view, formas.key_env) == (False, "CALLWATCH_FORMAS_KEY")


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("vinnova", "base: json_list", "base: json_lists", 'unknown base "json_lists". Did you mean "json_list"?'),
        ("vinnova", "base: json_list", "", "harvest.search: Field required"),
        ("vinnova", "/{since}", "", "write both {since} in an address and since:, or neither"),
        ("vinnova", "partial_view: true", "", "write partial_view: true"),
        ("vinnova", "max_items: 5000", "maxitems: 5000", 'Did you mean "max_items"?'),
        ("formas", "env: CALLWATCH_FORMAS_KEY", "env: FORMAS", "harvest.key.env"),
        ("ted", "({places})", "({place})", "query \"notices\": 'place' is not among terms"),
        ("ted", "{since:%Y%m%d}", "20260101", "write both {since:...} in a query and since:, or neither"),
        ("ted", "max_total: 5000", "max_total: 50000", "is more than the window (15000) can show"),
        ("ted", "page_size: 100", "page_size: 130", "no multiple of page_size (130)"),
        ("ted", "partial_view: true", "", "write partial_view: true"),
        ("ted", "api.ted.europa.eu/v3", "ted.europa.eu/v3", "not among requests.hosts"),
        ("formas", "hosts: [api.formas.se]", "hosts: [formas.se]", "not among requests.hosts"),
        ("formas", "https://api.formas.se", "http://api.formas.se", "is no https:// address"),
    ],
)
def test_a_mistake_in_a_list_is_told(
    tmp_path: Path, config_dir: Path, name: str, old: str, new: str, told: str
) -> None:
    (tmp_path / "portals").mkdir()
    text = (config_dir / "portals" / f"{name}.yml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "portals" / f"{name}.yml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_portal(tmp_path, name)
    assert told in str(caught.value)
    assert f"{name}.yml" in str(caught.value)


def test_a_selector_is_looked_at_by_those_who_read_pages(tmp_path: Path, config_dir: Path) -> None:
    (tmp_path / "portals").mkdir()
    text = (config_dir / "portals" / "tillvaxtverket.yml").read_text(encoding="utf-8")
    broken = re.sub(r"(?m)^(\s+)keep: .*$", r'\1keep: "main >> p"', text, count=1)
    assert broken != text
    (tmp_path / "portals" / "tillvaxtverket.yml").write_text(broken, encoding="utf-8")
    with pytest.raises(ConfigError, match="no CSS selector"):
        load_portal(tmp_path, "tillvaxtverket")
    (portal,) = load_portals(tmp_path, selectors=False).values()
    assert portal.name == "tillvaxtverket"
    wiring = Wiring(Settings(config=tmp_path))
    assert list(wiring.portals) == ["tillvaxtverket"]
    for look in (lambda: wiring.portal("tillvaxtverket"), wiring.check_portals):
        with pytest.raises(ConfigError, match="no CSS selector"):
            look()


def test_a_bare_off_is_a_word(config_dir: Path) -> None:
    assert load_portal(config_dir, "ted").off.startswith("procurement is no funding")


def test_an_unknown_portal_is_told_with_the_nearest(config_dir: Path) -> None:
    with pytest.raises(ConfigError, match='Did you mean "eu_funding_tenders"'):
        load_portal(config_dir, "eu_funding_tender")


def test_no_portal_at_all_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no portal"):
        load_portals(tmp_path)


def test_the_shipped_programmes(config_dir: Path) -> None:
    programmes = load_programmes(config_dir)
    assert programmes["43108390"].abbreviation == "HORIZON"
    abbreviation, name = programmes["43252476"]
    assert (abbreviation, bool(name)) == ("SMP", True)


@pytest.mark.parametrize(
    "text", ["[]", "1: HORIZON", "1: {abbreviation: X}", "1: {abbreviation: X, name: Y, code: 2}", "'a b': {}"]
)
def test_programmes_of_another_shape_are_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "programmes.yml").write_text(text)
    with pytest.raises(ConfigError, match=r"programmes\.yml"):
        load_programmes(tmp_path)


def test_a_code_may_be_written_as_a_number(tmp_path: Path) -> None:
    (tmp_path / "programmes.yml").write_text("43108390: {abbreviation: HORIZON, name: Horizon Europe}")
    assert load_programmes(tmp_path) == {"43108390": ("HORIZON", "Horizon Europe")}
