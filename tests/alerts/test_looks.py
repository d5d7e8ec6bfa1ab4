"""How a mail looks: colours that can be read, and a page that fits a phone, measured in a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from alerts.render import TEMPLATES
from tests.alerts.letters import KINDS, mails
from tests.alerts.test_mime import body

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
STYLE = re.search(r"<style>(.*)</style>", (TEMPLATES / "message.html.j2").read_text(encoding="utf-8"), re.DOTALL)
assert STYLE is not None
LIGHT, DARK = STYLE[1].split("@media (prefers-color-scheme: dark) {")
PAGE = ("body", ".outer")
ON_PAGE = ("h1", "h2", ".intro", ".say", ".left", ".foot", ".act", ".line", ".title", ".note", ".plain")
ON_CARD = (
    ".alarm",
    ".later",
    ".fresh",
    ".soon",
    ".plain",
    ".left",
    "h3",
    ".title",
    ".note",
    ".strong",
    ".facts",
    ".act",
)
OWN = (".warning", ".change", ".button")
PROBE = """<script>addEventListener("load", () => {
  const over = [...document.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1);
  document.title = `${document.documentElement.scrollWidth} of ${innerWidth}, ${over.length} over the edge`;
});</script>"""
FRAME = """<title></title><iframe src="page.html" style="border:0;width:WIDTHpx;height:900px"></iframe>
<script>onload = () => setTimeout(() => { document.title = frames[0].document.title; }, 300);</script>"""


def rules(css: str) -> dict[str, dict[str, str]]:
    """Selector -> property -> value."""
    found: dict[str, dict[str, str]] = {}
    for selectors, declared in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        pairs = dict(re.findall(r"([a-z-]+):\s*([^;!]+?)\s*(?:!important)?;", declared))
        for selector in selectors.split(","):
            found.setdefault(selector.strip(), {}).update(pairs)
    return found


def contrast(one: str, other: str) -> float:
    """By WCAG 2: 1 to 21."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_colour_can_be_read_on_its_ground(mode: str) -> None:
    light = rules(LIGHT)
    css = {**light, **{k: {**light.get(k, {}), **v} for k, v in rules(DARK).items()}} if mode == "dark" else light
    pairs = [(css[name]["color"], css[".outer"]["background"], name) for name in ON_PAGE if "color" in css[name]]
    pairs += [(css[name]["color"], css[".card"]["background"], name) for name in ON_CARD]
    pairs += [(css[name]["color"], css[name]["background"], name) for name in OWN]
    pairs.append((css["body"]["color"], css["body"]["background"], "body"))
    assert len(pairs) > 20
    assert [
        (name, round(contrast(one, other), 1)) for one, other, name in pairs if contrast(one, other) < 4.5
    ] == []


def test_the_page_is_built_for_old_mail_programs() -> None:
    (mail,) = mails(KINDS["weekly"]("sv"))
    page = body(mail, "html")
    assert page.count("<h1") == 1
    assert page.count("<h2") >= 7
    assert (
        page.count("<table")
        == page.count('role="presentation"') - page.count('<!--[if mso]><table role="presentation"') + 1
    )
    assert "<script" not in page
    assert "<img" not in page
    assert "prefers-color-scheme:dark" in page.replace(" ", "")
    assert '<meta name="color-scheme" content="light dark">' in page


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("width", [360, 800])
@pytest.mark.parametrize("name", KINDS)
def test_nothing_hangs_over_the_edge(tmp_path: Path, name: str, width: int) -> None:
    (mail,) = mails(KINDS[name]("sv"))
    page = body(mail, "html").replace("</head>", PROBE + "</head>")
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    (tmp_path / "frame.html").write_text(FRAME.replace("WIDTH", str(width)), encoding="utf-8")
    shown = dumped(tmp_path)
    found = re.search(r"<title>(\d+) of (\d+), (\d+) over the edge</title>", shown)
    assert found is not None, shown
    assert int(found[1]) <= int(found[2]) == width
    assert int(found[3]) == 0


def dumped(folder: Path) -> str:
    """The frame in `folder` after its scripts ran, as Chromium has it."""
    assert CHROMIUM is not None
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--dump-dom")
    command = [CHROMIUM, *flags, f"--user-data-dir={folder}/profile", "--virtual-time-budget=2000"]
    done = subprocess.run(
        [*command, f"file://{folder}/frame.html"], check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout
