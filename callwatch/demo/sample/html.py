"""The markup and the little JSON documents inside the portal's metadata strings."""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from callwatch.demo.sample.facts import Text

PORTAL = "https://ec.europa.eu/info/funding-tenders/opportunities"

_HEADINGS = {"en": ("Expected Outcome:", "Scope:"), "sv": ("Förväntat resultat:", "Tillämpningsområde:")}
_CONDITIONS = {
    "en": (
        "General conditions",
        "1. Admissibility conditions",
        "The page limits are stated in the application form.",
        "2. Who may apply",
    ),
    "sv": (
        "Allmänna villkor",
        "1. Villkor för tillåtlighet",
        "Sidantalet står i ansökningsformuläret.",
        "2. Vem kan söka",
    ),
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def gson(value: Any) -> str:
    """JSON as the portal's new generation writes it: compact, with markup characters as \\u escapes."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&='":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def compact(value: Any) -> str:
    """JSON as the legacy generation writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def checksum(title: str) -> str:
    """The portal's checksum: upper-case SHA-256 of the title and of nothing else."""
    return hashlib.sha256(title.encode()).hexdigest().upper()


def midnight(day: date) -> str:
    """A calendar day as the index writes it: "2026-09-15T00:00:00.000+0000"."""
    return f"{day.isoformat()}T00:00:00.000+0000"


def instant(moment: datetime) -> str:
    """A moment labelled +0000, whatever its clock really was."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000+0000"


def ingested(day: date, seed: int) -> str:
    """When the index took a row in: local time with the offset of Brussels in winter or summer."""
    offset = "+0200" if 4 <= day.month <= 10 else "+0100"
    return f"{day.isoformat()}T{seed % 24:02}:{seed % 60:02}:{seed % 59:02}.{seed % 1000:03}{offset}"


def long_day(day: date) -> str:
    """A day in the legacy wording: "09 March 2023"."""
    return f"{day.day:02} {_MONTHS[day.month - 1]} {day.year}"


def stamp(day: date) -> str:
    """The last change of a news item in the legacy wording: "Apr 27, 2023 4:18:31 PM"."""
    return f"{_MONTHS[day.month - 1][:3]} {day.day}, {day.year} 4:18:31 PM"


def paragraphs(text: str) -> str:
    """Plain text with blank lines between paragraphs as <p> elements."""
    parts = [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]
    return "".join(f"<p>{html.escape(part, quote=False)}</p>" for part in parts)


def description(text: Text, language: str, opens: date) -> str:
    """`descriptionByte` of the new generation: <span> headings until 2025, <p> headings since."""
    tag = "span" if opens.year < 2026 else "p"
    outcome, scope = _HEADINGS[language]
    items = "".join(f"<li>{html.escape(item, quote=False)}</li>" for item in text.outcome)
    first = f'<{tag} class="topicdescriptionkind">{outcome}</{tag}><ul level="0">{items}</ul>' if items else ""
    return f'{first}<{tag} class="topicdescriptionkind">{scope}</{tag}>{paragraphs(text.scope)}'


def legacy_description(text: Text) -> str:
    """`descriptionByte` of the legacy generation: <SPAN>, the colon outside."""
    items = "".join(f"<li>{html.escape(item, quote=False)}</li>" for item in text.outcome)
    first = f'<SPAN class="topicdescriptionkind">Expected Outcome</SPAN>:<ul>{items}</ul>\n' if items else ""
    return f'{first}<SPAN class="topicdescriptionkind">Scope</SPAN>:{paragraphs(text.scope)}'


def conditions(who: str, language: str) -> str:
    """`topicConditions`, with the broken first element the portal really sends."""
    head, one, limits, two = _CONDITIONS[language]
    return (
        f'<div class="eui-u-mt-l>"><h4>{head}</h4><div><h4>{one}</h4><div class="eui-u-mt-s"><p>{limits}</p></div>'
        f'</div><div><h4>{two}</h4><div class="eui-u-mt-s">{paragraphs(who)}</div></div></div>'
    )


def legacy_conditions(who: str) -> str:
    """`topicConditions` of the legacy generation, coloured by an office program."""
    return (
        '<p><b><span lang="EN-US" style="color:#404040;mso-ansi-language:EN-US">Conditions</span></b></p>\r\n'
        f"<p><b>1. Who may apply</b></p>\r\n{paragraphs(who)}"
    )


def moment_of(day: date, seed: int) -> datetime:
    """A time of day for something of which only the day is known; stable for one seed."""
    return datetime(day.year, day.month, day.day) + timedelta(  # noqa: DTZ001 - labelled by the caller
        hours=8 + seed % 9, minutes=seed % 60, seconds=seed % 57, milliseconds=seed % 1000
    )


def latest(news: Sequence[tuple[date, str]], key: str) -> list[dict[str, str]]:
    """`latestInfos` of the new generation, newest first."""
    return [
        {
            "approvalDate": "",
            "lastChangeDate": f"{moment_of(day, sum(key.encode())).isoformat(timespec='milliseconds')}",
            "content": paragraphs(text),
        }
        for day, text in sorted(news, reverse=True)
    ]
