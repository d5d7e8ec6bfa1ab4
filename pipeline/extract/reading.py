"""From what somebody hands us to clean lines: the main text of HTML with its tables, plain text as it is. Pure."""

from __future__ import annotations

import re

import msgspec

from pipeline.text import clean, html_to_text

LONGEST = 200_000
"""Characters that are read; an announcement has under 20,000."""

_HTML = re.compile(
    r"<(?:!doctype|html|head|body|div|p|article|section|table|h[1-6]|br|ul|li|span|main)\b[^<>]{0,400}>", re.I
)
_TITLES = (
    re.compile(r"<h1\b[^>]{0,400}>(.{1,600}?)</h1", re.I | re.S),
    re.compile(r"<title\b[^>]{0,400}>(.{1,600}?)</title", re.I | re.S),
)
_SITE = re.compile(r"\s[|–—-]\s[^|–—]{2,60}$")
_LONGEST_TITLE = 160
_WRAPPED = 60
_NO_TITLE = re.compile(
    r"^(?:call key data|nyheter|nyhet|news|news article|aktuellt|actualités|noticias|pressemitteilung"
    r"|press release)\b.{0,40}$",
    re.I,
)
_DIGITS_ONLY = re.compile(r"^[\d\s./–-]*(?:\w{3,10}\.?\s)?[\d\s./–-]*$")


class Reading(msgspec.Struct, frozen=True):
    """Clean lines, and the title."""

    text: str
    title: str


def read(source: str) -> Reading:
    """`source`: HTML or plain text."""
    source = source[: LONGEST * 5]
    if _HTML.search(source[:20_000]):
        return _html(source)
    text = _tidy(source)
    return Reading(text, _first_title(text))


def _html(source: str) -> Reading:
    import trafilatura

    from pipeline.text import MAX_TAGS

    bounded = "<".join(source.split("<", MAX_TAGS)[:MAX_TAGS])
    main = trafilatura.extract(
        bounded,
        include_tables=True,
        include_comments=False,
        include_formatting=False,
        favor_recall=True,
        deduplicate=False,
    )
    text = _tidy(_rows(main) if main and len(main) > 40 else html_to_text(bounded))
    titles = [
        clean(html_to_text(match.group(1)), _LONGEST_TITLE)
        for pattern in _TITLES
        if (match := pattern.search(bounded))
    ]
    return Reading(text, next((_SITE.sub("", title) for title in titles if title), "") or _first_title(text))


def _rows(text: str) -> str:
    """Rows of a table as "label: value"; the line of dashes under a head is left out."""
    lines = []
    for line in text.split("\n"):
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            cells = [cell for cell in cells if cell and not set(cell) <= set("-: ")]
            line = f"{cells[0].rstrip(':')}: {' | '.join(cells[1:])}" if len(cells) > 1 else "".join(cells)
        lines.append(line)
    return "\n".join(lines)


def _tidy(text: str) -> str:
    lines = [clean(line) for line in text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_unwrapped(lines))).strip("\n")


def _unwrapped(lines: list[str]) -> list[str]:
    """Lines that were only broken because they were long, put together again."""
    found: list[str] = []
    for line in lines:
        if found and line[:1].islower() and len(found[-1]) >= _WRAPPED and found[-1][-1] not in ".:;!?":
            found[-1] += f" {line}"
        else:
            found.append(line)
    return found


def _first_title(text: str) -> str:
    """The first line that looks like a title: short, no date alone, no label; "" when the text starts as prose."""
    for line in [line for line in text.split("\n") if line][:3]:
        if _NO_TITLE.match(line) or _DIGITS_ONLY.match(line):
            continue
        prose = line.endswith((".", ";")) and (". " in line[:-1] or len(line) > 100)
        return "" if prose or len(line) > _LONGEST_TITLE or re.match(r"[^:]{3,40}:\s*[\d€]", line) else line
    return ""
